/// The request target taken apart and decoded (RFC 9112 §3.2, RFC 3986 §3).
package struct RequestTarget: Sendable, Equatable {
    /// The path as sent, still encoded, with the query: `/v1/models?x=1`. What goes into `HTTPRequest.path`.
    package let originForm: String
    /// The host and port of an absolute target; nil for the other forms.
    package let authority: String?
    /// The path, percent-decoded as a whole: for logs and exact comparison.
    package let path: String
    /// The decoded segments between the slashes. A slash that was sent as `%2F` stays inside its segment, so the model
    /// `a/b` asked for as `/v1/models/a%2Fb` is one segment.
    package let segments: [String]
    /// What follows the first '?', still encoded; nil without one.
    package let query: String?

    /// Parses the bytes between the two spaces of a request line.
    package init(_ bytes: ArraySlice<UInt8>, method: String) throws(RequestError) {
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .malformedTarget(.character) }
        if bytes.elementsEqual([UInt8(ascii: "*")]) {
            guard method == "OPTIONS" else { throw .malformedTarget(.form) }
            self.init(originForm: "*", authority: nil, path: "*", segments: [], query: nil)
            return
        }
        if bytes.first == UInt8(ascii: "/") {
            try self.init(pathAndQuery: bytes, authority: nil)
            return
        }
        let scheme = try Self.schemeLength(of: bytes)
        let rest = bytes.dropFirst(scheme)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = rest[..<end]
        // RFC 9110 §4.2.1: an http URI has a host that is not empty.
        guard let first = authority.first, first != UInt8(ascii: ":"), HostGrammar.isHost(authority) else {
            throw .malformedTarget(.authority)
        }
        let remainder = rest[end...]
        if remainder.isEmpty, method == "OPTIONS" {
            // RFC 9112 §3.2.4: an absolute target without a path asks what `*` does.
            self.init(
                originForm: "*", authority: String(decoding: authority, as: UTF8.self), path: "*", segments: [],
                query: nil)
            return
        }
        let pathAndQuery = remainder.first == UInt8(ascii: "/") ? remainder : [UInt8(ascii: "/")] + remainder
        try self.init(pathAndQuery: pathAndQuery, authority: String(decoding: authority, as: UTF8.self))
    }

    private init(originForm: String, authority: String?, path: String, segments: [String], query: String?) {
        self.originForm = originForm
        self.authority = authority
        self.path = path
        self.segments = segments
        self.query = query
    }

    private init(pathAndQuery bytes: ArraySlice<UInt8>, authority: String?) throws(RequestError) {
        let mark = bytes.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.endIndex
        // A fragment never travels (RFC 9112 §3.2).
        guard !bytes[mark...].contains(UInt8(ascii: "#")) else { throw .malformedTarget(.character) }
        let pathBytes = bytes[..<mark]
        let isPlain = !pathBytes.contains(UInt8(ascii: "%"))
        var segments: [String] = []
        for encoded in pathBytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            segments.append(isPlain ? try Self.plainSegment(encoded) : try Self.decodedSegment(encoded))
        }
        self.init(
            originForm: String(decoding: bytes, as: UTF8.self),
            authority: authority,
            path: isPlain ? String(decoding: pathBytes, as: UTF8.self) : "/" + segments.joined(separator: "/"),
            segments: segments,
            query: mark == bytes.endIndex ? nil : String(decoding: bytes[(mark + 1)...], as: UTF8.self))
    }

    private static func schemeLength(of bytes: ArraySlice<UInt8>) throws(RequestError) -> Int {
        let start = String(decoding: bytes.prefix(8), as: UTF8.self).lowercased()
        if start.hasPrefix("http://") { return 7 }
        if start == "https://" { return 8 }
        throw .malformedTarget(.form)
    }

    /// A segment that stands for itself: visible ASCII without a percent sign.
    private static func plainSegment(_ bytes: ArraySlice<UInt8>) throws(RequestError) -> String {
        guard bytes.first != UInt8(ascii: ".") || bytes.count > 2 || bytes.last != UInt8(ascii: ".") else {
            throw .malformedTarget(.traversal)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func decodedSegment(_ encoded: ArraySlice<UInt8>) throws(RequestError) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index < encoded.endIndex {
            guard encoded[index] == UInt8(ascii: "%") else {
                decoded.append(encoded[index])
                index += 1
                continue
            }
            guard index + 2 < encoded.endIndex, let high = HTTPGrammar.hexadecimalValue(encoded[index + 1]),
                let low = HTTPGrammar.hexadecimalValue(encoded[index + 2])
            else { throw .malformedTarget(.percentEncoding) }
            decoded.append(UInt8(high * 16 + low))
            index += 3
        }
        guard !decoded.contains(0), let text = String(validating: decoded, as: UTF8.self) else {
            throw .malformedTarget(.encoding)
        }
        for part in text.split(separator: "/") where part == "." || part == ".." {
            throw .malformedTarget(.traversal)
        }
        return text
    }
}
