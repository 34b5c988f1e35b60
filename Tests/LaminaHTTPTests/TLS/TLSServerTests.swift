import Glibc
import Synchronization
import Testing

@testable import LaminaHTTP

struct TLSServerTests {
    private let authority: TestAuthority
    private let configuration: TLSServerConfiguration

    init() throws {
        authority = try TestAuthority()
        configuration = TLSServerConfiguration(certificates: [try authority.server("localhost")])
    }

    private func request(
        _ port: Int, _ client: TLSClientContext,
        _ text: String = "GET /x HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
    ) async throws -> String {
        let deadline = ContinuousClock.now + TestClient.patience
        let socket = try await ConnectedSocket.connect(host: "127.0.0.1", port: port, until: deadline)
        let stream = try await TLSStream.client(over: socket, host: "localhost", context: client, until: deadline)
        defer { stream.close() }
        try await stream.write(Array(text.utf8), timeout: TestClient.patience)
        var bytes: [UInt8] = []
        while case .bytes(let new) = try await stream.read(until: deadline) { bytes += new }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `Serves requests over TLS, and handlers know it`() async throws {
        let tls = try ReloadableTLSContext(configuration)
        let events = EventLog()
        try await withServer(
            observer: events, configure: { $0.listeners[0].tls = tls },
            handler: { .text("\($0.isSecure) \($0.security?.version ?? "") \($0.peerIdentity?.name ?? "nobody")") }
        ) { _, port in
            let answer = try await request(port, testClient(authority))
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("true TLSv1.3 nobody"))
            #expect(events.all.contains { if case .handshakeFinished = $0 { true } else { false } })
        }
    }

    @Test func `Handlers know who a client with a certificate is`() async throws {
        var configuration = configuration
        configuration.clientAuthentication = .required
        configuration.clientAuthorityFiles = [authority.file]
        let tls = try ReloadableTLSContext(configuration)
        try await withServer(
            configure: { $0.listeners[0].tls = tls }, handler: { .text($0.peerIdentity?.name ?? "nobody") }
        ) { _, port in
            let files = try authority.workload("spiffe://cluster.local/ns/prod/sa/agent")
            let answer = try await request(port, testClient(authority, certificate: files))
            #expect(answer.hasSuffix("spiffe://cluster.local/ns/prod/sa/agent"))
            // TLS 1.3: the client learns of the refusal by its first read.
            await #expect(throws: SocketError.self) { _ = try await request(port, testClient(authority)) }
        }
    }

    @Test func `Answers a plain request with 400 in plain HTTP`() async throws {
        let tls = try ReloadableTLSContext(configuration)
        let events = EventLog()
        try await withServer(observer: events, configure: { $0.listeners[0].tls = tls }, handler: { .echo($0) }) {
            _, port in
            let client = try TestClient(port: port)
            let response = try await client.get("/")
            #expect(response.status == 400)
            #expect(response.text.contains("https://"))
            #expect(try await client.rest().isEmpty)
            client.close()
            #expect(
                events.all.contains {
                    if case .handshakeFailed(let failure, _) = $0 { failure.cause == .plainHTTP } else { false }
                })
        }
    }

    @Test func `A connection that says nothing is closed when the handshake's time is over`() async throws {
        let tls = try ReloadableTLSContext(configuration)
        let events = EventLog()
        try await withServer(
            observer: events,
            configure: {
                $0.listeners[0].tls = tls
                $0.handshakeTimeout = .milliseconds(50)
            }, handler: { .echo($0) }
        ) { _, port in
            let client = try TestClient(port: port)
            #expect(try await client.rest().isEmpty)
            client.close()
            try await events.wait {
                if case .handshakeFailed(let failure, _) = $0 { failure.cause == .timedOut } else { false }
            }
        }
    }

    @Test func `A connection too many is answered over TLS`() async throws {
        let tls = try ReloadableTLSContext(configuration)
        try await withServer(
            configure: {
                $0.listeners[0].tls = tls
                $0.maximumConnections = 1
            }, handler: { .echo($0) }
        ) { server, port in
            // Counted before it has said anything.
            let idle = try TestClient(port: port)
            while server.connectionCount == 0 { await Task.yield() }
            let answer = try await request(port, testClient(authority))
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
            idle.close()
        }
    }

    @Test func `A reload serves new connections by the new files and keeps the old ones`() async throws {
        let tls = try ReloadableTLSContext(configuration)
        try await withServer(configure: { $0.listeners[0].tls = tls }, handler: { .echo($0) }) { _, port in
            let deadline = ContinuousClock.now + TestClient.patience
            let socket = try await ConnectedSocket.connect(host: "127.0.0.1", port: port, until: deadline)
            let old = try await TLSStream.client(
                over: socket, host: "localhost", context: testClient(authority), until: deadline)
            let stranger = try TestAuthority(name: "New root")
            let new = try stranger.server("localhost")
            let files = configuration.certificates[0]
            rename(new.certificate, files.certificate)
            // Half of the change: the key does not belong to the certificate, so the old ones stay.
            #expect(throws: TLSError.self) { _ = try tls.reload() }
            #expect(try await request(port, testClient(authority)).hasPrefix("HTTP/1.1 200"))
            rename(new.key, files.key)
            _ = try tls.reload()
            #expect(try await request(port, testClient(stranger)).hasPrefix("HTTP/1.1 200"))
            await #expect(throws: TLSError.self) { _ = try await request(port, testClient(authority)) }
            try await old.write(Array("GET / HTTP/1.1\r\nHost: test\r\n\r\n".utf8), timeout: TestClient.patience)
            guard case .bytes(let bytes) = try await old.read(until: deadline) else {
                Issue.record("the old connection has ended")
                return
            }
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 200"))
            old.close()
        }
    }
}
