import Benchmark

/// What the framework calls to learn the benchmarks.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput, .instructions], warmupIterations: 3, maxDuration: .seconds(1),
        maxIterations: 100_000)
    registerMatrixProducts()
    registerAttention()
    registerTokenizer()
    registerParsers()
    registerScheduler()
}
