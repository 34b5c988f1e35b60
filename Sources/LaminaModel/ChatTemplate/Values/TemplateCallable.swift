/// What can be called in a template.
enum TemplateCallable {
    case global(TemplateGlobal)
    /// A method of a value, found but not yet called.
    case method(receiver: TemplateValue, name: String)
    case macro(TemplateMacro)
    /// `loop.cycle` and `loop.changed`.
    case loopMethod(TemplateLoop, name: String)
}

/// The functions every template finds.
enum TemplateGlobal: String, CaseIterable {
    case range
    case namespace
    case dict
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
}

/// A macro and the scope it was defined in.
final class TemplateMacro {
    let definition: MacroDefinition
    let scope: TemplateScope

    init(definition: MacroDefinition, scope: TemplateScope) {
        self.definition = definition
        self.scope = scope
    }
}
