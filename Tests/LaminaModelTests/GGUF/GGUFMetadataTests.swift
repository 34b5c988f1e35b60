import Testing

@testable import LaminaModel

struct GGUFMetadataTests {
    static let values: [GGUFValue] = [
        .uint8(255), .int8(-128), .uint16(65535), .int16(-32768), .uint32(.max), .int32(.min), .uint64(.max),
        .int64(.min), .float32(-0.5), .float64(1e300), .bool(true), .bool(false), .string(""), .string("naïve 🦙\n"),
        .array(.uint8([0, 255])), .array(.int8([-1, 1])), .array(.uint16([1, 65535])), .array(.int16([-2])),
        .array(.uint32([1, .max])), .array(.int32([.min, 0, .max])), .array(.uint64([.max])), .array(.int64([.min])),
        .array(.float32([1, .infinity, -0.0])), .array(.float64([0.1])), .array(.bool([true, false])),
        .array(.string(["", "a", "Ġtoken longer than fifteen bytes"])), .array(.string([])),
        .array(.array([.int32([1]), .string(["x"]), .array([])])),
    ]

    @Test(arguments: values)
    func `Reads every type as it was written`(value: GGUFValue) throws {
        var builder = GGUFBuilder()
        builder.add("before", .uint8(1))
        builder.add("key", value)
        builder.add("after", .uint8(2))
        let metadata = try GGUFHeader(builder.bytes).metadata
        #expect(metadata["key"] == value)
        #expect(metadata.entries.map(\.key) == ["before", "key", "after"])
        #expect(metadata.count == 3)
    }

    @Test(arguments: values)
    func `Refuses every type cut short anywhere`(value: GGUFValue) throws {
        var builder = GGUFBuilder()
        builder.add("key", value)
        let bytes = builder.bytes
        for length in 0..<bytes.count {
            #expect(throws: GGUFError.self) { try GGUFHeader(Array(bytes[..<length])) }
        }
    }

    @Test func `Absent keys give nil`() throws {
        let metadata = try Self.metadata([:])
        #expect(metadata["k"] == nil)
        #expect(try metadata.string("k") == nil)
        #expect(try metadata.bool("k") == nil)
        #expect(try metadata.int("k") == nil)
        #expect(try metadata.float("k") == nil)
        #expect(try metadata.strings("k") == nil)
        #expect(try metadata.bools("k") == nil)
        #expect(try metadata.ints("k") == nil)
        #expect(try metadata.floats("k") == nil)
    }

    @Test func `Integers of every width are read as Int`() throws {
        let integers: [GGUFValue] = [
            .uint8(7), .int8(7), .uint16(7), .int16(7), .uint32(7), .int32(7), .uint64(7), .int64(7),
        ]
        for value in integers {
            #expect(try Self.metadata(["k": value]).int("k") == 7)
        }
        let arrays: [GGUFArray] = [
            .uint8([7]), .int8([7]), .uint16([7]), .int16([7]), .uint32([7]), .int32([7]), .uint64([7]), .int64([7]),
        ]
        for array in arrays {
            #expect(try Self.metadata(["k": .array(array)]).ints("k") == [7])
        }
    }

    @Test func `Integers too large for Int are refused`() throws {
        let metadata = try Self.metadata(["k": .uint64(.max), "a": .array(.uint64([1, .max]))])
        #expect(throws: Self.wrongType("k", "an integer up to \(Int.max)", "\(UInt64.max)")) { try metadata.int("k") }
        #expect(throws: Self.wrongType("a", "integers up to \(Int.max)", "\(UInt64.max)")) { try metadata.ints("a") }
    }

    @Test func `Floats of both widths are read as Float`() throws {
        let metadata = try Self.metadata([
            "f": .float32(1.5), "d": .float64(2.5), "fs": .array(.float32([1.5])), "ds": .array(.float64([2.5])),
        ])
        #expect(try metadata.float("f") == 1.5)
        #expect(try metadata.float("d") == 2.5)
        #expect(try metadata.floats("fs") == [1.5])
        #expect(try metadata.floats("ds") == [2.5])
    }

    @Test func `Other types are refused by key, with what was expected and found`() throws {
        let metadata = try Self.metadata(["s": .string("1"), "i": .int32(1), "a": .array(.int32([1]))])
        #expect(throws: Self.wrongType("i", "a string", "int32")) { try metadata.string("i") }
        #expect(throws: Self.wrongType("i", "a bool", "int32")) { try metadata.bool("i") }
        #expect(throws: Self.wrongType("s", "an integer", "string")) { try metadata.int("s") }
        #expect(throws: Self.wrongType("i", "a float", "int32")) { try metadata.float("i") }
        #expect(throws: Self.wrongType("a", "an array of strings", "[int32]")) { try metadata.strings("a") }
        #expect(throws: Self.wrongType("a", "an array of bools", "[int32]")) { try metadata.bools("a") }
        #expect(throws: Self.wrongType("s", "an array of integers", "string")) { try metadata.ints("s") }
        #expect(throws: Self.wrongType("a", "an array of floats", "[int32]")) { try metadata.floats("a") }
        #expect(
            Self.wrongType("a", "a string", "[int32]").description
                == "built.gguf: metadata 'a': expected a string, found [int32]")
    }

    private static func metadata(_ values: KeyValuePairs<String, GGUFValue>) throws -> GGUFMetadata {
        var builder = GGUFBuilder()
        for (key, value) in values { builder.add(key, value) }
        return try GGUFHeader(builder.bytes).metadata
    }

    private static func wrongType(_ key: String, _ expected: String, _ found: String) -> GGUFError {
        .wrongType(path: "built.gguf", key: key, expected: expected, found: found)
    }
}
