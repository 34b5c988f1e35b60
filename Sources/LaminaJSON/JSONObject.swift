/// The members of a JSON object in the order they were written, found by name.
///
/// A repeated name keeps the position of its first occurrence and takes the value of its last, as a Python `dict` does:
/// the chat templates of models were written against that. Names are compared byte by byte; Swift's `String` equality
/// would take two spellings of the same letter for one name.
package struct JSONObject: Sendable {
    /// One name and its value.
    package struct Member: Sendable, Equatable {
        /// The member's name.
        package let key: String
        /// The member's value.
        package var value: JSONValue
    }

    /// Up to here a linear search beats a hash table.
    private static let linearSearchLimit = 8

    /// The members in order.
    package private(set) var members: [Member] = []
    /// Positions by name; empty while the object is small.
    private var positions: [ExactKey: Int] = [:]

    /// An object without members.
    package init() {}

    /// The number of members.
    package var count: Int { members.count }

    /// True without members.
    package var isEmpty: Bool { members.isEmpty }

    /// The names in order.
    package var keys: [String] { members.map(\.key) }

    /// The value of a member. Setting replaces it in place or appends it; setting nil removes it.
    package subscript(key: String) -> JSONValue? {
        get {
            position(of: key).map { members[$0].value }
        }
        set {
            let known = position(of: key)
            switch (known, newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): append(key, value)
            case (let position?, nil): remove(at: position)
            case (nil, nil): break
            }
        }
    }

    private func position(of key: String) -> Int? {
        if members.count > Self.linearSearchLimit {
            return positions[ExactKey(text: key)]
        }
        return members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
        if members.count > Self.linearSearchLimit + 1 {
            positions[ExactKey(text: key)] = members.count - 1
        } else if members.count == Self.linearSearchLimit + 1 {
            indexMembers()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        indexMembers()
    }

    private mutating func indexMembers() {
        positions.removeAll(keepingCapacity: true)
        guard members.count > Self.linearSearchLimit else { return }
        for (position, member) in members.enumerated() {
            positions[ExactKey(text: member.key)] = position
        }
    }
}

extension JSONObject: Sequence {
    /// Goes through the members in order.
    package func makeIterator() -> IndexingIterator<[Member]> {
        members.makeIterator()
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Keeps the order of the literal; a repeated name behaves as in a parsed text.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { self[key] = value }
    }
}

extension JSONObject: Equatable {
    /// The same names with the same values; as in JSON, order does not matter.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }
}

/// A name compared and hashed by its bytes.
private struct ExactKey: Hashable, Sendable {
    let text: String

    static func == (left: ExactKey, right: ExactKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
