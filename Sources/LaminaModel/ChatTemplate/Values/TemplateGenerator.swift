/// The result of `map`, `select` and their like: it can be gone through once, has no length, and is always true.
final class TemplateGenerator {
    private var items: [TemplateValue]
    let nesting: Int

    init(_ items: [TemplateValue]) {
        self.items = items
        nesting = 1 + (items.lazy.map(\.nesting).max() ?? 0)
    }

    /// All that has not been taken yet.
    func takeAll() -> [TemplateValue] {
        defer { items = [] }
        return items
    }

    /// The next item, if there is one.
    func takeFirst() -> TemplateValue? {
        items.isEmpty ? nil : items.removeFirst()
    }
}
