// A persistent pool that runs one loop at a time on all its threads. A decode step forks about a hundred times, so a fork
// must cost microseconds: threads spin briefly for the next loop, then park in a futex. Each thread has a stretch of the
// iterations of its own, so that it reads memory in one stream, and takes it chunk by chunk from a counter; who is done goes on
// with the others' stretches. The caller waits for chunks, not for threads: a worker the kernel has put to sleep before it
// entered the loop delays nobody. One that was put to sleep inside a chunk does delay the caller, for a whole
// time slice of the process that took its core; it then stays out of the loops that follow for a while (`WorkerRest`),
// and the others, who have cores, do its share (docs/decisions/0005).
internal import CSimd
import Synchronization

/// Runs loops on `threadCount` threads, the caller's among them. One caller at a time.
package final class WorkerPool: @unchecked Sendable {
    // Sendable: workers read `body`, `count` and `grain` only between entering and leaving an open loop; the gate's
    // acquire/release orders those reads after the caller's writes. `callerSpin` is the caller's own.

    /// Threads that take part, the caller included; at least 1.
    package let threadCount: Int

    // The gate: generation in bits 8 and up, bit 7 = open, bits 0..<7 = workers inside. Also the futex word all park on.
    private let gate: UnsafeMutablePointer<Atomic<UInt32>>
    private let gateWord: UnsafePointer<UInt32>
    // Next iteration of each thread's stretch, a cache line pair apart.
    private let counters: UnsafeMutableRawPointer
    private let sleepers: UnsafeMutablePointer<Atomic<Int>>
    // When the caller parked, by the monotonic clock in nanoseconds; 0 while it runs.
    private let callerParked: UnsafeMutablePointer<Atomic<Int64>>
    // 1 once the threads are to end. The futex word of resting workers.
    private let stopping: UnsafeMutablePointer<Atomic<UInt32>>
    private let stoppingWord: UnsafePointer<UInt32>
    private let memory: AlignedBuffer
    private var body: (Range<Int>) -> Void = { _ in }
    private var count = 0
    private var grain = 1
    private var callerSpin = SpinBudget()
    private var threads: [ComputeThread] = []

    private static let openBit: UInt32 = 1 << 7
    private static let insideMask: UInt32 = openBit - 1
    private static let generation: UInt32 = 1 << 8
    private static let lineBytes = 128
    private static let parkNanoseconds: Int64 = 1_000_000_000
    // Who a wake of the gate's word is for.
    private static let workers: UInt32 = 1
    private static let caller: UInt32 = 2
    /// Most threads a pool can have: the gate counts workers in 7 bits.
    package static let maximumThreadCount = 120

    /// Starts `threadCount - 1` threads; the count is clamped to 1...120.
    package init(threadCount: Int) throws(KernelError) {
        self.threadCount = min(max(threadCount, 1), Self.maximumThreadCount)
        memory = try AlignedBuffer(byteCount: (4 + self.threadCount) * Self.lineBytes)
        let base = memory.address
        gate = base.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        gate.initialize(to: Atomic(0))
        gateWord = UnsafeRawPointer(base).assumingMemoryBound(to: UInt32.self)
        sleepers = (base + Self.lineBytes).bindMemory(to: Atomic<Int>.self, capacity: 1)
        sleepers.initialize(to: Atomic(0))
        callerParked = (base + 2 * Self.lineBytes).bindMemory(to: Atomic<Int64>.self, capacity: 1)
        callerParked.initialize(to: Atomic(0))
        stopping = (base + 3 * Self.lineBytes).bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        stopping.initialize(to: Atomic(0))
        stoppingWord = UnsafeRawPointer(base + 3 * Self.lineBytes).assumingMemoryBound(to: UInt32.self)
        counters = base + 4 * Self.lineBytes
        for thread in 0..<self.threadCount {
            (counters + thread * Self.lineBytes).bindMemory(to: Atomic<Int>.self, capacity: 1).initialize(to: Atomic(0))
        }
        for thread in 1..<self.threadCount {
            // Unowned: `deinit` joins the threads, so the pool outlives them.
            let pool = Unmanaged.passUnretained(self)
            try threads.append(
                ComputeThread(name: "lamina-worker") { pool._withUnsafeGuaranteedRef { $0.work(as: thread) } })
        }
    }

    deinit { stop() }

    /// Ends and joins the threads. The pool then runs loops on the caller's thread alone.
    package func stop() {
        guard !threads.isEmpty else { return }
        stopping.pointee.store(1, ordering: .sequentiallyConsistent)
        gate.pointee.wrappingAdd(Self.generation, ordering: .sequentiallyConsistent)
        futex_wake(gateWord, Self.workers)
        futex_wake(stoppingWord, Self.workers)
        for thread in threads { thread.join() }
        threads = []
    }

    /// Calls `body` with ranges of at most `grain` that together cover `0..<count`, each index once; returns when all are done. Where
    /// there is no other thread, one range is all.
    package func run(count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
        guard count > grain, !threads.isEmpty else {
            if count > 0 { body(0..<count) }
            return
        }
        withoutActuallyEscaping(body) { body in
            self.body = body
            self.count = count
            self.grain = grain
            for thread in 0..<threadCount { counter(thread).pointee.store(stretchStart(thread), ordering: .relaxed) }
            gate.pointee.wrappingAdd(Self.generation | Self.openBit, ordering: .sequentiallyConsistent)
            if sleepers.pointee.load(ordering: .sequentiallyConsistent) > 0 { futex_wake(gateWord, Self.workers) }
            takeChunks(as: 0)
            close()
            self.body = { _ in }
        }
    }

    // MARK: Caller

    /// Lets no further worker in, then waits until those inside have left.
    private func close() {
        gate.pointee.wrappingSubtract(Self.openBit, ordering: .sequentiallyConsistent)
        if callerSpin.spin(until: { gate.pointee.load(ordering: .acquiring) & Self.insideMask == 0 }) { return }
        callerParked.pointee.store(monotonic_nanoseconds(), ordering: .sequentiallyConsistent)
        while true {
            let seen = gate.pointee.load(ordering: .sequentiallyConsistent)
            if seen & Self.insideMask == 0 { break }
            futex_wait(gateWord, seen, Self.caller, Self.parkNanoseconds)
        }
        callerParked.pointee.store(0, ordering: .sequentiallyConsistent)
    }

    @inline(always)
    private func counter(_ thread: Int) -> UnsafeMutablePointer<Atomic<Int>> {
        (counters + thread &* Self.lineBytes).assumingMemoryBound(to: Atomic<Int>.self)
    }

    /// First iteration of a thread's stretch, at a whole chunk; `count` beyond the last thread.
    @inline(always)
    private func stretchStart(_ thread: Int) -> Int {
        let chunks = (count &+ grain &- 1) / grain
        return min(chunks &* thread / threadCount &* grain, count)
    }

    /// Takes the chunks of the thread's own stretch, then what is left of the others'.
    private func takeChunks(as thread: Int) {
        for offset in 0..<threadCount {
            let owner = thread &+ offset < threadCount ? thread &+ offset : thread &+ offset &- threadCount
            let end = stretchStart(owner &+ 1)
            let counter = counter(owner)
            while counter.pointee.load(ordering: .relaxed) < end {
                let start = counter.pointee.wrappingAdd(grain, ordering: .relaxed).oldValue
                guard start < end else { break }
                body(start..<min(start &+ grain, end))
            }
        }
    }

    // MARK: Workers

    private func work(as thread: Int) {
        var seen: UInt32 = 0
        var spin = SpinBudget()
        var rest = WorkerRest(preemptions: thread_preemptions(), now: monotonic_nanoseconds())
        while stopping.pointee.load(ordering: .relaxed) == 0 {
            let state = waitForChange(of: seen, &spin)
            seen = state & ~(Self.insideMask | Self.openBit)
            rest.begin(now: monotonic_nanoseconds(), preemptions: thread_preemptions)
            guard enter(generation: seen) else { continue }
            takeChunks(as: thread)
            let delay = leave()
            guard delay > 0 else { continue }
            let pause = rest.pause(
                afterDelay: delay, preemptions: thread_preemptions(), now: monotonic_nanoseconds())
            if pause > 0 { futex_wait(stoppingWord, 0, Self.workers, pause) }
        }
    }

    /// The gate once its generation is no longer `seen`: spins, then parks.
    private func waitForChange(of seen: UInt32, _ spin: inout SpinBudget) -> UInt32 {
        var state = seen
        // The pointer, not `self`: a worker that retains the pool can be the one to release it last, and `deinit` would run
        // on the very thread it has to join.
        let gate = gate
        let hasChanged = spin.spin {
            state = gate.pointee.load(ordering: .acquiring)
            return state & ~(Self.insideMask | Self.openBit) != seen
        }
        if hasChanged { return state }
        sleepers.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
        while true {
            state = gate.pointee.load(ordering: .sequentiallyConsistent)
            if state & ~(Self.insideMask | Self.openBit) != seen { break }
            futex_wait(gateWord, state, Self.workers, Self.parkNanoseconds)
        }
        sleepers.pointee.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        return state
    }

    /// Counts this worker in, unless the loop it saw has been closed meanwhile.
    private func enter(generation: UInt32) -> Bool {
        var state = gate.pointee.load(ordering: .acquiring)
        while state & Self.openBit != 0, state & ~(Self.insideMask | Self.openBit) == generation {
            let (exchanged, original) = gate.pointee.compareExchange(
                expected: state, desired: state &+ 1, ordering: .acquiringAndReleasing)
            if exchanged { return true }
            state = original
        }
        return false
    }

    /// Counts this worker out, and wakes the caller where it was the last one waited for; returns for how many nanoseconds
    /// the caller has been parked then, else 0.
    private func leave() -> Int64 {
        let state = gate.pointee.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
        guard state & (Self.insideMask | Self.openBit) == 0 else { return 0 }
        let parked = callerParked.pointee.load(ordering: .sequentiallyConsistent)
        guard parked != 0 else { return 0 }
        futex_wake(gateWord, Self.caller)
        return monotonic_nanoseconds() - parked
    }
}
