/// What is fuzzed. Parsers of untrusted bytes that come later are added here, with seeds in `write_seeds.py`.
enum FuzzTarget {
    /// Does with one input whatever the target is about. Ends the process where something does not hold.
    typealias Check = @Sendable ([UInt8]) -> Void

    /// The targets by name.
    static let all: [String: Check] = [
        "request": RequestParserTarget.check,
        "chunked": ChunkedBodyTarget.check,
        "response": ResponseParserTarget.check,
        "events": EventStreamTarget.check,
        "trace": TraceContextTarget.check,
        "xfcc": ForwardedCertificateTarget.check,
        "json": JSONTarget.check,
        "gguf": GGUFTarget.check,
        "template": ChatTemplateTarget.check,
        "manifest": ManifestTarget.check,
    ]
}

/// Ends the process, which libFuzzer records with the input, unless the condition holds.
func expect(_ condition: Bool, _ claim: @autoclosure () -> String) {
    if !condition { fatalError(claim()) }
}
