@testable import LaminaModel

/// A small Llama-architecture file made for a test: 2 layers, 3 query heads on 1 KV head, everything changeable.
struct SyntheticModel {
    var metadata: [(String, GGUFValue)] = [
        ("general.architecture", .string("llama")), ("llama.context_length", .uint32(64)),
        ("llama.embedding_length", .uint32(24)), ("llama.block_count", .uint32(2)),
        ("llama.feed_forward_length", .uint32(40)), ("llama.attention.head_count", .uint32(3)),
        ("llama.attention.head_count_kv", .uint32(1)), ("llama.vocab_size", .uint32(33)),
    ]
    var tensors: [(name: String, shape: [UInt64])]
    /// How matrices are stored; vectors are F32.
    var matrixType = GGUFTensorType.f32
    /// Tensors with bytes of their own, by name.
    var contents: [String: (type: GGUFTensorType, bytes: [UInt8])] = [:]

    init() {
        tensors = [("token_embd.weight", [24, 33]), ("output_norm.weight", [24])]
        for layer in 0..<2 {
            let parts: [(String, [UInt64])] = [
                ("attn_norm", [24]), ("attn_q", [24, 24]), ("attn_k", [24, 8]), ("attn_v", [24, 8]),
                ("attn_output", [24, 24]), ("ffn_norm", [24]), ("ffn_gate", [24, 40]), ("ffn_up", [24, 40]),
                ("ffn_down", [40, 24]),
            ]
            tensors += parts.map { ("blk.\(layer).\($0.0).weight", $0.1) }
        }
    }

    mutating func set(_ key: String, _ value: GGUFValue?) {
        metadata.removeAll { $0.0 == key }
        if let value { metadata.append((key, value)) }
    }

    /// Writes the file, opens it, and removes it; the mapping stays.
    func open() throws -> GGUFFile {
        var builder = GGUFBuilder()
        for (key, value) in metadata { builder.add(key, value) }
        for tensor in tensors {
            let type = contents[tensor.name]?.type ?? (tensor.shape.count == 1 ? .f32 : matrixType)
            let count = Int(tensor.shape.reduce(1, *))
            builder.add(
                .init(
                    name: Array(tensor.name.utf8), shape: tensor.shape, typeID: type.rawValue, offset: nil,
                    data: contents[tensor.name]?.bytes ?? data(tensor.name, count: count, type: type)))
        }
        return try ModelFiles.withTemporaryFile(builder.bytes) { try GGUFFile(path: $0) }
    }

    /// Multiples of 1/64 up to 1: the same number in every float type.
    private func data(_ name: String, count: Int, type: GGUFTensorType) -> [UInt8] {
        var random = SplitMix64(state: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        return (0..<count).flatMap { _ -> [UInt8] in
            let value = Float(Int(random.next() % 129) - 64) / 64
            switch type {
            case .f16: return GGUFBuilder.little(Float16(value).bitPattern)
            case .bf16: return GGUFBuilder.little(UInt16(truncatingIfNeeded: value.bitPattern >> 16))
            default: return GGUFBuilder.little(value.bitPattern)
            }
        }
    }
}
