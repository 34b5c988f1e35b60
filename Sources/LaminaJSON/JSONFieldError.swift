/// A member of a JSON object is missing, of the wrong kind or out of its range.
package struct JSONFieldError: Error, Equatable, CustomStringConvertible {
    /// Where, as in `messages[2].content`; empty for the text as a whole.
    package let path: String
    /// What would have been right, as in `an integer from 1 to 10`.
    package let expected: String
    /// What is there, as in `a string`; `nothing` for a missing member.
    package let found: String

    /// A field that is not what it should be.
    package init(path: String, expected: String, found: String) {
        self.path = path
        self.expected = expected
        self.found = found
    }

    package var description: String {
        path.isEmpty
            ? "the body must be \(expected), but is \(found)" : "'\(path)' must be \(expected), but is \(found)"
    }
}
