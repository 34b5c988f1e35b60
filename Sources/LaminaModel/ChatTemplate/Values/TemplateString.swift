/// A text that remembers, for each of its characters, whether the template wrote it or a client did.
///
/// Whoever types `<|im_end|>` into a chat must not end the message: only what the template itself wrote may become a
/// control token. So the mark travels with the characters through everything a template can do to a text, and every
/// operation is made of two that keep it: taking a slice and appending. Operations that make new text out of values
/// (`tojson`, the printed form of a list) give untrusted text.
///
/// Positions count Unicode scalars, as in Python, where the templates come from. The marks are stored as the positions at
/// which they change, which for almost every text is none.
struct TemplateString: Sendable {
    private(set) var scalars: [Unicode.Scalar] = []
    /// Whether the first character is trusted.
    private var startsTrusted = false
    /// Where trust changes; ascending, each within the text and none at 0.
    private var changes: [Int] = []

    init() {}

    init(_ text: String, isTrusted: Bool) {
        self.init(Array(text.unicodeScalars), isTrusted: isTrusted)
    }

    init(_ scalars: [Unicode.Scalar], isTrusted: Bool) {
        self.scalars = scalars
        startsTrusted = isTrusted
    }

    /// The number of Unicode scalars.
    var count: Int { scalars.count }

    var isEmpty: Bool { scalars.isEmpty }

    /// The text without its marks.
    var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// The characters in `range` with their marks.
    func slice(_ range: Range<Int>) -> TemplateString {
        var result = TemplateString(Array(scalars[range]), isTrusted: isTrusted(at: range.lowerBound))
        for change in changes where range.contains(change) && change != range.lowerBound {
            result.changes.append(change - range.lowerBound)
        }
        return result
    }

    /// Appends a text with its marks.
    mutating func append(_ other: TemplateString) {
        guard !other.isEmpty else { return }
        guard !isEmpty else {
            self = other
            return
        }
        if endsTrusted != other.startsTrusted { changes.append(count) }
        for change in other.changes { changes.append(change + count) }
        scalars.append(contentsOf: other.scalars)
    }

    /// The text cut where trust changes.
    var segments: [RenderedSegment] {
        guard !isEmpty else { return [] }
        var isTrusted = startsTrusted
        return zip([0] + changes, changes + [count]).map { start, end in
            defer { isTrusted.toggle() }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[start..<end])
            return RenderedSegment(text: String(view), isTrusted: isTrusted)
        }
    }

    /// Replaces each character by others that inherit its mark.
    func mapScalars(_ transform: (Int, Unicode.Scalar) -> String) -> TemplateString {
        var result = TemplateString()
        var bounds = changes[...]
        var isTrusted = startsTrusted
        var run: [Unicode.Scalar] = []
        for (position, scalar) in scalars.enumerated() {
            if bounds.first == position {
                bounds.removeFirst()
                result.append(TemplateString(run, isTrusted: isTrusted))
                run.removeAll()
                isTrusted.toggle()
            }
            run.append(contentsOf: transform(position, scalar).unicodeScalars)
        }
        result.append(TemplateString(run, isTrusted: isTrusted))
        return result
    }

    private var endsTrusted: Bool {
        changes.count.isMultiple(of: 2) ? startsTrusted : !startsTrusted
    }

    private func isTrusted(at position: Int) -> Bool {
        let before = changes.prefix { $0 <= position }.count
        return before.isMultiple(of: 2) ? startsTrusted : !startsTrusted
    }
}

extension TemplateString: Hashable {
    /// The same characters; who wrote them does not matter.
    static func == (left: TemplateString, right: TemplateString) -> Bool {
        left.scalars == right.scalars
    }

    static func == (left: TemplateString, right: String) -> Bool {
        left.scalars.elementsEqual(right.unicodeScalars)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(scalars)
    }
}
