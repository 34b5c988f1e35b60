import Glibc
import HTTPTypes
import Testing

@testable import LaminaHTTP

/// https URLs, against servers with certificates of an authority of the test's own.
@Suite(.timeLimit(.minutes(1)))
struct HTTPSClientTests {
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    private func serverContext(for names: String) throws -> TLSServerContext {
        let files = try authority.issue(TestAuthority.Request(alternativeNames: names)).files
        return try TLSServerContext(TLSServerConfiguration(certificates: [files]))
    }

    private static func answer(_ connection: RawServer.Connection) async throws {
        try await connection.answer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(connection.number)" }
    }

    @Test func `Sends requests one after the other on one encrypted connection`() async throws {
        try await RawServer.run(tls: serverContext(for: "IP:127.0.0.1"), serve: Self.answer) { server in
            let client = HTTPClient(tls: try testClient(authority))
            defer { client.close() }
            for _ in 0..<3 {
                let answer = try await client.send(ClientRequest(.get, server.url))
                #expect(answer.body == Array("0".utf8))
            }
            #expect(client.idleConnections(to: server.url.origin) == 1)
        }
    }

    @Test func `Accepts a certificate for the name it is told to expect`() async throws {
        try await RawServer.run(tls: serverContext(for: "DNS:model.test"), serve: Self.answer) { server in
            let client = HTTPClient(tls: try testClient(authority), serverName: "model.test")
            defer { client.close() }
            #expect(try await client.send(ClientRequest(.get, server.url)).head.status == .ok)
        }
    }

    @Test(arguments: [
        ("DNS:other.test", "the certificate is for other.test;"),
        ("DNS:*.other.test,IP:127.0.0.2,IP:::1", "the certificate is for *.other.test, 127.0.0.2, ::1;"),
        ("", "the certificate is for CN=test;"),
        ("DNS:1.a,DNS:2.a,DNS:3.a,DNS:4.a,DNS:5.a,DNS:6.a,DNS:7.a", "is for 1.a, 2.a, 3.a, 4.a, 5.a and 2 more;"),
    ])
    func `Refuses a certificate for another host, and says for which it is`(names: String, said: String) async throws {
        try await RawServer.run(tls: serverContext(for: names), serve: Self.answer) { server in
            let error = try await failure(HTTPClient(tls: testClient(authority)), server.url)
            #expect(error.contains("127.0.0.1: ") && error.contains("mismatch: ") && error.contains(said), "\(error)")
            #expect(error.hasSuffix("use such a name in the URL"))
        }
    }

    @Test func `Names the settings of the command that asks`() async throws {
        var configuration = TLSClientConfiguration()
        configuration.settings.authority = "with --ca-file"
        configuration.settings.serverName = "with --server-name"
        try await RawServer.run(tls: serverContext(for: "DNS:other.test"), serve: Self.answer) { server in
            let stranger = try await failure(HTTPClient(usualTLS: configuration), server.url)
            #expect(stranger.hasSuffix("name that authority's certificate with --ca-file"), "\(stranger)")
            configuration.authorityFiles = [authority.file]
            let context = try TLSClientContext(configuration)
            let mismatch = try await failure(HTTPClient(tls: context), server.url)
            #expect(mismatch.hasSuffix("or say with --server-name which is meant"), "\(mismatch)")
        }
    }

    @Test func `Refuses an authority it does not trust`() async throws {
        let stranger = try TestAuthority(name: "Stranger")
        let context = try TLSServerContext(
            TLSServerConfiguration(certificates: [
                try stranger.issue(TestAuthority.Request(alternativeNames: "IP:127.0.0.1")).files
            ]))
        try await RawServer.run(tls: context, serve: Self.answer) { server in
            let error = try await failure(HTTPClient(tls: testClient(authority)), server.url)
            #expect(error.contains("127.0.0.1") && error.contains("issuer"), "\(error)")
        }
    }

    @Test func `Refuses a certificate that has expired`() async throws {
        let request = TestAuthority.Request(alternativeNames: "IP:127.0.0.1", validFrom: -7200, validUntil: -3600)
        let configuration = TLSServerConfiguration(certificates: [try authority.issue(request).files])
        // The server does not load it either, once it has expired.
        let expired = try TLSServerContext(configuration, now: time(nil) - 5000)
        try await RawServer.run(tls: expired, serve: Self.answer) { server in
            let error = try await failure(HTTPClient(tls: testClient(authority)), server.url)
            #expect(error.contains("expired"), "\(error)")
        }
    }

    @Test func `Says that a server does not speak TLS`() async throws {
        try await RawServer.run {
            try await $0.send("HTTP/1.1 400 Bad Request\r\n\r\n")
        } _: { server in
            let origin = HTTPOrigin(scheme: .https, host: "127.0.0.1", port: server.url.origin.port)
            let error = try await failure(
                HTTPClient(tls: testClient(authority)), HTTPURL(origin: origin, path: "/"))
            #expect(error.contains("TLS"), "\(error)")
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func `Reaches a server through a proxy's tunnel, be the proxy encrypted or not`(isEncrypted: Bool) async throws {
        try await RawServer.run(tls: serverContext(for: "DNS:model.test"), serve: Self.answer) { server in
            let tunnels = TunnellingProxy(to: server.url.origin)
            let context = isEncrypted ? try serverContext(for: "IP:127.0.0.1") : nil
            try await RawServer.run(tls: context) {
                try await tunnels.serve($0)
            } _: { proxy in
                let server = try ProxyServer(
                    "\(proxy.url.origin.scheme)://u:p@127.0.0.1:\(proxy.url.origin.port)", givenAs: "the test")
                let client = HTTPClient(
                    proxies: ProxySettings(http: nil, https: server), tls: try testClient(authority))
                defer { client.close() }
                let url = try HTTPURL("https://model.test/a")
                for _ in 0..<2 {
                    #expect(try await client.send(ClientRequest(.get, url)).head.status == .ok)
                }
                #expect(client.idleConnections(on: .tunnel(url.origin, server)) == 1)
            }
            #expect(
                tunnels.requests == [
                    "CONNECT model.test:443 HTTP/1.1\r\nHost: model.test:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n"
                ])
        }
    }

    private func failure(_ client: HTTPClient, _ url: HTTPURL) async throws -> String {
        defer { client.close() }
        let error = try await #require(throws: HTTPClientError.self) { try await client.send(ClientRequest(.get, url)) }
        guard case .tls = error else {
            Issue.record("\(error)")
            return ""
        }
        return "\(error)"
    }
}
