/// A GGUF file's metadata: typed values by key, in the file's order.
///
/// The typed accessors return nil when the key is absent and throw ``GGUFError/wrongType(path:key:expected:found:)``
/// when its value cannot be read as asked. Integers of every width and sign are read as `Int`, since converters do not
/// agree on them; nothing else is converted.
package struct GGUFMetadata: Sendable {
    /// One key and its value.
    package struct Entry: Sendable, Equatable {
        /// The key, e.g. `llama.context_length`.
        package let key: String
        /// The value with its type in the file.
        package let value: GGUFValue
        /// Bytes from the start of the file to the value (behind its type id).
        package let valueOffset: Int
    }

    /// All entries in the file's order; keys are unique.
    package let entries: [Entry]

    private let indexByKey: [String: Int]
    private let path: String

    /// - Parameters:
    ///   - entries: entries whose keys the reader has found to be unique.
    ///   - indexByKey: the position of each key in `entries`.
    ///   - path: the file, named in errors.
    init(entries: [Entry], indexByKey: [String: Int], path: String) {
        self.entries = entries
        self.indexByKey = indexByKey
        self.path = path
    }

    /// The number of entries.
    package var count: Int { entries.count }

    /// The value with its type in the file, nil when the key is absent.
    package subscript(key: String) -> GGUFValue? { entry(key)?.value }

    /// A string.
    package func string(_ key: String) throws(GGUFError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let string) = value else { throw wrongType(key, "a string", value) }
        return string
    }

    /// A boolean.
    package func bool(_ key: String) throws(GGUFError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .bool(let bool) = value else { throw wrongType(key, "a bool", value) }
        return bool
    }

    /// An integer of any width; also throws when a `uint64` is too large for `Int`.
    package func int(_ key: String) throws(GGUFError) -> Int? {
        guard let value = self[key] else { return nil }
        guard let integer = value.integer else { throw wrongType(key, "an integer", value) }
        guard let int = Int(exactly: integer) else {
            throw .wrongType(path: path, key: key, expected: "an integer up to \(Int.max)", found: "\(integer)")
        }
        return int
    }

    /// A `float32` or `float64`, rounded to `Float`.
    package func float(_ key: String) throws(GGUFError) -> Float? {
        switch self[key] {
        case nil: return nil
        case .float32(let float): return float
        case .float64(let double): return Float(double)
        case .some(let other): throw wrongType(key, "a float", other)
        }
    }

    /// An array of strings.
    package func strings(_ key: String) throws(GGUFError) -> [String]? {
        guard let value = self[key] else { return nil }
        guard case .array(.string(let strings)) = value else { throw wrongType(key, "an array of strings", value) }
        return strings
    }

    /// An array of booleans.
    package func bools(_ key: String) throws(GGUFError) -> [Bool]? {
        guard let value = self[key] else { return nil }
        guard case .array(.bool(let bools)) = value else { throw wrongType(key, "an array of bools", value) }
        return bools
    }

    /// An array of `float32` or `float64`, rounded to `Float`.
    package func floats(_ key: String) throws(GGUFError) -> [Float]? {
        switch self[key] {
        case nil: return nil
        case .array(.float32(let floats)): return floats
        case .array(.float64(let doubles)): return doubles.map { Float($0) }
        case .some(let other): throw wrongType(key, "an array of floats", other)
        }
    }

    /// An array of integers of any width; also throws when a `uint64` is too large for `Int`.
    package func ints(_ key: String) throws(GGUFError) -> [Int]? {
        switch self[key] {
        case nil: return nil
        case .array(.uint8(let values)): return values.map { Int($0) }
        case .array(.int8(let values)): return values.map { Int($0) }
        case .array(.uint16(let values)): return values.map { Int($0) }
        case .array(.int16(let values)): return values.map { Int($0) }
        case .array(.uint32(let values)): return values.map { Int($0) }
        case .array(.int32(let values)): return values.map { Int($0) }
        case .array(.int64(let values)): return values.map { Int($0) }
        case .array(.uint64(let values)):
            if let tooLarge = values.first(where: { Int(exactly: $0) == nil }) {
                throw .wrongType(path: path, key: key, expected: "integers up to \(Int.max)", found: "\(tooLarge)")
            }
            return values.map { Int($0) }
        case .some(let other): throw wrongType(key, "an array of integers", other)
        }
    }

    /// The entry of a key, nil when it is absent.
    func entry(_ key: String) -> Entry? { indexByKey[key].map { entries[$0] } }

    private func wrongType(_ key: String, _ expected: String, _ found: GGUFValue) -> GGUFError {
        .wrongType(path: path, key: key, expected: expected, found: found.typeName)
    }
}
