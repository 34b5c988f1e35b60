import LaminaJSON
import LaminaModel

/// Chat templates: the input is a template, rendered with a conversation under a small budget. Text of the conversation must
/// never come out as the template's own.
enum ChatTemplateTarget {
    /// A character that only the conversation has.
    private static let mark: Unicode.Scalar = "\u{E000}"
    private static let now = CalendarTime(secondsSince1970: 1_700_000_000)
    // Made anew each time: the leak sanitizer does not see through the tagged pointers of a constant that lives on.
    private static var messages: [JSONValue] {
        [
            ["role": "system", "content": .string("Be brief.\(mark)")],
            ["role": "user", "content": .string(" a <b> \u{E9}\u{301}\(mark)\n\n1, 2 "), "n": 3, "f": 0.5],
            [
                "role": "assistant", "content": nil,
                "tool_calls": [["function": ["name": "f", "arguments": ["x": [1, true]]]]],
            ],
            ["role": "tool", "content": ["a", ["type": "text", "text": .string("\(mark)x")]]],
        ]
    }
    private static var tools: [JSONValue] { [["type": "function", "function": ["name": "f", "parameters": [:]]]] }

    private static var limits: ChatTemplateLimits {
        var limits = ChatTemplateLimits()
        limits.textLength = 20_000
        limits.work = 200_000
        return limits
    }

    static func check(_ bytes: [UInt8]) {
        let source = String(decoding: bytes, as: UTF8.self)
        guard let template = try? ChatTemplate(source: source, limits: limits) else { return }
        let variables = ChatTemplate.Variables(bosToken: "<s>", eosToken: "</s>", extra: ["x": "y", "l": [3, 1, 2]])
        let whole = try? template.render(
            messages: messages, tools: tools, addGenerationPrompt: true, variables: variables, now: now)
        let segments = try? template.renderSegments(
            messages: messages, tools: tools, addGenerationPrompt: true, variables: variables, now: now)
        expect(segments?.map(\.text).joined() == whole, "rendered differently the second time")
        guard let segments, let whole else { return }
        expect(whole.unicodeScalars.count <= limits.textLength, "\(whole.unicodeScalars.count) characters")
        // A template that spells the mark itself, or as an escape, proves nothing.
        guard !source.unicodeScalars.contains(where: { $0 == mark || $0 == "\\" }) else { return }
        for segment in segments where segment.isTrusted {
            expect(
                !segment.text.unicodeScalars.contains(mark),
                "the conversation's text is trusted: \(segment.text.debugDescription)")
        }
    }
}
