// What Python can do to a str, made of slices and appends so that the marks survive.

extension TemplateString {
    /// The ranges at which `needle` occurs, without overlaps, from the left; linear in the length (Knuth-Morris-Pratt).
    func ranges(of needle: TemplateString, limit: Int = .max) -> [Range<Int>] {
        Self.ranges(of: needle.scalars, in: scalars, limit: limit)
    }

    /// The same from the right, as `rsplit` and `rfind` need it; the rightmost comes first.
    func rangesFromEnd(of needle: TemplateString, limit: Int = .max) -> [Range<Int>] {
        Self.ranges(of: needle.scalars.reversed(), in: scalars.reversed(), limit: limit).map {
            count - $0.upperBound..<count - $0.lowerBound
        }
    }

    private static func ranges(
        of needle: [Unicode.Scalar], in text: [Unicode.Scalar], limit: Int
    ) -> [Range<Int>] {
        guard !needle.isEmpty, needle.count <= text.count, limit > 0 else { return [] }
        let fallback = fallbackTable(needle)
        var found: [Range<Int>] = []
        var matched = 0
        for (position, scalar) in text.enumerated() {
            while matched > 0, needle[matched] != scalar { matched = fallback[matched - 1] }
            if needle[matched] == scalar { matched += 1 }
            if matched == needle.count {
                found.append(position + 1 - matched..<position + 1)
                if found.count == limit { break }
                matched = 0
            }
        }
        return found
    }

    /// For each prefix of the needle, the length of its longest proper border.
    private static func fallbackTable(_ needle: [Unicode.Scalar]) -> [Int] {
        var table = [0]
        for position in needle.indices.dropFirst() {
            var length = table[position - 1]
            while length > 0, needle[length] != needle[position] { length = table[length - 1] }
            table.append(needle[length] == needle[position] ? length + 1 : 0)
        }
        return table
    }

    /// `replace`: as in Python, an empty needle matches between all characters.
    func replacing(_ needle: TemplateString, with replacement: TemplateString, limit: Int) -> TemplateString {
        let matches = needle.isEmpty ? (0...count).prefix(limit).map { $0..<$0 } : ranges(of: needle, limit: limit)
        var result = TemplateString()
        var end = 0
        for match in matches {
            result.append(slice(end..<match.lowerBound))
            result.append(replacement)
            end = match.upperBound
        }
        result.append(slice(end..<count))
        return result
    }

    /// `split(separator)`; at most `limit` cuts.
    func split(_ separator: TemplateString, limit: Int) -> [TemplateString] {
        cut(at: ranges(of: separator, limit: limit))
    }

    /// `rsplit(separator)`: the cuts are made from the right.
    func splitFromEnd(_ separator: TemplateString, limit: Int) -> [TemplateString] {
        cut(at: rangesFromEnd(of: separator, limit: limit).reversed())
    }

    /// `split()`: at runs of white space, without empty pieces.
    func splitAtWhitespace(limit: Int) -> [TemplateString] {
        var pieces: [TemplateString] = []
        var position = 0
        while true {
            while position < count, scalars[position].isPythonWhitespace { position += 1 }
            guard position < count else { return pieces }
            if pieces.count == limit {
                pieces.append(slice(position..<count))
                return pieces
            }
            let start = position
            while position < count, !scalars[position].isPythonWhitespace { position += 1 }
            pieces.append(slice(start..<position))
        }
    }

    /// `splitlines()`; with `keepsEnds` each line keeps its line break.
    func lines(keepsEnds: Bool = false) -> [TemplateString] {
        var lines: [TemplateString] = []
        var start = 0
        var position = 0
        while position < count {
            guard scalars[position].isPythonLineBreak else {
                position += 1
                continue
            }
            let isPair = scalars[position] == "\r" && position + 1 < count && scalars[position + 1] == "\n"
            let next = position + (isPair ? 2 : 1)
            lines.append(slice(start..<(keepsEnds ? next : position)))
            start = next
            position = next
        }
        if start < count { lines.append(slice(start..<count)) }
        return lines
    }

    /// `strip`, `lstrip`, `rstrip`: of white space, or of the given characters.
    func stripped(of characters: TemplateString? = nil, atStart: Bool = true, atEnd: Bool = true) -> TemplateString {
        let set = characters.map { Set($0.scalars) }
        func isStripped(_ scalar: Unicode.Scalar) -> Bool {
            set?.contains(scalar) ?? scalar.isPythonWhitespace
        }
        var start = 0
        var end = count
        if atStart {
            while start < end, isStripped(scalars[start]) { start += 1 }
        }
        if atEnd {
            while end > start, isStripped(scalars[end - 1]) { end -= 1 }
        }
        return slice(start..<end)
    }

    func hasPrefix(_ prefix: TemplateString) -> Bool {
        scalars.starts(with: prefix.scalars)
    }

    func hasSuffix(_ suffix: TemplateString) -> Bool {
        scalars.suffix(suffix.count).elementsEqual(suffix.scalars)
    }

    func uppercased() -> TemplateString {
        mapScalars { $1.properties.uppercaseMapping }
    }

    func lowercased() -> TemplateString {
        mapScalars { $1.properties.lowercaseMapping }
    }

    /// The first character as in a title, the rest in lower case.
    func capitalized() -> TemplateString {
        mapScalars { $0 == 0 ? $1.properties.titlecaseMapping : $1.properties.lowercaseMapping }
    }

    /// Upper case after every character for which `isBoundary` holds, lower case elsewhere.
    func titlecased(after isBoundary: (Unicode.Scalar) -> Bool) -> TemplateString {
        mapScalars { position, scalar in
            let startsWord = position == 0 || isBoundary(scalars[position - 1])
            return startsWord ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
        }
    }

    private func cut(at ranges: [Range<Int>]) -> [TemplateString] {
        var pieces: [TemplateString] = []
        var end = 0
        for range in ranges {
            pieces.append(slice(end..<range.lowerBound))
            end = range.upperBound
        }
        return pieces + [slice(end..<count)]
    }
}

extension Unicode.Scalar {
    /// What Python's `str.isspace` and the `\s` of its regular expressions accept.
    var isPythonWhitespace: Bool {
        properties.isWhitespace || (0x1C...0x1F).contains(value)
    }

    /// Where Python's `str.splitlines` cuts.
    var isPythonLineBreak: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
