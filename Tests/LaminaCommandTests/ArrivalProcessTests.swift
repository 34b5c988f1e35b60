import Testing

@testable import lamina_llm_serve

struct ArrivalProcessTests {
    private func times(rate: Double, seed: UInt64, count: Int) -> [Double] {
        var process = ArrivalProcess(rate: rate, seed: seed)
        return (0..<count).map { _ in process.next() / .seconds(1) }
    }

    @Test func `Repeats with a seed, and differs with another`() {
        #expect(times(rate: 3, seed: 7, count: 50) == times(rate: 3, seed: 7, count: 50))
        #expect(times(rate: 3, seed: 7, count: 50) != times(rate: 3, seed: 8, count: 50))
    }

    @Test(arguments: [0.5, 20.0])
    func `Has exponentially distributed gaps of the rate's mean`(rate: Double) {
        let times = times(rate: rate, seed: 1, count: 20_000)
        let gaps = zip(times, [0] + times).map { $0 - $1 }
        #expect(gaps.allSatisfy { $0 >= 0 })
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        // The mean of 20 000 such gaps has a standard error of 0.7 %, and their deviation equals their mean.
        #expect(abs(mean * rate - 1) < 0.03)
        #expect(abs(variance.squareRoot() * rate - 1) < 0.05)
        // A share of 1 - 1/e lies below the mean.
        #expect(abs(Double(gaps.count { $0 < 1 / rate }) / Double(gaps.count) - 0.632) < 0.015)
    }
}
