/// Finds stop strings in text that arrives in pieces, and never lets out text that may turn out to begin one.
///
/// Each stop string is followed by a state machine of its own (Knuth, Morris and Pratt 1977): the work per byte is the number
/// of stop strings, whatever they look like. The stop string that is complete first ends the text, of two that are complete at
/// once the longer.
struct StopStringMatcher {
    /// What a piece of text comes to.
    struct Advance: Equatable {
        /// Text that is certain to come before any stop string.
        var text: String
        /// Whether a stop string was found: nothing after `text` belongs to the answer.
        var isStopped: Bool
    }

    /// One stop string and how much of it the text so far ends with.
    private struct Pattern {
        let bytes: [UInt8]
        /// Length of the longest proper prefix of `bytes` that ends at each of its bytes.
        let fallback: [Int]
        var matched = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            var fallback = [Int](repeating: 0, count: bytes.count)
            var length = 0
            for index in bytes.indices.dropFirst() {
                while length > 0, bytes[index] != bytes[length] { length = fallback[length - 1] }
                if bytes[index] == bytes[length] { length += 1 }
                fallback[index] = length
            }
            self.fallback = fallback
        }

        /// Takes in the next byte; says whether the text now ends with the whole stop string.
        mutating func advance(_ byte: UInt8) -> Bool {
            while matched > 0, bytes[matched] != byte { matched = fallback[matched - 1] }
            if bytes[matched] == byte { matched += 1 }
            return matched == bytes.count
        }
    }

    private var patterns: [Pattern]
    private var held: [UInt8] = []

    /// `stops` are compared byte by byte; empty ones are ignored.
    init(_ stops: [String]) {
        patterns = stops.filter { !$0.isEmpty }.map { Pattern(Array($0.utf8)) }
    }

    /// Takes in the next piece. Not to be called again once stopped.
    mutating func append(_ piece: String) -> Advance {
        guard !patterns.isEmpty else { return Advance(text: piece, isStopped: false) }
        for byte in piece.utf8 {
            held.append(byte)
            var found = 0
            for index in patterns.indices where patterns[index].advance(byte) {
                found = max(found, patterns[index].bytes.count)
            }
            if found > 0 { return Advance(text: letOut(held.count - found), isStopped: true) }
        }
        // Stop strings begin and end with whole characters, so a cut before a partial match does too.
        let partial = patterns.reduce(0) { max($0, $1.matched) }
        return Advance(text: letOut(held.count - partial), isStopped: false)
    }

    /// The text still held back, where the answer ends without a stop string.
    mutating func finish() -> String { letOut(held.count) }

    private mutating func letOut(_ count: Int) -> String {
        defer { held.removeFirst(count) }
        return String(decoding: held[..<count], as: UTF8.self)
    }
}
