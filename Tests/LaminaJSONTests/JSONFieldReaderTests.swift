import LaminaJSON
import Testing

@Suite struct JSONFieldReaderTests {
    private func reader(_ text: String) throws -> JSONFieldReader {
        try JSONFieldReader(try JSONValue(parsing: text))
    }

    @Test func `Reads members of every kind`() throws {
        let fields = try reader(#"{"s":"x","i":3,"w":4.0,"n":1.5,"b":true,"o":{"k":"v"},"a":["p",{"q":1}],"z":null}"#)
        #expect(try fields.string("s") == "x")
        #expect(try fields.optionalInteger("i") == 3)
        #expect(try fields.optionalInteger("w") == 4)
        #expect(try fields.optionalNumber("i") == 3.0)
        #expect(try fields.optionalNumber("n") == 1.5)
        #expect(try fields.optionalBool("b") == true)
        #expect(try fields.optionalObject("o")?.string("k") == "v")
        #expect(try fields.array("a")[0].string() == "p")
        #expect(try fields.array("a")[1].fields().optionalInteger("q") == 1)
        #expect(try fields.optionalString("z") == nil)
        #expect(try fields.optionalString("missing") == nil)
        #expect(try fields.optionalArray("missing") == nil)
    }

    @Test func `Names the way to a wrong member`() throws {
        let fields = try reader(#"{"messages":[{},{},{"content":7}]}"#)
        let message = try fields.array("messages")[2].fields()
        #expect(throws: JSONFieldError(path: "messages[2].content", expected: "a string", found: "an integer")) {
            try message.string("content")
        }
        #expect(throws: JSONFieldError(path: "messages[0].role", expected: "a string", found: "missing")) {
            try fields.array("messages")[0].fields().string("role")
        }
        #expect(throws: JSONFieldError(path: "messages[0]", expected: "a string", found: "an object")) {
            try fields.array("messages")[0].string()
        }
        #expect(throws: JSONFieldError(path: "", expected: "an object", found: "an array")) {
            try reader("[]")
        }
    }

    @Test func `Refuses numbers out of range and of the wrong kind`() throws {
        let fields = try reader(#"{"i":11,"f":1.5,"s":"1","big":1e300}"#)
        #expect(throws: JSONFieldError(path: "i", expected: "an integer from 1 to 10", found: "11")) {
            try fields.optionalInteger("i", in: 1...10)
        }
        #expect(throws: JSONFieldError(path: "f", expected: "an integer of at least 0", found: "a number")) {
            try fields.optionalInteger("f", in: 0...Int64.max)
        }
        #expect(throws: JSONFieldError.self) { try fields.optionalInteger("big") }
        #expect(throws: JSONFieldError(path: "f", expected: "a number from 0.0 to 1.0", found: "1.5")) {
            try fields.optionalNumber("f", in: 0...1)
        }
        #expect(throws: JSONFieldError.self) { try fields.optionalNumber("s") }
        #expect(throws: JSONFieldError.self) { try fields.optionalBool("s") }
        #expect(throws: JSONFieldError.self) { try fields.optionalObject("s") }
        #expect(throws: JSONFieldError.self) { try fields.optionalArray("s") }
    }

    @Test func `Says in words what is wrong`() {
        let error = JSONFieldError(path: "top_p", expected: "a number", found: "a string")
        #expect(error.description == "'top_p' must be a number, but is a string")
    }
}
