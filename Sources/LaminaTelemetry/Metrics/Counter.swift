/// A value that only grows: requests served, tokens generated, seconds spent. Updates are lock-free.
package final class Counter: MetricSeries {
    private let total = AtomicDouble()

    init() {}

    /// Adds `amount`; a negative or not finite amount is ignored, as a counter never falls.
    package func increment(by amount: Double = 1) {
        guard amount > 0, amount.isFinite else { return }
        total.add(amount)
    }

    /// Adds `amount`; a negative amount is ignored.
    package func increment(by amount: Int) {
        increment(by: Double(amount))
    }

    /// The value now.
    package var value: Double { total.value }

    package func snapshot() -> MetricValue { .number(value) }
}
