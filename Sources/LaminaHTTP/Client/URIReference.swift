/// A URI or relative reference in its five parts, to be resolved against a base (RFC 3986 §4 and §5).
struct URIReference: Sendable, Equatable, CustomStringConvertible {
    var scheme: Substring?
    var authority: Substring?
    var path: Substring
    var query: Substring?
    var fragment: Substring?

    /// Takes a reference apart as the regular expression of RFC 3986 appendix B does; anything has parts.
    init(_ text: String) {
        var rest = text[...]
        if let end = rest.firstIndex(where: { ":/?#".contains($0) }), rest[end] == ":", Self.isScheme(rest[..<end]) {
            scheme = rest[..<end]
            rest = rest[end...].dropFirst()
        }
        if let begin = rest.firstIndex(of: "#") {
            fragment = rest[begin...].dropFirst()
            rest = rest[..<begin]
        }
        if let begin = rest.firstIndex(of: "?") {
            query = rest[begin...].dropFirst()
            rest = rest[..<begin]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = rest[..<end]
            rest = rest[end...]
        }
        path = rest
    }

    /// The URI this reference means where it is found at the base (RFC 3986 §5.2.2, strict).
    func resolved(against base: URIReference) -> URIReference {
        var target = self
        if scheme == nil {
            target.scheme = base.scheme
            if authority == nil {
                target.authority = base.authority
                if path.isEmpty {
                    target.path = base.path
                    target.query = query ?? base.query
                    return target
                }
                if !path.hasPrefix("/") { target.path = base.merged(with: path)[...] }
            }
        }
        target.path = Self.withoutDotSegments(target.path)[...]
        return target
    }

    /// The parts put together again (RFC 3986 §5.3).
    var description: String {
        var text = scheme.map { "\($0):" } ?? ""
        if let authority { text += "//\(authority)" }
        text += path
        if let query { text += "?\(query)" }
        if let fragment { text += "#\(fragment)" }
        return text
    }

    /// RFC 3986 §5.2.3.
    private func merged(with relative: Substring) -> String {
        if authority != nil, path.isEmpty { return "/\(relative)" }
        let directory = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        return "\(directory)\(relative)"
    }

    /// RFC 3986 §5.2.4. A path that has no segment above the dots keeps to the root.
    private static func withoutDotSegments(_ path: Substring) -> String {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        var kept: [Substring] = []
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                // The first segment of an absolute path is the empty one before its slash.
                if kept.count > (path.hasPrefix("/") ? 1 : 0) { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return kept.joined(separator: "/")
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (first | 0x20) >= 0x61, (first | 0x20) <= 0x7A else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
