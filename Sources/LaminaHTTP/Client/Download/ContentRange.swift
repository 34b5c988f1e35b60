/// The value of a Content-Range field in bytes (RFC 9110 §14.4).
struct ContentRange: Sendable, Equatable {
    /// The part that follows; nil where the range asked for does not exist (416).
    let bytes: ClosedRange<Int>?
    /// Length of the whole; nil where the server does not know it.
    let completeLength: Int?

    /// Parses `bytes 0-99/200`, `bytes 0-99/*` and `bytes */200`; nil for anything else.
    init?(_ value: String) {
        let words = value.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let length = Self.number(parts[1])
        guard length != nil || parts[1] == "*" else { return nil }
        if parts[0] == "*" {
            guard length != nil else { return nil }
            bytes = nil
        } else {
            let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last,
                length.map({ last < $0 }) ?? true
            else { return nil }
            bytes = first...last
        }
        completeLength = length
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
