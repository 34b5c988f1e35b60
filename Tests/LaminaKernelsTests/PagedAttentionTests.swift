import Testing

@testable import LaminaKernels

struct PagedAttentionTests {
    @Test(
        arguments: [(8, 1), (16, 2), (24, 3), (64, 3), (64, 4), (80, 5), (128, 8), (32, 40)],
        [1, 3])
    func `Half-precision keys and values agree with plain softmax attention`(
        shape: (dimension: Int, groupSize: Int), threads: Int
    ) throws {
        let scene = try Scene(.f16, dimension: shape.dimension, groupSize: shape.groupSize, tokens: 300)
        let (output, rows) = try scene.run(scene.slices, threads: threads)
        for (row, place) in rows.enumerated() where row % 9 == 0 || row == rows.count - 1 {
            let error = relativeError(output[row], scene.expected(row: row, place))
            #expect(error < 1e-5, "row \(row), \(place)")
        }
    }

    @Test(arguments: [(32, 1), (64, 3), (64, 4), (128, 8)], [1, 3])
    func `int8 keys and values agree with attention over their rounded values`(
        shape: (dimension: Int, groupSize: Int), threads: Int
    ) throws {
        let scene = try Scene(.q8_0, dimension: shape.dimension, groupSize: shape.groupSize, tokens: 300)
        let (output, rows) = try scene.run(scene.slices, threads: threads)
        for (row, place) in rows.enumerated() where row % 9 == 0 || row == rows.count - 1 {
            let error = relativeError(output[row], scene.expected(row: row, place))
            #expect(error < 1e-3, "row \(row), \(place)")
        }
    }

    @Test(arguments: KVCacheType.allCases)
    func `A row is the same bits alone, in a tile, in a batch, and on any number of threads`(type: KVCacheType) throws {
        // Long enough for several spans, and for a change of the span's length.
        let scene = try Scene(type, dimension: 32, groupSize: 3, tokens: 17_000)
        let long = [(sequence: 1, range: 16_300..<16_500)]
        let together = try scene.run(scene.slices + long, threads: 2)
        for threads in [1, 4] {
            let again = try scene.run(scene.slices + long, threads: threads)
            #expect(again.output == together.output, "\(threads) threads")
        }
        for (row, place) in together.rows.enumerated() where row % 7 == 0 {
            let alone = try scene.run([(place.sequence, place.position..<(place.position + 1))], threads: 3)
            #expect(alone.output[0] == together.output[row], "row \(row), \(place)")
        }
    }

    @Test(arguments: KVCacheType.allCases)
    func `Spans computed side by side agree with plain attention`(type: KVCacheType) throws {
        let scene = try Scene(type, dimension: 32, groupSize: 2, tokens: 2000)
        let (output, rows) = try scene.run([(0, 1999..<2000), (1, 700..<701)], threads: 8)
        for (row, place) in rows.enumerated() {
            #expect(relativeError(output[row], scene.expected(row: row, place)) < (type == .f16 ? 1e-5 : 1e-3))
        }
    }

    @Test func `A step's tiles cover each token once, and its spans each context`() {
        for threads in [1, 2, 16, 64] {
            for slices in [[0..<1], [0..<300], [511..<513, 0..<40], [16_380..<16_390], [100_000..<100_003, 5..<6]] {
                var batch = PagedBatch()
                for slice in slices {
                    batch.append(positions: slice, table: [Int32](repeating: 0, count: slice.upperBound / 16 + 1))
                }
                let plan = AttentionPlan(batch, groupSize: 4, heads: 8, threadCount: threads)
                #expect(plan.tiles.flatMap { $0.row..<($0.row + $0.count) } == Array(0..<batch.count))
                for tile in plan.tiles {
                    let spans = (0..<tile.spanCount).map(tile.span)
                    #expect(spans.first?.lowerBound == 0 && spans.last?.upperBound == tile.length)
                    #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
                    #expect(spans.count <= 32 && spans.allSatisfy { $0.lowerBound % 16 == 0 && !$0.isEmpty })
                    #expect(batch.positions[tile.row + tile.count - 1] + 1 == tile.length)
                }
                #expect(
                    plan.spans.count * 8
                        <= AttentionPlan.maximumSpans(contextLength: 131_072, threadCount: threads))
            }
        }
    }

    @Test func `Large scores do not overflow`() throws {
        let cache = try KVCache(layers: 1, blockCount: 2, heads: 1, headDimension: 8)
        for token in 0..<20 {
            let key = [Float](repeating: token == 18 ? 60_000 : -60_000, count: 8)
            cache.store(
                layer: 0, block: Int32(token / 16), slot: token % 16, keys: key,
                values: [Float](repeating: Float(token), count: 8))
        }
        let pool = try WorkerPool(threadCount: 1)
        let attention = try PagedAttention(cache: cache, headCount: 1, contextLength: 32, pool: pool)
        let queries = try FloatRows(capacity: 1, columns: 8)
        queries.setRow(0, to: [Float](repeating: 1000, count: 8))
        let output = try Activations(capacity: 1, columns: 8)
        var batch = PagedBatch()
        batch.append(positions: 19..<20, table: [0, 1])
        attention.run(
            queries: queries, batch: batch, plan: attention.plan(batch), layer: 0, into: output, isQuantized: false)
        output.values.withRow(0) { row in
            for d in 0..<8 { #expect(row[d] == 18) }
        }
    }
}

/// Two sequences with random keys and values in a cache of scattered blocks.
private struct Scene {
    struct Place {
        let sequence: Int
        let position: Int
    }

    let cache: KVCache
    let groupSize: Int
    let kvHeads = 2
    let dimension: Int
    let tables: [[Int32]]
    /// [sequence][token][kvHeads · dimension], as the cache holds them.
    private var keys: [[[Float]]] = []
    private var values: [[[Float]]] = []

    /// Short prefixes, a chunk over several blocks, single tokens, and the sequences' ends.
    var slices: [(sequence: Int, range: Range<Int>)] {
        [(0, 0..<1), (1, 3..<40), (0, 255..<256), (1, 280..<300), (0, 90..<123)]
    }

    init(_ type: KVCacheType, dimension: Int, groupSize: Int, tokens: Int) throws {
        self.dimension = dimension
        self.groupSize = groupSize
        var random = SeededGenerator(state: UInt64(dimension * 100 + groupSize))
        let blocks = (tokens + 15) / 16
        let scattered = Array(0..<Int32(2 * blocks)).shuffled(using: &random)
        tables = [Array(scattered[..<blocks]), Array(scattered[blocks...])]
        cache = try KVCache(
            type: type, layers: 2, blockCount: 2 * blocks, heads: kvHeads, headDimension: dimension)
        let width = kvHeads * dimension
        for table in tables {
            let raw = (0..<(2 * tokens)).map { _ in random.floats(width, in: -2...2) }
            for token in 0..<tokens {
                cache.store(
                    layer: 1, block: table[token / 16], slot: token % 16, keys: raw[token], values: raw[tokens + token])
            }
            let held = raw.map { type == .f16 ? $0.map { Float(Float16($0)) } : ScalarReference.roundedToInt8($0) }
            keys.append(Array(held[..<tokens]))
            values.append(Array(held[tokens...]))
        }
    }

    /// The query of a place is the same in whatever batch it stands.
    func query(_ place: Place) -> [Float] {
        var random = SeededGenerator(state: UInt64(place.sequence * 1_000_003 + place.position))
        return random.floats(kvHeads * groupSize * dimension)
    }

    func run(
        _ slices: [(sequence: Int, range: Range<Int>)], threads: Int
    ) throws -> (output: [[Float]], rows: [Place]) {
        let pool = try WorkerPool(threadCount: threads)
        let headCount = kvHeads * groupSize
        let attention = try PagedAttention(
            cache: cache, headCount: headCount, contextLength: 16 * tables[0].count, pool: pool)
        let rows = slices.flatMap { slice in slice.range.map { Place(sequence: slice.sequence, position: $0) } }
        let queries = try FloatRows(capacity: rows.count, columns: headCount * dimension)
        let output = try Activations(capacity: rows.count, columns: headCount * dimension)
        for (row, place) in rows.enumerated() { queries.setRow(row, to: query(place)) }
        var batch = PagedBatch()
        for slice in slices { batch.append(positions: slice.range, table: tables[slice.sequence]) }
        attention.run(
            queries: queries, batch: batch, plan: attention.plan(batch), layer: 1, into: output, isQuantized: false)
        return (
            rows.indices.map { row in output.values.withRow(row) { row in row.indices.map { row[$0] } } }, rows
        )
    }

    func expected(row: Int, _ place: Place) -> [Float] {
        let query = query(place)
        return (0..<(kvHeads * groupSize)).flatMap { head -> [Float] in
            let columns = (head / groupSize * dimension)..<((head / groupSize + 1) * dimension)
            let q = Array(query[(head * dimension)..<((head + 1) * dimension)])
            return ScalarReference.attention(
                query: cache.type == .f16 ? q : ScalarReference.quantizedAndBack(q),
                keys: keys[place.sequence][...place.position].map { Array($0[columns]) },
                values: values[place.sequence][...place.position].map { Array($0[columns]) })
        }
    }
}
