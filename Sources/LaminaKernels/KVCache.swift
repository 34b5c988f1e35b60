// Paged keys and values (Kwon et al. 2023): blocks of 16 tokens, found through a sequence's block table.
//
// Storage: [layer][block][KV head] of { keys, values }. Keys lie transposed so that a query's products with 16 tokens are two
// vector sums, without horizontal additions.
//   F16    keys [headDimension][16], values [16][headDimension], half precision
//   Q8_0   per 32 dimensions, keys: [16 scales, half] [8 steps][16 tokens][4 dimensions] int8, 544 bytes;
//          values: [16 scales, half] [16 tokens][32 dimensions] int8, 544 bytes
internal import CSimd

/// How keys and values are kept.
package enum KVCacheType: String, Sendable, CaseIterable {
    /// Half precision.
    case f16
    /// int8 with a half-precision scale per token, head and 32 dimensions: 53 % of the memory of half precision.
    case q8_0

    /// Dimensions of a head come in multiples of this.
    package var dimensionMultiple: Int {
        switch self {
        case .f16: 8
        case .q8_0: 32
        }
    }

    /// Bytes of the keys (or the values) of one head in one block.
    @inline(always)
    func halfBytes(headDimension: Int) -> Int {
        switch self {
        case .f16: 2 &* KVCache.blockSize &* headDimension
        case .q8_0: headDimension / 32 &* Int8Attention.groupBytes
        }
    }
}

/// Memory of keys and values of `blockCount` blocks in every layer.
package final class KVCache: @unchecked Sendable {
    // Sendable: blocks are written by one step at a time, each token's place by one thread.

    /// Tokens per block.
    package static let blockSize = 16

    /// How keys and values are kept.
    package let type: KVCacheType
    /// Layers of the model.
    package let layers: Int
    /// Blocks in each layer.
    package let blockCount: Int
    /// Key/value heads.
    package let heads: Int
    /// Dimensions of a head; a multiple of `type.dimensionMultiple`.
    package let headDimension: Int
    /// Bytes of one KV head's keys in one block; its values follow, as many.
    let valueOffset: Int
    private let memory: AlignedBuffer

    /// Allocates all blocks; the system commits their pages as they are written.
    /// - Throws: `KernelError.outOfMemory`.
    package init(
        type: KVCacheType = .f16, layers: Int, blockCount: Int, heads: Int, headDimension: Int
    ) throws(KernelError) {
        require(headDimension % type.dimensionMultiple == 0, "checked when the model is loaded")
        self.type = type
        self.layers = layers
        self.blockCount = blockCount
        self.heads = heads
        self.headDimension = headDimension
        valueOffset = type.halfBytes(headDimension: headDimension)
        memory = try AlignedBuffer(
            byteCount: blockCount
                * Self.bytesPerBlock(type: type, layers: layers, heads: heads, headDimension: headDimension))
    }

    /// Bytes one block takes over all layers.
    package static func bytesPerBlock(type: KVCacheType, layers: Int, heads: Int, headDimension: Int) -> Int {
        layers * heads * 2 * type.halfBytes(headDimension: headDimension)
    }

    /// Start of a head's keys in a block.
    @inline(always)
    func head(layer: Int, block: Int32, head: Int) -> UnsafeMutableRawPointer {
        memory.address + ((layer &* blockCount &+ Int(block)) &* heads &+ head) &* (2 &* valueOffset)
    }

    /// Stores the keys and values [heads, headDimension] of one token at place `slot` of a block.
    func store(
        layer: Int, block: Int32, slot: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>
    ) {
        for head in 0..<heads {
            let base = self.head(layer: layer, block: block, head: head)
            let (k, v) = (keys + head &* headDimension, values + head &* headDimension)
            switch type {
            case .f16: HalfAttention.store(k, v, headDimension, slot, base, base + valueOffset)
            case .q8_0: Int8Attention.store(k, v, headDimension, slot, base, base + valueOffset)
            }
        }
    }
}
