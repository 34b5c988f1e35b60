/// A strict recursive-descent parser of RFC 8259 texts: no comments, no trailing commas, no NaN, no byte order mark.
struct JSONParser {
    let bytes: [UInt8]
    let limits: JSONLimits
    var position = 0
    private var depth = 0

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func parseDocument() throws(JSONParseError) -> JSONValue {
        skipWhitespace()
        let value = try parseValue()
        skipWhitespace()
        guard position == bytes.count else { throw failure(.trailingText) }
        return value
    }

    private mutating func parseValue() throws(JSONParseError) -> JSONValue {
        switch peek() {
        case UInt8(ascii: "{"): return .object(try parseObject())
        case UInt8(ascii: "["): return .array(try parseArray())
        case UInt8(ascii: "\""):
            position += 1
            return .string(try parseString())
        case UInt8(ascii: "t"):
            try expectWord("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expectWord("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expectWord("null")
            return .null
        case .some(let byte) where byte == UInt8(ascii: "-") || byte.isASCIIDigit:
            return try parseNumber()
        default:
            throw expected("a value")
        }
    }

    private mutating func parseArray() throws(JSONParseError) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        if closes(with: "]") { return elements }
        while true {
            elements.append(try parseValue())
            skipWhitespace()
            if consume(",") {
                skipWhitespace()
            } else if consume("]") {
                depth -= 1
                return elements
            } else {
                throw expected("',' or ']'")
            }
        }
    }

    private mutating func parseObject() throws(JSONParseError) -> JSONObject {
        try enter()
        var object = JSONObject()
        if closes(with: "}") { return object }
        while true {
            guard consume("\"") else { throw expected("a member name in double quotes") }
            let key = try parseString()
            skipWhitespace()
            guard consume(":") else { throw expected("':'") }
            skipWhitespace()
            object[key] = try parseValue()
            skipWhitespace()
            if consume(",") {
                skipWhitespace()
            } else if consume("}") {
                depth -= 1
                return object
            } else {
                throw expected("',' or '}'")
            }
        }
    }

    /// Steps over the opening bracket, one level deeper.
    private mutating func enter() throws(JSONParseError) {
        guard depth < limits.maximumDepth else { throw failure(.tooDeep(limit: limits.maximumDepth)) }
        depth += 1
        position += 1
        skipWhitespace()
    }

    private mutating func closes(with bracket: Unicode.Scalar) -> Bool {
        guard consume(bracket) else { return false }
        depth -= 1
        return true
    }

    private mutating func expectWord(_ word: StaticString) throws(JSONParseError) {
        for expectedByte in String(describing: word).utf8 {
            guard peek() == expectedByte else { throw expected("'\(word)'") }
            position += 1
        }
    }
}

extension JSONParser {
    func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    mutating func consume(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    func failure(_ reason: JSONParseError.Reason, at offset: Int? = nil) -> JSONParseError {
        JSONParseError(reason, at: offset ?? position, in: bytes)
    }

    func expected(_ what: String) -> JSONParseError {
        failure(position < bytes.count ? .expected(what) : .endOfText(expected: what))
    }
}

extension UInt8 {
    var isASCIIDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }
}
