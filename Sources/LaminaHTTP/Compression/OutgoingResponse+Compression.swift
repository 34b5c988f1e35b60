import HTTPTypes

extension OutgoingResponse {
    /// The response as the client should get it who sent these fields.
    ///
    /// Where the client refuses a response without coding, even a short one is compressed. Where it leaves none that there is,
    /// the field is disregarded (RFC 9110 §12.1) rather than answered with 406: an answer in no coding helps everybody more.
    func compressed(for request: HTTPFields, _ options: CompressionOptions) async -> OutgoingResponse {
        guard isCompressible(options) else { return self }
        var response = self
        response.headers.vary(on: .acceptEncoding)
        let accepted = AcceptEncoding(request)
        guard accepted.prefersGzip else { return response }
        switch body {
        case .none: return response
        case .bytes(let bytes):
            let isWorthIt = bytes.count >= CompressionLimits.leastBytes
            guard isWorthIt || !accepted.acceptsIdentity, !bytes.isEmpty,
                let data = try? await Self.gzip(bytes, level: options.level),
                data.count < bytes.count || !accepted.acceptsIdentity
            else { return response }
            response.body = .bytes(data)
        case .stream(let produce):
            // Without memory for zlib the response goes out as it is.
            guard let stream = try? GzipStream(level: options.level) else { return response }
            response.body = .stream { writer in
                try await produce(GzipWriter(stream: stream, writer: writer))
                try await stream.finish(writer)
            }
        }
        response.headers[.contentEncoding] = ContentCoding.gzip.rawValue
        return response
    }

    /// Whether compression may change this response: text, in no coding yet, whole, and not forbidden to be transformed.
    private func isCompressible(_ options: CompressionOptions) -> Bool {
        guard headers[.contentEncoding] == nil, headers[.contentRange] == nil, status != .partialContent,
            !headers.listElements(.cacheControl).contains("no-transform"), let contentType = headers[.contentType]
        else { return false }
        switch body {
        case .none: return false
        case .bytes, .stream: return MediaType(contentType).isCompressible(options)
        }
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

    private let essence: String

    init(_ field: String) {
        essence = String(field.prefix { $0 != ";" && $0 != " " && $0 != "\t" }).lowercased()
    }

    func isCompressible(_ options: CompressionOptions) -> Bool {
        if essence == "text/event-stream" { return options.includesEventStreams }
        return essence.hasPrefix("text/") || essence.hasSuffix("+json") || essence.hasSuffix("+xml")
            || Self.compressible.contains(essence)
    }
}
