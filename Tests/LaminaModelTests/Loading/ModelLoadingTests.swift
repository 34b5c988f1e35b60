import LaminaKernels
import Testing

@testable import LaminaModel

struct ModelLoadingTests {
    private func logits(_ model: SyntheticModel, _ tokens: [TokenID]) throws -> [Float] {
        let file = try model.open()
        let configuration = try ModelConfiguration(file.header)
        let pool = try WorkerPool(threadCount: 2)
        let cache = try KVCache(
            layers: configuration.layerCount, blockCount: 4, heads: configuration.kvHeadCount,
            headDimension: configuration.headDimension)
        let transformer = try Transformer(
            configuration: configuration, weights: ModelWeights(file, configuration: configuration, pool: pool),
            cache: cache, pool: pool, maximumTokens: 32, maximumLogits: 1)
        transformer.forward(
            ForwardBatch([.init(tokens: tokens, startPosition: 0, blockTable: [2, 0, 3], wantsLogits: true)]))
        return transformer.withLogits(0) { logits in logits.indices.map { logits[$0] } }
    }

    private func error(_ change: (inout SyntheticModel) -> Void) throws -> ModelError? {
        var model = SyntheticModel()
        change(&model)
        let file = try model.open()
        do {
            let configuration = try ModelConfiguration(file.header)
            _ = try ModelWeights(file, configuration: configuration, pool: WorkerPool(threadCount: 1))
            return nil
        } catch let error as ModelError { return error }
    }

    @Test func `The same numbers give the same answer as F32, F16 and BF16`() throws {
        var model = SyntheticModel()
        let tokens: [TokenID] = [0, 5, 32, 7, 7, 19, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
        let expected = try logits(model, tokens)
        #expect(expected.count == 33 && expected.allSatisfy(\.isFinite) && Set(expected).count > 20)
        for type in [GGUFTensorType.f16, .bf16] {
            model.matrixType = type
            #expect(try logits(model, tokens) == expected, "\(type.name)")
        }
    }

    @Test func `An output matrix of its own is used instead of the embedding`() throws {
        var model = SyntheticModel()
        let tied = try logits(model, [1, 2, 3])
        model.tensors.append(("output.weight", [24, 33]))
        #expect(try logits(model, [1, 2, 3]) != tied)
    }

    @Test func `Rotary base, factors and linear scaling change the answer`() throws {
        let plain = try logits(SyntheticModel(), [1, 2, 3, 4])
        var model = SyntheticModel()
        model.set("llama.rope.freq_base", .float32(500_000))
        let based = try logits(model, [1, 2, 3, 4])
        #expect(based != plain)
        model.tensors.append(("rope_freqs.weight", [4]))
        // Not all of the synthetic factors are positive.
        #expect(throws: ModelError.self) { try logits(model, [1, 2, 3, 4]) }
        model = SyntheticModel()
        model.set("llama.rope.scaling.type", .string("linear"))
        model.set("llama.rope.scaling.factor", .float32(4))
        #expect(try logits(model, [1, 2, 3, 4]) != plain)
    }

    @Test func `Refuses what it cannot compute, naming the key or tensor`() throws {
        let cases: [(String, (inout SyntheticModel) -> Void)] = [
            ("general.architecture", { $0.set("general.architecture", nil) }),
            ("\"mamba\"", { $0.set("general.architecture", .string("mamba")) }),
            ("llama.block_count", { $0.set("llama.block_count", nil) }),
            ("llama.block_count", { $0.set("llama.block_count", .uint32(0)) }),
            ("llama.embedding_length", { $0.set("llama.embedding_length", .uint64(1 << 40)) }),
            ("llama.attention.head_count_kv", { $0.set("llama.attention.head_count_kv", .uint32(2)) }),
            ("llama.attention.key_length", { $0.set("llama.attention.key_length", .uint32(12)) }),
            ("llama.attention.value_length", { $0.set("llama.attention.value_length", .uint32(16)) }),
            ("llama.rope.dimension_count", { $0.set("llama.rope.dimension_count", .uint32(16)) }),
            ("llama.rope.freq_base", { $0.set("llama.rope.freq_base", .float32(-1)) }),
            ("llama.rope.scaling.type", { $0.set("llama.rope.scaling.type", .string("yarn")) }),
            (
                "llama.attention.layer_norm_rms_epsilon",
                {
                    $0.set("llama.attention.layer_norm_rms_epsilon", .float32(.nan))
                }
            ),
            ("llama.expert_count", { $0.set("llama.expert_count", .uint32(8)) }),
            ("tokenizer.ggml.tokens", { $0.set("llama.vocab_size", nil) }),
            ("attn_k.weight", { $0.set("llama.attention.head_count_kv", .uint32(3)) }),
            ("blk.0.attn_q.bias", { $0.tensors.append(("blk.0.attn_q.bias", [24])) }),
        ]
        for (name, change) in cases {
            let error = try #require(try error(change), "\(name) was accepted")
            #expect(error.description.contains(name), "\(error)")
        }
    }

    @Test func `A missing tensor is refused by name`() throws {
        var model = SyntheticModel()
        model.tensors.removeAll { $0.name == "blk.1.ffn_up.weight" }
        let pool = try WorkerPool(threadCount: 1)
        let file = try model.open()
        let configuration = try ModelConfiguration(file.header)
        let error = #expect(throws: GGUFError.self) {
            _ = try ModelWeights(file, configuration: configuration, pool: pool)
        }
        #expect(error?.description.contains("blk.1.ffn_up.weight") == true)
    }
}
