// Activations on their way into a matrix product: floats, and the same rows quantized to int8 per 32.
internal import CSimd

/// Rows of activations [rowCount, columns], with room for their quantized form.
///
/// Quantization per block of 32: scale = max|x| / 127, q = round(x / scale), sum = 8·Σq (what a product with nibbles
/// counted from zero has to subtract).
package struct Activations {
    /// [capacity, columns]
    package let values: UnsafeMutablePointer<Float>
    /// [capacity, columns]
    let quantized: UnsafeMutablePointer<Int8>
    /// [capacity, columns / 32]
    let scales: UnsafeMutablePointer<Float>
    /// [capacity, columns / 32]
    let sums: UnsafeMutablePointer<Int32>
    /// Width of a row.
    package let columns: Int
    /// Rows there is room for.
    package let capacity: Int

    private let memory: AlignedBuffer

    /// Room for `capacity` rows of `columns`.
    package init(capacity: Int, columns: Int) throws(KernelError) {
        self.capacity = capacity
        self.columns = columns
        let blocks = (columns + 31) / 32
        let rows = Self.aligned(capacity * columns * 4)
        let bytes = Self.aligned(capacity * blocks * 32)
        let perBlock = Self.aligned(capacity * blocks * 4)
        memory = try AlignedBuffer(byteCount: rows + bytes + 2 * perBlock)
        values = memory.pointer(to: Float.self)
        quantized = memory.pointer(to: Int8.self, offset: rows)
        scales = memory.pointer(to: Float.self, offset: rows + bytes)
        sums = memory.pointer(to: Int32.self, offset: rows + bytes + perBlock)
    }

    /// Bytes of the buffers behind the rows.
    package var byteCount: Int { memory.byteCount }

    /// One row's floats.
    @inline(always)
    package func row(_ index: Int) -> UnsafeMutablePointer<Float> { values + index &* columns }

    /// Quantizes one row in place of its earlier quantized form. `columns` must be a multiple of 32.
    package func quantize(row: Int) {
        let blocks = columns / 32
        let x = values + row &* columns
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
            // Sums of integers of at most 4 064 are exact in floats.
            sums[row &* blocks &+ block] = 8 &* Int32(simd_sum((q0 + q1) + (q2 + q3)))
        }
    }

    private static func aligned(_ bytes: Int) -> Int { (bytes + 127) & ~127 }
}
