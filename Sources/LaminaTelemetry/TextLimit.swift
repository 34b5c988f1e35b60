extension String {
    /// The text, or as much of its beginning as fits into so many bytes of UTF-8 without cutting a character in two.
    func limited(toBytes limitBytes: Int) -> String {
        guard utf8.count > limitBytes else { return self }
        var end = utf8.index(startIndex, offsetBy: limitBytes)
        // Back to the start of a character.
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
