/// The id of a trace: 16 bytes that are not all zero (W3C Trace Context §3.2.2.3).
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
    private let high: UInt64
    /// The lower 8 bytes, which samplers decide by.
    let low: UInt64

    /// The id with these 16 bytes, highest first; nil when all are zero.
    package init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// A new id.
    package init(using random: inout some RandomNumberGenerator) {
        high = random.next()
        low = max(1, random.next())
    }

    /// The id written as 32 lower-case hexadecimal digits.
    package init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 32, let high = LowerHex.integer(text.utf8.prefix(16)),
            let low = LowerHex.integer(text.utf8.dropFirst(16))
        else { return nil }
        self.init(high: high, low: low)
    }

    /// 32 lower-case hexadecimal digits.
    package var description: String { LowerHex.text(high, low) }

    /// The 16 bytes, highest first, as OTLP carries them.
    package var bytes: [UInt8] {
        withUnsafeBytes(of: high.bigEndian) { Array($0) } + withUnsafeBytes(of: low.bigEndian) { Array($0) }
    }
}
