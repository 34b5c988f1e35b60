import Testing

@testable import LaminaModel

struct GGUFTensorTableTests {
    // Without metadata, the entry of a tensor "t" with one dimension has its name at 24, the dimension count at 33,
    // the dimension at 37, the type at 45 and the offset at 49.

    @Test func `Refuses bad tensor names`() {
        expectRefusal(tensor(name: ""), offset: 24, field: "name of tensor 0", found: "an empty name")
        let long = String(repeating: "n", count: 65)
        expectRefusal(tensor(name: long), offset: 24, field: "(length)", found: "65 bytes", allowed: "up to 64")
        var builder = GGUFBuilder()
        builder.addTensor("t", shape: [1], type: .f32, byteCount: 4)
        builder.addTensor("t", shape: [1], type: .f32, byteCount: 4)
        expectRefusal(builder, offset: 57, field: "name of tensor 1", found: "'t' a second time")
    }

    @Test func `Refuses zero and five dimensions`() {
        expectRefusal(
            tensor(shape: []), offset: 33, field: "tensor 't' (dimension count)", found: "0", allowed: "1 to 4")
        expectRefusal(tensor(shape: [1, 1, 1, 1, 1]), offset: 33, field: "(dimension count)", found: "5")
    }

    @Test func `Refuses dimensions that are zero or overflow`() {
        expectRefusal(tensor(shape: [2, 0]), offset: 45, field: "tensor 't' (dimension 1)", found: "0")
        expectRefusal(tensor(shape: [.max]), offset: 37, field: "tensor 't' (dimension 0)", found: "\(UInt64.max)")
        expectRefusal(
            tensor(shape: [1 << 32, 1 << 31]), offset: 45, field: "tensor 't' (dimension 1)",
            found: "4294967296 x 2147483648 elements")
        expectRefusal(
            tensor(shape: [1 << 62]), offset: 45, field: "tensor 't' (size)", found: "blocks of 4 bytes",
            allowed: "up to \(Int.max) bytes")
    }

    @Test func `Refuses rows that are not whole blocks`() {
        expectRefusal(
            tensor(shape: [48], typeID: GGUFTensorType.q8_0.rawValue), offset: 37, field: "tensor 't' (row length)",
            found: "48", allowed: "multiples of 32, the block size of Q8_0")
    }

    @Test func `Refuses unknown and removed types`() {
        expectRefusal(tensor(typeID: 43), offset: 45, field: "tensor 't' (type)", found: "id 43", allowed: "convert")
        expectRefusal(tensor(typeID: 31), offset: 45, field: "(type)", found: "id 31 (Q4_0_4_4, which ggml removed)")
    }

    @Test func `Refuses offsets that are not aligned`() {
        expectRefusal(
            tensor(offset: 16), offset: 49, field: "tensor 't' (offset)", found: "16",
            allowed: "multiples of the alignment 32")
    }

    @Test func `Refuses tensors that reach beyond the file`() {
        // Data starts at 64 and is padded to 32 bytes.
        #expect(throws: Never.self) { try GGUFHeader(tensor(shape: [8]).bytes) }
        expectRefusal(
            tensor(shape: [9]), offset: 49, field: "tensor 't' (offset)", found: "36 bytes from 0",
            allowed: "the 32 bytes of tensor data in the file of 96 bytes")
        expectRefusal(tensor(offset: 32), offset: 49, field: "(offset)", found: "4 bytes from 32")
        let last = UInt64.max - 31
        expectRefusal(tensor(offset: last), offset: 49, field: "(offset)", found: "4 bytes from \(last)")
    }

    @Test func `Refuses tensors that overlap`() {
        var builder = GGUFBuilder()
        builder.addTensor("a", shape: [16], type: .f32, byteCount: 64, offset: 32)
        builder.addTensor("b", shape: [9], type: .f32, byteCount: 36, offset: 0)
        // The second entry starts at 57, so its offset field at 82; "a" is the one that begins inside "b".
        expectRefusal(
            builder, offset: 49, field: "tensor 'a' (offset)", found: "32, inside tensor 'b'",
            allowed: "tensors that do not overlap (here 36 or more)")
    }

    @Test func `Reads tensors in any order`() throws {
        var builder = GGUFBuilder()
        builder.addTensor("a", shape: [8], type: .f32, byteCount: 32, offset: 32)
        builder.addTensor("b", shape: [4, 1, 2], type: .f32, byteCount: 32, offset: 0)
        let table = try GGUFHeader(builder.bytes).tensorTable
        #expect(table.tensors.map(\.name) == ["a", "b"])
        #expect(table.tensors[1].shape == [4, 1, 2])
        #expect(table.tensors[1].elementCount == 8)
        #expect(table.tensors[1].offset == table.dataOffset)
    }

    @Test(arguments: GGUFTensorType.allCases)
    func `Knows the size of every type`(type: GGUFTensorType) throws {
        var builder = GGUFBuilder()
        let row = UInt64(type.blockSize * 2)
        builder.addTensor("t", shape: [row, 3], type: type, byteCount: 6 * type.blockByteCount)
        let tensor = try #require(try GGUFHeader(builder.bytes).tensorTable.tensors.first)
        #expect(tensor.byteCount == 6 * type.blockByteCount)
        #expect(tensor.rowByteCount == 2 * type.blockByteCount)
        let bits = Double(type.blockByteCount * 8) / Double(type.blockSize)
        #expect((1.1...64).contains(bits))
    }

    @Test func `Names types as ggml does`() {
        #expect(GGUFTensorType.q4_K.name == "Q4_K")
        #expect(GGUFTensorType.iq2_XXS.name == "IQ2_XXS")
        #expect(GGUFTensorType.bf16.name == "BF16")
        #expect(
            GGUFTensorType.allCases.filter(\.isSupported) == [.f32, .f16, .q4_0, .q8_0, .q4_K, .q5_K, .q6_K, .bf16])
        #expect(GGUFTensorType.q6_K.blockByteCount == 210)
        #expect(GGUFTensorType.q4_0.blockByteCount == 18)
    }

    private func tensor(
        name: String = "t", shape: [UInt64] = [1], typeID: UInt32 = 0, offset: UInt64? = nil
    ) -> GGUFBuilder {
        var builder = GGUFBuilder()
        builder.add(.init(name: Array(name.utf8), shape: shape, typeID: typeID, offset: offset, data: [1, 2, 3, 4]))
        return builder
    }
}
