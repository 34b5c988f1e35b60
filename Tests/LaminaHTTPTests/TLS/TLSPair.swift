import COpenSSL
import Testing

@testable import LaminaHTTP

/// Both ends of a TLS connection as state machines, without sockets.
final class TLSPair {
    let server: TLSSession
    let client: TLSSession

    init(server: TLSServerContext, client: TLSClientContext, host: String = "localhost") throws {
        self.server = try #require(server.makeSession())
        self.client = try #require(client.makeSession(host: host))
    }

    /// Does the handshake, handing over `pieceBytes` at a time, and returns how each end got on. The client may be done
    /// before the server has refused its certificate; `client.read` tells then.
    func handshake(pieceBytes: Int = .max) -> (server: TLSSession.HandshakeStep, client: TLSSession.HandshakeStep) {
        var steps = (server: TLSSession.HandshakeStep.needsInput, client: client.handshake())
        while true {
            var moved = false
            for piece in Self.pieces(client.takeOutput(), pieceBytes) {
                moved = true
                server.receive(piece)
                if steps.server == .needsInput { steps.server = server.handshake() }
            }
            for piece in Self.pieces(server.takeOutput(), pieceBytes) {
                moved = true
                client.receive(piece)
                if steps.client == .needsInput { steps.client = client.handshake() }
            }
            if !moved { return steps }
        }
    }

    /// Hands over what both have to say.
    func exchange() {
        server.receive(client.takeOutput())
        client.receive(server.takeOutput())
    }

    static func pieces(_ bytes: [UInt8], _ count: Int) -> [[UInt8]] {
        guard bytes.count > count else { return bytes.isEmpty ? [] : [bytes] }
        return stride(from: 0, to: bytes.count, by: count).map { Array(bytes[$0..<min($0 + count, bytes.count)]) }
    }
}

extension TLSSession.HandshakeStep {
    /// Why it failed; nil where it did not.
    var cause: TLSFailure.Cause? {
        if case .failed(let failure) = self { failure.cause } else { nil }
    }
}

extension TLSSession {
    /// The words of the alert that ended it; nil where none did.
    var alert: String? {
        if case .failed(let failure) = read(), failure.cause == .peerAlert { failure.reason } else { nil }
    }
}

/// A client that trusts one authority only.
func testClient(_ authority: TestAuthority, certificate: TLSCertificateFiles? = nil) throws -> TLSClientContext {
    var configuration = TLSClientConfiguration()
    configuration.trustsSystemAuthorities = false
    configuration.authorityFiles = [authority.file]
    configuration.certificate = certificate
    return try TLSClientContext(configuration)
}

/// A server's context.
func testServer(
    _ certificates: TLSCertificateFiles..., configure: (inout TLSServerConfiguration) -> Void = { _ in }
) throws -> TLSServerContext {
    var configuration = TLSServerConfiguration(certificates: certificates)
    configure(&configuration)
    return try TLSServerContext(configuration)
}

/// What a client of a test asks for, other than our own clients do.
extension TLSSession {
    func offer(versions: ClosedRange<Int32>) {
        SSL_ctrl(handle, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(versions.lowerBound), nil)
        SSL_ctrl(handle, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(versions.upperBound), nil)
    }

    func offer(weakCiphers list: String) {
        SSL_set_security_level(handle, 0)
        SSL_set_cipher_list(handle, list + ":@SECLEVEL=0")
    }

    func offer(signatures list: String) {
        var text = Array(list.utf8CString)
        SSL_ctrl(handle, SSL_CTRL_SET_SIGALGS_LIST, 0, &text)
    }

    func ask(serverName: String) {
        var text = Array(serverName.utf8CString)
        if serverName.isEmpty {
            SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), nil)
        } else {
            SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &text)
        }
    }

    /// SSL_OP_NO_RENEGOTIATION is bit 30.
    func allowRenegotiation() { SSL_clear_options(handle, 1 << 30) }
}
