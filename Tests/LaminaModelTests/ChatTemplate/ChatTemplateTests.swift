import Foundation
import LaminaJSON
import LaminaModel
import Testing

@Suite struct ChatTemplateTests {
    private static let noon = CalendarTime(secondsSince1970: 1_700_000_000)

    private func render(_ source: String, _ variables: JSONObject = JSONObject()) throws -> String {
        try ChatTemplate(source: source).render(
            messages: variables["messages"]?.arrayValue ?? [], tools: nil, addGenerationPrompt: false,
            variables: ChatTemplate.Variables(bosToken: "<s>", extra: variables), now: Self.noon)
    }

    /// The root of the package, where the demo model lies.
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func json(_ url: URL) throws -> JSONValue {
        try JSONValue(parsing: Array(try Data(contentsOf: url)))
    }

    @Test func `Renders the demo model's conversations as they were rendered in training`() throws {
        let source = try String(
            contentsOf: Self.root.appending(path: "models/recipe/chat_template.jinja"), encoding: .utf8)
        let template = try ChatTemplate(source: source)
        let chats = try #require(try json(Self.root.appending(path: "models/golden.json"))["chat_template"]?.arrayValue)
        #expect(chats.count >= 10)
        for chat in chats {
            let messages = try #require(chat["messages"]?.arrayValue)
            let tools = chat["tools"]?.arrayValue
            let addsPrompt = chat["add_generation_prompt"]?.boolValue ?? false
            let text = try template.render(
                messages: messages, tools: tools, addGenerationPrompt: addsPrompt, now: Self.noon)
            #expect(.string(text) == chat["rendered"])
            let segments = try template.renderSegments(
                messages: messages, tools: tools, addGenerationPrompt: addsPrompt, now: Self.noon)
            #expect(segments.map(\.text).joined() == text)
        }
    }

    /// `constructs.json` holds small templates and what Jinja made of them; `write_constructs.py` beside it writes it.
    @Test func `Agrees with Jinja on every construct`() throws {
        let table = try json(Self.root.appending(path: "Tests/Integration/templates/constructs.json"))
        let context = try #require(table["context"]?.objectValue)
        let rendered = try #require(table["rendered"]?.arrayValue)
        #expect(rendered.count > 200)
        for example in rendered {
            let source = try #require(example["template"]?.stringValue)
            let text = try? render(source, context)
            #expect(text.map(JSONValue.string) == example["text"], "\(source)")
        }
        for source in try #require(table["refused"]?.arrayValue).compactMap(\.stringValue) {
            #expect(throws: ChatTemplateError.self, "\(source)") { try render(source, context) }
        }
        for source in try #require(table["malformed"]?.arrayValue).compactMap(\.stringValue) {
            #expect(throws: ChatTemplateError.self, "\(source)") { try ChatTemplate(source: source) }
        }
    }

    @Test func `Passes the template's refusal on with its own words`() {
        #expect(throws: ChatTemplateError.raised(message: "Roles must alternate: user")) {
            try render(
                "\n{{ raise_exception('Roles must alternate: ' ~ messages[0].role) }}", ["messages": [["role": "user"]]]
            )
        }
    }

    @Test func `Names the line of an error`() {
        #expect(throws: ChatTemplateError.undefined(line: 3, message: "'dict object' has no attribute 'x'")) {
            try render("a\n{% for m in messages %}\n{{ m.x.y }}\n{% endfor %}", ["messages": [["role": "user"]]])
        }
        #expect(throws: ChatTemplateError.syntax(line: 2, message: "unexpected '}}'")) {
            try ChatTemplate(source: "a\n{{ 1 + }}")
        }
        #expect(throws: ChatTemplateError.unsupported(line: 1, construct: "the filter 'urlize'")) {
            try render("{{ 'x' | urlize }}")
        }
        #expect(throws: ChatTemplateError.unsupported(line: 2, construct: "the tag 'include'")) {
            try ChatTemplate(source: "\n{% include 'x' %}")
        }
    }

    @Test func `Reads the injected clock`() throws {
        #expect(
            try render("{{ strftime_now('%Y-%m-%d %H:%M:%S %a %b %j %-d %I%p') }}")
                == "2023-11-14 22:13:20 Tue Nov 318 14 10PM")
    }

    @Test(
        arguments: [
            (0, "1970-01-01 Thu 001"), (951_782_400, "2000-02-29 Tue 060"), (4_107_542_399, "2100-02-28 Sun 059"),
            (4_107_542_400, "2100-03-01 Mon 060"), (-1, "1969-12-31 Wed 365"), (1_735_603_200, "2024-12-31 Tue 366"),
        ] as [(Int64, String)])
    func `Knows the calendar`(seconds: Int64, text: String) throws {
        let template = try ChatTemplate(source: "{{ strftime_now('%F %a %j') }}")
        let rendered = try template.render(
            messages: [], tools: nil, addGenerationPrompt: false, now: CalendarTime(secondsSince1970: seconds))
        #expect(rendered == text)
    }

    @Test func `Answers a line with a text or an error`() throws {
        let template = try ChatTemplate(
            source: "{{ bos_token }}{{ messages[0].content }}{{ x }}{{ tools | length if tools }}")
        func answer(_ line: String) -> JSONValue { template.answer(toLine: Array(line.utf8), now: Self.noon) }
        #expect(answer(#"{"messages":[{"content":"hi"}],"bos_token":"^","x":5,"tools":[{}]}"#) == "^hi51")
        #expect(answer(#"{"messages":7}"#) == ["error": "'messages' must be an array, but is an integer"])
        #expect(answer("{")["error"] != nil)
        #expect(answer(#"{"messages":[]}"#)["error"] != nil)
    }
}
