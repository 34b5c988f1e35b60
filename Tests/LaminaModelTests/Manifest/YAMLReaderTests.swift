import Testing

@testable import LaminaModel

struct YAMLReaderTests {
    /// A document as JSON would write it, keys in order, all scalars as texts.
    private func json(_ document: String) throws -> String {
        try YAMLReader.read(document).map(text) ?? "nothing"
    }

    private func text(_ node: YAMLNode) -> String {
        switch node.value {
        case .null: "null"
        case .text(let text, let isQuoted): isQuoted ? "'\(text)'" : text
        case .sequence(let entries): "[\(entries.map(text).joined(separator: ","))]"
        case .mapping(let pairs): "{\(pairs.map { "\($0.key):\(text($0.node))" }.joined(separator: ","))}"
        }
    }

    @Test(arguments: [
        ("", "nothing"), ("# only a comment\n\n", "nothing"), ("---\na: 1\n", "{a:1}"), ("a: b\n", "{a:b}"),
        ("a:\nb: ~\nc: null", "{a:null,b:null,c:null}"),
        ("a:\n  b:\n    c: d\n  e: f\ng: h", "{a:{b:{c:d},e:f},g:h}"),
        ("a:\n- 1\n- 2\nb: 3", "{a:[1,2],b:3}"), ("a:\n  - 1\n  - 2\n", "{a:[1,2]}"),
        ("- a: 1\n  b: 2\n- c: 3\n", "[{a:1,b:2},{c:3}]"), ("- - 1\n  - 2\n- 3", "[[1,2],3]"),
        ("-\n  a: 1\n-\n- b", "[{a:1},null,b]"), ("-   a: 1\n    b: 2", "[{a:1,b:2}]"),
        ("a: [1, two words, \"3,4\", 'it''s']", "{a:[1,two words,'3,4','it's']}"), ("a: []\nb: [x,]", "{a:[],b:[x]}"),
        ("a: \"q\\\"\\n\\u0041\" # c", "{a:'q\"\nA'}"), ("\"a b\": 'c: d'", "{a b:'c: d'}"), ("'x:y': z", "{x:y:z}"),
        ("a: http://h:1/p#f", "{a:http://h:1/p#f}"), ("a: b # c", "{a:b}"), ("a: 'b # c'", "{a:'b # c'}"),
        ("a: it's # c", "{a:it's}"), ("a:\n  text below\nb: 1", "{a:text below,b:1}"),
        ("a: b\r\nc: d\r\n", "{a:b,c:d}"),
        ("just text", "just text"), ("a: \"\"", "{a:''}"), ("a: \"null\"", "{a:'null'}"),
    ])
    func `Reads what configuration files say`(document: String, expected: String) throws {
        #expect(try json(document) == expected)
    }

    @Test(arguments: [
        ("a: 1\n\tb: 2", 2, "tab"), ("a: 1\na: 2", 2, "comes twice"), ("a: &x 1", 1, "anchors"),
        ("a: *x", 1, "aliases"),
        ("a: !!str 1", 1, "tags"), ("a: |\n  text", 1, "block scalars"), ("a: >\n  text", 1, "block scalars"),
        ("a: {b: 1}", 1, "braces"), ("---\na: 1\n---\nb: 2", 3, "second document"),
        ("%YAML 1.2\na: 1", 1, "directives"),
        ("a: [1, 2", 1, "not closed"), ("a: \"b", 1, "not closed"), ("a: 'b", 1, "not closed"),
        ("a: 'b' c", 1, "after"),
        ("a: b: c", 1, "quotes"), ("a: 1\n  b: 2", 2, "indented more"), ("  a: 1\nb: 2", 2, "indented less"),
        ("a:\n    b: 1\n  c: 2", 3, "indented more"), ("a: 1\nplain", 2, "expected"), ("a: \"\\x41\"", 1, "escape"),
        ("a: [[1]]", 1, "within"), ("- 1\nb: 2", 2, "indented less"), ("a: 1\n- 2", 2, "expected"),
        ("a: @b", 1, "reserved"),
        ("a: 1\n...", 2, "end"), (": 1", 1, "key is missing"), ("a: ]", 1, "closes nothing"),
    ])
    func `Refuses what has two meanings or none, with the line`(document: String, line: Int, problem: String) {
        let error = #expect(throws: YAMLError.self) { try json(document) }
        #expect(error?.line == line && error?.problem.contains(problem) == true, "\(error.map { "\($0)" } ?? "read")")
    }

    @Test func `Keeps to its limits`() {
        let deep = (0..<40).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(throws: YAMLError.self) { try YAMLReader.read(deep) }
        let dashes = String(repeating: "- ", count: 40) + "a"
        #expect(throws: YAMLError.self) { try YAMLReader.read(dashes) }
        #expect(throws: YAMLError.self) { try YAMLReader.read(String(repeating: "#", count: YAMLLimits.bytes + 1)) }
        #expect(throws: YAMLError.self) { try YAMLReader.read(String(repeating: "-\n", count: YAMLLimits.nodes + 1)) }
    }
}
