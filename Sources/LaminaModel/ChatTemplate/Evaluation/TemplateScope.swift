/// The names visible at a place; loops, macros and captured blocks have one of their own inside the surrounding one.
final class TemplateScope {
    private var variables: [String: TemplateValue] = [:]
    private let parent: TemplateScope?

    init(parent: TemplateScope?) {
        self.parent = parent
    }

    func value(of name: String) -> TemplateValue? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.variables[name] { return value }
            scope = current.parent
        }
        return nil
    }

    /// Defines the name here, over whatever the surrounding scopes call so.
    func define(_ name: String, _ value: TemplateValue) {
        variables[name] = value
    }

    /// Forgets everything: scopes and the macros in them hold each other.
    func removeAll() {
        variables.removeAll()
    }
}
