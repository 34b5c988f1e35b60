import LaminaJSON

/// What a collector says in a response that is no error ("Partial Success" of the OTLP specification).
struct OTLPPartialSuccess: Equatable {
    /// Spans that it did not take, and would not take another time.
    var rejectedSpans = 0
    /// Why, or a warning; nil where it says nothing.
    var message: String?

    /// Reads the body of a response. One that is not understood says nothing: the status has said that the spans were taken.
    init(_ body: [UInt8]) {
        guard let partial = (try? JSONValue(parsing: body))?["partialSuccess"] else { return }
        // A 64-bit number: proto3 writes it as a string, some collectors as a number.
        let rejected = partial["rejectedSpans"]
        let count = rejected?.stringValue.flatMap { Int($0) } ?? rejected?.integerValue.map { Int($0) } ?? 0
        rejectedSpans = max(0, count)
        let text = partial["errorMessage"]?.stringValue ?? ""
        message = text.isEmpty ? nil : String(text.prefix(TracingLimits.messageCharacters))
    }
}
