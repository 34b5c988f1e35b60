/// A value that rises and falls: running requests, bytes in use. Updates are lock-free.
package final class Gauge: MetricSeries {
    private let level = AtomicDouble()

    init() {}

    /// Replaces the value.
    package func set(_ value: Double) {
        level.set(value)
    }

    /// Replaces the value.
    package func set(_ value: Int) {
        set(Double(value))
    }

    /// Adds `amount`.
    package func increment(by amount: Double = 1) {
        level.add(amount)
    }

    /// Subtracts `amount`.
    package func decrement(by amount: Double = 1) {
        level.add(-amount)
    }

    /// The value now.
    package var value: Double { level.value }

    package func snapshot() -> MetricValue { .number(value) }
}
