import LaminaModel
import Testing

/// Templates come with model files; a hostile one must end in an error.
@Suite struct ChatTemplateLimitTests {
    private var tight: ChatTemplateLimits {
        var limits = ChatTemplateLimits()
        limits.textLength = 10_000
        limits.work = 100_000
        return limits
    }

    private func refusal(_ source: String) -> ChatTemplateError? {
        do {
            _ = try ChatTemplate(source: source, limits: tight).render(
                messages: [], tools: nil, addGenerationPrompt: false, now: CalendarTime(secondsSince1970: 0))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% macro m(x) %}{{ x(x) }}{% endmacro %}{{ m(m) }}",
        "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", "{{ 'a' * 10001 }}",
        "{{ 'ab' * 9223372036854775807 }}",
        "{{ [1] * 9223372036854775807 }}", "{{ range(9223372036854775807) }}", "{{ 'a'.center(9223372036854775807) }}",
        "{% set n = namespace(s='aa') %}{% for i in range(64) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
        "{% set n = namespace(s='aa') %}{% for i in range(64) %}{% set n.s = n.s | replace('a', n.s) %}{% endfor %}",
        "{% set n = namespace(l=[]) %}{% for i in range(9999) %}{% set n.l = [n.l] %}{% endfor %}",
        "{% set n = namespace(l={}) %}{% for i in range(9999) %}{% set n.l = {'a': n.l} %}{% endfor %}",
        "{% set n = namespace(l=[1]) %}{% for i in range(9999) %}{% set n.l = [n.l.count] %}{% endfor %}",
        "{% set n = namespace(l=[1]) %}{% for i in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}",
        "{% set n = namespace(l=[1]) %}{% for i in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l | tojson }}",
        "{% set a = namespace(l=[1], m=[1]) %}{% for i in range(60) %}{% set a.l = [a.l, a.l] %}{% set a.m = [a.m, a.m] %}{% endfor %}{{ a.l == a.m }}",
        "{% set s = 'a' * 9999 %}{% for i in range(9999) %}{% if 'b' in s %}{% endif %}{% endfor %}",
        "{% for i in range(9999) %}{{ 'aaaaaaaaaaaaaaaaaaaa' }}{% endfor %}",
    ])
    func `Stops what would not end`(source: String) {
        guard case .limitExceeded? = refusal(source) else {
            Issue.record("\(String(describing: refusal(source))) for \(source)")
            return
        }
    }

    @Test(arguments: [
        ("(", ")"), ("[", "]"), ("{'a':", "}"), ("not ", ""), ("- ", ""), ("1 if 1 else ", ""), ("1 + (", ")"),
    ])
    func `Refuses expressions nested too deep`(open: String, close: String) {
        let source = "{{ " + String(repeating: open, count: 3000) + "1" + String(repeating: close, count: 3000) + " }}"
        guard case .limitExceeded? = refusal(source) else {
            Issue.record("\(String(describing: refusal(source)))")
            return
        }
    }

    @Test(arguments: [".a", "[0]", "()", " | upper", " if 1"]) func `Refuses chains that are too long`(
        link: String
    ) {
        guard case .limitExceeded? = refusal("{{ x" + String(repeating: link, count: 3000) + " }}") else {
            Issue.record("no limit")
            return
        }
    }

    @Test func `Takes long chains of operators`() {
        #expect(refusal("{{ 1" + String(repeating: " + 1", count: 3000) + " }}") == nil)
        #expect(refusal("{{ 'a'" + String(repeating: " ~ 'a'", count: 30) + " }}") == nil)
        #expect(refusal("{{ 1" + String(repeating: " and 1", count: 3000) + " }}") == nil)
    }

    @Test func `Refuses blocks nested too deep and templates too large`() {
        guard case .limitExceeded? = refusal(String(repeating: "{% if 1 %}", count: 3000)) else {
            Issue.record("no limit")
            return
        }
        var limits = ChatTemplateLimits()
        limits.sourceBytes = 10
        #expect(throws: ChatTemplateError.limitExceeded(line: 1, limit: "10 bytes of template")) {
            try ChatTemplate(source: "0123456789a", limits: limits)
        }
    }

    @Test(arguments: [
        "{{ 9223372036854775807 + 1 }}", "{{ 10 ** 30 }}", "{{ -9223372036854775807 - 2 }}",
        "{{ (-9223372036854775807 - 1) // -1 }}", "{{ (-9223372036854775807 - 1) % -1 }}",
        "{{ -(-9223372036854775807 - 1) }}", "{{ 9223372036854775807 * 9223372036854775807 }}",
    ])
    func `Refuses integers beyond 64 bits`(source: String) {
        #expect(refusal(source) == .evaluation(line: 1, message: "the result does not fit 64 bits"))
    }
}
