// Rotary position embedding (Su et al. 2021), on adjacent pairs as the `llama` architecture of GGUF stores them.
import Glibc
internal import CSimd

/// Rotates pairs (x[2i], x[2i+1]) of a head by position · frequency[i].
package struct RotaryEmbedding: Sendable {
    /// Floats of a table row: for each of the `dimension / 2` pairs the cosine twice, then for each -sine and sine.
    package var tableWidth: Int { 2 * dimension }
    /// Leading dimensions of a head that are rotated; even.
    package let dimension: Int
    /// Angle per position of each pair.
    let frequencies: [Double]

    /// - Parameters:
    ///   - base: theta, 10 000 in the paper.
    ///   - factors: divisors of each pair's frequency (`rope_freqs.weight`, the Llama 3.1 scaling), or empty.
    ///   - positionScale: factor on positions (linear scaling: 1 / factor).
    package init(dimension: Int, base: Double, factors: [Float] = [], positionScale: Double = 1) {
        self.dimension = dimension
        frequencies = (0..<(dimension / 2)).map { pair in
            let frequency = pow(base, -2 * Double(pair) / Double(dimension)) * positionScale
            return factors.isEmpty ? frequency : frequency / Double(factors[pair])
        }
    }

    /// Writes the table row of a position: [dimension] cosines, then [dimension] signed sines.
    func fillTable(position: Int, into row: UnsafeMutablePointer<Float>) {
        for pair in 0..<(dimension / 2) {
            let angle = Double(position) * frequencies[pair]
            let (cosine, sine) = (Float(cos(angle)), Float(sin(angle)))
            row[2 &* pair] = cosine
            row[2 &* pair &+ 1] = cosine
            row[dimension &+ 2 &* pair] = -sine
            row[dimension &+ 2 &* pair &+ 1] = sine
        }
    }

    /// Rotates `heads` heads of `headDimension` floats in place, then scales all of them by `scale`.
    func rotate(
        _ x: UnsafeMutablePointer<Float>, heads: Int, headDimension: Int, table: UnsafePointer<Float>, scale: Float = 1
    ) {
        let sines = table + dimension
        for head in 0..<heads {
            let at = x + head &* headDimension
            var i = 0
            while i &+ 8 <= dimension {
                let v = simd_load(at + i)
                let rotated = simd_fma(v, simd_load(table + i), simd_swap_pairs(v) * simd_load(sines + i))
                simd_store(at + i, rotated * simd_splat(scale))
                i &+= 8
            }
            while i &+ 2 <= dimension {
                let (a, b) = (at[i], at[i &+ 1])
                at[i] = (b * sines[i]).addingProduct(a, table[i]) * scale
                at[i &+ 1] = (a * sines[i &+ 1]).addingProduct(b, table[i &+ 1]) * scale
                i &+= 2
            }
            while i < headDimension {
                at[i] *= scale
                i &+= 1
            }
        }
    }
}
