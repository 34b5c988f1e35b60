// Plain scalar versions of the kernels, straight from the formulas, in double precision: what the kernels are checked against.
import Glibc

@testable import LaminaKernels

enum ScalarReference {
    /// y[row] = Σ w[row, k]·x[k]
    static func product(_ weights: [[Float]], _ x: [Float]) -> [Float] {
        weights.map { row in Float(zip(row, x).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }) }
    }

    /// Blocks of 32 rounded to the nearest of 255 steps of max|x| / 127, and back to floats.
    static func quantizedAndBack(_ x: [Float]) -> [Float] {
        stride(from: 0, to: x.count, by: 32).flatMap { start -> [Float] in
            let block = x[start..<min(start + 32, x.count)]
            let largest = block.map(abs).max() ?? 0
            guard largest > 0 else { return Array(block) }
            return block.map { ($0 * (127 / largest)).rounded(.toNearestOrEven) * (largest / 127) }
        }
    }

    /// The same with the step rounded to half precision, as the KV cache keeps it.
    static func roundedToInt8(_ x: [Float]) -> [Float] {
        stride(from: 0, to: x.count, by: 32).flatMap { start -> [Float] in
            let block = x[start..<min(start + 32, x.count)]
            let largest = block.map(abs).max() ?? 0
            let scale = Float(Float16(largest / 127))
            return block.map { ($0 * (127 / largest)).rounded(.toNearestOrEven) * scale }
        }
    }

    static func rmsNorm(_ x: [Float], weight: [Float], epsilon: Float) -> [Float] {
        let mean = x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(x.count)
        let scale = 1 / (mean + Double(epsilon)).squareRoot()
        return zip(x, weight).map { Float(Double($0) * scale * Double($1)) }
    }

    static func swiGLU(gate: [Float], up: [Float]) -> [Float] {
        zip(gate, up).map { Float(Double($0) / (1 + exp(-Double($0))) * Double($1)) }
    }

    static func rotate(_ x: [Float], position: Int, dimension: Int, base: Double) -> [Float] {
        var output = x.map(Double.init)
        for pair in 0..<(dimension / 2) {
            let angle = Double(position) * pow(base, -2 * Double(pair) / Double(dimension))
            let (a, b) = (Double(x[2 * pair]), Double(x[2 * pair + 1]))
            output[2 * pair] = a * cos(angle) - b * sin(angle)
            output[2 * pair + 1] = a * sin(angle) + b * cos(angle)
        }
        return output.map { Float($0) }
    }

    /// Softmax attention of one query over keys and values [tokens][headDimension].
    static func attention(query: [Float], keys: [[Float]], values: [[Float]]) -> [Float] {
        let scores = keys.map { key in zip(query, key).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
        let largest = scores.max() ?? 0
        let weights = scores.map { exp($0 - largest) }
        let total = weights.reduce(0, +)
        return query.indices.map { d in
            Float(zip(weights, values).reduce(0.0) { $0 + $1.0 * Double($1.1[d]) } / total)
        }
    }
}

/// Reproducible random numbers (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }
}

/// Largest difference of two rows, relative to the largest magnitude of the second.
func relativeError(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count)
    let largest = b.map(abs).max() ?? 0
    let difference = zip(a, b).map { abs($0 - $1) }.max() ?? 0
    return largest == 0 ? difference : difference / largest
}
