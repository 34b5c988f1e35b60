/// Finds stop strings in text that arrives in pieces, and never lets out text that may turn out to begin one.
struct StopStringMatcher {
    /// What a piece of text comes to.
    struct Advance: Equatable {
        /// Text that is certain to come before any stop string.
        var text: String
        /// Whether a stop string was found: nothing after `text` belongs to the answer.
        var isStopped: Bool
    }

    private let stops: [[UInt8]]
    private let longest: Int
    private var held: [UInt8] = []

    /// `stops` are compared byte by byte; empty ones are ignored.
    init(_ stops: [String]) {
        self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
        longest = self.stops.map(\.count).max() ?? 0
    }

    /// Takes in the next piece.
    mutating func append(_ piece: String) -> Advance {
        guard longest > 0 else { return Advance(text: piece, isStopped: false) }
        held.append(contentsOf: piece.utf8)
        for start in held.indices where stops.contains(where: { held[start...].starts(with: $0) }) {
            defer { held.removeAll() }
            return Advance(text: String(decoding: held[..<start], as: UTF8.self), isStopped: true)
        }
        let certain = held.count - longestPrefixAtEnd()
        defer { held.removeFirst(certain) }
        return Advance(text: String(decoding: held[..<certain], as: UTF8.self), isStopped: false)
    }

    /// The text still held back, where the answer ends without a stop string.
    mutating func finish() -> String {
        defer { held.removeAll() }
        return String(decoding: held, as: UTF8.self)
    }

    /// Length of the longest end of `held` that a stop string begins with. Both are whole characters, so a cut there is too.
    private func longestPrefixAtEnd() -> Int {
        for count in stride(from: min(held.count, longest - 1), to: 0, by: -1)
        where stops.contains(where: { $0.count > count && $0.starts(with: held.suffix(count)) }) {
            return count
        }
        return 0
    }
}
