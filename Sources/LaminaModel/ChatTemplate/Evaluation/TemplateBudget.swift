/// What a rendering may still spend; see `ChatTemplateLimits`.
struct TemplateBudget {
    private let limits: ChatTemplateLimits
    private var workLeft: Int
    private var depth = 0

    init(limits: ChatTemplateLimits) {
        self.limits = limits
        workLeft = limits.work
    }

    /// Characters a text may have.
    var textLength: Int { limits.textLength }

    /// Pays for work before it is done.
    ///
    /// - Throws: `TemplateFailure.limitExceeded`.
    mutating func spend(_ work: Int) throws {
        guard work <= workLeft else { throw TemplateFailure.limitExceeded("\(limits.work) units of work") }
        workLeft -= work
    }

    /// Pays for a text of `count` characters before it is made.
    mutating func spendText(_ count: Int) throws {
        guard count <= limits.textLength else {
            throw TemplateFailure.limitExceeded("\(limits.textLength) characters of text")
        }
        try spend(count)
    }

    /// Refuses a value nested too deep.
    func admit(_ value: TemplateValue) throws {
        guard value.nesting <= limits.valueDepth else {
            throw TemplateFailure.limitExceeded("\(limits.valueDepth) levels of lists and dictionaries")
        }
    }

    /// Goes one level deeper; `leave` must follow.
    mutating func enter() throws {
        guard depth < limits.evaluationDepth else {
            throw TemplateFailure.limitExceeded("\(limits.evaluationDepth) levels of evaluation")
        }
        depth += 1
        try spend(1)
    }

    mutating func leave() {
        depth -= 1
    }
}
