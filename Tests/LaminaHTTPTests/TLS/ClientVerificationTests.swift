import COpenSSL
import Testing

@testable import LaminaHTTP

struct ClientVerificationTests {
    private let authority: TestAuthority
    private let serverFiles: TLSCertificateFiles

    init() throws {
        authority = try TestAuthority()
        serverFiles = try authority.server("localhost")
    }

    private func server(
        _ mode: TLSServerConfiguration.ClientAuthentication, revocations: [String] = [], depth: Int = 4
    ) throws -> TLSServerContext {
        try testServer(serverFiles) {
            $0.clientAuthentication = mode
            $0.clientAuthorityFiles = [authority.file]
            $0.revocationFiles = revocations
            $0.verifyDepth = depth
        }
    }

    /// Shakes hands, and returns why the server refused and which alert the client got.
    private func attempt(
        _ server: TLSServerContext, _ certificate: TLSCertificateFiles?, version: Int32 = TLS1_3_VERSION
    ) throws -> (cause: TLSFailure.Cause?, alert: String, peer: PeerIdentity?) {
        let pair = try TLSPair(server: server, client: testClient(authority, certificate: certificate))
        pair.client.offer(versions: version...version)
        let steps = pair.handshake()
        let alert =
            if case .failed(let failure) = steps.client { failure.reason } else { pair.client.alert ?? "" }
        return (steps.server.cause, alert, steps.server == .done ? TLSSecurity(pair.server).peer : nil)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `Takes a certificate of the authority and knows who it is`(version: Int32) throws {
        let files = try authority.workload("spiffe://cluster.local/ns/prod/sa/agent")
        for mode in [TLSServerConfiguration.ClientAuthentication.optional, .required] {
            let result = try attempt(server(mode), files, version: version)
            #expect(result.cause == nil)
            #expect(result.peer?.name == "spiffe://cluster.local/ns/prod/sa/agent")
            #expect(result.peer?.subject == "CN=workload")
            #expect(result.peer?.fingerprint.count == 64)
        }
    }

    @Test func `Asks for no certificate unless told to`() throws {
        let files = try authority.workload("spiffe://cluster.local/ns/prod/sa/agent")
        let result = try attempt(server(.none), files)
        #expect(result.cause == nil)
        #expect(result.peer == nil)
    }

    @Test func `Without a certificate an optional one is not missed, a required one is`() throws {
        #expect(try attempt(server(.optional), nil).cause == nil)
        let newer = try attempt(server(.required), nil)
        #expect(newer.cause == .certificateMissing)
        #expect(newer.alert.contains("certificate required"))
        let older = try attempt(server(.required), nil, version: TLS1_2_VERSION)
        #expect(older.cause == .certificateMissing)
        #expect(older.alert.contains("handshake failure"))
    }

    @Test(arguments: [TLSServerConfiguration.ClientAuthentication.optional, .required])
    func `A certificate of another authority is refused with unknown ca`(
        mode: TLSServerConfiguration.ClientAuthentication
    ) throws {
        for name in ["Other root", "Test root"] {
            let other = try TestAuthority(name: name)
            let result = try attempt(server(mode), other.workload("spiffe://cluster.local/ns/prod/sa/agent"))
            #expect(result.cause == (name == "Test root" ? .certificateInvalid : .authorityUnknown))
            #expect(result.alert.contains(name == "Test root" ? "decrypt error" : "unknown ca"), "\(result.alert)")
        }
    }

    @Test func `A certificate signed by itself is refused with unknown ca`() throws {
        let other = try TestAuthority(name: "Self")
        let result = try attempt(server(.required), other.root.files)
        #expect(result.cause == .authorityUnknown)
        #expect(result.alert.contains("unknown ca"))
    }

    @Test func `An expired certificate and one of tomorrow are refused`() throws {
        for (from, until) in [(-7200, -60), (3600, 7200)] {
            let files = try authority.issue(.init(usage: "clientAuth", validFrom: from, validUntil: until)).files
            let result = try attemptUnchecked(server(.required), files)
            #expect(result.cause == .certificateExpired)
            #expect(result.alert.contains(until < 0 ? "certificate expired" : "bad certificate"), "\(result.alert)")
        }
    }

    @Test func `A certificate for servers is none for clients`() throws {
        let files = try authority.issue(.init(usage: "serverAuth")).files
        let result = try attempt(server(.required), files)
        #expect(result.cause == .certificateInvalid)
        #expect(result.alert.contains("unsupported certificate"))
    }

    @Test func `A revoked certificate is refused, the others are not`() throws {
        let revoked = try authority.issue(.init(commonName: "revoked"))
        let good = try authority.issue(.init(commonName: "good"))
        let server = try server(.required, revocations: [authority.revoke([revoked])])
        #expect(server.warnings.isEmpty)
        let result = try attempt(server, revoked.files)
        #expect(result.cause == .certificateRevoked)
        #expect(result.alert.contains("certificate revoked"))
        #expect(try attempt(server, good.files).cause == nil)
    }

    @Test func `A revocation list that is out of date is warned of and lets nobody in`() throws {
        let path = try authority.revoke([], nextUpdate: -60)
        let server = try server(.required, revocations: [path])
        #expect(server.warnings.count == 1)
        #expect(server.warnings[0].hasPrefix(path))
        let result = try attempt(server, authority.issue().files)
        #expect(result.cause == .certificateExpired)
    }

    @Test func `Chains are followed up to the depth`() throws {
        let middle = try authority.issue(.init(commonName: "Middle", isAuthority: true))
        let lower = try authority.issue(.init(commonName: "Lower", isAuthority: true), by: middle)
        let short = try authority.issue(.init(commonName: "client"), by: middle).files
        #expect(try attempt(server(.required, depth: 1), short).cause == nil)
        // Its file has the lower authority only; the middle one is missing.
        let broken = try authority.issue(.init(commonName: "client"), by: lower).files
        #expect(try attempt(server(.required), broken).cause == .authorityUnknown)
    }

    /// With a client that does not check its own certificate's dates.
    private func attemptUnchecked(
        _ server: TLSServerContext, _ files: TLSCertificateFiles
    ) throws -> (cause: TLSFailure.Cause?, alert: String) {
        let pair = try TLSPair(server: server, client: testClient(authority))
        try #require(SSL_use_certificate_chain_file(pair.client.handle, files.certificate) == 1)
        try #require(SSL_use_PrivateKey_file(pair.client.handle, files.key, SSL_FILETYPE_PEM) == 1)
        let steps = pair.handshake()
        return (steps.server.cause, pair.client.alert ?? "")
    }
}
