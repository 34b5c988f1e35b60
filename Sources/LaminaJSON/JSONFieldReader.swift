/// Reads the members of an object into types, and knows the way to them for the error message.
///
/// A member that is `null` counts as absent, as the clients of the OpenAI API expect.
package struct JSONFieldReader: Sendable {
    /// The object that is read.
    package let object: JSONObject
    /// The way to the object; empty for the root.
    package let path: String

    /// - Throws: `JSONFieldError` if the value is no object.
    package init(_ value: JSONValue, path: String = "") throws(JSONFieldError) {
        guard case .object(let object) = value else {
            throw JSONFieldError(path: path, expected: "an object", found: value.kindDescription)
        }
        self.object = object
        self.path = path
    }

    /// The way to a member of this object.
    package func path(of key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    /// The member's value, or nil if it is missing or `null`.
    package func optionalValue(_ key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// - Throws: `JSONFieldError` if the member is there and no string.
    package func optionalString(_ key: String) throws(JSONFieldError) -> String? {
        guard let value = optionalValue(key) else { return nil }
        guard let string = value.stringValue else { throw error(key, expected: "a string", found: value) }
        return string
    }

    /// - Throws: `JSONFieldError` if the member is missing or no string.
    package func string(_ key: String) throws(JSONFieldError) -> String {
        try required(key, try optionalString(key), expected: "a string")
    }

    /// - Throws: `JSONFieldError` if the member is there and neither true nor false.
    package func optionalBool(_ key: String) throws(JSONFieldError) -> Bool? {
        guard let value = optionalValue(key) else { return nil }
        guard let bool = value.boolValue else { throw error(key, expected: "a boolean", found: value) }
        return bool
    }

    /// A whole number; `3.0` counts, since some clients have only one kind of number.
    ///
    /// - Throws: `JSONFieldError` if the member is there and no integer within the range.
    package func optionalInteger(
        _ key: String, in range: ClosedRange<Int64> = .min ... .max
    ) throws(JSONFieldError) -> Int64? {
        guard let value = optionalValue(key) else { return nil }
        let integer = value.integerValue ?? value.doubleValue.flatMap { Int64(exactly: $0) }
        let expectation = Self.describe(range)
        guard let integer else { throw error(key, expected: expectation, found: value) }
        guard range.contains(integer) else {
            throw JSONFieldError(path: path(of: key), expected: expectation, found: String(integer))
        }
        return integer
    }

    /// - Throws: `JSONFieldError` if the member is there and no number within the range.
    package func optionalNumber(
        _ key: String, in range: ClosedRange<Double> = -.infinity ... .infinity
    ) throws(JSONFieldError) -> Double? {
        guard let value = optionalValue(key) else { return nil }
        let isBounded = range.lowerBound.isFinite && range.upperBound.isFinite
        let expectation = isBounded ? "a number from \(range.lowerBound) to \(range.upperBound)" : "a number"
        guard let number = value.doubleValue else { throw error(key, expected: expectation, found: value) }
        guard range.contains(number) else {
            throw JSONFieldError(path: path(of: key), expected: expectation, found: PythonNumber.text(of: number))
        }
        return number
    }

    /// The member's object.
    ///
    /// - Throws: `JSONFieldError` if the member is there and no object.
    package func optionalObject(_ key: String) throws(JSONFieldError) -> JSONFieldReader? {
        guard let value = optionalValue(key) else { return nil }
        return try JSONFieldReader(value, path: path(of: key))
    }

    /// The member's elements, each with the way to it.
    ///
    /// - Throws: `JSONFieldError` if the member is there and no array.
    package func optionalArray(_ key: String) throws(JSONFieldError) -> [JSONElement]? {
        guard let value = optionalValue(key) else { return nil }
        guard let elements = value.arrayValue else { throw error(key, expected: "an array", found: value) }
        return elements.enumerated().map { JSONElement(value: $1, path: "\(path(of: key))[\($0)]") }
    }

    /// The member's elements, each with the way to it.
    ///
    /// - Throws: `JSONFieldError` if the member is missing or no array.
    package func array(_ key: String) throws(JSONFieldError) -> [JSONElement] {
        try required(key, try optionalArray(key), expected: "an array")
    }

    /// The error for a member that is there but not what was expected.
    package func error(_ key: String, expected: String, found value: JSONValue?) -> JSONFieldError {
        JSONFieldError(path: path(of: key), expected: expected, found: value?.kindDescription ?? "missing")
    }

    private func required<Value>(
        _ key: String, _ value: Value?, expected: String
    ) throws(JSONFieldError) -> Value {
        guard let value else { throw error(key, expected: expected, found: object[key]) }
        return value
    }

    private static func describe(_ range: ClosedRange<Int64>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "an integer"
        case (let lower, .max): "an integer of at least \(lower)"
        case (.min, let upper): "an integer of at most \(upper)"
        case (let lower, let upper): "an integer from \(lower) to \(upper)"
        }
    }
}

/// An element of an array and the way to it.
package struct JSONElement: Sendable {
    /// The element.
    package let value: JSONValue
    /// As in `messages[2]`.
    package let path: String

    /// - Throws: `JSONFieldError` if the element is no object.
    package func fields() throws(JSONFieldError) -> JSONFieldReader {
        try JSONFieldReader(value, path: path)
    }

    /// - Throws: `JSONFieldError` if the element is no string.
    package func string() throws(JSONFieldError) -> String {
        guard let string = value.stringValue else {
            throw JSONFieldError(path: path, expected: "a string", found: value.kindDescription)
        }
        return string
    }
}
