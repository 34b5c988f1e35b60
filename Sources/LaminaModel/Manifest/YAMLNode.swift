/// A value of a YAML document, with the line it begins on.
struct YAMLNode: Equatable {
    /// What it is.
    indirect enum Value: Equatable {
        /// Nothing, `~` or `null`.
        case null
        /// A scalar as it is written, without quotes.
        case text(String, isQuoted: Bool)
        case sequence([YAMLNode])
        /// Pairs in the order of the document; no key comes twice.
        case mapping([Pair])
    }

    /// A key of a mapping and its value.
    struct Pair: Equatable {
        let key: String
        let node: YAMLNode
    }

    /// Counted from 1.
    let line: Int
    let value: Value
}

/// Why a text is not a document that can be read.
struct YAMLError: Error, Equatable, CustomStringConvertible {
    /// Counted from 1.
    let line: Int
    let problem: String

    var description: String { "line \(line): \(problem)" }
}

/// Bounds of a document.
enum YAMLLimits {
    static let bytes = 1 << 20
    static let depth = 16
    /// Entries of all mappings and sequences together.
    static let nodes = 100_000
}
