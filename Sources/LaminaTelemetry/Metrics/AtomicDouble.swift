import Synchronization

/// A Double that threads add to without locks; Synchronization has atomics for integers only, so its bits are kept.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic<UInt64>(0.0.bitPattern)

    /// The value now.
    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// Replaces the value.
    func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// Adds `amount`.
    func add(_ amount: Double) {
        var current = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: current) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: current, desired: sum, ordering: .relaxed)
            if exchanged { return }
            current = original
        }
    }
}
