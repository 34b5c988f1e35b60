/// Doubles as Python's `repr` writes them: the shortest digits that read back the same, plain between 1e-4 and 1e16.
///
/// Swift's own description finds the same digits but changes to an exponent at 2^54, and prompts must not depend on that.
package enum PythonNumber {
    /// The text of a double; `nan`, `inf` and `-inf` for what JSON cannot say.
    package static func text(of number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        let sign = number.sign == .minus ? "-" : ""
        let (digits, exponent) = decimal(number.magnitude)
        if (-4..<16).contains(exponent) {
            return sign + plain(digits, exponent: exponent)
        }
        let fraction = digits.dropFirst()
        let mantissa = digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
        let magnitude = String(exponent.magnitude)
        let padding = magnitude.utf8.count < 2 ? "0" : ""
        return sign + mantissa + (exponent < 0 ? "e-" : "e+") + padding + magnitude
    }

    /// The significant digits without zeros at either end, and the power of ten of the first one.
    private static func decimal(_ magnitude: Double) -> (digits: String, exponent: Int) {
        let parts = magnitude.description.split(separator: "e", maxSplits: 1)
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let all = whole + (mantissa.count > 1 ? String(mantissa[1]) : "")
        let leadingZeros = all.prefix { $0 == "0" }.count
        var digits = String(all.dropFirst(leadingZeros))
        while digits.last == "0" { digits.removeLast() }
        guard !digits.isEmpty else { return ("0", 0) }
        let scale = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return (digits, whole.utf8.count - 1 - leadingZeros + scale)
    }

    private static func plain(_ digits: String, exponent: Int) -> String {
        if exponent < 0 {
            return "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        let padded = digits + String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count))
        let fraction = padded.dropFirst(exponent + 1)
        return padded.prefix(exponent + 1) + "." + (fraction.isEmpty ? "0" : fraction)
    }
}
