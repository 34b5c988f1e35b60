/// Scalars and sequences in brackets, which stand on one line.
enum YAMLScalar {
    /// What characters at the beginning would mean that is not read here.
    private static let unsupported: [Character: String] = [
        "&": "anchors are not supported", "*": "aliases are not supported; put it in quotes if it is text",
        "!": "tags are not supported", "|": "block scalars are not supported; write the text in quotes on one line",
        ">": "block scalars are not supported; write the text in quotes on one line",
        "{": "mappings in braces are not supported; write one key a line", "}": "a brace that closes nothing",
        "]": "a bracket that closes nothing", "@": "'@' is reserved; put the text in quotes",
        "`": "'`' is reserved; put the text in quotes", "%": "'%' is reserved; put the text in quotes",
        ",": "a comma where a value is expected",
    ]

    /// Reads what follows a key or a dash on its line.
    static func value(_ text: Substring, line: Int) throws(YAMLError) -> YAMLNode.Value {
        if text.first == "[" {
            var rest = text.dropFirst()
            let entries = try list(&rest, line: line)
            try finish(rest, line: line)
            return .sequence(entries)
        }
        var rest = text
        let value = try scalar(&rest, line: line, ends: "")
        try finish(rest, line: line)
        return value
    }

    private static func list(_ rest: inout Substring, line: Int) throws(YAMLError) -> [YAMLNode] {
        var entries: [YAMLNode] = []
        skipSpaces(&rest)
        while rest.first != "]" {
            guard rest.first != "[" else {
                throw YAMLError(line: line, problem: "sequences within sequences are not supported")
            }
            entries.append(YAMLNode(line: line, value: try scalar(&rest, line: line, ends: ",]")))
            skipSpaces(&rest)
            guard rest.first == "," else { break }
            rest.removeFirst()
            skipSpaces(&rest)
        }
        guard rest.first == "]" else { throw YAMLError(line: line, problem: "'[' is not closed on its line") }
        rest.removeFirst()
        return entries
    }

    /// - Parameter ends: what ends a plain scalar, beside the line's end.
    private static func scalar(
        _ rest: inout Substring, line: Int, ends: String
    ) throws(YAMLError) -> YAMLNode.Value {
        switch rest.first {
        case "\""?: return .text(try doubleQuoted(&rest, line: line), isQuoted: true)
        case "'"?: return .text(try singleQuoted(&rest, line: line), isQuoted: true)
        default: break
        }
        if let first = rest.first, let problem = unsupported[first] { throw YAMLError(line: line, problem: problem) }
        var text = rest.prefix { !ends.contains($0) }
        rest = rest[text.endIndex...]
        while text.last == " " { text.removeLast() }
        if text.contains(": ") || text.hasSuffix(":") {
            throw YAMLError(line: line, problem: "'key: value' within a value; put it in quotes if it is text")
        }
        return ["", "~", "null", "Null", "NULL"].contains(text) ? .null : .text(String(text), isQuoted: false)
    }

    /// Takes `'...'` off; two quotes stand for one.
    static func singleQuoted(_ rest: inout Substring, line: Int) throws(YAMLError) -> String {
        rest.removeFirst()
        var text = ""
        while let character = rest.popFirst() {
            guard character == "'" else {
                text.append(character)
                continue
            }
            guard rest.first == "'" else { return text }
            text.append("'")
            rest.removeFirst()
        }
        throw YAMLError(line: line, problem: "a quote is not closed on its line")
    }

    /// Takes `"..."` off, with the escapes of JSON (YAML 1.2.2, 5.7).
    static func doubleQuoted(_ rest: inout Substring, line: Int) throws(YAMLError) -> String {
        rest.removeFirst()
        var text = ""
        while let character = rest.popFirst() {
            if character == "\"" { return text }
            text.append(character == "\\" ? try escape(&rest, line: line) : character)
        }
        throw YAMLError(line: line, problem: "a quote is not closed on its line")
    }

    private static func escape(_ rest: inout Substring, line: Int) throws(YAMLError) -> Character {
        switch rest.popFirst() {
        case "\""?: return "\""
        case "\\"?: return "\\"
        case "/"?: return "/"
        case "n"?: return "\n"
        case "t"?: return "\t"
        case "r"?: return "\r"
        case "u"?:
            let digits = rest.prefix(4)
            if digits.count == 4, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
            {
                rest = rest.dropFirst(4)
                return Character(scalar)
            }
        default: break
        }
        throw YAMLError(line: line, problem: "an escape that is none of \\\" \\\\ \\/ \\n \\r \\t \\uXXXX")
    }

    private static func finish(_ rest: Substring, line: Int) throws(YAMLError) {
        guard rest.allSatisfy({ $0 == " " }) else {
            throw YAMLError(line: line, problem: "'\(rest.prefix(20))' after the value")
        }
    }

    private static func skipSpaces(_ rest: inout Substring) { rest = rest.drop { $0 == " " } }
}

/// The key at the beginning of a line, as it is written.
struct YAMLKey {
    /// What follows the colon.
    let rest: Substring
    private let text: Substring

    /// Nil where the line does not begin with a key.
    init?(_ line: Substring) {
        var end = line.startIndex
        if let quote = line.first, quote == "\"" || quote == "'" {
            var rest = line
            let taken =
                quote == "'"
                ? try? YAMLScalar.singleQuoted(&rest, line: 0) : try? YAMLScalar.doubleQuoted(&rest, line: 0)
            guard taken != nil, rest.first == ":" else { return nil }
            end = rest.startIndex
        } else {
            guard let colon = Self.colon(in: line) else { return nil }
            end = colon
        }
        text = line[..<end]
        let after = line[line.index(after: end)...]
        guard after.isEmpty || after.first == " " else { return nil }
        rest = after.drop { $0 == " " }
    }

    /// The key itself.
    func name(line: Int) throws(YAMLError) -> String {
        guard case .text(let name, _) = try YAMLScalar.value(text, line: line), !name.isEmpty else {
            throw YAMLError(line: line, problem: "a key is missing before ':'")
        }
        return name
    }

    /// A colon ends a key where a space or the line's end follows.
    private static func colon(in line: Substring) -> Substring.Index? {
        if let first = line.first, "[{".contains(first) { return nil }
        return line.indices.first { index in
            guard line[index] == ":" else { return false }
            let next = line.index(after: index)
            return next == line.endIndex || line[next] == " "
        }
    }
}
