// A persistent pool that runs one loop at a time on all its threads. A decode step forks about a hundred times, so a fork
// must cost microseconds: threads spin briefly for the next loop, then park in a futex. Iterations are handed out in
// chunks from a shared counter, and the caller waits for chunks, not for threads: a worker the kernel has put to sleep
// before it entered the loop delays nobody.
internal import CSimd
import Synchronization

/// Runs loops on `threadCount` threads, the caller's among them. One caller at a time.
package final class WorkerPool: @unchecked Sendable {
    // Sendable: workers read `body`, `count` and `grain` only between entering and leaving an open loop; the gate's
    // acquire/release orders those reads after the caller's writes.

    /// Threads that take part, the caller included; at least 1.
    package let threadCount: Int

    // The gate: generation in bits 8 and up, bit 7 = open, bits 0..<7 = workers inside. Also the futex word workers wait on.
    private let gate: UnsafeMutablePointer<Atomic<UInt32>>
    private let gateWord: UnsafePointer<UInt32>
    private let next: UnsafeMutablePointer<Atomic<Int>>
    private let sleepers: UnsafeMutablePointer<Atomic<Int>>
    private let isCallerParked: UnsafeMutablePointer<Atomic<Bool>>
    private let isStopping: UnsafeMutablePointer<Atomic<Bool>>
    private let memory: AlignedBuffer
    private var body: (Range<Int>) -> Void = { _ in }
    private var count = 0
    private var grain = 1
    private var threads: [ComputeThread] = []

    private static let openBit: UInt32 = 1 << 7
    private static let insideMask: UInt32 = openBit - 1
    private static let generation: UInt32 = 1 << 8
    private static let spins = 4000
    private static let parkNanoseconds: Int64 = 1_000_000_000
    /// Most threads a pool can have: the gate counts workers in 7 bits.
    package static let maximumThreadCount = 120

    /// Starts `threadCount - 1` threads; the count is clamped to 1...120.
    package init(threadCount: Int) throws(KernelError) {
        self.threadCount = min(max(threadCount, 1), Self.maximumThreadCount)
        memory = try AlignedBuffer(byteCount: 5 * 128)
        let base = memory.address
        gate = base.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        gate.initialize(to: Atomic(0))
        gateWord = UnsafeRawPointer(base).assumingMemoryBound(to: UInt32.self)
        next = (base + 128).bindMemory(to: Atomic<Int>.self, capacity: 1)
        next.initialize(to: Atomic(0))
        sleepers = (base + 256).bindMemory(to: Atomic<Int>.self, capacity: 1)
        sleepers.initialize(to: Atomic(0))
        isCallerParked = (base + 384).bindMemory(to: Atomic<Bool>.self, capacity: 1)
        isCallerParked.initialize(to: Atomic(false))
        isStopping = (base + 512).bindMemory(to: Atomic<Bool>.self, capacity: 1)
        isStopping.initialize(to: Atomic(false))
        for _ in 1..<max(self.threadCount, 1) {
            // Unowned: `deinit` joins the threads, so the pool outlives them.
            let pool = Unmanaged.passUnretained(self)
            try threads.append(ComputeThread(name: "lamina-worker") { pool._withUnsafeGuaranteedRef { $0.work() } })
        }
    }

    deinit { stop() }

    /// Ends and joins the threads. The pool then runs loops on the caller's thread alone.
    package func stop() {
        guard !threads.isEmpty else { return }
        isStopping.pointee.store(true, ordering: .sequentiallyConsistent)
        gate.pointee.wrappingAdd(Self.generation, ordering: .sequentiallyConsistent)
        futex_wake(gateWord, Int32.max)
        for thread in threads { thread.join() }
        threads = []
    }

    /// Calls `body` with ranges of at most `grain` that together cover `0..<count`, each index once; returns when all are done.
    package func run(count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
        guard count > grain, !threads.isEmpty else {
            if count > 0 { body(0..<count) }
            return
        }
        withoutActuallyEscaping(body) { body in
            self.body = body
            self.count = count
            self.grain = grain
            next.pointee.store(0, ordering: .relaxed)
            gate.pointee.wrappingAdd(Self.generation | Self.openBit, ordering: .sequentiallyConsistent)
            if sleepers.pointee.load(ordering: .sequentiallyConsistent) > 0 { futex_wake(gateWord, Int32.max) }
            takeChunks()
            close()
            self.body = { _ in }
        }
    }

    // MARK: Caller

    /// Lets no further worker in, then waits until those inside have left.
    private func close() {
        gate.pointee.wrappingSubtract(Self.openBit, ordering: .sequentiallyConsistent)
        var spun = 0
        while true {
            let state = gate.pointee.load(ordering: .acquiring)
            if state & Self.insideMask == 0 { return }
            spun &+= 1
            if spun < Self.spins {
                cpu_relax()
            } else {
                isCallerParked.pointee.store(true, ordering: .sequentiallyConsistent)
                let seen = gate.pointee.load(ordering: .sequentiallyConsistent)
                if seen & Self.insideMask != 0 { futex_wait(gateWord, seen, Self.parkNanoseconds) }
                isCallerParked.pointee.store(false, ordering: .sequentiallyConsistent)
            }
        }
    }

    @inline(always)
    private func takeChunks() {
        while true {
            let start = next.pointee.wrappingAdd(grain, ordering: .relaxed).oldValue
            guard start < count else { return }
            body(start..<min(start &+ grain, count))
        }
    }

    // MARK: Workers

    private func work() {
        var seen: UInt32 = 0
        while !isStopping.pointee.load(ordering: .relaxed) {
            let state = waitForChange(of: seen)
            seen = state & ~(Self.insideMask | Self.openBit)
            guard enter(generation: seen) else { continue }
            takeChunks()
            leave()
        }
    }

    /// The gate once its generation is no longer `seen`: spins, then parks.
    private func waitForChange(of seen: UInt32) -> UInt32 {
        var spun = 0
        while true {
            let state = gate.pointee.load(ordering: .acquiring)
            if state & ~(Self.insideMask | Self.openBit) != seen { return state }
            spun &+= 1
            if spun < Self.spins {
                cpu_relax()
            } else {
                sleepers.pointee.wrappingAdd(1, ordering: .sequentiallyConsistent)
                let now = gate.pointee.load(ordering: .sequentiallyConsistent)
                if now & ~(Self.insideMask | Self.openBit) == seen { futex_wait(gateWord, now, Self.parkNanoseconds) }
                sleepers.pointee.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            }
        }
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

    private func leave() {
        let state = gate.pointee.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
        if state & (Self.insideMask | Self.openBit) == 0,
            isCallerParked.pointee.load(ordering: .sequentiallyConsistent)
        {
            futex_wake(gateWord, Int32.max)
        }
    }
}
