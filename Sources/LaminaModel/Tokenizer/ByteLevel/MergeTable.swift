/// The merges of byte-level BPE by the pair of tokens they join: a hash table with open addressing.
struct MergeTable: Sendable {
    /// Stands for "these two do not merge", and sorts after every merge.
    static let none = UInt64.max

    private struct Slot {
        var pair: UInt64
        var merge: UInt64
    }

    private var slots: [Slot]
    /// Random, so that a crafted file cannot aim many pairs at one slot.
    private let seed = UInt64.random(in: .min ... .max)

    /// An empty table with room for `count` merges.
    init(capacityFor count: Int) {
        var capacity = 16
        while capacity < count * 2 { capacity *= 2 }
        slots = Array(repeating: Slot(pair: .max, merge: Self.none), count: capacity)
    }

    /// Adds a merge; of two for the same pair the first one counts.
    mutating func insert(left: TokenID, right: TokenID, rank: UInt32, merged: TokenID) {
        let pair = Self.pair(left, right)
        let slot = slot(of: pair)
        if slots[slot].pair == pair { return }
        slots[slot] = Slot(pair: pair, merge: UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merged)))
    }

    /// The rank of the merge in the upper half (lower is sooner), the merged token in the lower; or `none`.
    @inline(always)
    func merge(_ left: TokenID, _ right: TokenID) -> UInt64 {
        slots[slot(of: Self.pair(left, right))].merge
    }

    @inline(always)
    private static func pair(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// The slot of this pair or, if it is not there, the free one where it belongs.
    @inline(always)
    private func slot(of pair: UInt64) -> Int {
        let mask = slots.count &- 1
        var hash = (pair ^ seed) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 32)) &* 0xC4CE_B9FE_1A85_EC53
        var slot = Int(truncatingIfNeeded: hash >> 32) & mask
        // At most half of the slots are taken, so the search ends; .max is no pair, for token ids are not negative.
        while slots[slot].pair != pair, slots[slot].pair != .max { slot = (slot &+ 1) & mask }
        return slot
    }
}
