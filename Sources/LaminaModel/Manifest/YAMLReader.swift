/// Reads YAML as configuration files use it (YAML 1.2.2): block mappings and sequences, sequences in brackets, plain and quoted
/// scalars on one line, comments.
///
/// What has two meanings or none here is refused by name rather than guessed: anchors and aliases (which make bombs), tags, block
/// scalars, mappings in braces, several documents, keys that come twice.
struct YAMLReader {
    private let lines: [YAMLLine]
    private var position = 0
    private var depth = 0
    private var nodeCount = 0
    /// The line at `position`, where a sequence has taken its dash off.
    private var replaced: YAMLLine?

    /// Reads a whole document; nil where it says nothing.
    ///
    /// - Throws: `YAMLError`.
    static func read(_ document: String) throws(YAMLError) -> YAMLNode? {
        guard document.utf8.count <= YAMLLimits.bytes else {
            throw YAMLError(line: 1, problem: "the document is larger than \(YAMLLimits.bytes) bytes")
        }
        var reader = YAMLReader(lines: try YAMLLine.lines(of: document))
        guard let first = reader.line else { return nil }
        let node = try reader.block(at: first.indentation)
        if let line = reader.line { throw line.error("it is indented less than what it would belong to") }
        return node
    }

    private init(lines: [YAMLLine]) { self.lines = lines }

    private var line: YAMLLine? { replaced ?? (position < lines.count ? lines[position] : nil) }

    private mutating func advance() {
        replaced = nil
        position += 1
    }

    private mutating func block(at indentation: Int) throws(YAMLError) -> YAMLNode {
        guard let first = line else { throw YAMLError(line: lines.last?.number ?? 1, problem: "a value is missing") }
        depth += 1
        defer { depth -= 1 }
        guard depth <= YAMLLimits.depth else {
            throw first.error("values are nested more than \(YAMLLimits.depth) deep")
        }
        if first.isEntry { return try sequence(at: indentation) }
        if YAMLKey(first.text) != nil { return try mapping(at: indentation) }
        advance()
        return YAMLNode(line: first.number, value: try YAMLScalar.value(first.text, line: first.number))
    }

    private mutating func mapping(at indentation: Int) throws(YAMLError) -> YAMLNode {
        let number = line?.number ?? 1
        var pairs: [YAMLNode.Pair] = []
        var keys: Set<String> = []
        while let line, line.indentation >= indentation {
            guard line.indentation == indentation else { throw line.error("it is indented more than the line before") }
            guard !line.isEntry, let key = YAMLKey(line.text) else { throw line.error("'key: value' is expected") }
            try count(line)
            let name = try key.name(line: line.number)
            guard keys.insert(name).inserted else { throw line.error("the key '\(name)' comes twice") }
            advance()
            pairs.append(.init(key: name, node: try value(key.rest, of: line, orSequenceAt: indentation)))
        }
        return YAMLNode(line: number, value: .mapping(pairs))
    }

    private mutating func sequence(at indentation: Int) throws(YAMLError) -> YAMLNode {
        let number = line?.number ?? 1
        var entries: [YAMLNode] = []
        while let line, line.indentation >= indentation, line.indentation > indentation || line.isEntry {
            guard line.indentation == indentation else { throw line.error("it is indented more than the line before") }
            try count(line)
            let rest = line.text.dropFirst().drop { $0 == " " }
            if rest.isEmpty {
                advance()
                entries.append(try value("", of: line, orSequenceAt: nil))
            } else {
                // What follows the dash is a block of its own, indented as far as it stands.
                let offset = line.text.distance(from: line.text.startIndex, to: rest.startIndex)
                replaced = YAMLLine(number: line.number, indentation: indentation + offset, text: rest)
                entries.append(try block(at: indentation + offset))
            }
        }
        return YAMLNode(line: number, value: .sequence(entries))
    }

    /// The value that follows a key or a dash: on its line, or below.
    /// - Parameter orSequenceAt: where a sequence may stand that is not indented further than its key.
    private mutating func value(
        _ text: Substring, of owner: YAMLLine, orSequenceAt indentation: Int?
    ) throws(YAMLError) -> YAMLNode {
        guard text.isEmpty else {
            return YAMLNode(line: owner.number, value: try YAMLScalar.value(text, line: owner.number))
        }
        if let next = line {
            if next.indentation > owner.indentation { return try block(at: next.indentation) }
            if next.isEntry, next.indentation == indentation { return try block(at: next.indentation) }
        }
        return YAMLNode(line: owner.number, value: .null)
    }

    private mutating func count(_ line: YAMLLine) throws(YAMLError) {
        nodeCount += 1
        guard nodeCount <= YAMLLimits.nodes else {
            throw line.error("there are more than \(YAMLLimits.nodes) values")
        }
    }
}

extension YAMLLine {
    fileprivate func error(_ problem: String) -> YAMLError { YAMLError(line: number, problem: problem) }
}
