/// Finds a token by its bytes: a hash table with open addressing over `TokenBytes`.
///
/// A Swift dictionary keyed by `String` would not do: it calls canonically equivalent strings equal, and a vocabulary
/// may hold both the composed and the decomposed form of a letter.
struct TokenTable: Sendable {
    /// The token in the lower half, the upper half of its hash in the upper; `-1` where the slot is free.
    private var slots: [Int64]
    private let bytes: TokenBytes
    /// Random, so that a crafted file cannot aim many tokens at one slot.
    private let seed = UInt64.random(in: .min ... .max)

    /// A table with room for every token of `bytes`, holding none of them yet.
    init(_ bytes: TokenBytes) {
        self.bytes = bytes
        var capacity = 16
        while capacity < bytes.count * 2 { capacity *= 2 }
        slots = Array(repeating: -1, count: capacity)
    }

    /// Adds a token, or returns the one that already has these bytes.
    mutating func insert(_ token: TokenID) -> TokenID? {
        let text = Array(bytes[Int(token)])
        let hash = hash(text, 0..<text.count)
        let slot = slot(of: text, 0..<text.count, hash)
        if slots[slot] >= 0 { return TokenID(truncatingIfNeeded: slots[slot]) }
        slots[slot] = Self.tag(hash) | Int64(token)
        return nil
    }

    /// The token whose bytes are those of `text` in `range`.
    func find(_ text: [UInt8], _ range: Range<Int>) -> TokenID? {
        guard range.count <= bytes.longest else { return nil }
        let entry = slots[slot(of: text, range, hash(text, range))]
        return entry < 0 ? nil : TokenID(truncatingIfNeeded: entry)
    }

    /// The slot that holds this text or, if none does, the free one where it belongs.
    private func slot(of text: [UInt8], _ range: Range<Int>, _ hash: UInt64) -> Int {
        let mask = slots.count &- 1
        let tag = Self.tag(hash)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = slots[slot]
            if entry < 0 { return slot }
            if entry & ~0xFFFF_FFFF == tag, bytes.matches(Int(entry & 0xFFFF_FFFF), text, range) { return slot }
            slot = (slot &+ 1) & mask
        }
    }

    private static func tag(_ hash: UInt64) -> Int64 {
        Int64(bitPattern: (hash >> 1) & 0x7FFF_FFFF_0000_0000)
    }

    private func hash(_ text: [UInt8], _ range: Range<Int>) -> UInt64 {
        var hash = seed
        for index in range { hash = (hash ^ UInt64(text[index])) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 32)) &* 0x9E37_79B9_7F4A_7C15
        return hash ^ (hash >> 29)
    }
}
