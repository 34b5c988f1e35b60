import HTTPTypes

extension OutgoingResponse {
    /// Whether compression may change this response: text, in no coding yet, whole, and not forbidden to be transformed.
    func isCompressible(_ options: CompressionOptions) -> Bool {
        if case .none = body { return false }
        guard !headers.contains(.contentEncoding), !headers.contains(.contentRange), status != .partialContent,
            !headers.listElements(.cacheControl).contains("no-transform"),
            let contentType = headers.first(where: { $0.name == .contentType })?.value
        else { return false }
        return MediaType(contentType).isCompressible(options)
    }

    /// Whether a response that may be compressed is, for a client that accepts this.
    ///
    /// Where the client refuses a response without coding, even a short one is. Where it leaves none that there is, the field
    /// is disregarded (RFC 9110 §12.1) rather than answered with 406: an answer in no coding helps everybody more.
    func isWorthCompressing(for accepted: AcceptEncoding) -> Bool {
        guard accepted.prefersGzip else { return false }
        guard case .bytes(let bytes) = body else { return true }
        return !bytes.isEmpty && (bytes.count >= CompressionLimits.leastBytes || !accepted.acceptsIdentity)
    }

    /// The response in gzip. It stays as it is where gzip only makes it longer, or has no memory.
    func compressed(for accepted: AcceptEncoding, level: Int) async -> OutgoingResponse {
        var response = self
        switch body {
        case .none: return self
        case .bytes(let bytes):
            guard let data = try? await Self.gzip(bytes, level: level),
                data.count < bytes.count || !accepted.acceptsIdentity
            else { return self }
            response.body = .bytes(data)
        case .stream(let produce):
            guard let stream = try? GzipStream(level: level) else { return self }
            response.body = .stream { writer in
                try await produce(GzipWriter(stream: stream, writer: writer))
                try await stream.finish(writer)
            }
        }
        response.headers[.contentEncoding] = ContentCoding.gzip.rawValue
        return response
    }

    private static func gzip(_ bytes: [UInt8], level: Int) async throws(GzipError) -> [UInt8] {
        let encoder = try GzipEncoder(level: level, for: .wholeBody)
        var result: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            result += try encoder.encode(rest.prefix(CompressionLimits.sliceBytes), flush: false)
            rest = rest.dropFirst(CompressionLimits.sliceBytes)
            if !rest.isEmpty { await Task.yield() }
        }
        return result + (try encoder.finish())
    }
}

/// A media type without its parameters (RFC 9110 §8.3.1).
private struct MediaType {
    private static let compressible: Set<String> = [
        "application/json", "application/openmetrics-text", "application/x-ndjson", "application/jsonl",
        "application/xml", "application/yaml", "application/javascript", "image/svg+xml",
    ]

    /// In lower case.
    private let essence: String

    init(_ field: String) {
        let end = field.utf8.firstIndex { $0 == UInt8(ascii: ";") || HTTPGrammar.isWhitespace($0) }
        essence = String(field[..<(end ?? field.endIndex)]).lowercased()
    }

    func isCompressible(_ options: CompressionOptions) -> Bool {
        if essence == "text/event-stream" { return options.includesEventStreams }
        return Self.compressible.contains(essence) || essence.hasPrefix("text/") || essence.hasSuffix("+json")
            || essence.hasSuffix("+xml")
    }
}
