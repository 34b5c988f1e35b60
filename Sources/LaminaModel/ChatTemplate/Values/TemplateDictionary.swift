/// A dictionary in the order of insertion, as in Python.
struct TemplateDictionary {
    /// One key and its value.
    struct Entry {
        let key: TemplateValue
        var value: TemplateValue
    }

    /// Up to here a linear search beats a hash table.
    private static let linearSearchLimit = 8

    private(set) var entries: [Entry] = []
    private var hashes: [TemplateKey] = []
    private var positions: [TemplateKey: Int] = [:]
    /// 1 for a dictionary without containers in it.
    private(set) var nesting = 1
    /// The size of all keys and values; see `TemplateValue.size`.
    private(set) var size = 2

    var count: Int { entries.count }

    /// The value under a key; nil also for keys that no dictionary can hold.
    func value(for key: TemplateValue) -> TemplateValue? {
        guard let hash = TemplateKey(key), let position = position(of: hash) else { return nil }
        return entries[position].value
    }

    func value(named name: String) -> TemplateValue? {
        position(of: .string(TemplateString(name, isTrusted: true))).map { entries[$0].value }
    }

    /// Replaces the value under an equal key, which stays where and as it is, or appends.
    ///
    /// - Throws: `TemplateFailure.evaluation` for a key that cannot be hashed.
    mutating func set(_ value: TemplateValue, for key: TemplateValue) throws {
        guard let hash = TemplateKey(key) else {
            throw TemplateFailure.evaluation("\(key.typeName) cannot be the key of a dictionary")
        }
        nesting = max(nesting, value.nesting + 1)
        size = size.addingClamped(key.size).addingClamped(value.size)
        if let position = position(of: hash) {
            entries[position].value = value
            return
        }
        entries.append(Entry(key: key, value: value))
        hashes.append(hash)
        if entries.count == Self.linearSearchLimit + 1 {
            for (position, hash) in hashes.enumerated() { positions[hash] = position }
        } else if entries.count > Self.linearSearchLimit {
            positions[hash] = entries.count - 1
        }
    }

    private func position(of hash: TemplateKey) -> Int? {
        entries.count > Self.linearSearchLimit ? positions[hash] : hashes.firstIndex(of: hash)
    }
}

/// What Python would hash: `1`, `1.0` and `True` are one key.
enum TemplateKey: Hashable {
    case none
    case integer(Int)
    case double(Double)
    case string(TemplateString)

    init?(_ value: TemplateValue) {
        switch value {
        case .none: self = .none
        case .bool(let bool): self = .integer(bool ? 1 : 0)
        case .integer(let integer): self = .integer(integer)
        case .double(let double): self = Int(exactly: double).map(TemplateKey.integer) ?? .double(double)
        case .string(let string): self = .string(string)
        default: return nil
        }
    }
}
