/// The ways an input is cut before it is fed to an incremental parser: all must come to the same.
enum InputPieces {
    /// The input whole, byte by byte, and cut at places that follow from its bytes: the same for the same input.
    static func everyWay(_ bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
        [[bytes[...]], bytes.indices.map { bytes[$0...$0] }, atRandom(bytes)]
    }

    /// A number that follows from the bytes (FNV-1a), for choices that are not part of the input.
    static func seed(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func atRandom(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var state = seed(bytes)
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let end = min(bytes.count, start + 1 + Int(state >> 59))
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }
}
