import Testing

@testable import LaminaHTTP

struct RequestTargetTests {
    private func target(_ text: String, method: String = "GET") throws -> RequestTarget {
        try RequestTarget(ArraySlice(text.utf8), method: method)
    }

    @Test func `Decodes the path and leaves the query encoded`() throws {
        let target = try target("/caf%C3%A9/a%20b?x=%20y&z")
        #expect(target.path == "/café/a b")
        #expect(target.segments == ["café", "a b"])
        #expect(target.query == "x=%20y&z")
    }

    @Test func `Keeps an encoded slash inside its segment`() throws {
        #expect(try target("/v1/models/org%2Fname").segments == ["v1", "models", "org/name"])
    }

    @Test func `Keeps empty segments`() throws {
        #expect(try target("/").segments == [""])
        #expect(try target("//a/").segments == ["", "a", ""])
    }

    @Test func `Takes dots that are no traversal`() throws {
        #expect(try target("/.well-known/a..b/...").segments == [".well-known", "a..b", "..."])
    }

    @Test(arguments: ["/..", "/a/../b", "/a/./b", "/%2e%2e/b", "/a%2F..%2Fb", "/.%2e"])
    func `Refuses traversal however it is written`(text: String) {
        #expect(throws: RequestError.malformedTarget(.traversal)) { try target(text) }
    }

    @Test(arguments: ["/%", "/%1", "/%zz", "/a%2"])
    func `Refuses broken percent-encoding`(text: String) {
        #expect(throws: RequestError.malformedTarget(.percentEncoding)) { try target(text) }
    }

    @Test(arguments: ["/%00", "/%ff", "/%C3"])
    func `Refuses paths that are not text`(text: String) {
        #expect(throws: RequestError.malformedTarget(.encoding)) { try target(text) }
    }

    @Test(arguments: ["/a#b", "/é", "/a\u{7f}", "/?a#b"])
    func `Refuses characters that must be encoded`(text: String) {
        #expect(throws: RequestError.malformedTarget(.character)) { try target(text) }
    }

    @Test(arguments: ["a", "a:80", "ftp://a/", "*", "?x", "http:/a"])
    func `Refuses other forms`(text: String) {
        #expect(throws: RequestError.malformedTarget(.form)) { try target(text) }
    }

    @Test func `Takes an absolute target`() throws {
        let full = try target("HTTP://a.example:81/b%20c?d")
        #expect(full.authority == "a.example:81")
        #expect(full.originForm == "/b%20c?d")
        #expect(full.path == "/b c")
        #expect(try target("https://a").originForm == "/")
        #expect(try target("http://a?x").originForm == "/?x")
    }

    @Test(arguments: ["http://", "http:///a", "http://user@a/", "http://a b/"])
    func `Refuses an absolute target without a proper host`(text: String) {
        #expect(throws: RequestError.self) { try target(text) }
    }

    @Test func `Takes an asterisk with OPTIONS only`() throws {
        #expect(try target("*", method: "OPTIONS").segments.isEmpty)
    }
}
