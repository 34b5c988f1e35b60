import HTTPTypes

extension RequestHead {
    /// Puts a request line and its fields together and checks what only the whole head can tell: Host, framing,
    /// expectations, persistence.
    init(line: RequestLine, fields: HTTPFields, limits: HTTPLimits) throws(RequestError) {
        var remaining = HTTPFields()
        var hosts: [String] = []
        for field in fields {
            if field.name.canonicalName == "host" {
                hosts.append(field.value)
            } else {
                remaining.append(field)
            }
        }
        let host = try Self.host(hosts, version: line.version)
        // RFC 9112 §3.2.2: the authority of an absolute target replaces the Host field.
        let request = HTTPRequest(
            method: line.method, scheme: nil, authority: line.target.authority ?? host, path: line.target.originForm,
            headerFields: remaining)
        self.init(
            request: request,
            target: line.target,
            version: line.version,
            framing: try BodyFraming(fields: remaining, version: line.version, limits: limits),
            expectsContinue: try Self.expectsContinue(remaining, version: line.version),
            wantsKeepAlive: Self.wantsKeepAlive(remaining, version: line.version))
    }

    private static func host(_ values: [String], version: HTTPVersion) throws(RequestError) -> String? {
        guard values.count < 2 else { throw .repeatedHost }
        guard let host = values.first else {
            if version == .http1_1 { throw .missingHost }
            return nil
        }
        guard HostGrammar.isHost(Array(host.utf8)[...]) else { throw .malformedHost }
        return host
    }

    private static func expectsContinue(_ fields: HTTPFields, version: HTTPVersion) throws(RequestError) -> Bool {
        guard let expectation = fields[.expect] else { return false }
        guard expectation.lowercased() == "100-continue" else { throw .unsupportedExpectation }
        // RFC 9110 §10.1.1: the expectation of an HTTP/1.0 client is ignored.
        return version == .http1_1
    }

    private static func wantsKeepAlive(_ fields: HTTPFields, version: HTTPVersion) -> Bool {
        let options = fields.listElements(.connection)
        if options.contains("close") { return false }
        return version == .http1_1 || options.contains("keep-alive")
    }
}

extension HTTPFields {
    /// The lower-case elements of a comma-separated list field (RFC 9110 §5.6.1); empty elements are left out.
    func listElements(_ name: HTTPField.Name) -> [String] {
        guard let value = self[name] else { return [] }
        return value.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
            let bytes = HTTPGrammar.trimmed(ArraySlice(element))
            return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self).lowercased()
        }
    }
}
