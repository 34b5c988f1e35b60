import LaminaJSON
import Testing

@Suite struct JSONWriterTests {
    private let sample: JSONValue = ["b": [1, 2.0, "é\n"], "a": [:], "c": [], "d": nil]

    @Test func `Writes without spaces`() {
        #expect(JSONWriter.text(of: sample) == #"{"b":[1,2.0,"é\n"],"a":{},"c":[],"d":null}"#)
    }

    @Test func `Writes as Python's json.dumps does`() {
        #expect(
            JSONWriter.text(of: sample, style: .python) == #"{"b": [1, 2.0, "é\n"], "a": {}, "c": [], "d": null}"#)
        var style = JSONStyle.python
        style.escapesNonASCII = true
        style.sortsKeys = true
        #expect(
            JSONWriter.text(of: ["z": "😀", "y": "\u{7f}"], style: style)
                == #"{"y": "\u007f", "z": "\ud83d\ude00"}"#)
    }

    @Test func `Writes indented as Python's json.dumps does`() {
        let expected = """
            {
              "b": [
                1,
                2.0,
                "é\\n"
              ],
              "a": {},
              "c": [],
              "d": null
            }
            """
        #expect(JSONWriter.text(of: sample, style: .indented(by: 2)) == expected)
    }

    @Test func `Escapes what must be escaped and nothing else`() {
        #expect(
            JSONWriter.text(of: "\"\\/\u{8}\u{c}\n\r\t\0\u{1f}\u{7f}\u{2028}")
                == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u{7f}\u{2028}\"")
    }

    @Test func `Never writes numbers that are not JSON`() {
        #expect(JSONWriter.text(of: [.number(.nan), .number(.infinity), .number(-.infinity)]) == "[null,null,null]")
    }

    @Test(arguments: [
        (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (100.0, "100.0"), (0.1, "0.1"), (-2.5, "-2.5"), (0.0001, "0.0001"),
        (0.00001, "1e-05"), (1.5e-7, "1.5e-07"), (123_456_789.125, "123456789.125"), (1e15, "1000000000000000.0"),
        (1e16, "1e+16"), (1.2e16, "1.2e+16"), (9_007_199_254_740_993, "9007199254740992.0"), (1e22, "1e+22"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"), (1e100, "1e+100"),
    ])
    func `Writes doubles as Python does`(number: Double, text: String) {
        #expect(JSONWriter.text(of: .number(number)) == text)
    }
}
