import HTTPTypes

/// A coding of a message's content (RFC 9110 §8.4.1): what this server reads and writes.
package enum ContentCoding: String, Sendable, Equatable {
    /// RFC 1952; `x-gzip` means the same (RFC 9110 §8.4.1.3).
    case gzip
    /// No coding at all.
    case identity

    /// The coding a client calls by that name, in any case; nil for others.
    package init?(name: some StringProtocol) {
        switch name.lowercased() {
        case "gzip", "x-gzip": self = .gzip
        case "identity": self = .identity
        default: return nil
        }
    }
}

extension HTTPFields {
    /// The codings that Content-Encoding names, in lower case and in the order in which they were applied; `identity` is none.
    var contentCodings: [String] { listElements(.contentEncoding).filter { $0 != ContentCoding.identity.rawValue } }
}
