/// A piece of a template's body, as parsed.
struct TemplateStatement: Sendable {
    indirect enum Kind: Sendable {
        case text(TemplateString)
        case output(TemplateExpression)
        case conditional([ConditionalBranch], otherwise: [TemplateStatement])
        case loop(ForStatement)
        case assignment(AssignmentTarget, TemplateExpression)
        /// `{% set name %}...{% endset %}`
        case capture(AssignmentTarget, [FilterCall], [TemplateStatement])
        case macro(MacroDefinition)
        /// `{% call(parameters) expression %}...{% endcall %}`
        case callBlock(MacroDefinition, call: TemplateExpression)
        case filterBlock([FilterCall], [TemplateStatement])
        /// `{% with %}` and `{% generation %}`: a body with names of its own.
        case scoped([ScopedAssignment], [TemplateStatement])
        case breakLoop
        case continueLoop
    }

    let kind: Kind
    /// Where it starts, from 1.
    let line: Int
}

/// The condition of an `if` or `elif` and what it guards.
struct ConditionalBranch: Sendable {
    let condition: TemplateExpression
    let body: [TemplateStatement]
}

/// `{% for target in sequence if condition recursive %}...{% else %}...{% endfor %}`
struct ForStatement: Sendable {
    let target: AssignmentTarget
    let sequence: TemplateExpression
    let condition: TemplateExpression?
    let isRecursive: Bool
    let body: [TemplateStatement]
    let otherwise: [TemplateStatement]
}

/// What can stand left of `=` and after `for`.
indirect enum AssignmentTarget: Sendable {
    case name(String)
    case tuple([AssignmentTarget])
    /// `namespace.attribute`
    case attribute(namespace: String, name: String)
}

/// `name = value` in a `with`.
struct ScopedAssignment: Sendable {
    let target: AssignmentTarget
    let value: TemplateExpression
}

/// A macro, or the body of a `call` block, which is one without a name.
struct MacroDefinition: Sendable {
    struct Parameter: Sendable {
        let name: String
        let defaultValue: TemplateExpression?
    }

    let name: String
    let parameters: [Parameter]
    let body: [TemplateStatement]
    /// True if the body reads `varargs`: then surplus arguments are welcome.
    let takesSurplusPositional: Bool
    /// True if the body reads `kwargs`.
    let takesSurplusKeyword: Bool
    /// True if the body reads `caller`.
    let takesCaller: Bool
}
