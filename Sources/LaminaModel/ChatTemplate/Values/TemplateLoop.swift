/// The variable `loop` inside a `for`.
final class TemplateLoop {
    let items: [TemplateValue]
    /// Nested recursive loops count from 0.
    let depth: Int
    /// The statement, for `loop(children)` where it is marked `recursive`.
    let statement: ForStatement
    let scope: TemplateScope
    var position = 0
    /// What `changed` was last called with.
    var lastChanged: [TemplateValue]?

    init(items: [TemplateValue], depth: Int, statement: ForStatement, scope: TemplateScope) {
        self.items = items
        self.depth = depth
        self.statement = statement
        self.scope = scope
    }

    /// The value of `loop.name`, or nil if there is no such attribute.
    func attribute(_ name: String) -> TemplateValue? {
        switch name {
        case "index": .integer(position + 1)
        case "index0": .integer(position)
        case "revindex": .integer(items.count - position)
        case "revindex0": .integer(items.count - position - 1)
        case "first": .bool(position == 0)
        case "last": .bool(position == items.count - 1)
        case "length": .integer(items.count)
        case "depth": .integer(depth + 1)
        case "depth0": .integer(depth)
        case "previtem": position > 0 ? items[position - 1] : .undefined(hint: "there is no previous item")
        case "nextitem":
            position + 1 < items.count ? items[position + 1] : .undefined(hint: "there is no next item")
        case "cycle", "changed": .callable(.loopMethod(self, name: name))
        default: nil
        }
    }
}
