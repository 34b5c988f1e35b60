/// The id of a span within its trace: 8 bytes that are not all zero (W3C Trace Context §3.2.2.4, "parent-id").
package struct SpanID: Sendable, Hashable, CustomStringConvertible {
    private let value: UInt64

    /// The id with these 8 bytes, highest first; nil when all are zero.
    package init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// A new id.
    package init(using random: inout some RandomNumberGenerator) {
        value = max(1, random.next())
    }

    /// The id written as 16 lower-case hexadecimal digits.
    package init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 16, let value = LowerHex.integer(text.utf8.prefix(16)) else { return nil }
        self.init(value)
    }

    /// 16 lower-case hexadecimal digits.
    package var description: String { LowerHex.text(value, digits: 16) }

    /// The 8 bytes, highest first, as OTLP carries them.
    package var bytes: [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}
