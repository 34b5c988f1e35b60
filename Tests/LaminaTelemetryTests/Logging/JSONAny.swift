/// Any JSON value, to read log lines back with a decoder that is not ours.
enum JSONAny: Decodable, Equatable {
    case string(String)
    case number(Double)
    case bool(Bool)
    case array([JSONAny])
    case object([String: JSONAny])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let array = try? container.decode([JSONAny].self) {
            self = .array(array)
        } else {
            self = .object(try container.decode([String: JSONAny].self))
        }
    }
}
