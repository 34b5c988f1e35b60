import Testing

@testable import LaminaKernels

/// K-quants against the dequantizer of PyPI `gguf` 0.19 (`gguf.quants.dequantize`): four blocks whose bytes are the low bytes of
/// SplitMix64 seeded with the block's size, their half floats set to ±0.37 (n + 1) / 1024 in block n.
struct RowDecoderTests {
    struct Golden: Sendable {
        let type: WeightType
        /// Offsets of the half floats in a block; the second is negative.
        let halves: [Int]
        /// Weights 0, 33, 300 and 1023.
        let samples: [Float]
        /// FNV-1a over the bytes of all 1024 floats.
        let hash: UInt64
    }

    static let goldens = [
        Golden(
            type: .q4_K, halves: [0, 2],
            samples: [
                0.258_069_992_065_429_7, 0.232_407_569_885_253_9, 0.152_528_762_817_382_8, 0.281_925_201_416_015_6,
            ],
            hash: 0x3cb8_db28_5794_82f7),
        Golden(
            type: .q5_K, halves: [0, 2],
            samples: [
                0.080_963_134_765_625, 0.100_842_475_891_113_28, 0.608_669_281_005_859_4, 1.243_362_426_757_812_5,
            ],
            hash: 0x5dfd_5140_f5d8_2efe),
        Golden(
            type: .q6_K, halves: [208],
            samples: [
                -0.332_527_160_644_531_25, -0.243_973_731_994_628_9, -2.058_776_855_468_75, 3.708_400_726_318_359_4,
            ],
            hash: 0x8c90_2401_7f55_ff63),
    ]

    @Test(arguments: goldens)
    func `Decodes K-quants to the bits of the reference`(golden: Golden) throws {
        let size = golden.type.blockBytes
        var random = SeededGenerator(state: UInt64(size))
        var bytes = (0..<(4 * size)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for block in 0..<4 {
            for (index, offset) in golden.halves.enumerated() {
                let half = Float16(Double(block + 1) * 0.37 * (index == 0 ? 1 : -1) / 1024).bitPattern
                bytes[block * size + offset] = UInt8(truncatingIfNeeded: half)
                bytes[block * size + offset + 1] = UInt8(half >> 8)
            }
        }
        var row = [Float](repeating: 0, count: 1024)
        try bytes.withUnsafeBytes {
            try RowDecoder.decode(golden.type, #require($0.baseAddress), columns: 1024, into: &row)
        }
        #expect([0, 33, 300, 1023].map { row[$0] } == golden.samples)
        let hash = row.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, weight in
            (0..<4).reduce(hash) { ($0 ^ UInt64(weight.bitPattern >> UInt32(8 * $1) & 255)) &* 0x100_0000_01b3 }
        }
        #expect(hash == golden.hash)
    }
}
