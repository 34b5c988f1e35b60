@testable import LaminaHTTP

extension RequestCase {
    private static func host(_ fields: String, version: String = "1.1") -> String {
        "GET / HTTP/\(version)\r\n\(fields)\r\n"
    }

    static let hosts: [RequestCase] = [
        takes("a name", host("Host: a.example\r\n"), as: "GET / a.example"),
        takes("a name with a port", host("Host: a.example:8080\r\n"), as: "GET / a.example:8080"),
        takes("an empty port", host("Host: a:\r\n"), as: "GET / a:"),
        takes("an underscore", host("Host: a_b\r\n"), as: "GET / a_b"),
        takes("an encoded name", host("Host: %e4.example\r\n"), as: "GET / %e4.example"),
        takes("an IPv4 address", host("Host: 127.0.0.1:80\r\n"), as: "GET / 127.0.0.1:80"),
        takes("an IPv6 address", host("Host: [::1]:80\r\n"), as: "GET / [::1]:80"),
        takes(
            "an IPv6 address that ends in an IPv4 one", host("Host: [::ffff:1.2.3.4]\r\n"), as: "GET / [::ffff:1.2.3.4]"
        ),
        takes("an empty Host, for a target without authority", host("Host:\r\n"), as: "GET / "),
        takes("a name in capitals, by any spelling", host("hOST: A\r\n"), as: "GET / A"),
        takes("none in HTTP/1.0", host("", version: "1.0"), as: "GET / - close"),
        takes("one behind other fields", host("A: b\r\nHost: a\r\n"), as: "GET / a"),
        takes("that of an absolute target first", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", as: "GET / b"),

        refuses("none", host(""), .missingHost),
        refuses("none beside an absolute target", "GET http://b/ HTTP/1.1\r\n\r\n", .missingHost),
        refuses("two", host("Host: a\r\nHost: b\r\n"), .repeatedHost),
        refuses("two alike", host("Host: a\r\nhost: a\r\n"), .repeatedHost),
        refuses("two in HTTP/1.0", host("Host: a\r\nHost: b\r\n", version: "1.0"), .repeatedHost),
        refuses("two in one", host("Host: a, b\r\n"), .malformedHost),
        refuses("a space", host("Host: a b\r\n"), .malformedHost),
        refuses("a path", host("Host: a/b\r\n"), .malformedHost),
        refuses("a scheme", host("Host: http://a\r\n"), .malformedHost),
        refuses("user information", host("Host: user@a\r\n"), .malformedHost),
        refuses("a query", host("Host: a?b\r\n"), .malformedHost),
        refuses("a fragment", host("Host: a#b\r\n"), .malformedHost),
        refuses("a backslash", host("Host: a\\b\r\n"), .malformedHost),
        refuses("a byte beyond ASCII", host("Host: \u{e9}\r\n"), .malformedHost),
        refuses("a port of letters", host("Host: a:b\r\n"), .malformedHost),
        refuses("two ports", host("Host: a:80:81\r\n"), .malformedHost),
        refuses("a port beyond 65535", host("Host: a:65536\r\n"), .malformedHost),
        refuses("an endless port", host("Host: a:" + String(repeating: "9", count: 40) + "\r\n"), .malformedHost),
        refuses("an IPv6 address without brackets", host("Host: ::1\r\n"), .malformedHost),
        refuses("an IPv6 address without end", host("Host: [::1\r\n"), .malformedHost),
        refuses("an IPv6 address with a tail", host("Host: [::1]a\r\n"), .malformedHost),
        refuses("empty brackets", host("Host: []\r\n"), .malformedHost),
        refuses("a zone", host("Host: [fe80::1%25eth0]\r\n"), .malformedHost),
        refuses("a name in brackets", host("Host: [localhost]\r\n"), .malformedHost),
        refuses("a broken percent code", host("Host: a%2\r\n"), .malformedHost),
        refuses(
            "an invalid one beside an absolute target", "GET http://b/ HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformedHost),
    ]

    private static func field(_ line: String) -> String { "GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n" }

    static let fields: [RequestCase] = [
        takes("an empty value", field("A:"), as: "GET / a"),
        takes("no space behind the colon", field("A:b"), as: "GET / a"),
        takes("spaces and tabs around the value", field("A: \t b \t "), as: "GET / a"),
        takes("a value of spaces", field("A:   "), as: "GET / a"),
        takes("tabs within the value", field("A: b\tc"), as: "GET / a"),
        takes("colons in the value", field("A: b:c: d"), as: "GET / a"),
        takes("bytes beyond ASCII in the value", field("A: \u{e9}\u{ff}\u{80}"), as: "GET / a"),
        takes("a name of every kind of character", field("!#$%&'*+-.^_`|~09Az: b"), as: "GET / a"),
        takes("the same name again", field("A: b\r\na: c"), as: "GET / a"),

        refuses("whitespace before the colon", field("A : b"), .whitespaceBeforeColon),
        refuses("a tab before the colon", field("A\t: b"), .whitespaceBeforeColon),
        refuses("whitespace before the colon of a framing field", field("Content-Length : 5"), .whitespaceBeforeColon),
        refuses("no colon", field("A"), .malformedFieldName),
        refuses("no name", field(": b"), .malformedFieldName),
        refuses("a space in the name", field("A B: c"), .malformedFieldName),
        refuses("a name beyond ASCII", field("\u{c4}: b"), .malformedFieldName),
        refuses("a control character in the name", field("A\u{1}: b"), .malformedFieldName),
        refuses("a parenthesis in the name", field("A(: b"), .malformedFieldName),
        refuses("a slash in the name", field("A/B: c"), .malformedFieldName),
        refuses("quotes around the name", field("\"A\": b"), .malformedFieldName),
        refuses("a folded value", field("A: b\r\n c"), .lineFolding),
        refuses("a value folded by a tab", field("A: b\r\n\tc"), .lineFolding),
        refuses("a fold that leaves a line of spaces", field("A: b\r\n \r\nC: d"), .lineFolding),
        refuses("whitespace before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .lineFolding),
        refuses("LF alone behind a field", field("A: b\nC: d"), .bareLineFeed),
        refuses("LF alone behind the fields", "GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed),
        refuses("a CR within the value", field("A: b\rc"), .malformedFieldValue(name: "A")),
        refuses("a CR at the end of the value", field("A: b\r"), .malformedFieldValue(name: "A")),
        refuses("a NUL in the value", field("A: b\u{0}c"), .malformedFieldValue(name: "A")),
        refuses("a bell in the value", field("A: \u{7}"), .malformedFieldValue(name: "A")),
        refuses("a vertical tab in the value", field("A: \u{b}b"), .malformedFieldValue(name: "A")),
        refuses("a DEL in the value", field("A: \u{7f}"), .malformedFieldValue(name: "A")),
        refuses("a CR alone for the end of the fields", "GET / HTTP/1.1\r\nHost: a\r\n\rX: y\r\n", .malformedFieldName),
    ]
}
