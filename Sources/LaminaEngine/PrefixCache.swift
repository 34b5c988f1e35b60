import LaminaModel

/// Finds blocks of the KV cache by the tokens they hold and all tokens before them (Kwon et al. 2023; Zheng et al. 2024).
///
/// Keys and values of a token depend on the tokens before it and on nothing else, so sequences that begin alike can share the
/// blocks of their common beginning. Each full block is filed under the block before it and its own tokens: a look-up compares the
/// tokens themselves, so two texts can never be taken for each other.
struct PrefixCache {
    /// Names the contents of a block together with all before it.
    struct Prefix: Hashable {
        fileprivate let number: UInt64
        fileprivate let salt: String?

        /// The beginning of every sequence with this salt: no tokens at all. Nothing filed after one salt is found after another.
        static func beginning(salt: String?) -> Prefix { Prefix(number: 0, salt: salt) }
    }

    /// A block that holds what was looked up.
    struct Match: Equatable {
        let block: Int32
        let prefix: Prefix
    }

    private struct Key: Hashable {
        let parent: Prefix
        let tokens: [TokenID]
    }

    private var matches: [Key: Match] = [:]
    private var keys: [Int32: Key] = [:]
    private var lastNumber: UInt64 = 0

    /// Blocks that can be found.
    var count: Int { matches.count }

    /// The block that holds `tokens`, a whole block of them, after `parent`.
    func find(_ tokens: [TokenID], after parent: Prefix) -> Match? { matches[Key(parent: parent, tokens: tokens)] }

    /// Files a full block. Where another block holds the same already, that one stays and this one is not filed.
    /// - Returns: the name of the contents, to file the next block after.
    mutating func file(_ block: Int32, _ tokens: [TokenID], after parent: Prefix) -> Prefix {
        let key = Key(parent: parent, tokens: tokens)
        if let match = matches[key] { return match.prefix }
        lastNumber += 1
        let prefix = Prefix(number: lastNumber, salt: nil)
        matches[key] = Match(block: block, prefix: prefix)
        keys[block] = key
        return prefix
    }

    /// Forgets a block whose memory gets other contents. Blocks filed after it are not found any more.
    mutating func forget(_ block: Int32) {
        if let key = keys.removeValue(forKey: block) { matches[key] = nil }
    }
}
