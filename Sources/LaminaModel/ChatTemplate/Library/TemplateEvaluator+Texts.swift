// Texts made of others, each paid for before it is made.

extension TemplateEvaluator {
    /// A text of `count` times the filler.
    func filling(with filler: TemplateString, count: Int) throws -> TemplateString {
        guard count > 0 else { return TemplateString() }
        try budget.spendText(count)
        var result = TemplateString()
        for _ in 0..<count { result.append(filler) }
        return result
    }

    /// `replace`, paid for before it is done; a negative limit is none.
    func replace(
        _ old: TemplateString, in text: TemplateString, with new: TemplateString, limit: Int
    ) throws -> TemplateString {
        let limit = limit < 0 ? Int.max : limit
        let matches = old.isEmpty ? min(text.count + 1, limit) : text.ranges(of: old, limit: limit).count
        // Both factors are at most the limit of a text's length, so the product fits.
        try budget.spendText(text.count + matches * new.count)
        return text.replacing(old, with: new, limit: limit)
    }

    /// `join`, paid for before it is done.
    func join(_ pieces: [TemplateString], with separator: TemplateString) throws -> TemplateString {
        var result = TemplateString()
        for (position, piece) in pieces.enumerated() {
            try budget.spendText(piece.count + separator.count)
            guard result.count <= budget.textLength else {
                throw TemplateFailure.limitExceeded("\(budget.textLength) characters of text")
            }
            if position > 0 { result.append(separator) }
            result.append(piece)
        }
        return result
    }
}
