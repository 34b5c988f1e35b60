import Foundation
import Testing

@testable import LaminaHTTP

private let hash = String(repeating: "0a", count: 32)
private let ownID = "spiffe://cluster.local/ns/llm/sa/lamina"
private let workload = "spiffe://cluster.local/ns/chat/sa/frontend"
/// What a sidecar writes.
private let real = #"By=\#(ownID);Hash=\#(hash);Subject="CN=frontend,O=cluster.local";URI=\#(workload)"#

struct ForwardedClientCertificateTests {
    private func caller(_ lines: String..., ownID id: String? = nil) throws -> String? {
        let certificate = try ForwardedClientCertificate(lines: lines, ownID: id.flatMap { SPIFFEID($0) })
        return PeerIdentity(certificate).spiffeID?.description
    }

    /// The fields that Envoy sent, each with what it says about the caller.
    private static func vectors() throws -> [(field: String, expected: String)] {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "xfcc-vectors.txt")
        let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        return zip(lines, lines.dropFirst()).filter { !$0.0.hasPrefix("#") }.map { field, answer in
            let words = answer.split(separator: " ")
            return (String(field), words.count > 2 && words[1] == "=>" ? String(words[2]) : "")
        }
    }

    @Test func `Reads what Envoy sent, and refuses what swallows its element`() throws {
        let vectors = try Self.vectors()
        #expect(vectors.count == 4)
        for (field, expected) in vectors {
            if expected == "REJECT" {
                #expect(throws: ForwardedCertificateError.self) { try caller(field, ownID: ownID) }
            } else {
                #expect(try caller(field, ownID: ownID) == expected)
                #expect(try caller(field) == expected)
            }
        }
    }

    @Test func `Keeps all that the element says`() throws {
        let certificate = try ForwardedClientCertificate(lines: [
            #"by=\#(ownID);BY=spiffe://b/c;hash=\#(hash.uppercased());Cert="-----BEGIN%20";DNS=x;dns=b.example;"#
                + #"Subject="CN=a\"b\,c\\";Uri=x:y;URI=;chain="""#
        ])
        #expect(certificate.writers == [ownID, "spiffe://b/c"])
        #expect(certificate.hash == hash)
        #expect(certificate.subject == #"CN=a"b\,c\\"#)
        #expect(certificate.uris == ["x:y"])
        #expect(certificate.dnsNames == ["x", "b.example"])
        let identity = PeerIdentity(certificate)
        #expect(identity.spiffeID == nil && identity.name == "x" && identity.fingerprint == hash)
    }

    @Test func `Only the last element counts, on whatever line it stands`() throws {
        let forged = "By=\(ownID);Hash=\(hash);URI=spiffe://cluster.local/ns/admin/sa/root"
        #expect(try caller("\(forged),\(real)") == workload)
        #expect(try caller(forged, real) == workload)
        #expect(try caller("\(forged), \t\(real)") == workload)
        #expect(try caller(real, forged) == "spiffe://cluster.local/ns/admin/sa/root")
        #expect(try caller(#"Subject="""#, real) == workload, "an empty subject is in place")
        #expect(throws: ForwardedCertificateError.self, "a quoted value ends in its line") {
            try caller("Subject=\"x", "y\",\(real)")
        }
        // A client without a certificate: nothing is taken from the element before.
        #expect(throws: ForwardedCertificateError.noHash) { try caller(forged, "By=\(ownID)") }
    }

    @Test(arguments: [
        #"URI=spiffe://a/admin;Subject=""#, #"URI=spiffe://a/admin;Subject="x\"#, #"Subject="x"y"#, #"Subject=x"y""#,
        #"Subject="\\"""#, "URI=a b", "URI=a=b", #"URI=a\"#, "URI=\u{e9}", "Subject=\"\u{e9}\"", "URI=\u{7f}",
        "Subject=\"\t\"", "URI", "",
        "=a", "URI=a;", ";URI=a", "URI=a;;DNS=b", " URI=a", "URI=a ", "UR I=a", "URI =a", "1=a", "URI=a,", ",URI=a",
        "URI=a,,DNS=b",
    ])
    func `One byte out of place, and nothing is believed`(forged: String) throws {
        #expect(throws: ForwardedCertificateError.self) { try caller("\(forged),\(real)") }
        #expect(throws: ForwardedCertificateError.self) { try caller(forged, real) }
        #expect(throws: ForwardedCertificateError.self) { try caller("\(real);\(forged)") }
        #expect(throws: ForwardedCertificateError.self) { try caller(real, forged) }
    }

    @Test(arguments: [
        "URI=\(workload)", "Hash=;URI=\(workload)", "Hash=\(hash)0;URI=\(workload)",
        "Hash=\(hash.dropLast());URI=\(workload)",
        "Hash=\(hash.dropLast())g;URI=\(workload)",
    ])
    func `Asks for the certificate's hash`(element: String) {
        #expect(throws: ForwardedCertificateError.noHash) { try caller(element) }
    }

    @Test func `Refuses a second value where there is one`() {
        let keys = ["Hash=\(hash)", "Subject=x", "Cert=x", "Chain=x"]
        for key in keys {
            let element = "Hash=\(hash);\(key);\(key)"
            #expect(throws: ForwardedCertificateError.self) { try caller(element) }
        }
    }

    @Test func `Where we know who we are, the element has to be addressed to us`() throws {
        #expect(try caller(real, ownID: ownID) == workload)
        let other = try #require(SPIFFEID("spiffe://cluster.local/ns/llm/sa/other"))
        #expect(throws: ForwardedCertificateError.notForUs(ownID: other)) {
            try caller(real, ownID: other.description)
        }
        #expect(throws: ForwardedCertificateError.self) {
            try caller("Hash=\(hash);URI=\(workload)", ownID: ownID)
        }
        // A proxy whose certificate has two names.
        #expect(try caller("By=spiffe://b/c;\(real)", ownID: ownID) == workload)
    }

    @Test(arguments: [
        "URI=\(workload);URI=\(workload)2", "URI=https://a.example", "URI=spiffe://cluster.local", "URI=", "DNS=a",
    ])
    func `A workload has exactly one SPIFFE ID`(pair: String) throws {
        #expect(try caller("Hash=\(hash);\(pair)") == nil)
    }

    @Test func `Reads no more than any sensible way and certificate make`() throws {
        #expect(throws: ForwardedCertificateError.tooLong(limitBytes: 48 * 1024)) {
            try caller("Hash=\(hash);DNS=\(String(repeating: "a", count: 48 * 1024))")
        }
        let hop = "Hash=\(hash)"
        func hops(_ count: Int) -> String { Array(repeating: hop, count: count).joined(separator: ",") }
        #expect(throws: ForwardedCertificateError.tooManyElements(limit: 32)) { try caller(hops(33)) }
        #expect(try caller(hops(31), real) == workload)
        let names = Array(repeating: "DNS=a", count: 128).joined(separator: ";")
        #expect(throws: ForwardedCertificateError.tooManyPairs(limit: 128)) { try caller("\(hop);\(names)") }
        #expect(throws: ForwardedCertificateError.self) { try ForwardedClientCertificate(lines: []) }
    }

    @Test func `Reads Linkerd's name of a client, once`() throws {
        let name = "agent.prod.serviceaccount.identity.linkerd.cluster.local"
        let identity = try #require(PeerIdentity(linkerdClientID: [name]))
        #expect(identity.name == name && identity.spiffeID == nil)
        #expect(PeerIdentity(linkerdClientID: [workload])?.spiffeID?.description == workload)
        for lines in [[], [name, name], [""], ["a b"], ["a,b"], ["spiffe://a"], [String(repeating: "a", count: 254)]] {
            #expect(PeerIdentity(linkerdClientID: lines) == nil, "\(lines)")
        }
        let pattern = try #require(IdentityPattern("*.prod.serviceaccount.identity.linkerd.cluster.local"))
        #expect(pattern.matches(identity))
        #expect(try #require(IdentityPattern("*.cluster.LOCAL")).matches(identity))
        #expect(try !#require(IdentityPattern("*.dev.serviceaccount.identity.linkerd.cluster.local")).matches(identity))
        #expect(try !#require(IdentityPattern("*.\(name)")).matches(identity))
        #expect(IdentityPattern("*.") == nil && IdentityPattern("a.*.b") == nil && IdentityPattern("*") == nil)
    }
}
