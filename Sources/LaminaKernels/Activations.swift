// Activations on their way into a matrix product: floats, and the same rows quantized to int8 per 32.
internal import CSimd

/// Rows of activations, with room for their quantized form.
///
/// Quantization per block of 32: scale = max|x| / 127, q = round(x / scale), start = -8·Σq (where a product with nibbles
/// counted from zero begins), scaled sum = scale · Σq.
package struct Activations {
    /// [capacity, columns]
    package let values: FloatRows
    /// [capacity, columns]
    let quantized: UnsafeMutablePointer<Int8>
    /// [capacity, columns / 32]
    let scales: UnsafeMutablePointer<Float>
    /// [capacity, columns / 32]
    let starts: UnsafeMutablePointer<Int32>
    /// [capacity, columns / 32]
    let scaledSums: UnsafeMutablePointer<Float>
    /// Width of a row.
    package var columns: Int { values.columns }

    private let memory: AlignedBuffer

    /// Room for `capacity` rows of `columns`.
    package init(capacity: Int, columns: Int) throws(KernelError) {
        values = try FloatRows(capacity: capacity, columns: columns)
        let blocks = columns / 32
        let bytes = Self.aligned(capacity * blocks * 32)
        let perBlock = Self.aligned(capacity * blocks * 4)
        memory = try AlignedBuffer(byteCount: bytes + 3 * perBlock)
        quantized = memory.pointer(to: Int8.self)
        scales = memory.pointer(to: Float.self, offset: bytes)
        starts = memory.pointer(to: Int32.self, offset: bytes + perBlock)
        scaledSums = memory.pointer(to: Float.self, offset: bytes + 2 * perBlock)
    }

    /// Sets the first `rowCount` rows to `body`'s result, row by row on the pool's threads, and quantizes them if asked.
    func fill(
        rowCount: Int, isQuantized: Bool, pool: WorkerPool, _ body: (Int, UnsafeMutablePointer<Float>) -> Void
    ) {
        pool.run(count: rowCount, grain: 2) { rows in
            for index in rows {
                body(index, values.row(index))
                if isQuantized { quantize(row: index) }
            }
        }
    }

    /// Quantizes one row in place of its earlier quantized form. `columns` must be a multiple of 32.
    package func quantize(row: Int) {
        require(columns % 32 == 0, "blocks are whole")
        let blocks = columns / 32
        for block in 0..<blocks {
            let at = row &* columns &+ 32 &* block
            let (scale, sum) = Quantization.int8(values.row(row) + 32 &* block, into: quantized + at)
            scales[row &* blocks &+ block] = scale
            starts[row &* blocks &+ block] = -8 &* sum
            scaledSums[row &* blocks &+ block] = scale * Float(sum)
        }
    }

    private static func aligned(_ bytes: Int) -> Int { (bytes + 127) & ~127 }
}
