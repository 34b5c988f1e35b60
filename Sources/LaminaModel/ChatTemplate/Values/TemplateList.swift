/// The elements of a list or tuple, with how deep they are nested.
///
/// Lists are immutable in the sandbox that templates are written for, so a value type is enough; the depth is kept so
/// that no template can build a value whose comparison, printing or release would overflow the stack.
struct TemplateList {
    let elements: [TemplateValue]
    /// 1 for a list without containers in it.
    let nesting: Int
    /// The size of all elements, each as often as it occurs; see `TemplateValue.size`.
    let size: Int

    init(_ elements: [TemplateValue]) {
        self.elements = elements
        nesting = 1 + (elements.lazy.map(\.nesting).max() ?? 0)
        size = elements.reduce(2) { $0.addingClamped($1.size) }
    }
}

extension Int {
    /// The sum, or the largest integer if it does not fit: lists that share their elements can be larger than that.
    func addingClamped(_ other: Int) -> Int {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }

    /// The product, or the largest integer if it does not fit.
    func multipliedClamped(by other: Int) -> Int {
        let (product, overflows) = multipliedReportingOverflow(by: other)
        return overflows ? .max : product
    }
}
