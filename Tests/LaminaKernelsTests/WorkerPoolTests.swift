import Synchronization
import Testing

@testable import LaminaKernels

struct WorkerPoolTests {
    @Test(arguments: [1, 2, 3, 8], [1, 2, 7, 64])
    func `Every index runs exactly once`(threads: Int, grain: Int) throws {
        let pool = try WorkerPool(threadCount: threads)
        for count in [0, 1, 2, 63, 64, 65, 1000] {
            let visits = Mutex([Int](repeating: 0, count: count))
            pool.run(count: count, grain: grain) { range in
                visits.withLock { visits in for index in range { visits[index] += 1 } }
            }
            #expect(visits.withLock { $0 } == [Int](repeating: 1, count: count))
        }
    }

    @Test func `Writes of one loop are seen by the next, thousands of times over`() throws {
        let pool = try WorkerPool(threadCount: 4)
        let memory = try AlignedBuffer(byteCount: 8 * 64)
        let cells = memory.pointer(to: Int.self)
        for _ in 0..<5000 {
            pool.run(count: 64) { range in for index in range { cells[index] &+= 1 } }
        }
        for index in 0..<64 { #expect(cells[index] == 5000) }
    }

    @Test func `More threads than cores still finish`() throws {
        let pool = try WorkerPool(threadCount: 32)
        let sum = Atomic(0)
        for _ in 0..<200 { pool.run(count: 100) { sum.wrappingAdd($0.count, ordering: .relaxed) } }
        #expect(sum.load(ordering: .relaxed) == 20_000)
    }

    @Test func `A stopped pool runs loops on the caller alone`() throws {
        let pool = try WorkerPool(threadCount: 3)
        pool.stop()
        var visited: [Range<Int>] = []
        pool.run(count: 10) { visited.append($0) }
        #expect(visited == [0..<10])
    }

    @Test func `Thread counts are clamped`() throws {
        #expect(try WorkerPool(threadCount: 0).threadCount == 1)
        #expect(try WorkerPool(threadCount: 1000).threadCount == WorkerPool.maximumThreadCount)
    }
}
