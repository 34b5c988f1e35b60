import HTTPTypes
import LaminaHTTP
import LaminaJSON
import Testing

@testable import LaminaServer

struct CORSTests {
    private static let page = "https://chat.example.com"

    private func fixture(_ origins: String..., keys: String? = nil) throws -> PipelineFixture {
        try PipelineFixture(keys: keys) { $0.cors = try CORSPolicy(origins: origins) }
    }

    private static func preflight(_ origin: String) -> HTTPFields {
        [
            .origin: origin, .accessControlRequestMethod: "POST",
            .accessControlRequestHeaders: "authorization,content-type,x-stainless-os",
        ]
    }

    @Test func `Answers a preflight without a key`() async throws {
        let answer = try await fixture(Self.page, keys: "secret-1").ask(
            .options, "/v1/models", Self.preflight(Self.page))
        #expect(answer.status == 204 && answer.body.isEmpty)
        #expect(answer.headers[.accessControlAllowOrigin] == Self.page)
        #expect(answer.headers[.accessControlAllowMethods] == "GET, HEAD, POST, OPTIONS")
        #expect(answer.headers[.accessControlAllowHeaders] == "Authorization, *")
        #expect(answer.headers[.accessControlMaxAge] == "600")
        #expect(answer.headers[.vary] == "Origin")
        #expect(answer.headers[.accessControlAllowCredentials] == nil)
    }

    @Test func `Lets a page read the answer, errors included`() async throws {
        let fixture = try fixture("http://localhost:3000", Self.page, keys: "secret-1")
        for (key, status) in [("secret-1", 200), ("secret-2", 401)] {
            let answer = try await fixture.ask(.get, "/v1/models", [.origin: Self.page, .apiKey: key])
            #expect(answer.status == status && answer.headers[.accessControlAllowOrigin] == Self.page)
            #expect(answer.headers[.accessControlExposeHeaders]?.contains("x-request-id") == true)
            #expect(answer.headers[.vary]?.contains("Origin") == true)
        }
    }

    @Test func `Tells other pages nothing`() async throws {
        let fixture = try fixture(Self.page)
        for origin in [
            "https://evil.example", "https://chat.example.com.evil.example", "http://chat.example.com", "null", "",
        ] {
            let answer = try await fixture.ask(.get, "/v1/models", [.origin: origin])
            #expect(answer.status == 200 && answer.headers[.accessControlAllowOrigin] == nil, "\(origin)")
            #expect(answer.headers[.vary]?.contains("Origin") == true)
            let preflight = try await fixture.ask(.options, "/v1/models", Self.preflight(origin))
            #expect(preflight.status == 403 && preflight.headers[.accessControlAllowOrigin] == nil)
            #expect(preflight.headers[.vary]?.contains("Origin") == true)
        }
        let plain = try await fixture.ask(.get, "/v1/models")
        #expect(plain.headers[.vary]?.contains("Origin") == true, "or a cache would hand it to a page")
        #expect(plain.headers[.accessControlAllowOrigin] == nil)
    }

    @Test func `A star is for all and makes nothing vary`() async throws {
        let fixture = try fixture("https://a.example", "*")
        let answer = try await fixture.ask(.get, "/v1/models", [.origin: "https://any.example"])
        #expect(answer.headers[.accessControlAllowOrigin] == "*")
        #expect(answer.headers[.vary]?.contains("Origin") != true)
        #expect(try await fixture.ask(.options, "/v1/models", Self.preflight("null")).status == 204)
    }

    @Test func `An OPTIONS request that is no preflight goes to the router`() async throws {
        let answer = try await fixture(Self.page).ask(.options, "/v1/models", [.origin: Self.page])
        #expect(answer.status == 204 && answer.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(answer.headers[.accessControlAllowOrigin] == Self.page)
    }

    @Test func `Off where nobody asked for it`() async throws {
        let fixture = try PipelineFixture()
        let answer = try await fixture.ask(.options, "/v1/models", Self.preflight(Self.page))
        #expect(answer.headers.allSatisfy { !$0.name.canonicalName.hasPrefix("access-control") })
        #expect(
            try await fixture.ask(.get, "/v1/models", [.origin: Self.page]).headers[.accessControlAllowOrigin] == nil)
    }

    @Test(arguments: [
        ("HTTPS://Chat.Example.COM", "https://chat.example.com"), ("https://a.example:443", "https://a.example"),
        ("http://a.example:80", "http://a.example"), ("http://a.example:443", "http://a.example:443"),
        ("http://[::1]:3000", "http://[::1]:3000"), ("chrome-extension://abcdef", "chrome-extension://abcdef"),
    ]) func `Compares origins as browsers write them`(_ written: String, _ sent: String) throws {
        #expect(try CORSPolicy(origins: [written]).allowed(sent) == sent)
    }

    @Test(arguments: [
        "", "null", "example.com", "https://", "https://a.example/", "https://a.example/path", "https://*.example.com",
        "https://user@a.example", "https://a.example?x", "://a", "1http://a", "https://a b", "https://ä.example",
    ]) func `Refuses what no browser would send`(_ origin: String) {
        #expect(throws: CORSOriginError.malformed(origin)) { try CORSPolicy(origins: ["https://a.example", origin]) }
    }
}
