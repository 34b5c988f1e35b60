import HTTPTypes
import LaminaHTTP
import LaminaJSON
import LaminaTelemetry
import Testing

@testable import LaminaServer

struct CallerIdentificationTests {
    private static let us = "spiffe://cluster.local/ns/llm/sa/lamina"
    private static let workload = "spiffe://cluster.local/ns/chat/sa/frontend"
    private static let sidecar = "127.0.0.6:41000"
    private static let elsewhere = "10.1.2.3:41000"
    private static let linkerdName = "agent.prod.serviceaccount.identity.linkerd.cluster.local"

    private static func element(_ id: String) -> String {
        #"By=\#(us);Hash=\#(String(repeating: "ab", count: 32));Subject="";URI=\#(id)"#
    }

    private func fixture(
        keys: String? = nil, mesh: Mesh.Kind? = .istio,
        configure: (inout ServerConfiguration) throws -> Void = { _ in }
    ) throws -> PipelineFixture {
        try PipelineFixture(keys: keys, mesh: mesh) { configuration in
            configuration.trustedProxies.sidecars = [
                .istio: try AddressSet(parsing: TrustedProxies.istioSidecar),
                .linkerd: try AddressSet(parsing: ["10.42.0.8"]),
            ]
            try configure(&configuration)
        }
    }

    private func caller(_ fixture: PipelineFixture, _ fields: HTTPFields, from peer: String) async throws -> String? {
        let answer = try await fixture.ask(.post, "/v1/completions", fields, from: peer)
        return answer.status == 200 ? try JSONValue(parsing: answer.body)["caller"]?.stringValue : nil
    }

    @Test func `The sidecar says who calls, and nobody else does`() async throws {
        let fixture = try fixture()
        let fields: HTTPFields = [.forwardedClientCertificate: Self.element(Self.workload)]
        #expect(try await caller(fixture, fields, from: Self.sidecar) == Self.workload)
        #expect(try await caller(fixture, fields, from: "[::6]:1") == Self.workload)
        for peer in [Self.elsewhere, "127.0.0.1:1", "127.0.0.7:1", "[::1]:1", "unix:pid=1,uid=0"] {
            #expect(try await caller(fixture, fields, from: peer) == "anonymous", "\(peer)")
        }
        let metrics = fixture.metrics
        let series = #"lamina_forwarded_identities_total{field="x-forwarded-client-cert",result="#
        #expect(metrics.contains(series + #""accepted"} 2"#) && metrics.contains(series + #""ignored"} 5"#))
        #expect(metrics.contains(series + #""malformed"} 0"#))
        #expect(fixture.log.text.contains(#""client_identity":"\#(Self.workload)""#))
    }

    @Test func `Without a sidecar its address means nothing, and the operator's proxies count`() async throws {
        let fields: HTTPFields = [.forwardedClientCertificate: Self.element(Self.workload)]
        let without = try fixture(mesh: nil)
        #expect(try await caller(without, fields, from: Self.sidecar) == "anonymous")
        let named = try fixture(mesh: nil) {
            $0.trustedProxies.addresses = try AddressSet(parsing: ["10.0.0.0/8", "unix"])
        }
        #expect(try await caller(named, fields, from: Self.elsewhere) == Self.workload)
        #expect(try await caller(named, fields, from: "unix:pid=1,uid=0") == Self.workload)
        #expect(try await caller(named, fields, from: "192.0.2.1:1") == "anonymous")
    }

    @Test func `What the sidecar sends and cannot be read is refused, logged and counted`() async throws {
        let fixture = try fixture()
        let swallowed = #"URI=spiffe://cluster.local/ns/admin/sa/root;Subject=","# + Self.element(Self.workload)
        for value in [swallowed, Self.element(Self.workload) + ";", "", "URI=\(Self.workload)"] {
            let fields: HTTPFields = [.forwardedClientCertificate: value]
            let answer = try await fixture.ask(.post, "/v1/completions", fields, from: Self.sidecar)
            let error = try JSONValue(parsing: answer.body)["error"]
            #expect(answer.status == 400 && error?["code"] == "invalid_identity", "\(value)")
            #expect(error?["param"] == "x-forwarded-client-cert")
            #expect(!answer.body.contains("root"), "a forger's words are not repeated")
            #expect(try await caller(fixture, fields, from: Self.elsewhere) == "anonymous")
        }
        #expect(fixture.metrics.contains(#"result="malformed"} 4"#))
        #expect(fixture.metrics.contains(#"lamina_identity_refusals_total{route="/v1/completions"} 4"#))
        #expect(fixture.log.text.contains("a caller is refused"))
    }

    @Test func `Several lines are one list, and only its last element counts`() async throws {
        var fields = HTTPFields()
        fields.append(
            HTTPField(name: .forwardedClientCertificate, value: Self.element("spiffe://cluster.local/ns/admin/sa/root"))
        )
        fields.append(HTTPField(name: .forwardedClientCertificate, value: Self.element(Self.workload)))
        #expect(try await caller(fixture(), fields, from: Self.sidecar) == Self.workload)
    }

    @Test func `Where we know who we are, another's element is refused`() async throws {
        let fields: HTTPFields = [.forwardedClientCertificate: Self.element(Self.workload)]
        let known = try fixture { $0.trustedProxies.ownID = SPIFFEID(Self.us) }
        #expect(try await caller(known, fields, from: Self.sidecar) == Self.workload)
        let other = try fixture { $0.trustedProxies.ownID = SPIFFEID("spiffe://cluster.local/ns/llm/sa/other") }
        #expect(try await other.ask(.post, "/v1/completions", fields, from: Self.sidecar).status == 400)
    }

    @Test func `In Linkerd its own field counts, from the pod's own address, and Envoy's does not`() async throws {
        let fixture = try fixture(mesh: .linkerd)
        let fields: HTTPFields = [.linkerdClientID: Self.linkerdName]
        #expect(try await caller(fixture, fields, from: "10.42.0.8:5") == "certificate:\(Self.linkerdName)")
        #expect(try await caller(fixture, fields, from: "10.42.0.9:5") == "anonymous")
        #expect(try await caller(fixture, fields, from: Self.sidecar) == "anonymous")
        let envoy: HTTPFields = [.forwardedClientCertificate: Self.element(Self.workload)]
        #expect(try await caller(fixture, envoy, from: "10.42.0.8:5") == "anonymous")
        #expect(try await caller(self.fixture(), fields, from: Self.sidecar) == "anonymous")
        let two: HTTPFields = [.linkerdClientID: "\(Self.linkerdName), \(Self.linkerdName)"]
        #expect(try await fixture.ask(.post, "/v1/completions", two, from: "10.42.0.8:5").status == 400)
    }

    @Test func `A key says more than a certificate`() async throws {
        let fields: HTTPFields = [.forwardedClientCertificate: Self.element(Self.workload), .apiKey: "secret"]
        #expect(try await caller(fixture(keys: "alice:secret"), fields, from: Self.sidecar) == "key:alice")
    }

    @Test func `A gateway is believed by its identity or its address, others are passed over and counted`() async throws
    {
        let fixture = try fixture {
            $0.trustedGateways.identities = [try #require(IdentityPattern(Self.workload))]
            $0.trustedGateways.addresses = try AddressSet(parsing: ["192.0.2.7"])
        }
        let gateway: HTTPFields = [.fairnessID: "team-a", .forwardedClientCertificate: Self.element(Self.workload)]
        #expect(try await caller(fixture, gateway, from: Self.sidecar) == "gateway:team-a")
        #expect(try await caller(fixture, [.fairnessID: "team-a"], from: "192.0.2.7:1") == "gateway:team-a")
        #expect(try await caller(fixture, [.fairnessID: ""], from: "192.0.2.7:1") == "anonymous")
        let other = Self.element("spiffe://cluster.local/ns/chat/sa/other")
        let workload: HTTPFields = [.fairnessID: "team-a", .forwardedClientCertificate: other]
        #expect(try await caller(fixture, workload, from: Self.sidecar) == "spiffe://cluster.local/ns/chat/sa/other")
        #expect(try await caller(fixture, gateway, from: Self.elsewhere) == "anonymous")
        let series = #"lamina_gateway_fields_ignored_total{field="x-gateway-inference-fairness-id"} 2"#
        #expect(fixture.metrics.contains(series))
        let llmd: HTTPFields = [try #require(HTTPField.Name("x-llm-d-inference-fairness-id")): "team-b"]
        #expect(try await caller(fixture, llmd, from: "192.0.2.7:1") == "gateway:team-b")
        let long: HTTPFields = [.fairnessID: String(repeating: "x", count: 257)]
        let refused = try await fixture.ask(.post, "/v1/completions", long, from: "192.0.2.7:1")
        #expect(refused.status == 400 && refused.body.contains("x-gateway-inference-fairness-id"))
        #expect(try await caller(fixture, long, from: Self.elsewhere) == "anonymous")
    }

    @Test func `A trusted gateway's objective is a priority, by the operator's table`() throws {
        var gateways = TrustedGateways()
        gateways.addresses = try AddressSet(parsing: ["192.0.2.7"])
        gateways.objectives = ["chat": -10, "batch": 20]
        let identification = CallerIdentification(
            try .unruled(MetricsRegistry()), proxies: TrustedProxies(), gateways: gateways)
        func priority(_ objective: String, from peer: String) throws -> Int? {
            identification.caller(
                of: try IncomingRequest(method: .post, target: "/", fields: [.objective: objective], from: peer)
            ).gateway.priority
        }
        #expect(try priority("chat", from: "192.0.2.7:1") == -10)
        #expect(try priority("batch", from: "192.0.2.7:1") == 20)
        #expect(try priority("unknown", from: "192.0.2.7:1") == nil)
        #expect(try priority("chat", from: Self.elsewhere) == nil)
    }
}
