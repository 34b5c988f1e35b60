import Testing

@testable import LaminaKernels

/// A matrix as a file stores it, and the floats it stands for.
struct StoredMatrix {
    var bytes: [UInt8] = []
    var rows: [[Float]] = []

    init(_ type: WeightType, rows rowCount: Int, columns: Int, using random: inout SeededGenerator) {
        for _ in 0..<rowCount {
            let start = bytes.count
            for _ in 0..<(columns / type.blockSize) { appendBlock(type, using: &random) }
            var row = [Float](repeating: 0, count: columns)
            bytes.withUnsafeBytes { all in
                guard let base = all.baseAddress else { return }
                row.withUnsafeMutableBufferPointer { buffer in
                    guard let output = buffer.baseAddress else { return }
                    RowDecoder.decode(type, base + start, columns: columns, into: output)
                }
            }
            rows.append(row)
        }
    }

    private mutating func appendBlock(_ type: WeightType, using random: inout SeededGenerator) {
        let value = Float.random(in: -1...1, using: &random)
        switch type {
        case .f32: append(value.bitPattern)
        case .f16: append(Float16(value).bitPattern)
        case .bf16: append(UInt16(truncatingIfNeeded: value.bitPattern >> 16))
        case .q8_0, .q4_0:
            append(Float16(abs(value) / 100 + 0.001).bitPattern)
            // All byte values, -128 included.
            appendRandomBytes(type.blockBytes - 2, using: &random)
        case .q4_K, .q5_K:
            append(Float16(abs(value) / 1000 + 0.0001).bitPattern)
            append(Float16(value / 100).bitPattern)
            appendRandomBytes(type.blockBytes - 4, using: &random)
        case .q6_K:
            appendRandomBytes(type.blockBytes - 2, using: &random)
            append(Float16(value / 1000).bitPattern)
        }
    }

    private mutating func appendRandomBytes(_ count: Int, using random: inout SeededGenerator) {
        for _ in 0..<count { bytes.append(UInt8.random(in: 0...255, using: &random)) }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    func packed(_ type: WeightType, pool: WorkerPool) throws -> PackedMatrix {
        try bytes.withUnsafeBytes { all in
            try PackedMatrix(
                rows: rows.count, columns: rows[0].count, type: type, source: #require(all.baseAddress), pool: pool)
        }
    }
}

struct MatrixProductTests {
    static let shapes: [(rows: Int, columns: Int)] = [
        (1, 32), (7, 64), (8, 32), (9, 96), (33, 160), (64, 256), (100, 576), (513, 64),
    ]

    static let shapesOf256: [(rows: Int, columns: Int)] = [(5, 256), (7, 512), (33, 768), (66, 256)]

    private func run(
        _ type: WeightType, rows: Int, columns: Int, batch: Int, threads: Int = 2, isAdded: Bool = false
    ) throws -> (result: [[Float]], expected: [[Float]]) {
        var random = SeededGenerator(state: UInt64(rows * 1_000_003 + columns * 1_009 + batch))
        let pool = try WorkerPool(threadCount: threads)
        let stored = StoredMatrix(type, rows: rows, columns: columns, using: &random)
        let matrix = try stored.packed(type, pool: pool)
        let activations = try Activations(capacity: batch, columns: columns)
        var expected: [[Float]] = []
        for n in 0..<batch {
            let x = random.floats(columns, in: -3...3)
            activations.values.setRow(n, to: x)
            if type.takesQuantizedActivations { activations.quantize(row: n) }
            let used = type.takesQuantizedActivations ? ScalarReference.quantizedAndBack(x) : x
            expected.append(ScalarReference.product(stored.rows, used).map { $0 + (isAdded ? 1 : 0) })
        }
        // One float of margin behind each row shows writes past its end.
        let output = try FloatRows(capacity: batch, columns: rows + 1)
        for n in 0..<batch { output.setRow(n, to: [Float](repeating: 1, count: rows + 1)) }
        let product = MatrixProduct(matrix, output: output, isAdded: isAdded)
        MatrixProduct.run([product], activations: activations, rowCount: batch, pool: pool)
        let results = (0..<batch).map { output.array($0) }
        for result in results { #expect(result[rows] == 1, "wrote past the row") }
        return (results.map { Array($0[..<rows]) }, expected)
    }

    @Test(arguments: WeightType.allCases, [1, 2, 3, 4, 5, 8, 67])
    func `Agrees with the scalar product over odd sizes`(type: WeightType, batch: Int) throws {
        for shape in type.blockSize == 256 ? Self.shapesOf256 : Self.shapes {
            let (result, expected) = try run(type, rows: shape.rows, columns: shape.columns, batch: batch)
            for n in 0..<batch {
                #expect(relativeError(result[n], expected[n]) < 1e-5, "\(shape) row \(n)")
            }
        }
    }

    @Test(arguments: [WeightType.f32, .f16, .bf16])
    func `Float weights take rows of any length`(type: WeightType) throws {
        for columns in [1, 2, 3, 31, 77] {
            let (result, expected) = try run(type, rows: 11, columns: columns, batch: 3)
            for n in 0..<3 { #expect(relativeError(result[n], expected[n]) < 1e-5) }
        }
    }

    @Test(arguments: WeightType.allCases)
    func `Adds to what the output holds`(type: WeightType) throws {
        let (result, expected) = try run(type, rows: 21, columns: 256, batch: 6, isAdded: true)
        for n in 0..<6 { #expect(relativeError(result[n], expected[n]) < 1e-5) }
    }

    @Test(arguments: WeightType.allCases)
    func `A row's result is the same bits in every batch and on any number of threads`(type: WeightType) throws {
        var random = SeededGenerator(state: 7)
        let pools = [try WorkerPool(threadCount: 1), try WorkerPool(threadCount: 3)]
        let stored = StoredMatrix(type, rows: 45, columns: 512, using: &random)
        let x = (0..<70).map { _ in random.floats(512) }
        func product(_ rows: ArraySlice<[Float]>, _ pool: WorkerPool) throws -> [[Float]] {
            let activations = try Activations(capacity: rows.count, columns: 512)
            for (n, row) in rows.enumerated() {
                activations.values.setRow(n, to: row)
                if type.takesQuantizedActivations { activations.quantize(row: n) }
            }
            let output = try FloatRows(capacity: rows.count, columns: 45)
            let target = MatrixProduct(try stored.packed(type, pool: pool), output: output)
            MatrixProduct.run([target], activations: activations, rowCount: rows.count, pool: pool)
            return (0..<rows.count).map { output.array($0) }
        }
        let alone = try x.indices.map { try product(x[$0...$0], pools[0])[0] }
        for pool in pools {
            for size in [2, 3, 4, 5, 7, 70] {
                #expect(try product(x[0..<size], pool) == Array(alone[0..<size]))
            }
        }
    }

    @Test func `Several products share one fork`() throws {
        var random = SeededGenerator(state: 3)
        let pool = try WorkerPool(threadCount: 2)
        let stored = [8, 40, 17].map { StoredMatrix(.q8_0, rows: $0, columns: 64, using: &random) }
        let matrices = try stored.map { try $0.packed(.q8_0, pool: pool) }
        let x = random.floats(64)
        let activations = try Activations(capacity: 1, columns: 64)
        activations.values.setRow(0, to: x)
        activations.quantize(row: 0)
        let outputs = try [8, 40, 17].map { try FloatRows(capacity: 1, columns: $0) }
        let products = zip(matrices, outputs).map { MatrixProduct($0, output: $1) }
        MatrixProduct.run(products, activations: activations, rowCount: 1, pool: pool)
        for (matrix, output) in zip(stored, outputs) {
            let expected = ScalarReference.product(matrix.rows, ScalarReference.quantizedAndBack(x))
            #expect(relativeError(output.array(0), expected) < 1e-5)
        }
    }
}

extension FloatRows {
    func array(_ index: Int) -> [Float] {
        withRow(index) { row in row.indices.map { row[$0] } }
    }
}
