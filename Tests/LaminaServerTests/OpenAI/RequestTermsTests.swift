import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaJSON
import Testing

@testable import LaminaServer

@Suite struct RequestTermsTests {
    private func request(_ fields: HTTPFields) throws -> IncomingRequest {
        try IncomingRequest(method: .post, target: "/v1/completions", fields: fields)
    }

    private func parameters(_ members: String = "") throws -> GenerationParameters {
        try CompletionRequest(body: Array(#"{"prompt":"x"\#(members)}"#.utf8)).parameters
    }

    private func timeout(_ fields: HTTPFields, server: Duration? = nil) throws -> Duration? {
        let request = try request(fields)
        return try RequestTerms(request, try parameters(), timeout: server).deadline.map {
            request.receivedAt.duration(to: $0)
        }
    }

    @Test func `An ordinary request has no deadline, and the common tenant`() throws {
        #expect(try RequestTerms(try request([:]), try parameters(), timeout: nil) == RequestTerms())
    }

    @Test func `Reads priority, user and cache salt from the body`() throws {
        let parameters = try parameters(#","priority":-3,"user":"ann","cache_salt":"s""#)
        let terms = try RequestTerms(try request([:]), parameters, timeout: nil)
        #expect(terms == RequestTerms(tenant: .named("user:ann"), priority: -3, cacheSalt: "s"))
    }

    @Test func `The caller's account comes before the body's user, and an objective before its priority`() throws {
        let parameters = try parameters(#","user":"ann","priority":3"#)
        var caller = Caller(keyName: "alice", identity: PeerIdentity(spiffeID: SPIFFEID("spiffe://td/ns/a/sa/b")))
        func terms() throws -> RequestTerms {
            try RequestTerms(try request([:]), parameters, caller: caller, timeout: nil)
        }
        #expect(try terms() == RequestTerms(tenant: .named("key:alice"), priority: 3))
        caller.gateway = GatewayTerms(fairnessID: "team-a", priority: -5)
        #expect(try terms() == RequestTerms(tenant: .named("gateway:team-a"), priority: -5))
        caller = Caller(identity: caller.identity)
        #expect(try terms().tenant == .named("spiffe://td/ns/a/sa/b"))
        caller = Caller(identity: PeerIdentity(spiffeID: nil, subject: "CN=x"))
        #expect(try terms().tenant == .named("certificate:CN=x"))
        caller = Caller()
        #expect(try terms().tenant == .named("user:ann"))
    }

    @Test func `The shortest of all timeouts counts, from the request's first byte`() throws {
        #expect(try timeout([.requestTimeout: "1500"]) == .milliseconds(1500))
        #expect(try timeout([.requestTimeout: "1500"], server: .seconds(1)) == .seconds(1))
        #expect(try timeout([.requestTimeout: "1500"], server: .seconds(9)) == .milliseconds(1500))
        #expect(try timeout([.envoyExpectedTimeout: "200", .requestTimeout: "1500"]) == .milliseconds(200))
        #expect(try timeout([.envoyExpectedTimeout: "nonsense"], server: .seconds(9)) == .seconds(9))
        #expect(try timeout([.envoyExpectedTimeout: "0"]) == nil)
    }

    @Test(arguments: ["", "0", "-1", "1.5", "10s", "99999999999999999999", "604800001"])
    func `Refuses a timeout that is no number of milliseconds`(text: String) throws {
        let error = try #require(throws: APIError.self) { try timeout([.requestTimeout: text]) }
        #expect(error.status == 400 && error.parameter == "X-Request-Timeout-Ms")
    }

    @Test(arguments: [
        #""priority":1.5"#, #""priority":"high""#, #""user":5"#, #""cache_salt":"""#, #""cache_salt":7"#,
        #""user":"\#(String(repeating: "x", count: 257))""#, #""cache_salt":"\#(String(repeating: "x", count: 257))""#,
    ])
    func `Names the field that is wrong`(member: String) throws {
        let error = try #require(throws: APIError.self) { try parameters("," + member) }
        #expect(error.status == 400 && member.hasPrefix("\"\(error.parameter ?? "?")\""))
    }
}
