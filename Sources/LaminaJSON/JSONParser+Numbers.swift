// Numbers (RFC 8259 §6). An integer that fits 64 bits stays one; everything else becomes the nearest double, and a
// number beyond the doubles is refused rather than turned into infinity.

extension JSONParser {
    mutating func parseNumber() throws(JSONParseError) -> JSONValue {
        let start = position
        _ = consume("-")
        if !consume("0") {
            try skipDigits("a digit")
        }
        var isInteger = true
        if consume(".") {
            isInteger = false
            try skipDigits("a digit after the decimal point")
        }
        if consume("e") || consume("E") {
            isInteger = false
            if !consume("+") { _ = consume("-") }
            try skipDigits("a digit of the exponent")
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw failure(.numberOutOfRange, at: start) }
        return .number(number)
    }

    private mutating func skipDigits(_ what: String) throws(JSONParseError) {
        let start = position
        while let byte = peek(), byte.isASCIIDigit { position += 1 }
        guard position > start else { throw expected(what) }
    }
}
