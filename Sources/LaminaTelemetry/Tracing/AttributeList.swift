/// Attributes in the order in which they were set; each key has one value. Bounded by `TelemetryLimits`, since values come from
/// clients.
package struct AttributeList: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// A key and its value.
    package struct Member: Sendable, Equatable {
        /// A name of the semantic conventions, such as `http.route`.
        package let key: String
        /// Its value.
        package var value: AttributeValue
    }

    /// The attributes in order.
    package private(set) var members: [Member] = []

    /// These attributes; of several with one key the last counts.
    package init(dictionaryLiteral elements: (String, AttributeValue)...) {
        for (key, value) in elements { self[key] = value }
    }

    /// The value of an attribute. Setting nil changes nothing: what is not known is left out.
    package subscript(key: String) -> AttributeValue? {
        get { members.first { $0.key == key }?.value }
        set {
            guard let value = newValue?.limited(toBytes: TelemetryLimits.attributeValueBytes) else { return }
            if let index = members.firstIndex(where: { $0.key == key }) {
                members[index].value = value
            } else if members.count < TelemetryLimits.attributesPerSpan {
                members.append(Member(key: key, value: value))
            }
        }
    }

    /// Sets all of another list's attributes.
    package mutating func set(_ others: AttributeList) {
        for member in others.members { self[member.key] = member.value }
    }
}
