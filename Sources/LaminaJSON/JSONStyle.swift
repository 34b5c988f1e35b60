/// How a JSON text is laid out.
package struct JSONStyle: Sendable, Equatable {
    /// Between elements and members; with `indent` a line break follows it.
    package var itemSeparator: String
    /// Between a member's name and value.
    package var keySeparator: String
    /// Spaces per level; nil keeps everything on one line.
    package var indent: Int?
    /// Writes everything beyond ASCII as `\u` escapes.
    package var escapesNonASCII: Bool
    /// Writes members ordered by name instead of as they were written.
    package var sortsKeys: Bool

    /// A style; see the properties.
    package init(
        itemSeparator: String, keySeparator: String, indent: Int? = nil, escapesNonASCII: Bool = false,
        sortsKeys: Bool = false
    ) {
        self.itemSeparator = itemSeparator
        self.keySeparator = keySeparator
        self.indent = indent
        self.escapesNonASCII = escapesNonASCII
        self.sortsKeys = sortsKeys
    }

    /// Without spaces: for the wire.
    package static let compact = JSONStyle(itemSeparator: ",", keySeparator: ":")

    /// As Python's `json.dumps(value, ensure_ascii=False)`: what chat templates were trained with.
    package static let python = JSONStyle(itemSeparator: ", ", keySeparator: ": ")

    /// As Python's `json.dumps(value, ensure_ascii=False, indent=indent)`.
    package static func indented(by indent: Int) -> JSONStyle {
        JSONStyle(itemSeparator: ",", keySeparator: ": ", indent: indent)
    }
}
