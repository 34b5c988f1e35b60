/// How much telemetry may grow through what clients send.
package enum TelemetryLimits {
    /// Series of one metric family unless its registration says otherwise. What exceeds it is counted in one series
    /// whose label values are all `other`.
    package static let seriesPerFamily = 256

    /// Bytes of one label value; longer ones are cut at a character's end.
    package static let labelValueBytes = 256

    /// Finite buckets of one histogram.
    package static let bucketsPerHistogram = 64

    /// Bytes of one log line including its newline; longer messages and fields are left out or cut.
    package static let logLineBytes = 64 * 1024

    /// Time a log line may wait for a full pipe or terminal before it is dropped.
    package static let logWriteTimeout: Duration = .milliseconds(250)

    /// Members of a `tracestate` header (W3C Trace Context §3.3.1.1).
    package static let traceStateMembers = 32

    /// Bytes of a `tracestate` header that is passed on; the specification asks for at least 512.
    package static let traceStateBytes = 4096

    /// Attributes of one span; further ones are left out (the OpenTelemetry specification's own number).
    package static let attributesPerSpan = 128

    /// Bytes of one text among a span's attributes; longer ones are cut at a character's end.
    package static let attributeValueBytes = 1024
}
