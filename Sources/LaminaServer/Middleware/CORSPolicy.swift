/// Whose web pages may use the server from a browser (WHATWG Fetch, "CORS protocol").
package struct CORSPolicy: Sendable, Equatable {
    private enum Origins: Equatable {
        case all
        case some(Set<String>)
    }

    private let origins: Origins

    /// Whether answers differ by origin, so that caches must keep them apart.
    var isSelective: Bool { origins != .all }

    /// - Parameter origins: such as `https://chat.example.com`, or `*` for all.
    /// - Throws: `CORSOriginError` for the first that no browser would send.
    package init(origins: [String]) throws(CORSOriginError) {
        if origins.contains("*") {
            self.origins = .all
            return
        }
        var known: Set<String> = []
        for origin in origins { known.insert(try Self.serialized(origin)) }
        self.origins = .some(known)
    }

    /// The value of Access-Control-Allow-Origin for a request of that origin; nil where it is not allowed.
    func allowed(_ origin: String) -> String? {
        switch origins {
        case .all: "*"
        case .some(let known): known.contains(origin) ? origin : nil
        }
    }

    /// An origin as browsers write it (RFC 6454 §6.1): in lower case and without the scheme's own port.
    private static func serialized(_ text: String) throws(CORSOriginError) -> String {
        let origin = text.lowercased()
        let parts = origin.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let first = parts[0].utf8.first, isLetter(first),
            parts[0].utf8.allSatisfy({ isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) })
        else { throw .malformed(text) }
        let authority = parts[1]
        guard !authority.isEmpty, authority.utf8.allSatisfy(isAuthorityCharacter) else { throw .malformed(text) }
        let ownPorts = ["http": ":80", "https": ":443"]
        guard let port = ownPorts[String(parts[0])], authority.hasSuffix(port) else { return origin }
        return String(origin.dropLast(port.count))
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Of a host name or address with an optional port: no path, no user, no wildcard.
    private static func isAuthorityCharacter(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "-._:[]".utf8.contains(byte)
    }
}

/// An origin that is none.
package enum CORSOriginError: Error, Equatable, CustomStringConvertible {
    /// Not `scheme://host[:port]`.
    case malformed(String)

    package var description: String {
        switch self {
        case .malformed(let text):
            "'\(text)' is no origin; write scheme://host or scheme://host:port, with nothing after it, or * for all"
        }
    }
}
