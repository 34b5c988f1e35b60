import Testing

@testable import LaminaKernels

/// What is no number anywhere must come out at the end: the logits are where it is noticed.
struct NotANumberTests {
    @Test(arguments: [Float.nan, -.nan, .infinity, -.infinity])
    func `A block with something that is no number has a scale that is none, wherever it stands`(bad: Float) throws {
        let activations = try Activations(capacity: 1, columns: 64)
        var random = SeededGenerator(state: 3)
        for place in 0..<32 {
            var row = random.floats(64, in: -50...50)
            row[place] = bad
            activations.values.setRow(0, to: row)
            activations.quantize(row: 0)
            #expect(!activations.scales[0].isFinite, "place \(place)")
            #expect(activations.scales[1].isFinite, "the other block of place \(place)")
        }
    }

    @Test(arguments: WeightType.allCases, [1, 5])
    func `A product with it is no number`(type: WeightType, batch: Int) throws {
        var random = SeededGenerator(state: 5)
        let pool = try WorkerPool(threadCount: 1)
        let stored = StoredMatrix(type, rows: 9, columns: 256, using: &random)
        let matrix = try stored.packed(type, pool: pool)
        for place in [0, 7, 13, 31, 32, 255] {
            for bad in [Float.nan, .infinity] {
                let activations = try Activations(capacity: batch, columns: 256)
                for index in 0..<batch {
                    var row = random.floats(256)
                    if index == batch - 1 { row[place] = bad }
                    activations.values.setRow(index, to: row)
                    if type.takesQuantizedActivations { activations.quantize(row: index) }
                }
                let output = try FloatRows(capacity: batch, columns: 9)
                let product = MatrixProduct(matrix, output: output)
                MatrixProduct.run([product], activations: activations, rowCount: batch, pool: pool)
                output.withRow(batch - 1) { row in
                    for column in 0..<9 { #expect(!row[column].isFinite, "place \(place), column \(column)") }
                }
                if batch > 1 {
                    output.withRow(0) { row in
                        for column in 0..<9 { #expect(row[column].isFinite, "another row's column \(column)") }
                    }
                }
            }
        }
    }

    @Test(arguments: KVCacheType.allCases, [0, 7, 16, 21])
    func `Attention to it is no number, be it in a query, a key or a value`(type: KVCacheType, token: Int) throws {
        for (part, place) in [(0, 0), (0, 9), (1, 3), (1, 31), (2, 0), (2, 17)] {
            var random = SeededGenerator(state: 9)
            let cache = try KVCache(type: type, layers: 1, blockCount: 2, heads: 1, headDimension: 32)
            for index in 0..<22 {
                var (keys, values) = (random.floats(32), random.floats(32))
                if index == token, part == 1 { keys[place] = .nan }
                if index == token, part == 2 { values[place] = .nan }
                cache.store(layer: 0, block: Int32(index / 16), slot: index % 16, keys: keys, values: values)
            }
            let pool = try WorkerPool(threadCount: 1)
            let attention = try PagedAttention(cache: cache, headCount: 1, contextLength: 32, pool: pool)
            let queries = try FloatRows(capacity: 1, columns: 32)
            var query = random.floats(32)
            if part == 0 { query[place] = .nan }
            queries.setRow(0, to: query)
            let output = try Activations(capacity: 1, columns: 32)
            var batch = PagedBatch()
            batch.append(positions: 21..<22, table: [0, 1])
            attention.run(
                queries: queries, batch: batch, plan: attention.plan(batch), layer: 0, into: output, isQuantized: false)
            output.values.withRow(0) { row in
                #expect((0..<32).contains { !row[$0].isFinite }, "part \(part), place \(place)")
            }
        }
    }

    @Test func `The exponential of what is no number is none`() {
        var x = SIMD8<Float>(repeating: 1)
        x[3] = .nan
        let result = VectorMath.exp(x)
        for lane in 0..<8 { #expect(result[lane].isNaN == (lane == 3)) }
    }
}
