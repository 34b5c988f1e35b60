// Paged keys and values (Kwon et al. 2023): blocks of 16 tokens, found through a sequence's block table.
//
// Storage: [layer][block][KV head] of { keys [headDimension][16], values [16][headDimension] } in half precision. Keys lie
// transposed so that a query's products with 16 tokens are two vector sums, without horizontal additions.
internal import CSimd

/// Memory of keys and values of `blockCount` blocks in every layer.
package final class KVCache: @unchecked Sendable {
    // Sendable: blocks are written by one step at a time, each token's place by one thread.

    /// Tokens per block.
    package static let blockSize = 16

    /// Layers of the model.
    package let layers: Int
    /// Blocks in each layer.
    package let blockCount: Int
    /// Key/value heads.
    package let heads: Int
    /// Dimensions of a head; a multiple of 8.
    package let headDimension: Int
    private let memory: AlignedBuffer

    /// Allocates all blocks; the system commits their pages as they are written.
    /// - Throws: `KernelError.outOfMemory`.
    package init(layers: Int, blockCount: Int, heads: Int, headDimension: Int) throws(KernelError) {
        require(headDimension % 8 == 0, "the attention kernel works on eight dimensions at a time")
        self.layers = layers
        self.blockCount = blockCount
        self.heads = heads
        self.headDimension = headDimension
        memory = try AlignedBuffer(
            byteCount: blockCount
                * Self.bytesPerBlock(layers: layers, heads: heads, headDimension: headDimension))
    }

    /// Bytes one block takes over all layers.
    package static func bytesPerBlock(layers: Int, heads: Int, headDimension: Int) -> Int {
        layers * heads * 2 * blockSize * headDimension * 2
    }

    /// Bytes of one KV head in one block: keys, then values.
    @inline(always) var headBytes: Int { 4 &* Self.blockSize &* headDimension }
    /// Bytes of the values' offset inside a head.
    @inline(always) var valueOffset: Int { 2 &* Self.blockSize &* headDimension }

    /// Start of a head's keys in a block.
    @inline(always)
    func head(layer: Int, block: Int32, head: Int) -> UnsafeMutableRawPointer {
        memory.address + ((layer &* blockCount &+ Int(block)) &* heads &+ head) &* headBytes
    }

    /// Stores the keys and values [heads, headDimension] of one token at place `slot` of a block.
    func store(
        layer: Int, block: Int32, slot: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>
    ) {
        for head in 0..<heads {
            let base = self.head(layer: layer, block: block, head: head)
            let (k, v) = (keys + head &* headDimension, values + head &* headDimension)
            let halves = base.assumingMemoryBound(to: Float16.self)
            for d in 0..<headDimension { halves[d &* Self.blockSize &+ slot] = Float16(k[d]) }
            let row = base + (valueOffset &+ 2 &* slot &* headDimension)
            var d = 0
            while d < headDimension {
                simd_store_f16(row + 2 &* d, simd_load(v + d))
                d &+= 8
            }
        }
    }
}
