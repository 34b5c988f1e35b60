/// A list of keys as it is written down: one per line (in the environment also per comma), `key` or `name:key`, the key itself or
/// `sha256:` and the hexadecimal digest of it; empty lines and lines that begin with `#` say nothing.
struct APIKeyList {
    /// Where a list comes from; errors name it.
    enum Source: Equatable, Sendable {
        case file(path: String)
        case environment(variable: String)
    }

    private let source: Source
    private(set) var entries: [APIKeySet.Entry] = []
    private var lines: [KeyDigest: Int] = [:]
    private var unnamed = 0

    /// - Throws: `APIKeyError.malformed` at the first line that is wrong; `.noKeys` for a list of none, which is more likely a
    ///   mistake than the wish to lock everybody out.
    init(parsing text: String, from source: Source) throws(APIKeyError) {
        self.source = source
        for (index, line) in Self.lines(of: text, source).enumerated() {
            let content = line.trimmed
            if content.isEmpty || content.hasPrefix("#") { continue }
            do throws(APIKeyError.Fault) {
                try append(content, line: index + 1)
            } catch {
                throw .malformed(source, line: index + 1, error)
            }
        }
        if entries.isEmpty { throw .noKeys(source) }
    }

    private static func lines(of text: String, _ source: Source) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { character in
            if case .environment = source, character == "," { return true }
            return character.isNewline
        }
    }

    private mutating func append(_ content: Substring, line: Int) throws(APIKeyError.Fault) {
        guard entries.count < APIKeyLimits.keys else { throw .tooMany }
        let (name, digest) = try Self.entry(content)
        if let first = lines[digest] { throw .repeated(firstLine: first) }
        lines[digest] = line
        if name == nil { unnamed += 1 }
        entries.append(.init(name: name ?? "\(source.keyName)-\(unnamed)", digest: digest))
    }

    private static func entry(_ content: Substring) throws(APIKeyError.Fault) -> (String?, KeyDigest) {
        guard let colon = content.firstIndex(of: ":") else { return (nil, try digest(ofKey: content)) }
        let first = content[..<colon]
        let rest = content[content.index(after: colon)...].trimmed
        if first == "sha256" { return (nil, try digest(hexadecimal: rest)) }
        let name = first.trimmed
        guard (1...APIKeyLimits.nameBytes).contains(name.utf8.count), name.utf8.allSatisfy(isNameCharacter) else {
            throw .name
        }
        if rest.hasPrefix("sha256:") { return (String(name), try digest(hexadecimal: rest.dropFirst("sha256:".count))) }
        return (String(name), try digest(ofKey: rest))
    }

    private static func digest(hexadecimal text: Substring) throws(APIKeyError.Fault) -> KeyDigest {
        guard let digest = KeyDigest(hexadecimal: text) else { throw .digest }
        return digest
    }

    private static func digest(ofKey key: Substring) throws(APIKeyError.Fault) -> KeyDigest {
        // What a header can carry without being trimmed or quoted; a colon would make a name of the part before it.
        guard (1...APIKeyLimits.keyBytes).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
        else { throw .key }
        guard let digest = KeyDigest(of: Array(key.utf8)) else { throw .noHash }
        return digest
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "@"):
            true
        default: false
        }
    }
}

extension APIKeyList.Source {
    /// What keys without names are called, before their number.
    fileprivate var keyName: String {
        switch self {
        case .file: "key"
        case .environment: "environment-key"
        }
    }
}
