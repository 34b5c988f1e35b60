import LaminaJSON
import Testing

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", JSONValue.null), ("true", true), (" false\r\n\t", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", 9_223_372_036_854_775_807), ("1.0", 1.0), ("1e2", 100.0), ("1E+2", 100.0),
            ("-1.5e-3", -0.0015), ("9223372036854775808", 9.223372036854775808e18),
            ("5e-324", .number(.leastNonzeroMagnitude)), ("1e-400", 0.0),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9\u20AC""#, "é€"),
            (#""\ud83d\ude00""#, "😀"), ("\"😀\u{7f}\"", "😀\u{7f}"), (#""\u0000""#, "\0"), ("[]", []),
            ("[ 1 ,2]", [1, 2]),
            ("{}", [:]), (#"{"a":{"b":[null]}}"#, ["a": ["b": [nil]]]), (#"{"":1}"#, ["": 1]),
        ] as [(String, JSONValue)])
    func `Reads what RFC 8259 allows`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x1", "1_0",
        "1e400",
        "-1e400", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "]", "{", "{]", #"{"a"}"#, #"{"a":}"#,
        #"{"a":1,}"#,
        #"{"a":1"#, "{1:2}", "{a:1}", "{'a':1}", #"{"a" 1}"#, #"{"a":1 "b":2}"#, #"""#, #""a"#, #""\"#, #""\x""#,
        #""\u12""#,
        #""\u12g4""#, "\"\n\"", "\"\t\"", "\"\0\"", #""\ud800""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\ud800""#,
        #""\udc00""#,
        "// c\n1", "/* c */ 1", "1 1", "\u{feff}1", "\u{a0}1", "[1}", "{\"a\":1]", "'a'", "tru e", "nullx",
    ])
    func `Refuses what RFC 8259 does not allow`(text: String) {
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: text) }
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80], [0x80]]
            as [[UInt8]])
    func `Refuses strings that are not UTF-8`(content: [UInt8]) {
        let plain = [0x22] + content + [0x22]
        let escaped = [0x22, 0x5C, 0x6E] + content + [0x22]
        for bytes in [plain, escaped] {
            #expect {
                try JSONValue(parsing: bytes)
            } throws: {
                ($0 as? JSONParseError)?.reason == .invalidUTF8
            }
        }
    }

    @Test func `Tells the place and what was expected there`() throws {
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: "{\n  \"a\": [1,\n   x]}") }
        #expect(error.line == 3)
        #expect(error.column == 4)
        #expect(error.byteOffset == 16)
        #expect(error.description == "invalid JSON at line 3, column 4 (byte 16): expected a value")
        let end = try #require(throws: JSONParseError.self) { try JSONValue(parsing: "[1, 2") }
        #expect(end.reason == .endOfText(expected: "',' or ']'"))
    }

    @Test func `Every prefix of a text is refused`() {
        let bytes = Array(#"{"a":[1,-2.5e3,"\u00e9\ud83d\ude00"],"b":{"c":null,"d":true}}"#.utf8)
        for count in 0..<bytes.count {
            #expect(throws: JSONParseError.self) { try JSONValue(parsing: Array(bytes.prefix(count))) }
        }
    }

    @Test func `Refuses nesting beyond the limit and takes nesting up to it`() throws {
        let limits = JSONLimits(maximumDepth: 10)
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONValue(parsing: nested(10), limits: limits)
        _ = try JSONValue(parsing: "[\(nested(9)),\(nested(9)),{\"a\":\(nested(8))}]", limits: limits)
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: nested(11), limits: limits) }
        #expect(error.reason == .tooDeep(limit: 10))
        let bomb = String(repeating: #"{"a":["#, count: 100_000)
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: bomb) }
    }

    @Test func `Reads numbers of any length`() throws {
        let digits = String(repeating: "1", count: 300)
        #expect(try JSONValue(parsing: digits).doubleValue == Double(digits))
        #expect(try JSONValue(parsing: "0." + String(repeating: "3", count: 5000)).doubleValue == 1.0 / 3.0)
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: String(repeating: "9", count: 5000)) }
    }
}
