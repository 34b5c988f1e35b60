import Foundation
import HTTPTypes
import LaminaHTTP
import LaminaJSON
import Testing

@testable import LaminaServer

struct IdentityPolicyTests {
    private static let routes = ["/v1/completions", "/v1/models", "/v1/models/{id}", "/metrics", "/livez"]

    private func policy(_ text: String) throws -> IdentityPolicy {
        try IdentityPolicyFile(parsing: text, path: "policy", routes: Self.routes).policy
    }

    private func identity(_ id: String) -> PeerIdentity {
        PeerIdentity(spiffeID: SPIFFEID("spiffe://cluster.local/ns/\(id)"))
    }

    @Test func `The narrowest rule counts, and what none covers is closed`() throws {
        let policy = try policy(
            """
            # who may use what
            inference        spiffe://cluster.local/ns/prod/*   spiffe://cluster.local/ns/chat/sa/frontend

            models\tany
            /v1/models/{id}  spiffe://cluster.local/ns/ops/*
            inference        spiffe://cluster.local/ns/test/*
            """)
        func admits(_ id: String?, _ pattern: String?) throws -> Bool {
            policy.admits(id.map(identity), pattern: pattern, isOpen: false)
        }
        for id in ["prod/sa/a", "chat/sa/frontend", "test/sa/x"] { #expect(try admits(id, "/v1/completions"), "\(id)") }
        for id in ["chat/sa/other", "production/sa/a", nil] { #expect(try !admits(id, "/v1/completions")) }
        #expect(try admits(nil, "/v1/models") && admits("any/sa/x", "/v1/models"))
        #expect(try admits("ops/sa/x", "/v1/models/{id}") && !admits("prod/sa/a", "/v1/models/{id}"))
        #expect(try !admits("prod/sa/a", nil) && !admits("prod/sa/a", "/metrics"))
        #expect(policy.admits(nil, pattern: "/metrics", isOpen: true), "open unless a rule is about it")
    }

    @Test func `Everything else goes by the rule about all`() throws {
        let policy = try policy(
            "* spiffe://cluster.local/ns/ops/*\n/metrics spiffe://cluster.local/ns/monitoring/sa/prometheus")
        #expect(policy.admits(identity("ops/sa/x"), pattern: nil, isOpen: false))
        #expect(policy.admits(identity("ops/sa/x"), pattern: "/v1/models", isOpen: false))
        #expect(!policy.admits(identity("ops/sa/x"), pattern: "/metrics", isOpen: true))
        #expect(policy.admits(identity("monitoring/sa/prometheus"), pattern: "/metrics", isOpen: true))
        #expect(IdentityPolicy().admits(nil, pattern: nil, isOpen: false), "without rules everything is open")
    }

    @Test(arguments: [
        ("* any\n/v1/chat any", "policy, line 2: '/v1/chat' is no route"), ("everything any", "is no route"),
        ("* ", "line 1: nobody is named"), ("* spiffe://x", "'spiffe://x' is no SPIFFE ID"),
        ("/livez any", "/livez is a probe"), ("# nothing\n\n", "policy has no rule"), ("", "policy has no rule"),
    ])
    func `Says what is wrong with a policy, and where`(text: String, message: String) throws {
        let error = try #require(throws: IdentityPolicyError.self) { try policy(text) }
        #expect("\(error)".contains(message), "\(error)")
    }
}

struct IdentityGuardTests {
    private static let sidecar = "127.0.0.6:1"

    private func fixture(allowed: [String] = [], policy: String? = nil) throws -> PipelineFixture {
        try PipelineFixture(keys: nil, mesh: .istio) {
            $0.trustedProxies.sidecars[.istio] = try AddressSet(parsing: TrustedProxies.istioSidecar)
            $0.allowedIdentities = try allowed.map { try #require(IdentityPattern($0)) }
            $0.identityPolicy = policy
        }
    }

    private func fields(_ id: String) -> HTTPFields {
        [.forwardedClientCertificate: "Hash=\(String(repeating: "0", count: 64));URI=spiffe://cluster.local/ns/\(id)"]
    }

    /// A file of its own for the time of `body`.
    private func withPolicy(_ text: String, _ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "lamina-policy-\(UUID())").path
        defer { unlink(path) }
        try Data(text.utf8).write(to: URL(filePath: path))
        try await body(path)
    }

    @Test func `A caller that may not use a route is told so, logged by name and counted`() async throws {
        try await withPolicy("inference spiffe://cluster.local/ns/prod/*\nmodels any\n") { path in
            let fixture = try fixture(policy: path)
            func status(_ method: HTTPRequest.Method, _ route: String, _ id: String) async throws -> Int {
                try await fixture.ask(method, route, fields(id), from: Self.sidecar).status
            }
            #expect(try await status(.post, "/v1/completions", "prod/sa/a") == 200)
            let refused = try await fixture.ask(.post, "/v1/completions", fields("chat/sa/b"), from: Self.sidecar)
            let error = try JSONValue(parsing: refused.body)["error"]
            #expect(refused.status == 403 && error?["code"] == "identity_not_allowed")
            #expect(error?["message"]?.stringValue?.contains("spiffe://cluster.local/ns/chat/sa/b") == true)
            #expect(try await status(.get, "/v1/models", "chat/sa/b") == 200)
            #expect(try await status(.get, "/nowhere", "prod/sa/a") == 403)
            // From elsewhere the same words are worth nothing.
            #expect(try await fixture.ask(.post, "/v1/completions", fields("prod/sa/a")).status == 403)
            #expect(fixture.metrics.contains(#"lamina_identity_refusals_total{route="/v1/completions"} 2"#))
            #expect(fixture.metrics.contains(#"lamina_identity_refusals_total{route="other"} 1"#))
            let line = fixture.log.text.split(separator: "\n").first { $0.contains("a caller is refused") }
            #expect(line?.contains(#""client_identity":"spiffe://cluster.local/ns/chat/sa/b""#) == true)
            for probe in ["/livez", "/readyz", "/health", "/metrics"] {
                #expect(try await fixture.ask(.get, probe).status == 200, "\(probe)")
            }
        }
    }

    @Test func `Options name who may use everything the file is silent about`() async throws {
        try await withPolicy("models spiffe://cluster.local/ns/ops/*\n") { path in
            let fixture = try fixture(allowed: ["spiffe://cluster.local/ns/prod/*"], policy: path)
            #expect(
                try await fixture.ask(.post, "/v1/completions", fields("prod/sa/a"), from: Self.sidecar).status == 200)
            #expect(try await fixture.ask(.get, "/v1/models", fields("prod/sa/a"), from: Self.sidecar).status == 403)
            #expect(try await fixture.ask(.get, "/v1/models", fields("ops/sa/a"), from: Self.sidecar).status == 200)
        }
    }

    @Test func `A policy is exchanged as a whole, and one with a mistake leaves the old one in force`() async throws {
        try await withPolicy("* spiffe://td/a\n") { path in
            let store = try IdentityPolicyStore(allowed: [], path: path, routes: [])
            let reloadable = try #require(store.reloadable)
            let peer = PeerIdentity(spiffeID: SPIFFEID("spiffe://td/b"))
            #expect(!store.policy.admits(peer, pattern: nil, isOpen: false))
            try Data("* spiffe://td/b\nnonsense any\n".utf8).write(to: URL(filePath: path))
            #expect(throws: IdentityPolicyError.self) { try reloadable.reload() }
            #expect(!store.policy.admits(peer, pattern: nil, isOpen: false))
            try Data("* spiffe://td/b\n".utf8).write(to: URL(filePath: path))
            #expect(try reloadable.reload() == "1 rules")
            #expect(store.policy.admits(peer, pattern: nil, isOpen: false))
        }
        #expect(try IdentityPolicyStore(allowed: [], path: nil, routes: []).reloadable == nil)
        #expect(throws: IdentityPolicyError.self) { try IdentityPolicyStore(allowed: [], path: "/nowhere", routes: []) }
    }
}
