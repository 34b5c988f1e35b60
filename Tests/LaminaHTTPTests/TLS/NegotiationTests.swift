import COpenSSL
import Testing

@testable import LaminaHTTP

struct NegotiationTests {
    private let authority: TestAuthority
    private let client: TLSClientContext

    init() throws {
        authority = try TestAuthority()
        client = try testClient(authority)
    }

    // MARK: ALPN

    @Test(arguments: [
        (["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"), ([], nil),
    ])
    func `Chooses http1 where it is offered, and takes clients that offer nothing`(
        offered: [String], chosen: String?
    ) throws {
        let pair = try pair(offering: offered)
        #expect(pair.handshake().server == .done)
        #expect(TLSSecurity(pair.server).applicationProtocol == chosen)
    }

    @Test(arguments: [["h2"], ["http/1.0", "spdy/1"], ["http/1.1x"]])
    func `Without a common protocol there is an alert`(offered: [String]) throws {
        let pair = try pair(offering: offered)
        let steps = pair.handshake()
        #expect(steps.server.cause == .applicationProtocol)
        guard case .failed(let failure) = steps.client else {
            Issue.record("the client went on")
            return
        }
        #expect(failure.reason.contains("no application protocol"))
    }

    private func pair(offering names: [String]) throws -> TLSPair {
        let pair = try TLSPair(server: testServer(authority.server("localhost")), client: client)
        let list = names.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        SSL_set_alpn_protos(pair.client.handle, list, UInt32(list.count))
        return pair
    }

    // MARK: Names

    @Test(arguments: [
        ("a.example", "a.example"), ("A.Example", "a.example"), ("b.example", "b.example"),
        ("x.wild.example", "*.wild.example"), ("b.wild.example", "b.wild.example"), ("", "a.example"),
    ])
    func `Shows the certificate for the name that is asked for`(asked: String, shown: String) throws {
        let server = try testServer(
            authority.server("a.example"), authority.server("*.wild.example"), authority.server("b.example"),
            authority.server("b.wild.example"))
        let pair = try TLSPair(server: server, client: client, host: shown.replacing("*", with: "x"))
        pair.client.ask(serverName: asked)
        #expect(pair.handshake().client == .done)
        let certificate = try #require(SSL_get0_peer_certificate(pair.client.handle))
        #expect(CertificateReader(certificate).alternativeNames(.dns) == [shown])
    }

    @Test func `A name may have one certificate of each sort of key`() throws {
        let server = try testServer(
            authority.server("both.example", keyKind: .rsa2048), authority.server("both.example", keyKind: .p256))
        for (signatures, kind) in [("RSA-PSS+SHA256", EVP_PKEY_RSA), ("ECDSA+SHA256", EVP_PKEY_EC)] {
            let pair = try TLSPair(server: server, client: client, host: "both.example")
            pair.client.offer(signatures: signatures)
            #expect(pair.handshake().client == .done)
            let certificate = try #require(SSL_get0_peer_certificate(pair.client.handle))
            #expect(EVP_PKEY_get_base_id(X509_get0_pubkey(certificate)) == kind)
        }
    }

    @Test(arguments: [
        ("*.example", "a.example", true), ("*.example", "a.b.example", false), ("*.example", "example", false),
        ("*.example", ".example", false), ("a*.example", "ab.example", false), ("*", "example", false),
    ])
    func `A wildcard stands for one label`(pattern: String, name: String, covers: Bool) {
        #expect(CertificateChoices.covers(wildcard: pattern, name) == covers)
    }

    // MARK: Whom the client expects

    @Test(arguments: [
        ("DNS:localhost", "localhost", true), ("DNS:localhost", "localhost.", true), ("DNS:other", "localhost", false),
        ("DNS:*.b.example", "a.b.example", true), ("DNS:*.b.example", "a.c.b.example", false),
        ("IP:127.0.0.1", "127.0.0.1", true), ("IP:127.0.0.2", "127.0.0.1", false),
        ("DNS:127.0.0.1", "127.0.0.1", false),
        ("IP:::1", "[::1]", true), ("IP:::1", "::1", true),
    ])
    func `The client takes a certificate only for the host it asked for`(
        names: String, host: String, isTaken: Bool
    ) throws {
        let files = try authority.issue(.init(alternativeNames: names)).files
        let pair = try TLSPair(server: testServer(files), client: client, host: host)
        let steps = pair.handshake()
        #expect((steps.client == .done) == isTaken)
        if !isTaken { #expect(steps.client.cause == .certificateName) }
        let isAddress = names.hasPrefix("IP") || host.hasPrefix("127")
        #expect((TLSSecurity(pair.server).serverName == nil) == isAddress)
    }

    @Test func `The client takes no certificate of another authority`() throws {
        let stranger = try TestAuthority(name: "Stranger")
        let pair = try TLSPair(server: testServer(stranger.server("localhost")), client: client)
        #expect(pair.handshake().client.cause == .authorityUnknown)
    }

    // MARK: Tickets

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `A session is resumed by the context that began it, not by another`(version: Int32) throws {
        let files = try authority.server("localhost")
        let server = try testServer(files)
        let first = try TLSPair(server: server, client: client)
        first.client.offer(versions: version...version)
        _ = first.handshake()
        _ = first.client.read()
        let session = try #require(SSL_get1_session(first.client.handle))
        defer { SSL_SESSION_free(session) }
        for (context, isResumed) in [(server, true), (try testServer(files), false)] {
            let second = try TLSPair(server: context, client: client)
            second.client.offer(versions: version...version)
            SSL_set_session(second.client.handle, session)
            let steps = second.handshake()
            #expect(steps.server == .done)
            #expect(TLSSecurity(second.server).isResumed == isResumed)
        }
    }
}
