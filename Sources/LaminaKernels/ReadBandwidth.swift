// How fast all threads together can read memory: the bound of decoding, which reads every weight once per token.
internal import CSimd

/// Measures the read bandwidth of the memory.
package enum ReadBandwidth {
    /// Bytes handed out at a time.
    private static let chunkBytes = 1 << 20
    /// As far ahead as the matrix kernels ask for.
    private static let prefetchBytes = 2048
    /// Passes go on for this long, so that a neighbour's short burst does not spoil them all.
    private static let minimumNanoseconds: Int64 = 500_000_000
    private static let minimumPasses = 6

    /// The fastest of several passes over `byteCount` bytes, in bytes per second.
    ///
    /// - Parameter byteCount: many times the size of the caches; at least 1 MiB is taken.
    /// - Throws: `KernelError.outOfMemory`.
    package static func measure(pool: WorkerPool, byteCount: Int) throws(KernelError) -> Double {
        let chunkCount = max(1, byteCount / chunkBytes)
        let buffer = try AlignedBuffer(byteCount: chunkCount * chunkBytes)
        let sums = try AlignedBuffer(byteCount: chunkCount * MemoryLayout<UInt64>.stride)
        let results = sums.pointer(to: UInt64.self)
        // Pages never written to are all the same page of zeros, which the caches hold.
        pool.run(count: chunkCount) { chunks in
            for chunk in chunks { fill(buffer.pointer(to: UInt64.self, offset: chunk * chunkBytes), with: chunk) }
        }
        var best = Int64.max
        let end = monotonic_nanoseconds() + minimumNanoseconds
        var passes = 0
        while passes < minimumPasses || monotonic_nanoseconds() < end {
            passes += 1
            let start = monotonic_nanoseconds()
            pool.run(count: chunkCount) { chunks in
                for chunk in chunks { results[chunk] = sum(buffer.address + chunk * chunkBytes) }
            }
            best = min(best, monotonic_nanoseconds() - start)
        }
        // Reading the sums keeps the compiler from dropping the loops that make them.
        for chunk in 0..<chunkCount {
            let expected = UInt64(chunk &+ 1) &* UInt64(chunkBytes / MemoryLayout<UInt64>.stride)
            require(results[chunk] == expected, "memory does not hold what was written to it")
        }
        return Double(chunkCount * chunkBytes) / (Double(max(best, 1)) / 1e9)
    }

    private static func fill(_ words: UnsafeMutablePointer<UInt64>, with chunk: Int) {
        for index in 0..<chunkBytes / MemoryLayout<UInt64>.stride { words[index] = UInt64(chunk &+ 1) }
    }

    /// The sum of a chunk's words: one addition for each vector, so that memory is what it waits for.
    private static func sum(_ start: UnsafeMutableRawPointer) -> UInt64 {
        typealias Line = SIMD8<UInt64>
        let lines = start.assumingMemoryBound(to: Line.self)
        var (a, b, c, d) = (Line.zero, Line.zero, Line.zero, Line.zero)
        var index = 0
        while index < chunkBytes / MemoryLayout<Line>.stride {
            simd_prefetch(start + (index &* 64 &+ prefetchBytes))
            simd_prefetch(start + (index &* 64 &+ prefetchBytes &+ 64))
            simd_prefetch(start + (index &* 64 &+ prefetchBytes &+ 128))
            simd_prefetch(start + (index &* 64 &+ prefetchBytes &+ 192))
            a &+= lines[index]
            b &+= lines[index &+ 1]
            c &+= lines[index &+ 2]
            d &+= lines[index &+ 3]
            index &+= 4
        }
        return (a &+ b &+ c &+ d).wrappedSum()
    }
}
