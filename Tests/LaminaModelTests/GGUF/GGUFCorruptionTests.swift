import Testing

@testable import LaminaModel

/// Damaged files either open with a table that lies inside the file, or are refused with a `GGUFError`.
struct GGUFCorruptionTests {
    @Test func `Survives every damaged byte of a small file`() throws {
        let intact = Self.smallFile.bytes
        var refused = 0
        for position in intact.indices {
            for mask: UInt8 in [0x01, 0x20, 0x80, 0xFF] {
                var damaged = intact
                damaged[position] ^= mask
                refused += try Self.isRefused(damaged) ? 1 : 0
            }
        }
        #expect(refused > 500)
    }

    @Test func `Refuses a small file cut short anywhere`() throws {
        let intact = Self.smallFile.bytes
        #expect(try Self.isRefused(intact) == false)
        // The last tensor's padding may be missing: 24 of its 32 bytes are data.
        for length in 0...(intact.count - 9) {
            #expect(try Self.isRefused(Array(intact[..<length])), "cut to \(length) bytes")
        }
    }

    @Test(arguments: GGUFFileTests.names)
    func `Survives damage to a committed model`(name: String) throws {
        let file = try MappedFile(path: ModelFiles.path(name))
        let header = try GGUFHeader(bytes: file.bytes, path: name)
        let headerSize = header.tensorTable.dataOffset
        var random = SplitMix64(state: 0x6767_7566)
        var damaged = [UInt8](file.bytes)
        var positions = Array(0..<64)
        // The tensor table stands at the end of the header: half of the damage goes there.
        positions += (0..<150).map { _ in Int.random(in: 64..<headerSize, using: &random) }
        positions += (0..<150).map { _ in Int.random(in: headerSize - 2048..<headerSize, using: &random) }
        for position in positions {
            let intact = damaged[position]
            damaged[position] ^= UInt8.random(in: 1...255, using: &random)
            _ = try Self.isRefused(damaged)
            damaged[position] = intact
        }
        #expect(try Self.isRefused(damaged) == false)
    }

    @Test(arguments: GGUFFileTests.names)
    func `Refuses a committed model cut short`(name: String) throws {
        let file = try MappedFile(path: ModelFiles.path(name))
        let tensors = try GGUFHeader(bytes: file.bytes, path: name).tensorTable.tensors
        let needed = tensors.map { $0.offset + $0.byteCount }.max() ?? 0
        var random = SplitMix64(state: 0x6375_7473)
        for _ in 0..<100 {
            let length = Int.random(in: 0..<needed, using: &random)
            let part = UnsafeRawBufferPointer(rebasing: file.bytes[..<length])
            #expect(throws: GGUFError.self, "cut to \(length) bytes") { try GGUFHeader(bytes: part, path: name) }
        }
    }

    /// Whether the file is refused; when it is not, checks that what was read can be used.
    private static func isRefused(_ bytes: [UInt8]) throws -> Bool {
        let header: GGUFHeader
        do {
            header = try GGUFHeader(bytes)
        } catch let error as GGUFError {
            #expect(!error.description.isEmpty)
            return true
        }
        #expect(GGUFLimits.versions.contains(header.version))
        #expect(GGUFLimits.alignments.contains(header.alignment))
        #expect(Set(header.metadata.entries.map(\.key)).count == header.metadata.count)
        var end = header.tensorTable.dataOffset
        for tensor in header.tensorTable.tensors.sorted(by: { $0.offset < $1.offset }) {
            #expect(tensor.offset >= end)
            #expect(tensor.shape.allSatisfy { $0 > 0 })
            #expect(tensor.byteCount == tensor.rowCount * tensor.rowByteCount)
            end = tensor.offset + tensor.byteCount
        }
        #expect(header.tensorTable.tensors.isEmpty || end <= bytes.count)
        return false
    }

    private static var smallFile: GGUFBuilder {
        var builder = GGUFBuilder()
        builder.add("general.architecture", .string("llama"))
        builder.add("general.alignment", .uint32(32))
        builder.add("llama.rope.freq_base", .float32(10000))
        builder.add("flag", .bool(true))
        builder.add("tokens", .array(.string(["a", "bc", "naïve", ""])))
        builder.add("types", .array(.int32([1, 2, 3])))
        builder.add("nested", .array(.array([.uint8([1]), .bool([true])])))
        builder.addTensor("token_embd.weight", shape: [32, 4], type: .q8_0, byteCount: 136)
        builder.addTensor("blk.0.attn_q.weight", shape: [64, 2], type: .q4_0, byteCount: 72)
        builder.addTensor("output_norm.weight", shape: [6], type: .f32, byteCount: 24)
        return builder
    }
}
