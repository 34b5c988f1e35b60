// Memory for weights, the KV cache and activations: zeroed, aligned to cache lines, in huge pages where that helps.
import Glibc

/// Owns zeroed memory that starts on a cache line. The address stays valid as long as the object lives.
package final class AlignedBuffer: @unchecked Sendable {
    // Sendable: the address and size never change; who writes which part is the kernels' contract.
    /// First byte.
    package let address: UnsafeMutableRawPointer
    /// Size in bytes.
    package let byteCount: Int

    private static let hugePageBytes = 2 << 20

    /// Maps `byteCount` bytes. The system hands out pages when they are first written.
    /// - Throws: `KernelError.outOfMemory` where the system refuses.
    package init(byteCount: Int) throws(KernelError) {
        let size = max(byteCount, 1)
        let map = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let map, map != MAP_FAILED else { throw .outOfMemory(byteCount: size) }
        if size >= Self.hugePageBytes { madvise(map, size, MADV_HUGEPAGE) }
        address = map
        self.byteCount = size
    }

    deinit { munmap(address, byteCount) }

    /// The memory from `offset` bytes on, as elements of `type`.
    package func pointer<T>(to type: T.Type, offset: Int = 0) -> UnsafeMutablePointer<T> {
        (address + offset).assumingMemoryBound(to: type)
    }
}

/// What can go wrong below the model.
package enum KernelError: Error, CustomStringConvertible, Equatable {
    /// The system refused memory of this size.
    case outOfMemory(byteCount: Int)
    /// A thread of the worker pool could not be started.
    case threadNotStarted(errno: Int32)

    package var description: String {
        switch self {
        case .outOfMemory(let byteCount): "the system refused \(byteCount) bytes of memory"
        case .threadNotStarted(let errno): "cannot start a worker thread: \(String(cString: strerror(errno)))"
        }
    }
}
