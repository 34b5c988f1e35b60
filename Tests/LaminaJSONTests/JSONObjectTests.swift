import LaminaJSON
import Testing

@Suite struct JSONObjectTests {
    @Test func `Keeps members in the order they were written`() throws {
        let keys = (0..<100).map { "key\(($0 * 37) % 100)" }
        let text = "{" + keys.map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",") + "}"
        let object = try #require(try JSONValue(parsing: text).objectValue)
        #expect(object.keys == keys)
        for key in keys { #expect(object[key] == .string(key)) }
        #expect(object["absent"] == nil)
    }

    @Test func `A repeated name keeps its place and takes the last value`() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#)
        #expect(JSONWriter.text(of: value) == #"{"a":3,"b":2}"#)
    }

    @Test func `Tells names apart that differ only in their normal form`() throws {
        let value = try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(value.objectValue?.count == 2)
        #expect(value["\u{e9}"] == 1)
        #expect(value["e\u{301}"] == 2)
    }

    @Test(arguments: [3, 9, 10, 40]) func `Finds every member after others were removed`(count: Int) {
        var object = JSONObject()
        for key in 0..<count { object["\(key)"] = .integer(Int64(key)) }
        object["1"] = nil
        object["absent"] = nil
        object["2"] = "changed"
        #expect(object.count == count - 1)
        #expect(object["1"] == nil)
        #expect(object["2"] == "changed")
        #expect(object["0"] == 0)
        #expect(object["\(count - 1)"] == (count == 3 ? "changed" : .integer(Int64(count - 1))))
        object["1"] = 7
        #expect(object.keys.last == "1")
    }

    @Test func `Is equal to an object with the same members in another order`() {
        #expect(JSONValue(dictionaryLiteral: ("a", 1), ("b", 2)) == ["b": 2, "a": 1])
        #expect(JSONValue(dictionaryLiteral: ("a", 1)) != ["a": 1, "b": 2])
        #expect(JSONValue(dictionaryLiteral: ("a", 1)) != ["a": 2])
    }
}
