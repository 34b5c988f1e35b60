import ArgumentParser

/// A number of bytes on the command line: digits and an optional K, M, G or T (powers of 1024).
struct MemorySize: ExpressibleByArgument {
    let bytes: Int

    /// A pebibyte: no machine has more, and sums of a few cannot overflow.
    private static let largest = 1 << 50

    /// As it would be typed.
    var defaultValueDescription: String {
        for (unit, size) in [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)] where bytes % size == 0 {
            return "\(bytes / size)\(unit)"
        }
        return "\(bytes)"
    }

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        var digits = argument[...]
        var factor = 1
        if let unit = digits.last, !unit.isNumber {
            guard let power = "KMGT".firstIndex(of: Character(unit.uppercased())) else { return nil }
            factor = 1 << (10 * ("KMGT".distance(from: "KMGT".startIndex, to: power) + 1))
            digits.removeLast()
        }
        guard let number = Int(digits), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow, bytes <= Self.largest else { return nil }
        self.bytes = bytes
    }
}
