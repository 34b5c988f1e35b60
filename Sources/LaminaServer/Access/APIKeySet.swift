/// The keys that are valid now.
struct APIKeySet: Sendable {
    /// A key and what it is called.
    struct Entry: Sendable {
        /// Shown in logs and counted as a tenant; several keys may share one, such as an old and a new one.
        let name: String
        /// The key itself is not kept.
        let digest: KeyDigest
    }

    private let entries: [Entry]

    /// How many there are.
    var count: Int { entries.count }

    init(_ entries: [Entry]) { self.entries = entries }

    /// The name of a presented key; nil where it is none of these. Compares with every key, whichever it is.
    func name(ofKey key: some Collection<UInt8>) -> String? {
        guard !key.isEmpty, key.count <= APIKeyLimits.keyBytes, let digest = KeyDigest(of: key) else { return nil }
        var found: Int?
        for (index, entry) in entries.enumerated() where entry.digest == digest { found = index }
        return found.map { entries[$0].name }
    }
}

/// Bounds of what is read about keys.
enum APIKeyLimits {
    /// Bytes of a file of keys.
    static let fileBytes = 1 << 20
    /// Keys in all: each request's is compared with every one.
    static let keys = 4096
    /// Bytes of one key.
    static let keyBytes = 512
    /// Bytes of a name: it goes into every log line.
    static let nameBytes = 64
}
