/// A histogram at one moment; its buckets, count and sum agree with each other.
package struct HistogramSnapshot: Sendable, Equatable {
    /// Inclusive upper bounds of the finite buckets, increasing.
    package let upperBounds: [Double]
    /// Observations per bucket (not cumulative); the last one has no upper bound.
    package let counts: [UInt64]
    /// The sum of all observations.
    package let sum: Double
    /// The latest exemplar of each bucket, where there is one.
    package let exemplars: [Exemplar?]

    /// The number of observations.
    package var count: UInt64 { counts.reduce(0, +) }
}
