import ArgumentParser

/// A number of tokens, or two to choose between: `128`, `64-256`.
struct TokenRange: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    let lowest: Int
    let highest: Int

    /// More than any model's context.
    private static let limit = 1 << 24

    init(_ tokens: Int) { self.init(tokens...tokens) }

    init(_ tokens: ClosedRange<Int>) {
        lowest = tokens.lowerBound
        highest = tokens.upperBound
    }

    init?(argument: String) {
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count <= 2, let first = parts[0], let last = parts[parts.count - 1], first >= 1, last >= first,
            last <= Self.limit
        else { return nil }
        lowest = first
        highest = last
    }

    var description: String { lowest == highest ? "\(lowest)" : "\(lowest)-\(highest)" }
    var defaultValueDescription: String { description }

    /// One of them, each as likely.
    func pick(_ random: inout some RandomNumberGenerator) -> Int { Int.random(in: lowest...highest, using: &random) }
}
