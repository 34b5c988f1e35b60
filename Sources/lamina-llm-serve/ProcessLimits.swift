import Glibc

/// What the process asks of the system before it serves.
enum ProcessLimits {
    /// Raises the number of descriptors to what is allowed: one a connection, and shells commonly start with 1024.
    static func raiseOpenFiles() {
        guard var limit = openFiles, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Descriptors there may be once the number is raised.
    static var mostOpenFiles: Int { openFiles.map { Int(clamping: $0.rlim_max) } ?? 0 }

    private static var openFiles: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }

    /// Whether there is address space for the threads of the runtime. Without it Dispatch waits for ever for its first thread
    /// instead of giving up, so this is asked before there is any work for one.
    static var hasRoomForThreads: Bool {
        let room = mmap(nil, threadBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let room, room != MAP_FAILED else { return false }
        munmap(room, threadBytes)
        return true
    }

    /// Eight stacks of the usual size.
    private static let threadBytes = 64 << 20

    /// Where address space is limited (`ulimit -v`), has the C library make do with one heap. It would set 64 MiB of it aside for
    /// each thread, and which thread comes first is chance: the last might find no room for its stack, and Dispatch waits for ever
    /// for a thread that cannot start.
    static func spareAddressSpace() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < .max
        else { return }
        setAllocator(mostArenas, 1)
    }

    /// Gives large blocks, as of request bodies, back to the system when they are freed. The C library otherwise stops to do so
    /// once it has seen large blocks come and go, and a burst of large requests leaves its memory with the process for good.
    static func returnLargeBlocks() { setAllocator(mmapThreshold, 1 << 20) }

    private static func setAllocator(_ parameter: Int32, _ value: Int32) {
        // Looked up: Swift's module of the C library leaves it out, and other C libraries have no such function.
        guard let symbol = dlsym(nil, "mallopt") else { return }
        let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
        _ = mallopt(parameter, value)
    }

    /// `M_MMAP_THRESHOLD` of mallopt(3): blocks of this size and more are mapped one by one. Setting it keeps it from growing.
    private static let mmapThreshold: Int32 = -3
    /// `M_ARENA_MAX` of mallopt(3): how many heaps there are for all threads.
    private static let mostArenas: Int32 = -8
}
