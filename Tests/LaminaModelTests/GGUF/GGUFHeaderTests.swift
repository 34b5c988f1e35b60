import Testing

@testable import LaminaModel

struct GGUFHeaderTests {
    private static let model = ModelFiles.path("lamina-tiny-q8_0.gguf")

    /// The first bytes of the committed model, as a file.
    private func withBeginning<Result>(_ byteCount: (GGUFFile) -> Int, _ body: (String) throws -> Result) throws
        -> Result
    {
        let file = try GGUFFile(path: Self.model)
        let mapped = try MappedFile(path: Self.model)
        return try ModelFiles.withTemporaryFile(Array(mapped.bytes.prefix(byteCount(file))), body)
    }

    @Test func `A file without its tensors' data tells all that the whole one does, but cannot be opened`() throws {
        let whole = try GGUFFile(path: Self.model)
        try withBeginning(\.tensorDataOffset) { path in
            let header = try GGUFHeader(path: path)
            #expect(header.tensors == whole.tensors && header.path == path)
            #expect(header.weightBytes == whole.header.weightBytes && header.weightBytes > 3_000_000)
            #expect(try ModelConfiguration(header) == ModelConfiguration(whole.header))
            #expect(throws: GGUFError.self) { try GGUFFile(path: path) }
        }
    }

    @Test func `A file that ends inside its header is refused`() throws {
        try withBeginning({ $0.tensorDataOffset / 2 }) { path in
            _ = #expect(throws: GGUFError.self) { try GGUFHeader(path: path) }
        }
    }

    @Test func `Data beyond any file is refused even where it need not be there`() throws {
        var builder = GGUFBuilder()
        builder.addTensor("t", shape: [1], type: .f32, byteCount: 0, offset: 1 << 50)
        let error = try ModelFiles.withTemporaryFile(builder.bytes) { path in
            #expect(throws: GGUFError.self) { try GGUFHeader(path: path) }
        }
        #expect(error?.description.contains("\(1 << 50) bytes") == true)
    }

    @Test func `An embedding beside an output matrix is not computed with`() throws {
        var builder = GGUFBuilder()
        builder.addTensor("token_embd.weight", shape: [32, 4], type: .f32, byteCount: 512)
        #expect(try GGUFHeader(builder.bytes).weightBytes == 512)
        builder.addTensor("output.weight", shape: [32, 4], type: .q8_0, byteCount: 136)
        let header = try GGUFHeader(builder.bytes)
        #expect(header.weightBytes == 136 && header.weightCount == 128)
    }
}
