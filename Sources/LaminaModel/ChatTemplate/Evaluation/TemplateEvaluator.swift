/// Runs the statements of a template. One evaluator serves one rendering.
final class TemplateEvaluator {
    /// How a body ended.
    enum Flow {
        case normal, breakLoop, continueLoop
    }

    let now: CalendarTime
    var budget: TemplateBudget
    /// The line of the statement that runs.
    private(set) var line = 1
    /// What holds itself through macros or attributes and must be taken apart at the end.
    private var cyclicScopes: [TemplateScope] = []
    private var namespaces: [TemplateNamespace] = []

    init(limits: ChatTemplateLimits, now: CalendarTime) {
        self.now = now
        budget = TemplateBudget(limits: limits)
    }

    /// Runs a template with the given names.
    ///
    /// - Throws: `TemplateFailure`; `line` tells where.
    func run(_ body: [TemplateStatement], variables: [(name: String, value: TemplateValue)]) throws -> TemplateString {
        let globals = TemplateScope(parent: nil)
        for global in TemplateGlobal.allCases { globals.define(global.rawValue, .callable(.global(global))) }
        for (name, value) in variables {
            try budget.admit(value)
            globals.define(name, value)
        }
        defer { releaseCycles() }
        var output = TemplateString()
        _ = try execute(body, in: TemplateScope(parent: globals), into: &output)
        return output
    }

    /// Runs a body and appends what it prints.
    func execute(
        _ body: [TemplateStatement], in scope: TemplateScope, into output: inout TemplateString
    ) throws -> Flow {
        try budget.enter()
        defer { budget.leave() }
        for statement in body {
            line = statement.line
            let flow = try execute(statement.kind, in: scope, into: &output)
            guard case .normal = flow else { return flow }
        }
        return .normal
    }

    private func execute(
        _ statement: TemplateStatement.Kind, in scope: TemplateScope, into output: inout TemplateString
    ) throws -> Flow {
        switch statement {
        case .text(let text):
            try append(text, to: &output)
        case .output(let expression):
            try append(try printed(try evaluate(expression, in: scope)), to: &output)
        case .conditional(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition, in: scope).isTruthy {
                return try execute(branch.body, in: scope, into: &output)
            }
            return try execute(otherwise, in: scope, into: &output)
        case .loop(let loop):
            let items = try self.items(of: try evaluate(loop.sequence, in: scope))
            try execute(loop, over: items, depth: 0, in: scope, into: &output)
        case .assignment(let target, let expression):
            try assign(try evaluate(expression, in: scope), to: target, in: scope)
        case .capture(let target, let filters, let body):
            try assign(try filtered(try capture(body, in: scope), by: filters, in: scope), to: target, in: scope)
        case .filterBlock(let filters, let body):
            try append(try printed(try filtered(try capture(body, in: scope), by: filters, in: scope)), to: &output)
        case .macro(let definition):
            scope.define(definition.name, .callable(.macro(makeMacro(definition, in: scope))))
        case .callBlock(let definition, let call):
            try append(try printed(try callBlock(definition, call: call, in: scope)), to: &output)
        case .scoped(let assignments, let body):
            let inner = TemplateScope(parent: scope)
            for assignment in assignments {
                try assign(try evaluate(assignment.value, in: scope), to: assignment.target, in: inner)
            }
            return try execute(body, in: inner, into: &output)
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .normal
    }

    /// Runs a loop over items that are already known; a recursive one comes back here from `loop(...)`.
    func execute(
        _ statement: ForStatement, over items: [TemplateValue], depth: Int, in scope: TemplateScope,
        into output: inout TemplateString
    ) throws {
        try budget.spend(items.count)
        let chosen = try self.chosen(items, by: statement, in: scope)
        let loop = TemplateLoop(items: chosen, depth: depth, statement: statement, scope: scope)
        for (position, item) in chosen.enumerated() {
            loop.position = position
            let inner = TemplateScope(parent: scope)
            inner.define("loop", .loop(loop))
            try assign(item, to: statement.target, in: inner)
            if case .breakLoop = try execute(statement.body, in: inner, into: &output) { return }
        }
        if chosen.isEmpty {
            _ = try execute(statement.otherwise, in: scope, into: &output)
        }
    }

    private func chosen(
        _ items: [TemplateValue], by statement: ForStatement, in scope: TemplateScope
    ) throws -> [TemplateValue] {
        guard let condition = statement.condition else { return items }
        return try items.filter { item in
            let inner = TemplateScope(parent: scope)
            try assign(item, to: statement.target, in: inner)
            return try evaluate(condition, in: inner).isTruthy
        }
    }

    private func assign(_ value: TemplateValue, to target: AssignmentTarget, in scope: TemplateScope) throws {
        try budget.admit(value)
        switch target {
        case .name(let name):
            scope.define(name, value)
        case .attribute(let name, let attribute):
            guard case .namespace(let namespace)? = scope.value(of: name) else {
                throw TemplateFailure.evaluation("cannot assign to an attribute of '\(name)': it is no namespace")
            }
            namespace.attributes[attribute] = value
        case .tuple(let targets):
            let values = try items(of: value)
            guard values.count == targets.count else {
                throw TemplateFailure.evaluation("cannot unpack \(values.count) values into \(targets.count) names")
            }
            for (value, target) in zip(values, targets) { try assign(value, to: target, in: scope) }
        }
    }

    private func capture(_ body: [TemplateStatement], in scope: TemplateScope) throws -> TemplateValue {
        var text = TemplateString()
        _ = try execute(body, in: TemplateScope(parent: scope), into: &text)
        return .string(text)
    }

    private func filtered(
        _ value: TemplateValue, by filters: [FilterCall], in scope: TemplateScope
    ) throws -> TemplateValue {
        try filters.reduce(value) { try apply($1, to: $0, in: scope) }
    }

    private func append(_ text: TemplateString, to output: inout TemplateString) throws {
        try budget.spendText(text.count)
        guard output.count + text.count <= budget.textLength else {
            throw TemplateFailure.limitExceeded("\(budget.textLength) characters of text")
        }
        output.append(text)
    }
}

extension TemplateEvaluator {
    /// A macro that sees the names around its definition.
    func makeMacro(_ definition: MacroDefinition, in scope: TemplateScope) -> TemplateMacro {
        cyclicScopes.append(scope)
        return TemplateMacro(definition: definition, scope: scope)
    }

    func makeNamespace(_ attributes: [String: TemplateValue]) -> TemplateNamespace {
        let namespace = TemplateNamespace(attributes)
        namespaces.append(namespace)
        return namespace
    }

    /// Takes apart what would otherwise keep itself alive after the rendering.
    private func releaseCycles() {
        for scope in cyclicScopes { scope.removeAll() }
        for namespace in namespaces { namespace.attributes.removeAll() }
    }
}
