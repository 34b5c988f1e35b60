import Glibc
import Testing

@testable import LaminaModel

struct GGUFFileTests {
    static let names = ["lamina-tiny-f16.gguf", "lamina-tiny-q8_0.gguf", "lamina-tiny-q4_0.gguf"]

    @Test(arguments: names)
    func `Opens the committed models`(name: String) throws {
        let file = try GGUFFile(path: ModelFiles.path(name))
        #expect(file.version == 3)
        #expect(file.alignment == 32)
        #expect(file.tensorDataOffset % 32 == 0)
        #expect(file.tensors.count == 38)
        #expect(file.metadata.entries.first?.key == "general.architecture")
        let metadata = file.metadata
        #expect(try metadata.string("general.architecture") == "llama")
        #expect(try metadata.int("llama.embedding_length") == 256)
        #expect(try metadata.int("llama.block_count") == 4)
        #expect(try metadata.float("llama.rope.freq_base") == 10000)
        #expect(try metadata.float("general.sampling.temp") == 0)
        #expect(try metadata.bool("tokenizer.ggml.add_bos_token") == false)
        #expect(try metadata.strings("general.languages") == ["en"])
        let tokens = try #require(try metadata.strings("tokenizer.ggml.tokens"))
        #expect(tokens.count == 2048)
        #expect(tokens.first == "<|endoftext|>")
        #expect(try metadata.ints("tokenizer.ggml.token_type")?.count == 2048)
        #expect(try metadata.strings("tokenizer.ggml.merges")?.isEmpty == false)
    }

    @Test(arguments: zip(names, [GGUFTensorType.f16, .q8_0, .q4_0]))
    func `Lists the tensors of the committed models`(name: String, type: GGUFTensorType) throws {
        let file = try GGUFFile(path: ModelFiles.path(name))
        let gate = try file.requireTensor(named: "blk.0.ffn_gate.weight")
        #expect(gate.shape == [256, 768])
        #expect(gate.type == type)
        #expect(gate.rowLength == 256)
        #expect(gate.rowCount == 768)
        #expect(gate.byteCount == 768 * gate.rowByteCount)
        #expect(file.bytes(of: gate).count == gate.byteCount)
        #expect(file.tensor(named: "token_embd.weight")?.shape == [256, 2048])
        #expect(file.tensor(named: "no.such.tensor") == nil)
        let last = try #require(file.tensors.max { $0.offset < $1.offset })
        #expect(last.offset + last.byteCount <= file.sizeBytes)
    }

    @Test func `Finds the same norms in every quantization of a model`() throws {
        let files = try Self.names.map { try GGUFFile(path: ModelFiles.path($0)) }
        let norms = files.map { file in
            file.tensors.filter { $0.type == .f32 }.map { tensor in
                file.withBytes(of: tensor) { bytes in Array(bytes.bindMemory(to: Float.self)) }
            }
        }
        #expect(norms[0].count == 9)
        #expect(norms[0].joined().allSatisfy { $0.isFinite && abs($0) < 1000 })
        #expect(norms[1] == norms[0])
        #expect(norms[2] == norms[0])
    }

    @Test func `Maps what the file holds`() throws {
        var builder = GGUFBuilder()
        builder.addTensor("a", shape: [32, 2], type: .q8_0, byteCount: 68)
        builder.addTensor("b", shape: [3], type: .f32, byteCount: 12)
        try ModelFiles.withTemporaryFile(builder.bytes) { path in
            let file = try GGUFFile(path: path)
            #expect(file.path == path)
            #expect(file.sizeBytes == builder.bytes.count)
            let a = try file.requireTensor(named: "a")
            let b = try file.requireTensor(named: "b")
            #expect(a.offset == file.tensorDataOffset)
            #expect(b.offset == file.tensorDataOffset + 96)
            #expect(Array(file.bytes(of: a)) == (0..<68).map { UInt8($0) })
            #expect(file.withBytes(of: b) { Array($0) } == (0..<12).map { UInt8($0) })
        }
    }

    @Test func `Refuses to compute with a type it can only list`() throws {
        var builder = GGUFBuilder()
        builder.addTensor("t", shape: [256], type: .q3_K, byteCount: 110)
        try ModelFiles.withTemporaryFile(builder.bytes) { path in
            let file = try GGUFFile(path: path)
            #expect(file.tensors.map(\.type) == [.q3_K])
            #expect(throws: GGUFError.unsupportedTensorType(path: path, tensor: "t", type: .q3_K)) {
                try file.requireTensor(named: "t")
            }
            #expect(throws: GGUFError.missingTensor(path: path, name: "u")) { try file.requireTensor(named: "u") }
        }
        let error = GGUFError.unsupportedTensorType(path: "m.gguf", tensor: "t", type: .q3_K)
        #expect(
            error.description
                == "m.gguf: tensor 't' has type Q3_K, which is not supported; use a file whose tensors are "
                + "F32, F16, Q4_0, Q8_0, Q4_K, Q5_K, Q6_K, BF16")
    }

    @Test func `Refuses a missing file`() {
        expectUnreadable("/nonexistent/model.gguf", "cannot open the file: No such file or directory")
    }

    @Test func `Refuses a directory`() {
        expectUnreadable("/tmp", "is a directory")
    }

    @Test func `Refuses a device`() {
        expectUnreadable("/dev/null", "is not a regular file")
    }

    @Test func `Refuses an empty file`() throws {
        try ModelFiles.withTemporaryFile([]) { expectUnreadable($0, "the file is empty") }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func `Refuses a file it may not read`() throws {
        try ModelFiles.withTemporaryFile(GGUFBuilder().bytes) { path in
            chmod(path, 0)
            expectUnreadable(path, "cannot open the file: Permission denied")
        }
    }

    @Test func `Refuses a named pipe without waiting for its writer`() throws {
        try ModelFiles.withTemporaryFile([]) { path in
            unlink(path)
            try #require(mkfifo(path, 0o600) == 0)
            expectUnreadable(path, "is not a regular file")
        }
    }

    private func expectUnreadable(_ path: String, _ reason: String, at location: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: GGUFError.self, sourceLocation: location) { try GGUFFile(path: path) }
        guard case .unreadable(path, let found)? = error else {
            Issue.record("not refused as unreadable: \(String(describing: error))", sourceLocation: location)
            return
        }
        #expect(found.contains(reason), sourceLocation: location)
    }

    @Test func `Data released from memory reads the same again`() throws {
        let file = try GGUFFile(path: ModelFiles.path("lamina-tiny-q4_0.gguf"))
        for tensor in file.tensors {
            let before = file.withBytes(of: tensor) { Array($0) }
            file.releasePages(of: tensor)
            #expect(file.withBytes(of: tensor) { Array($0) } == before, "\(tensor.name)")
        }
    }
}
