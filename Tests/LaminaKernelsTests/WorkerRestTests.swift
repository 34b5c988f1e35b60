import Testing

@testable import LaminaKernels

struct WorkerRestTests {
    private let millisecond: Int64 = 1_000_000
    /// Far from the clock's zero.
    private let start: Int64 = 1_000_000_000_000

    @Test func `A worker that lost its core by accident rests twice the delay`() {
        var rest = WorkerRest(preemptions: 5, now: start)
        #expect(rest.pause(afterDelay: 3 * millisecond, preemptions: 6, now: start) == 6 * millisecond)
        let later = start + 1000 * millisecond
        #expect(rest.pause(afterDelay: 3 * millisecond, preemptions: 7, now: later) == 6 * millisecond)
    }

    @Test func `On a core that is taken again and again rests grow, up to a limit`() {
        var rest = WorkerRest(preemptions: 0, now: start)
        var now = start
        var rests: [Int64] = []
        for count in 1...8 {
            let pause = rest.pause(afterDelay: millisecond, preemptions: Int64(count), now: now)
            rests.append(pause / millisecond)
            now += pause + 5 * millisecond
        }
        #expect(rests == [2, 4, 8, 16, 32, 64, 64, 64])
        #expect(
            rest.pause(afterDelay: 4000 * millisecond, preemptions: 9, now: now) == WorkerRest.longestNanoseconds)
    }

    @Test func `A long chunk alone is no reason to rest`() {
        var rest = WorkerRest(preemptions: 5, now: start)
        #expect(rest.pause(afterDelay: 3 * millisecond, preemptions: 5, now: start) == 0)
    }

    @Test func `Short delays are tolerated, and do not count afterwards`() {
        var rest = WorkerRest(preemptions: 0, now: start)
        #expect(rest.pause(afterDelay: WorkerRest.toleratedNanoseconds, preemptions: 1, now: start) == 0)
        #expect(rest.pause(afterDelay: 3 * millisecond, preemptions: 1, now: start) == 0)
        #expect(rest.pause(afterDelay: WorkerRest.toleratedNanoseconds + 1, preemptions: 2, now: start) > 0)
    }

    @Test func `A core lost while waiting for work is no reason to rest`() {
        var rest = WorkerRest(preemptions: 5, now: start)
        rest.begin(now: start + millisecond) { 7 }
        #expect(rest.pause(afterDelay: 3 * millisecond, preemptions: 7, now: start + 5 * millisecond) == 0)
        rest.begin(now: start + 6 * millisecond) { 8 }
        #expect(rest.pause(afterDelay: 3 * millisecond, preemptions: 9, now: start + 9 * millisecond) > 0)
    }

    @Test func `Loops that follow each other closely are not counted one by one`() {
        var rest = WorkerRest(preemptions: 5, now: start)
        var looks = 0
        for loop in 1...100 {
            rest.begin(now: start + Int64(loop) * WorkerRest.freshNanoseconds / 10) {
                looks += 1
                return 5
            }
        }
        #expect((8...10).contains(looks))
    }
}
