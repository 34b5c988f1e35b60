/// The merging of one text: a linked list of symbols and a queue of the pairs that could be joined.
struct PieceMerger {
    private struct Symbol {
        var start: Int32
        var length: Int32
        var previous: Int32
        var next: Int32
        /// A user-defined token, which merges with nothing.
        var isWhole = false
    }

    /// A pair that could be joined; the one with the highest score is the smallest, then the leftmost.
    private struct Candidate: Comparable {
        let score: Float
        let left: Int32
        let right: Int32
        let length: Int32

        static func < (one: Candidate, other: Candidate) -> Bool {
            one.score > other.score || (one.score == other.score && one.left < other.left)
        }
    }

    private let text: [UInt8]
    private var symbols: [Symbol] = []
    private var queue = BinaryHeap<Candidate>()
    /// How an unused token came about, so that it can be taken apart again: the length of its left part.
    private var splits: [TokenID: Int] = [:]

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// Cuts the text into characters and user-defined tokens.
    mutating func split(_ userDefined: SpecialTokenMatcher) {
        symbols.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            let whole = userDefined.isEmpty ? nil : userDefined.longestMatch(in: text, at: position)
            let length = whole?.range.count ?? min(Self.width(text[position]), text.count - position)
            symbols.append(
                Symbol(
                    start: Int32(position), length: Int32(length), previous: Int32(symbols.count - 1),
                    next: Int32(symbols.count + 1), isWhole: whole != nil))
            position += length
        }
        if !symbols.isEmpty { symbols[symbols.count - 1].next = -1 }
    }

    /// Joins pairs until none is left that is a piece.
    mutating func run(_ pieces: PieceTable) {
        var start = 0
        while start < symbols.count {
            var end = start + 1
            while end < symbols.count, !(pieces.hasIndependentWords && beginsWord(end)) { end += 1 }
            for index in start..<end - 1 { enqueue(Int32(index), Int32(index + 1), pieces) }
            mergeQueued(pieces)
            start = end
        }
    }

    /// Calls `body` with every symbol's token, or `nil` where it has none, and its bytes. Unused tokens are taken
    /// apart into what they were made of.
    func forEachPiece(_ pieces: PieceTable, _ body: (TokenID?, ArraySlice<UInt8>) -> Void) {
        var index: Int32 = symbols.isEmpty ? -1 : 0
        while index >= 0 {
            let symbol = symbols[Int(index)]
            var pending = [Int(symbol.start)..<Int(symbol.start + symbol.length)]
            while let range = pending.popLast() {
                let piece = pieces.find(text, range)
                if let piece, piece.isUnused, let length = splits[piece.token] {
                    pending.append(range.lowerBound + length..<range.upperBound)
                    pending.append(range.lowerBound..<range.lowerBound + length)
                } else {
                    body(piece?.isUnused == false ? piece?.token : nil, text[range])
                }
            }
            index = symbol.next
        }
    }

    private mutating func mergeQueued(_ pieces: PieceTable) {
        while let best = queue.popMinimum() {
            let (left, right) = (Int(best.left), Int(best.right))
            // Either side may have been joined with another since; an absorbed symbol has length 0.
            guard symbols[left].length > 0, symbols[right].length > 0,
                symbols[left].length + symbols[right].length == best.length
            else { continue }
            symbols[left].length = best.length
            symbols[right].length = 0
            symbols[left].next = symbols[right].next
            if symbols[left].next >= 0 { symbols[Int(symbols[left].next)].previous = best.left }
            enqueue(symbols[left].previous, best.left, pieces)
            enqueue(best.left, symbols[left].next, pieces)
        }
    }

    private mutating func enqueue(_ left: Int32, _ right: Int32, _ pieces: PieceTable) {
        guard left >= 0, right >= 0 else { return }
        let (first, second) = (symbols[Int(left)], symbols[Int(right)])
        guard !first.isWhole, !second.isWhole else { return }
        let start = Int(first.start)
        let length = Int(first.length) + Int(second.length)
        guard let piece = pieces.find(text, start..<start + length) else { return }
        if piece.isUnused { splits[piece.token] = Int(first.length) }
        queue.insert(Candidate(score: piece.score, left: left, right: right, length: Int32(length)))
    }

    /// Whether the character at `index`, not the first, is a `▁` after something else.
    private func beginsWord(_ index: Int) -> Bool {
        isSpace(symbols[index]) && !isSpace(symbols[index - 1])
    }

    private func isSpace(_ symbol: Symbol) -> Bool {
        let start = Int(symbol.start)
        return symbol.length == 3 && text[start] == 0xE2 && text[start + 1] == 0x96 && text[start + 2] == 0x81
    }

    /// The length of the UTF-8 character that begins with this byte.
    private static func width(_ first: UInt8) -> Int {
        switch first {
        case 0xC0..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0...: 4
        default: 1
        }
    }
}
