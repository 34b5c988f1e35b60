import LaminaKernels
import Testing

@testable import LaminaModel

/// A model mixed as Q4_K_M and Q5_K_M files are: Q4_K and Q5_K with Q6_K for values, down and output.
struct KQuantModelTests {
    private static let tokens: [TokenID] = (0..<19).map { ($0 * 7) % 33 }

    private static func model() -> SyntheticModel {
        var model = SyntheticModel()
        model.set("llama.embedding_length", .uint32(256))
        model.set("llama.feed_forward_length", .uint32(512))
        model.set("llama.attention.head_count", .uint32(4))
        model.set("llama.attention.head_count_kv", .uint32(2))
        model.tensors = [
            ("token_embd.weight", [256, 33]), ("output_norm.weight", [256]), ("output.weight", [256, 33]),
        ]
        for layer in 0..<2 {
            let parts: [(String, [UInt64])] = [
                ("attn_norm", [256]), ("attn_q", [256, 256]), ("attn_k", [256, 128]), ("attn_v", [256, 128]),
                ("attn_output", [256, 256]), ("ffn_norm", [256]), ("ffn_gate", [256, 512]), ("ffn_up", [256, 512]),
                ("ffn_down", [512, 256]),
            ]
            model.tensors += parts.map { ("blk.\(layer).\($0.0).weight", $0.1) }
        }
        var random = SplitMix64(state: 11)
        for tensor in model.tensors where tensor.shape.count == 2 {
            let type = Self.type(of: tensor.name)
            let blocks = Int(tensor.shape.reduce(1, *)) / 256
            model.contents[tensor.name] = (type, (0..<blocks).flatMap { _ in block(type, &random) })
        }
        return model
    }

    private static func type(of name: String) -> GGUFTensorType {
        if name.contains("attn_v") || name.contains("ffn_down") || name.hasPrefix("output") { return .q6_K }
        return name.contains("ffn_up") ? .q5_K : .q4_K
    }

    /// Random fields under scales that give weights of about ±0.1 around zero.
    private static func block(_ type: GGUFTensorType, _ random: inout SplitMix64) -> [UInt8] {
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
        func half(_ value: Float) -> [UInt8] { GGUFBuilder.little(Float16(value).bitPattern) }
        switch type {
        case .q6_K: return bytes(208) + half(0.00004)
        case .q5_K: return half(0.0002) + half(0.003) + bytes(172)
        default: return half(0.0004) + half(0.003) + bytes(140)
        }
    }

    /// The same weights as F32.
    private static func decoded(_ model: SyntheticModel) throws -> SyntheticModel {
        var twin = model
        for (name, content) in model.contents {
            let type = try #require(WeightType(content.type))
            let count = content.bytes.count / type.blockBytes * type.blockSize
            var floats = [Float](repeating: 0, count: count)
            content.bytes.withUnsafeBytes { bytes in
                guard let source = bytes.baseAddress else { return }
                RowDecoder.decode(type, source, columns: count, into: &floats)
            }
            twin.contents[name] = (.f32, floats.flatMap { GGUFBuilder.little($0.bitPattern) })
        }
        return twin
    }

    /// The logits after `tokens`, given to the model in pieces.
    private func logits(_ model: SyntheticModel, pieces size: Int) throws -> [Float] {
        let file = try model.open()
        let configuration = try ModelConfiguration(file.header)
        let pool = try WorkerPool(threadCount: 2)
        let cache = try KVCache(
            layers: configuration.layerCount, blockCount: 4, heads: configuration.kvHeadCount,
            headDimension: configuration.headDimension)
        let transformer = try Transformer(
            configuration: configuration, weights: ModelWeights(file, configuration: configuration, pool: pool),
            cache: cache, pool: pool, maximumTokens: 32, maximumLogits: 1)
        for start in stride(from: 0, to: Self.tokens.count, by: size) {
            let piece = Array(Self.tokens[start..<min(start + size, Self.tokens.count)])
            transformer.forward(
                ForwardBatch([.init(tokens: piece, startPosition: start, blockTable: [2, 0, 3], wantsLogits: true)]))
        }
        return transformer.withLogits(0) { logits in logits.indices.map { logits[$0] } }
    }

    @Test func `Answers as the same weights in F32 do, but for rounded activations`() throws {
        let model = Self.model()
        let found = try logits(model, pieces: 32)
        let expected = try logits(Self.decoded(model), pieces: 32)
        func norm(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let error = norm(zip(found, expected).map { $0 - $1 }) / norm(expected)
        print("K-quants: relative difference \(error)")
        #expect(error < 0.03)
        #expect(Set(expected).count > 20)
    }

    @Test func `Gives the same bits however the prompt is cut`() throws {
        let model = Self.model()
        let whole = try logits(model, pieces: 32)
        for size in [1, 3, 16] { #expect(try logits(model, pieces: size) == whole, "pieces of \(size)") }
    }

    @Test func `Runs through corrupted scales`() throws {
        var model = Self.model()
        let notANumber = GGUFBuilder.little(Float16.nan.bitPattern)
        for name in ["blk.0.attn_q.weight", "blk.1.ffn_up.weight"] {
            model.contents[name]?.bytes.replaceSubrange(0..<2, with: notANumber)
        }
        model.contents["output.weight"]?.bytes.replaceSubrange(208..<210, with: notANumber)
        #expect(try logits(model, pieces: 8).contains { $0.isNaN })
    }

    @Test func `Refuses rows that are not whole blocks`() throws {
        var builder = GGUFBuilder()
        builder.addTensor("t", shape: [288, 2], type: .q4_K, byteCount: 324)
        let error = #expect(throws: GGUFError.self) { try GGUFHeader(builder.bytes) }
        #expect(error?.description.contains("multiples of 256, the block size of Q4_K") == true)
    }
}
