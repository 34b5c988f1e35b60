import Benchmark
import LaminaKernels

/// One product of the 1B shape's feed-forward network, on one thread: 2048 inputs, 8192 outputs.
private struct MatrixProductCase {
    static let (rows, columns) = (8192, 2048)

    let product: MatrixProduct
    let activations: Activations
    let batch: Int
    let pool: WorkerPool

    init(_ type: WeightType, batch: Int) throws {
        pool = try WorkerPool(threadCount: 1)
        self.batch = batch
        // Bytes of which every half or float is a number of ordinary size: time must not depend on denormal numbers.
        let stored = (0..<(Self.rows * type.rowBytes(columns: Self.columns))).map { 0x20 &+ UInt8($0 &* 31 % 28) }
        let pool = pool
        let matrix = try stored.withUnsafeBytes { bytes -> PackedMatrix? in
            guard let source = bytes.baseAddress else { return nil }
            return try PackedMatrix(rows: Self.rows, columns: Self.columns, type: type, source: source, pool: pool)
        }
        guard let matrix else { throw BenchmarkSetupError.emptyMatrix }
        activations = try Activations(capacity: batch, columns: Self.columns)
        for index in 0..<batch {
            activations.values.setRow(index, to: (0..<Self.columns).map { _ in Float.random(in: -1...1) })
            if type.takesQuantizedActivations { activations.quantize(row: index) }
        }
        product = MatrixProduct(matrix, output: try FloatRows(capacity: batch, columns: Self.rows))
    }

    func run() { MatrixProduct.run([product], activations: activations, rowCount: batch, pool: pool) }
}

/// Why a benchmark could not be prepared.
enum BenchmarkSetupError: Error {
    /// A matrix without bytes.
    case emptyMatrix
}

/// Products with one row (decode), eight (batched decode), 32 (a small chunk of a prompt) and 128 (prefill), for every
/// weight type.
func registerMatrixProducts() {
    for type in WeightType.allCases {
        for batch in [1, 8, 32, 128] {
            Benchmark("matrix product \(type.rawValue) 8192x2048, \(batch) rows, 1 thread") { _, state in
                state.run()
            } setup: {
                try MatrixProductCase(type, batch: batch)
            }
        }
    }
}
