import Testing

@testable import LaminaHTTP

struct PeerIdentityTests {
    @Test(arguments: [
        ("spiffe://cluster.local/ns/prod/sa/agent", "cluster.local", "/ns/prod/sa/agent", "prod", "agent"),
        ("spiffe://example.org/a/b_c-d.e/F", "example.org", "/a/b_c-d.e/F", nil, nil),
        ("spiffe://example.org", "example.org", "", nil, nil),
        ("spiffe://td/ns/prod/sa", "td", "/ns/prod/sa", nil, nil),
        ("spiffe://td/ns/prod/sa/a/b", "td", "/ns/prod/sa/a/b", nil, nil),
    ])
    func `Reads SPIFFE IDs`(text: String, domain: String, path: String, namespace: String?, account: String?) throws {
        let id = try #require(SPIFFEID(text))
        #expect(id.trustDomain == domain)
        #expect(id.path == path)
        #expect(id.kubernetesNamespace == namespace)
        #expect(id.kubernetesServiceAccount == account)
        #expect(id.description == text)
    }

    @Test(arguments: [
        "", "spiffe:", "spiffe://", "spiffe:///path", "http://cluster.local/a", "SPIFFE://cluster.local/a",
        "spiffe://Cluster.local/a", "spiffe://cluster.local/", "spiffe://cluster.local/a/", "spiffe://cluster.local//a",
        "spiffe://cluster.local/./a", "spiffe://cluster.local/a/..", "spiffe://cluster.local/a?b", "spiffe://td/a#b",
        "spiffe://user@td/a", "spiffe://td:8080/a", "spiffe://td/%61", "spiffe://td/a b", "spiffe://td/ä",
        "spiffe://" + String(repeating: "a", count: 256) + "/b", "spiffe://td/" + String(repeating: "a", count: 2048),
    ])
    func `Refuses what is no SPIFFE ID`(text: String) {
        #expect(SPIFFEID(text) == nil)
    }

    @Test(arguments: [
        ("spiffe://cluster.local/ns/prod/sa/agent", true), ("spiffe://cluster.local/ns/prod/*", true),
        ("spiffe://cluster.local/*", true), ("spiffe://cluster.local/ns/pro/*", false),
        ("spiffe://cluster.local/ns/prod/sa/agent/*", false), ("spiffe://cluster.local/ns/prod/sa/agen", false),
        ("spiffe://cluster.local/ns/prod/sa/agent2", false), ("spiffe://other/ns/prod/*", false),
        ("agent.example.com", true), ("AGENT.example.com", true), ("example.com", false),
        ("CN=agent,O=Example", true), ("CN=agent", false),
    ])
    func `A pattern means whom it names`(text: String, isMeant: Bool) throws {
        let peer = PeerIdentity(
            spiffeID: SPIFFEID("spiffe://cluster.local/ns/prod/sa/agent"), dnsNames: ["agent.example.com"],
            subject: "CN=agent,O=Example")
        #expect(try #require(IdentityPattern(text)).matches(peer) == isMeant)
        #expect(!(try #require(IdentityPattern(text)).matches(PeerIdentity(spiffeID: nil))))
    }

    @Test(arguments: [
        "", "*", "spiffe://cluster.local", "spiffe://*/ns/prod", "spiffe://td/ns/*/sa/x", "spiffe://td/a*", "a b",
        "spiffe://td//*",
    ])
    func `Refuses what is no pattern`(text: String) {
        #expect(IdentityPattern(text) == nil)
    }

    @Test(arguments: [
        ("URI:spiffe://td/ns/a/sa/b", "spiffe://td/ns/a/sa/b"),
        ("URI:spiffe://td/ns/a/sa/b,DNS:x", "spiffe://td/ns/a/sa/b"),
        // X509-SVID §2: exactly one URI.
        ("URI:spiffe://td/ns/a/sa/b,URI:spiffe://td/c,DNS:x.y", "x.y"),
        ("URI:spiffe://td/a,URI:https://td/a", "CN=test"),
        ("URI:https://td/a", "CN=test"), ("URI:spiffe://td", "CN=test"), ("DNS:first,DNS:second", "first"),
        ("", "CN=test"),
    ])
    func `Names the holder of a certificate`(names: String, expected: String) throws {
        let authority = try TestAuthority()
        let issued = try authority.issue(.init(alternativeNames: names))
        let peer = PeerIdentity(certificate: CertificateReader(issued.certificate))
        #expect(peer.name == expected)
    }

    @Test func `An authority is no workload`() throws {
        let authority = try TestAuthority()
        let issued = try authority.issue(.init(alternativeNames: "URI:spiffe://td/a", isAuthority: true))
        #expect(PeerIdentity(certificate: CertificateReader(issued.certificate)).spiffeID == nil)
    }
}
