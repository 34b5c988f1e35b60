import Testing

@testable import LaminaModel

/// Every way a header can be wrong, with the byte and the field the refusal names.
struct GGUFRefusalTests {
    // The fixed header takes 24 bytes. In an entry with the one-byte key "k": key at 24, type at 33, value at 37.
    // In a tensor with the one-byte name "t": name at 24, dimension count at 33, first dimension at 37.

    @Test func `Refuses another magic`() {
        var builder = GGUFBuilder()
        builder.magic = Array("GGML".utf8)
        expectRefusal(builder, offset: 0, field: "magic", found: "\"GGML\"", allowed: "\"GGUF\"")
    }

    @Test func `Recognizes a Git LFS pointer`() {
        let pointer = Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\n".utf8)
        expectRefusal(pointer, offset: 0, field: "magic", found: "Git LFS pointer")
    }

    @Test(arguments: [0, 1, 4, 1000] as [UInt32])
    func `Refuses other versions`(version: UInt32) {
        var builder = GGUFBuilder()
        builder.version = version
        expectRefusal(builder, offset: 4, field: "version", found: "version \(version)", allowed: "version 2 or 3")
    }

    @Test func `Reads version 2`() throws {
        var builder = GGUFBuilder()
        builder.version = 2
        #expect(try GGUFHeader(builder.bytes).version == 2)
    }

    @Test func `Refuses a big-endian file`() {
        var builder = GGUFBuilder()
        builder.version = UInt32(3).byteSwapped
        expectRefusal(
            builder, offset: 4, field: "version", found: "a big-endian file (version 3)", allowed: "little endian")
    }

    @Test func `Refuses counts that the file cannot hold`() {
        var builder = GGUFBuilder()
        builder.declaredTensorCount = 1
        expectRefusal(builder, offset: 8, field: "tensor count", found: "1", allowed: "at most 0 in the 0 bytes")
        builder.declaredTensorCount = .max
        expectRefusal(builder, offset: 8, field: "tensor count", found: "\(UInt64.max)", allowed: "up to 65536")
        builder.declaredTensorCount = nil
        builder.declaredMetadataCount = 3
        expectRefusal(builder, offset: 16, field: "metadata count", found: "3", allowed: "at most 0")
        builder.declaredMetadataCount = 65_537
        expectRefusal(builder, offset: 16, field: "metadata count", found: "65537", allowed: "up to 65536")
    }

    @Test func `Refuses a tensor count that only metadata made plausible`() {
        var builder = GGUFBuilder()
        builder.add("k", .string(String(repeating: "x", count: 1000)))
        builder.declaredTensorCount = 20
        expectRefusal(builder, offset: 8, field: "tensor count", found: "20", allowed: "at most 0 in the 0 bytes")
    }

    @Test func `Refuses bad metadata keys`() {
        expectRefusal(
            entry(key: [], payload: [0, 0]), offset: 24, field: "key of metadata entry 0", found: "an empty key")
        expectRefusal(entry(key: [0xC3, 0x28]), offset: 32, field: "key of metadata entry 0", found: "not UTF-8")
        let long = [UInt8](repeating: 97, count: 65_536)
        expectRefusal(entry(key: long), offset: 24, field: "(length)", found: "65536 bytes", allowed: "up to 65535")
        var builder = GGUFBuilder()
        builder.add("k", .uint8(1))
        builder.add("k", .uint8(2))
        expectRefusal(builder, offset: 38, field: "key of metadata entry 1", found: "'k' a second time")
    }

    @Test func `Refuses unknown value types`() {
        expectRefusal(
            entry(typeID: 13), offset: 33, field: "metadata 'k' (value type)", found: "id 13", allowed: "ids 0 to 12")
    }

    @Test func `Refuses a bool that is neither 0 nor 1`() {
        expectRefusal(entry(typeID: 7, payload: [2]), offset: 37, field: "metadata 'k'", found: "2", allowed: "0 or 1")
        let array = GGUFBuilder.little(UInt32(7)) + GGUFBuilder.little(UInt64(2)) + [1, 9]
        expectRefusal(entry(typeID: 9, payload: array), offset: 50, field: "metadata 'k'[1]", found: "9")
    }

    @Test func `Refuses strings that reach beyond the file or the limit`() {
        let beyond = GGUFBuilder.little(UInt64(6)) + Array("short".utf8)
        expectRefusal(
            entry(typeID: 8, payload: beyond), offset: 45, field: "metadata 'k'", found: "a need for 6 bytes",
            allowed: "5 bytes, what the file of 50 bytes still has")
        let huge = GGUFBuilder.little(UInt64.max)
        expectRefusal(
            entry(typeID: 8, payload: huge), offset: 37, field: "metadata 'k' (length)", found: "\(UInt64.max) bytes",
            allowed: "up to \(GGUFLimits.stringBytes)")
    }

    @Test func `Refuses strings that are not UTF-8`() {
        let token = GGUFBuilder.string([0x61]) + GGUFBuilder.string([0xFF])
        let array = GGUFBuilder.little(UInt32(8)) + GGUFBuilder.little(UInt64(2)) + token
        expectRefusal(
            entry(typeID: 9, payload: array), offset: 66, field: "metadata 'k'[1]", found: "bytes that are not UTF-8")
    }

    @Test func `Refuses arrays that the file cannot hold`() {
        let header = { (type: UInt32, count: UInt64) in GGUFBuilder.little(type) + GGUFBuilder.little(count) }
        expectRefusal(
            entry(typeID: 9, payload: header(4, 3) + [1, 0, 0, 0]), offset: 41, field: "(element count)", found: "3",
            allowed: "at most 1 in the 4 bytes")
        expectRefusal(
            entry(typeID: 9, payload: header(0, UInt64(GGUFLimits.arrayElements) + 1)), offset: 41,
            field: "(element count)", found: "16777217", allowed: "up to 16777216")
        expectRefusal(
            entry(typeID: 9, payload: header(8, .max)), offset: 41, field: "metadata 'k' (element count)",
            found: "\(UInt64.max)")
        expectRefusal(
            entry(typeID: 9, payload: header(99, 0)), offset: 37, field: "metadata 'k' (element type)",
            found: "id 99")
    }

    @Test func `Reads nested arrays up to the limit and refuses deeper ones`() throws {
        var array = GGUFArray.uint8([1])
        for _ in 1..<GGUFLimits.arrayNesting { array = .array([array]) }
        var builder = GGUFBuilder()
        builder.add("k", .array(array))
        #expect(try GGUFHeader(builder.bytes).metadata["k"] == .array(array))
        builder = GGUFBuilder()
        builder.add("k", .array(.array([array])))
        expectRefusal(
            builder, offset: 37 + 4 * 12, field: "metadata 'k'[0][0][0][0]", found: "arrays nested 5 deep",
            allowed: "up to 4")
    }

    @Test(arguments: [0, 4, 24, 100, 131_072, 1 << 31] as [UInt32])
    func `Refuses other alignments`(alignment: UInt32) {
        var builder = GGUFBuilder()
        builder.add("general.alignment", .uint32(alignment))
        expectRefusal(
            builder, offset: 24 + 8 + 17 + 4, field: "metadata 'general.alignment'", found: "\(alignment)",
            allowed: "powers of two from 8 to 65536")
    }

    @Test func `Refuses an alignment that is no integer`() {
        var builder = GGUFBuilder()
        builder.add("general.alignment", .string("32"))
        #expect(
            throws: GGUFError.wrongType(
                path: "built.gguf", key: "general.alignment", expected: "an integer", found: "string")
        ) { try GGUFHeader(builder.bytes) }
    }

    @Test func `Follows the declared alignment`() throws {
        var builder = GGUFBuilder()
        builder.alignment = 64
        builder.add("general.alignment", .uint32(64))
        builder.addTensor("a", shape: [1], type: .f32, byteCount: 4)
        builder.addTensor("b", shape: [1], type: .f32, byteCount: 4)
        let table = try GGUFHeader(builder.bytes).tensorTable
        #expect(table.dataOffset % 64 == 0)
        #expect(table.tensors.map(\.offset) == [table.dataOffset, table.dataOffset + 64])
    }

    private func entry(key: [UInt8] = [107], typeID: UInt32 = 0, payload: [UInt8] = [0]) -> GGUFBuilder {
        var builder = GGUFBuilder()
        builder.add(key: key, typeID: typeID, payload: payload)
        return builder
    }
}

/// Expects the header to be refused at `offset`, in a field whose name contains `field`, with `found` and `allowed`
/// in the message.
func expectRefusal(
    _ builder: GGUFBuilder, offset: Int, field: String, found: String, allowed: String = "",
    at location: SourceLocation = #_sourceLocation
) {
    expectRefusal(builder.bytes, offset: offset, field: field, found: found, allowed: allowed, at: location)
}

func expectRefusal(
    _ bytes: [UInt8], offset: Int, field: String, found: String, allowed: String = "",
    at location: SourceLocation = #_sourceLocation
) {
    let error = #expect(throws: GGUFError.self, sourceLocation: location) { try GGUFHeader(bytes) }
    guard case .malformed(let path, offset, let actualField, let actualFound, let actualAllowed)? = error else {
        Issue.record("not refused at byte \(offset): \(String(describing: error))", sourceLocation: location)
        return
    }
    #expect(path == "built.gguf", sourceLocation: location)
    #expect(actualField.contains(field), sourceLocation: location)
    #expect(actualFound.contains(found), sourceLocation: location)
    #expect(actualAllowed.contains(allowed), sourceLocation: location)
}
