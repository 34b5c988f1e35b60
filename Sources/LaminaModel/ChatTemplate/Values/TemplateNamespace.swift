/// The one mutable value: `namespace(...)`, whose attributes `set` can change from inside a loop.
final class TemplateNamespace {
    var attributes: [String: TemplateValue]

    init(_ attributes: [String: TemplateValue]) {
        self.attributes = attributes
    }
}
