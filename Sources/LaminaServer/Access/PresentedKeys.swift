import HTTPTypes

/// The keys that a request carries: `Authorization: Bearer KEY` (RFC 6750 §2.1) and `X-Api-Key: KEY`, at most one of each.
///
/// Both are looked at: a mesh may put a token of its own into Authorization.
struct PresentedKeys {
    /// None, one or two.
    private(set) var keys: [[UInt8]] = []

    init(_ fields: HTTPFields) {
        if let value = Self.only(fields[values: .authorization]), let token = Self.bearerToken(value) {
            keys.append(Array(token.utf8))
        }
        if let key = Self.only(fields[values: .apiKey]) { keys.append(Array(key.utf8)) }
    }

    /// A field that is given twice is none: which of them counts is anybody's guess.
    private static func only(_ values: [String]) -> String? { values.count == 1 ? values.first : nil }

    /// RFC 9110 §11.1: the scheme in any case, then spaces.
    private static func bearerToken(_ value: String) -> Substring? {
        guard let space = value.firstIndex(of: " "), value[..<space].lowercased() == "bearer" else { return nil }
        return value[space...].drop { $0 == " " }
    }
}

extension HTTPField.Name {
    static let apiKey = known("X-Api-Key")
}
