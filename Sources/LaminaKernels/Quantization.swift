// Rounding of 32 floats to int8 with one scale: activations, queries, keys and values.
internal import CSimd

/// Symmetric quantization of blocks of 32: scale = max|x| / 127, q = round(x / scale). Where a float is no number, or infinite, so is
/// the scale, and no product with the block is a number: a fault shows in the logits.
enum Quantization {
    /// Writes 32 bytes; returns the scale and Σq.
    @inline(always)
    static func int8(
        _ x: UnsafePointer<Float>, into output: UnsafeMutablePointer<Int8>
    ) -> (scale: Float, sum: Int32) {
        let (x0, x1, x2, x3) = (simd_load(x), simd_load(x + 8), simd_load(x + 16), simd_load(x + 24))
        let largest = simd_largest_magnitude(x0, x1, x2, x3)
        let inverse = simd_splat(largest > 0 ? 127 / largest : 0)
        let (q0, q1) = (simd_round(x0 * inverse), simd_round(x1 * inverse))
        let (q2, q3) = (simd_round(x2 * inverse), simd_round(x3 * inverse))
        let to = UnsafeMutableRawPointer(output)
        simd_store_i8(to, q0)
        simd_store_i8(to + 8, q1)
        simd_store_i8(to + 16, q2)
        simd_store_i8(to + 24, q3)
        let sum = (simd_to_i32(q0) &+ simd_to_i32(q1)) &+ (simd_to_i32(q2) &+ simd_to_i32(q3))
        return (largest / 127, sum.wrappedSum())
    }

    /// Writes 32 bytes; returns the scale rounded to half precision.
    @inline(always)
    static func halfScaledInt8(_ x: UnsafePointer<Float>, into output: UnsafeMutablePointer<Int8>) -> Float16 {
        Float16(int8(x, into: output).scale)
    }
}
