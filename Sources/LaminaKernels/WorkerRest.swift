/// How long a worker stays out of a pool's loops after it has lost its core in the middle of a chunk.
///
/// Whoever took the core may take it again, and each time everybody waits for this worker's chunk. So it rests for a multiple
/// of the delay it caused: a small one where that was an accident, a growing one where it happens again and again, so that
/// what its coming back costs stays a small share of the time.
struct WorkerRest {
    /// Delays up to here come about without anybody losing a core: by chunks of unequal length.
    static let toleratedNanoseconds: Int64 = 100_000
    /// A core lost this soon after a rest is a core that is shared.
    static let calmNanoseconds: Int64 = 20_000_000
    /// Longest rest, and so the longest it takes to notice that a core is free again.
    static let longestNanoseconds: Int64 = 100_000_000
    /// What was counted this short a time before a loop holds at its beginning: who loses its core is gone for longer.
    static let freshNanoseconds: Int64 = 50_000
    private static let multiples: ClosedRange<Int64> = 2...64

    /// How often this thread had lost its core when that was last looked at, and when that was.
    private var preemptions: Int64
    private var lastLook: Int64
    private var multiple = multiples.lowerBound
    private var lastRestEnd: Int64 = 0

    /// `preemptions`: how often this thread has lost its core so far.
    init(preemptions: Int64, now: Int64) {
        self.preemptions = preemptions
        lastLook = now
    }

    /// Notes that the thread begins to take chunks: what it lost before, waiting for work, delayed nobody. Counting takes a system
    /// call, and a loop may take a few microseconds, so `preemptions` is called only where time enough has passed to lose a core in.
    @inline(always)
    mutating func begin(now: Int64, preemptions count: () -> Int64) {
        guard now - lastLook > Self.freshNanoseconds else { return }
        preemptions = count()
        lastLook = now
    }

    /// Nanoseconds to rest from `now` on, after the caller waited `delay` nanoseconds for this worker alone, which has by now
    /// lost its core `count` times; 0 where it goes on.
    mutating func pause(afterDelay delay: Int64, preemptions count: Int64, now: Int64) -> Int64 {
        let hasLostCore = count != preemptions
        preemptions = count
        lastLook = now
        guard hasLostCore, delay > Self.toleratedNanoseconds else { return 0 }
        let isAgain = now < lastRestEnd + Self.calmNanoseconds
        multiple = isAgain ? min(2 * multiple, Self.multiples.upperBound) : Self.multiples.lowerBound
        let pause = min(delay * multiple, Self.longestNanoseconds)
        lastRestEnd = now + pause
        return pause
    }
}
