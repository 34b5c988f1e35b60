import ArgumentParser

/// Numbers of tokens, one test for each: `512`, `128,512`; 0 leaves the test out.
struct TokenList: ExpressibleByArgument, Sendable, Equatable {
    let counts: [Int]

    private static let limit = 1 << 24

    init(_ counts: [Int]) { self.counts = counts }

    init?(argument: String) {
        var counts: [Int] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let count = Int(part), (0...Self.limit).contains(count) else { return nil }
            counts.append(count)
        }
        self.counts = counts
    }

    var defaultValueDescription: String { counts.map { "\($0)" }.joined(separator: ",") }

    /// The numbers that ask for a test.
    var positive: [Int] { counts.filter { $0 > 0 } }
}
