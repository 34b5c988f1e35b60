/// One observation that stands for its bucket and leads to the trace it was made in (OpenMetrics §Exemplars).
package struct Exemplar: Sendable, Equatable {
    /// The trace in which the observation was made.
    package let traceID: TraceID
    /// The observed value.
    package let value: Double
    /// When it was observed.
    package let time: UnixTime
}
