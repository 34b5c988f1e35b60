// Elementwise kernels of the transformer: root mean square norm, SwiGLU, vectorized exponential.
internal import CSimd

/// Elementwise kernels over one row of floats.
enum VectorMath {
    /// output[i] = x[i] / sqrt(mean(x²) + epsilon) · weight[i] (Zhang and Sennrich 2019). `output` may be `x`.
    static func rmsNorm(
        _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, epsilon: Float, count: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        var (s0, s1) = (simd_splat(0), simd_splat(0))
        var i = 0
        while i &+ 16 <= count {
            let (a, b) = (simd_load(x + i), simd_load(x + (i &+ 8)))
            s0 = simd_fma(a, a, s0)
            s1 = simd_fma(b, b, s1)
            i &+= 16
        }
        var sum = simd_sum(s0 + s1)
        while i < count {
            sum = sum.addingProduct(x[i], x[i])
            i &+= 1
        }
        let scale = 1 / (sum / Float(count) + epsilon).squareRoot()
        let scales = simd_splat(scale)
        i = 0
        while i &+ 8 <= count {
            simd_store(output + i, simd_load(x + i) * scales * simd_load(weight + i))
            i &+= 8
        }
        while i < count {
            output[i] = x[i] * scale * weight[i]
            i &+= 1
        }
    }

    /// output[i] = gate[i] · sigmoid(gate[i]) · up[i] (Shazeer 2020). `output` may be `gate` or `up`.
    static func swiGLU(
        gate: UnsafePointer<Float>, up: UnsafePointer<Float>, count: Int, into output: UnsafeMutablePointer<Float>
    ) {
        var i = 0
        let one = simd_splat(1)
        while i &+ 8 <= count {
            let g = simd_load(gate + i)
            simd_store(output + i, g / (one + exp(simd_splat(0) - g)) * simd_load(up + i))
            i &+= 8
        }
        guard i < count else { return }
        // The tail goes through the same vector arithmetic, so that a value does not depend on its position.
        var (gates, ups) = (SIMD8<Float>(), SIMD8<Float>())
        for lane in 0..<(count &- i) {
            gates[lane] = gate[i &+ lane]
            ups[lane] = up[i &+ lane]
        }
        let result = gates / (one + exp(simd_splat(0) - gates)) * ups
        for lane in 0..<(count &- i) { output[i &+ lane] = result[lane] }
    }

    /// e^x with a relative error of 2e-7 on -87...88, clamped outside: 2^n times a polynomial on -0.5...0.5. What is no number stays
    /// none: minimum and maximum give their second operand then.
    @inline(always)
    static func exp(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let scaled = simd_min(simd_splat(88), simd_max(simd_splat(-87), x)) * simd_splat(1.44269504089)
        let whole = simd_round(scaled)
        let f = scaled - whole
        var p = simd_splat(1.5353362e-4)
        p = simd_fma(p, f, simd_splat(1.3398874e-3))
        p = simd_fma(p, f, simd_splat(9.6184373e-3))
        p = simd_fma(p, f, simd_splat(5.5503324e-2))
        p = simd_fma(p, f, simd_splat(2.4022648e-1))
        p = simd_fma(p, f, simd_splat(6.9314720e-1))
        p = simd_fma(p, f, simd_splat(1))
        let power = unsafeBitCast(p, to: SIMD8<Int32>.self) &+ (simd_to_i32(whole) &<< 23)
        return unsafeBitCast(power, to: SIMD8<Float>.self)
    }
}
