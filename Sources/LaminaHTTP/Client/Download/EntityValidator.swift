import HTTPTypes

/// What tells whether a file on a server is still the same, byte by byte: a strong validator (RFC 9110 §8.8.1).
enum EntityValidator: Sendable, Equatable {
    /// An entity tag that is not weak, quotes included.
    case tag(String)
    /// The date of the last change, as the server wrote it.
    case lastModified(String)

    /// The validator of a response; nil where it has none that is strong.
    init?(_ fields: HTTPFields) {
        if let tag = fields[.eTag], !tag.hasPrefix("W/") {
            guard tag.count >= 2, tag.hasPrefix("\""), tag.hasSuffix("\""), tag.utf8.allSatisfy({ $0 != 0x0A }) else {
                return nil
            }
            self = .tag(tag)
        } else if let text = fields[.lastModified], let changed = HTTPDate.parse(text),
            let date = fields[.date].flatMap(HTTPDate.parse), date > changed
        {
            // RFC 9110 §8.8.2.2: within the second in which it was sent, a file may have changed once more.
            self = .lastModified(text)
        } else {
            return nil
        }
    }

    /// The value of an If-Range field (RFC 9110 §13.1.5).
    var ifRange: String {
        switch self {
        case .tag(let text), .lastModified(let text): text
        }
    }
}
