/// Cuts text into the words of a pre-tokenizer, one after the other; together they are the whole text.
///
/// Written by hand over UTF-8, for a general regular expression engine takes most of the time of encoding. Each
/// function below is one alternative of the patterns in `PreTokenizer.Pattern`; the first that matches wins.
struct PieceScanner {
    private let text: [UInt8]
    private let pattern: PreTokenizer.Pattern
    private let classes = ScalarClass.ofBasicPlane
    private var position: Int
    private let end: Int
    /// Where the part ends that an earlier step of a pattern has cut out; the steps after it see nothing beyond.
    private var partEnd: Int
    private var wordEnd: Int
    private var numberEnd: Int

    /// A scanner over the bytes of `text` in `range`, which must be whole UTF-8 characters.
    init(_ text: [UInt8], _ range: Range<Int>, _ pattern: PreTokenizer.Pattern) {
        self.text = text
        self.pattern = pattern
        position = range.lowerBound
        end = range.upperBound
        partEnd = range.lowerBound
        wordEnd = range.lowerBound
        numberEnd = range.lowerBound
    }

    /// The next word; `nil` at the end.
    mutating func next() -> Range<Int>? {
        if position >= end { return nil }
        let start = position
        switch pattern {
        case .gpt2: position = endOfGPT2Word(start, end)
        case .llama3: position = endOfLlama3Word(start, digits: 3)
        case .qwen2: position = endOfLlama3Word(start, digits: 1)
        case .smollm: position = endOfSmolLMWord(start)
        case .llamaCppDefault: position = endOfDefaultWord(start)
        }
        return start..<position
    }

    // MARK: The patterns

    private func endOfGPT2Word(_ start: Int, _ end: Int) -> Int {
        if let contraction = endOfContraction(start, end, ignoringCase: false) { return contraction }
        let (first, width) = scalar(start)
        var body = start
        var kind = first
        if text[start] == 0x20, start + 1 < end {
            let next = scalar(start + 1).classes
            if !next.contains(.space) { (body, kind) = (start + 1, next) }
        }
        if kind.contains(.space) { return endOfSpaces(start, end) }
        if body == start { body += width }
        if kind.contains(.letter) { return endOfRun(body, end) { $0.contains(.letter) } }
        if kind.contains(.number) { return endOfRun(body, end) { $0.contains(.number) } }
        return endOfRun(body, end, where: Self.isOther)
    }

    private func endOfLlama3Word(_ start: Int, digits: Int) -> Int {
        if let contraction = endOfContraction(start, end, ignoringCase: true) { return contraction }
        let (first, width) = scalar(start)
        let second = start + width
        if first.contains(.letter) { return endOfRun(second, end) { $0.contains(.letter) } }
        if first.contains(.number) { return endOfDigits(start, atMost: digits) }
        // [^\r\n\p{L}\p{N}]?\p{L}+
        if !first.contains(.newline), second < end, scalar(second).classes.contains(.letter) {
            return endOfRun(second, end) { $0.contains(.letter) }
        }
        // ␠?[^\s\p{L}\p{N}]+[\r\n]*
        let body = text[start] == 0x20 ? second : start
        if body < end, Self.isOther(scalar(body).classes) {
            let symbols = endOfRun(body, end, where: Self.isOther)
            return endOfRun(symbols, end) { $0.contains(.newline) }
        }
        return endOfLines(start) ?? endOfSpaces(start, end)
    }

    private mutating func endOfSmolLMWord(_ start: Int) -> Int {
        if start >= partEnd {
            let (first, width) = scalar(start)
            if first.contains(.digit) { return start + width }
            partEnd = endOfRun(start, end) { !$0.contains(.digit) }
        }
        return endOfGPT2Word(start, partEnd)
    }

    private mutating func endOfDefaultWord(_ start: Int) -> Int {
        if start >= partEnd {
            if scalar(start).classes.contains(.punctuation) {
                partEnd = endOfRun(start, end) { $0.contains(.punctuation) }
            } else {
                partEnd = endOfRun(start, end) { !$0.contains(.punctuation) }
            }
        }
        if start >= wordEnd { wordEnd = endOfGPT2Word(start, partEnd) }
        guard scalar(start).classes.contains(.number) else {
            return endOfRun(start, wordEnd) { !$0.contains(.number) }
        }
        if start >= numberEnd { numberEnd = endOfRun(start, wordEnd) { $0.contains(.number) } }
        // Three ASCII digits alone, and what is before them alone.
        var candidate = start
        while candidate + 3 <= numberEnd {
            if text[candidate..<candidate + 3].allSatisfy({ (0x30...0x39).contains($0) }) {
                return candidate == start ? start + 3 : candidate
            }
            candidate += 1
        }
        return numberEnd
    }

    // MARK: The alternatives

    /// `'s|'t|'re|'ve|'m|'ll|'d`, where `(?i:` also means U+017F, the long s.
    private func endOfContraction(_ start: Int, _ end: Int, ignoringCase: Bool) -> Int? {
        guard text[start] == 0x27, start + 1 < end else { return nil }
        let caseBit: UInt8 = ignoringCase ? 0x20 : 0
        let first = text[start + 1]
        switch first | caseBit {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        default: break
        }
        guard start + 2 < end else { return nil }
        let second = text[start + 2]
        switch (first | caseBit, second | caseBit) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default:
            return ignoringCase && first == 0xC5 && second == 0xBF ? start + 3 : nil
        }
    }

    /// `\p{N}{1,n}`
    private func endOfDigits(_ start: Int, atMost limit: Int) -> Int {
        var position = start
        for _ in 0..<limit where position < end {
            let (classes, width) = scalar(position)
            guard classes.contains(.number) else { break }
            position += width
        }
        return position
    }

    /// `\s*[\r\n]+`: up to the last line break of a run of spaces.
    private func endOfLines(_ start: Int) -> Int? {
        var position = start
        var lastBreak: Int?
        while position < end {
            let (classes, width) = scalar(position)
            guard classes.contains(.space) else { break }
            position += width
            if classes.contains(.newline) { lastBreak = position }
        }
        return lastBreak
    }

    /// `\s+(?!\S)|\s+`: a run of spaces, without its last one where a word follows, unless it is the only one.
    private func endOfSpaces(_ start: Int, _ end: Int) -> Int {
        var position = start
        var last = start
        while position < end {
            let (classes, width) = scalar(position)
            guard classes.contains(.space) else { break }
            last = position
            position += width
        }
        return position == end || last == start ? position : last
    }

    // MARK: Characters

    /// `[^\s\p{L}\p{N}]`
    @inline(always)
    private static func isOther(_ classes: ScalarClass) -> Bool {
        classes.isDisjoint(with: [.letter, .number, .space])
    }

    @inline(always)
    private func endOfRun(_ start: Int, _ end: Int, where belongs: (ScalarClass) -> Bool) -> Int {
        var position = start
        while position < end {
            let (classes, width) = scalar(position)
            guard belongs(classes) else { break }
            position &+= width
        }
        return position
    }

    /// The class of the character at `index` and its length in bytes.
    @inline(always)
    private func scalar(_ index: Int) -> (classes: ScalarClass, width: Int) {
        let first = text[index]
        if first < 0x80 { return (classes[Int(first)], 1) }
        return multibyteScalar(index, first)
    }

    private func multibyteScalar(_ index: Int, _ first: UInt8) -> (classes: ScalarClass, width: Int) {
        func continuation(_ offset: Int) -> UInt32 { UInt32(text[index + offset] & 0x3F) }
        if first < 0xE0 { return (classes[Int(UInt32(first & 0x1F) << 6 | continuation(1))], 2) }
        let upper = UInt32(first & 0x0F) << 12
        if first < 0xF0 { return (classes[Int(upper | continuation(1) << 6 | continuation(2))], 3) }
        let value = UInt32(first & 0x07) << 18 | continuation(1) << 12 | continuation(2) << 6 | continuation(3)
        return (Unicode.Scalar(value).map(ScalarClass.init) ?? [], 4)
    }
}
