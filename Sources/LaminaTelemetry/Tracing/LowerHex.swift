/// Hexadecimal digits as trace headers and UUIDs write them: lower case only, of fixed width.
package enum LowerHex {
    /// The integer of up to 16 digits; nil when there is any other character.
    static func integer(_ digits: some Sequence<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    /// The integer with leading zeros, in `digits` digits.
    package static func text(_ value: UInt64, digits: Int) -> String {
        String(unsafeUninitializedCapacity: digits) { append(value, digits: digits, to: $0, at: 0) }
    }

    /// Both integers in 16 digits each.
    static func text(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 32) {
            append(low, digits: 16, to: $0, at: append(high, digits: 16, to: $0, at: 0))
        }
    }

    /// A random UUID of these bits (RFC 9562 §5.4): version and variant take the place of six of them.
    package static func uuid(_ high: UInt64, _ low: UInt64) -> String {
        let (high, low) = (high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000, low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
        let groups = [(high >> 32, 8), (high >> 16, 4), (high, 4), (low >> 48, 4), (low, 12)]
        return String(unsafeUninitializedCapacity: 36) { text in
            var end = 0
            for (value, digits) in groups {
                if end > 0 {
                    text[end] = UInt8(ascii: "-")
                    end += 1
                }
                end = append(value, digits: digits, to: text, at: end)
            }
            return end
        }
    }

    /// Writes the lowest `digits` digits at `start` and returns where they end.
    private static func append(
        _ value: UInt64, digits: Int, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) -> Int {
        for index in 0..<digits {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index))) & 15
            text[start + index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
        return start + digits
    }
}
