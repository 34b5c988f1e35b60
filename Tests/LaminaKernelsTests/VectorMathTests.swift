import Testing

@testable import LaminaKernels

struct VectorMathTests {
    static let sizes = [1, 2, 7, 8, 9, 15, 16, 17, 31, 64, 100, 576]

    @Test(arguments: sizes)
    func `Root mean square norm agrees with the formula`(count: Int) {
        var random = SeededGenerator(state: UInt64(count))
        let (x, weight) = (random.floats(count, in: -4...4), random.floats(count))
        var output = [Float](repeating: 0, count: count)
        VectorMath.rmsNorm(x, weight: weight, epsilon: 1e-5, count: count, into: &output)
        #expect(relativeError(output, ScalarReference.rmsNorm(x, weight: weight, epsilon: 1e-5)) < 1e-6)
    }

    @Test(arguments: sizes)
    func `SwiGLU agrees with the formula`(count: Int) {
        var random = SeededGenerator(state: UInt64(count))
        let (gate, up) = (random.floats(count, in: -20...20), random.floats(count, in: -4...4))
        var output = [Float](repeating: 0, count: count)
        VectorMath.swiGLU(gate: gate, up: up, count: count, into: &output)
        #expect(relativeError(output, ScalarReference.swiGLU(gate: gate, up: up)) < 1e-6)
    }

    @Test func `SwiGLU stays finite for gates far from zero`() {
        let gate: [Float] = [-1e30, -200, -90, 90, 200, 1e30, 0, -0.0]
        var output = [Float](repeating: .nan, count: 8)
        VectorMath.swiGLU(gate: gate, up: [Float](repeating: 1, count: 8), count: 8, into: &output)
        for value in output { #expect(value.isFinite) }
        #expect(output[3] == 90 && output[4] == 200 && output[6] == 0)
    }

    @Test(arguments: [(8, 8), (64, 64), (10, 10), (64, 32), (12, 6)])
    func `Rotation agrees with the formula and scales`(headDimension: Int, dimension: Int) {
        var random = SeededGenerator(state: 5)
        let rope = RotaryEmbedding(dimension: dimension, base: 10_000)
        for position in [0, 1, 17, 1023, 131_071] {
            var table = [Float](repeating: 0, count: rope.tableWidth)
            rope.fillTable(position: position, into: &table)
            var x = random.floats(3 * headDimension)
            let heads = (0..<3).map { Array(x[($0 * headDimension)..<(($0 + 1) * headDimension)]) }
            rope.rotate(&x, heads: 3, headDimension: headDimension, table: table, scale: 0.5)
            let expected = heads.flatMap {
                ScalarReference.rotate($0, position: position, dimension: dimension, base: 10_000).map { $0 / 2 }
            }
            #expect(relativeError(x, expected) < 1e-6, "position \(position)")
        }
    }

    @Test func `Frequency factors and linear scaling divide the angle`() {
        let plain = RotaryEmbedding(dimension: 4, base: 10_000)
        let halved = RotaryEmbedding(dimension: 4, base: 10_000, factors: [2, 2])
        let scaled = RotaryEmbedding(dimension: 4, base: 10_000, positionScale: 0.5)
        var (a, b, c) = (
            [Float](repeating: 0, count: 8), [Float](repeating: 1, count: 8), [Float](repeating: 2, count: 8)
        )
        plain.fillTable(position: 5, into: &a)
        halved.fillTable(position: 10, into: &b)
        scaled.fillTable(position: 10, into: &c)
        #expect(a == b && a == c)
    }

    @Test func `Quantizing a row of zeros gives zeros`() throws {
        let activations = try Activations(capacity: 1, columns: 32)
        activations.quantize(row: 0)
        for i in 0..<32 { #expect(activations.quantized[i] == 0) }
        #expect(activations.scales[0] == 0 && activations.starts[0] == 0)
    }

    @Test func `Products start at minus eight times the sum of the quantized values`() throws {
        var random = SeededGenerator(state: 11)
        let activations = try Activations(capacity: 3, columns: 96)
        for row in 0..<3 {
            activations.values.setRow(row, to: random.floats(96, in: -50...50))
            activations.quantize(row: row)
        }
        for block in 0..<9 {
            let sum = (0..<32).reduce(0) { $0 + Int(activations.quantized[block * 32 + $1]) }
            #expect(Int(activations.starts[block]) == -8 * sum)
        }
    }
}
