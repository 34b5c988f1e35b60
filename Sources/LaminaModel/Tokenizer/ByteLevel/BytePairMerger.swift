/// Joins the symbols of one word, always the pair whose merge comes first in the list, leftmost if there are several.
///
/// Words are short, so the best pair is looked for by scanning. A long word, such as a megabyte of one letter, goes
/// through a priority queue over a linked list instead, which stays O(n log n).
struct BytePairMerger {
    /// Above this many symbols the queue is used; both ways give the same result.
    static let longestScannedWord = 48

    /// The symbols of the word, and of its encoding after `run`.
    var symbols: [TokenID] = []

    private var merges: [UInt64] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    private var queue = BinaryHeap<UInt64>()

    /// Merges `symbols` until no pair is left that `table` knows.
    mutating func run(_ table: MergeTable) {
        if symbols.count < 2 { return }
        if symbols.count <= Self.longestScannedWord {
            mergeByScanning(table)
        } else {
            mergeByQueue(table)
        }
    }

    mutating func mergeByScanning(_ table: MergeTable) {
        // merges[i] joins symbols[i] and symbols[i + 1]
        merges.removeAll(keepingCapacity: true)
        for index in 0..<symbols.count - 1 { merges.append(table.merge(symbols[index], symbols[index + 1])) }
        var count = symbols.count
        while count > 1 {
            var best = 0
            for index in 1..<count - 1 where merges[index] < merges[best] { best = index }
            if merges[best] == MergeTable.none { break }
            symbols[best] = TokenID(truncatingIfNeeded: merges[best])
            count -= 1
            for index in best + 1..<count {
                symbols[index] = symbols[index + 1]
                merges[index - 1] = merges[index]
            }
            if best + 1 < count { merges[best] = table.merge(symbols[best], symbols[best + 1]) }
            if best > 0 { merges[best - 1] = table.merge(symbols[best - 1], symbols[best]) }
        }
        symbols.removeLast(symbols.count - count)
    }

    mutating func mergeByQueue(_ table: MergeTable) {
        let count = symbols.count
        next = (0..<count).map { Int32($0 + 1 < count ? $0 + 1 : -1) }
        previous = (0..<count).map { Int32($0 - 1) }
        queue.removeAll()
        for index in 0..<count - 1 { enqueue(index, table) }
        while let entry = queue.popMinimum() {
            let left = Int(entry & 0xFFFF_FFFF)
            // A symbol that was merged into its left neighbour is -1 and merges with nothing.
            guard symbols[left] >= 0, next[left] >= 0 else { continue }
            let right = Int(next[left])
            let merge = table.merge(symbols[left], symbols[right])
            // Another merge may have changed the pair since it was put into the queue.
            guard merge != MergeTable.none, merge >> 32 == entry >> 32 else { continue }
            symbols[left] = TokenID(truncatingIfNeeded: merge)
            symbols[right] = -1
            next[left] = next[right]
            if next[left] >= 0 {
                previous[Int(next[left])] = Int32(left)
                enqueue(left, table)
            }
            if previous[left] >= 0 { enqueue(Int(previous[left]), table) }
        }
        symbols.removeAll { $0 < 0 }
    }

    /// Puts the pair that begins at `left` into the queue, by rank and then by position.
    private mutating func enqueue(_ left: Int, _ table: MergeTable) {
        let merge = table.merge(symbols[left], symbols[Int(next[left])])
        if merge != MergeTable.none { queue.insert(merge & ~0xFFFF_FFFF | UInt64(left)) }
    }
}
