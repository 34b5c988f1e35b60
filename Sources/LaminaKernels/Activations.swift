// Activations on their way into a matrix product: floats, and the same rows quantized to int8 per 32.
internal import CSimd

/// Rows of activations, with room for their quantized form.
///
/// Quantization per block of 32: scale = max|x| / 127, q = round(x / scale), sum = 8·Σq (what a product with nibbles
/// counted from zero has to subtract), scaled sum = scale · Σq.
package struct Activations {
    /// [capacity, columns]
    package let values: FloatRows
    /// [capacity, columns]
    let quantized: UnsafeMutablePointer<Int8>
    /// [capacity, columns / 32]
    let scales: UnsafeMutablePointer<Float>
    /// [capacity, columns / 32]
    let sums: UnsafeMutablePointer<Int32>
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
        sums = memory.pointer(to: Int32.self, offset: bytes + perBlock)
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
        let x = UnsafePointer(values.row(row))
        let q = UnsafeMutableRawPointer(quantized + row &* columns)
        for block in 0..<blocks {
            let at = x + block &* 32
            let (x0, x1, x2, x3) = (simd_load(at), simd_load(at + 8), simd_load(at + 16), simd_load(at + 24))
            let largest = simd_maximum(
                simd_max(simd_max(simd_abs(x0), simd_abs(x1)), simd_max(simd_abs(x2), simd_abs(x3))))
            let scale = largest / 127
            let inverse = simd_splat(largest > 0 ? 127 / largest : 0)
            let (q0, q1) = (simd_round(x0 * inverse), simd_round(x1 * inverse))
            let (q2, q3) = (simd_round(x2 * inverse), simd_round(x3 * inverse))
            let to = q + block &* 32
            simd_store_i8(to, q0)
            simd_store_i8(to + 8, q1)
            simd_store_i8(to + 16, q2)
            simd_store_i8(to + 24, q3)
            scales[row &* blocks &+ block] = scale
            let sum = ((simd_to_i32(q0) &+ simd_to_i32(q1)) &+ (simd_to_i32(q2) &+ simd_to_i32(q3))).wrappedSum()
            sums[row &* blocks &+ block] = 8 &* sum
            scaledSums[row &* blocks &+ block] = scale * Float(sum)
        }
    }

    private static func aligned(_ bytes: Int) -> Int { (bytes + 127) & ~127 }
}
