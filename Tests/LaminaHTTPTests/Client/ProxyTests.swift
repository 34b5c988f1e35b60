import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// Against sockets that play a proxy.
@Suite(.timeLimit(.minutes(1)))
struct ProxyTests {
    private static let okay = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private func client(_ server: RawServer, user: String = "", except: String = "") throws -> HTTPClient {
        let proxy = try ProxyServer("http://\(user)127.0.0.1:\(server.url.origin.port)", givenAs: "the test")
        return HTTPClient(proxies: ProxySettings(http: proxy, https: proxy, except: except))
    }

    @Test func `Asks a proxy for http URLs in absolute form, for every server on one connection`() async throws {
        let heads = Mutex<[String]>([])
        try await RawServer.run { connection in
            try await connection.answer { head in
                heads.withLock { $0.append("\(connection.number) \(head)") }
                return Self.okay
            }
        } _: { server in
            let client = try client(server, user: "user:secret@")
            defer { client.close() }
            let forged = try #require(HTTPField.Name("Proxy-Authorization"))
            _ = try await client.send(ClientRequest(.get, HTTPURL("http://one.test/a?b"), headers: [forged: "x"]))
            _ = try await client.send(ClientRequest(.get, HTTPURL("http://two.test:81/")))
        }
        let fields = "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\nAccept-Encoding: gzip\r\n"
        #expect(
            heads.withLock { $0 } == [
                "0 GET http://one.test/a?b HTTP/1.1\r\nHost: one.test\r\n\(fields)\r\n",
                "0 GET http://two.test:81/ HTTP/1.1\r\nHost: two.test:81\r\n\(fields)\r\n",
            ])
    }

    @Test func `A request that wants no proxy, and a host that is spared, go straight`() async throws {
        try await RawServer.run { connection in
            try await connection.answer { $0.hasPrefix("GET / ") ? Self.okay : "HTTP/1.1 500 No\r\n\r\n" }
        } _: { server in
            let straight = try client(server)
            defer { straight.close() }
            let request = ClientRequest(.get, server.url, usesProxies: false)
            #expect(try await straight.send(request).head.status == .ok)
            #expect(straight.idleConnections(to: server.url.origin) == 1)
            let sparing = try client(server, except: "127.0.0.1")
            defer { sparing.close() }
            #expect(try await sparing.send(ClientRequest(.get, server.url)).head.status == .ok)
        }
    }

    @Test func `Asks for a tunnel to an https server, with its port and the credentials`() async throws {
        let seen = Mutex("")
        try await RawServer.run { connection in
            let head = try await connection.readHead()
            seen.withLock { $0 = head }
            // What RFC 9110 §9.3.6 lets a proxy say of a body means nothing.
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            guard case .bytes(let hello) = try await connection.socket.read(until: .now + TestClient.patience) else {
                return
            }
            // The first byte of a TLS handshake.
            seen.withLock { $0 += "then \(hello[0])" }
        } _: { server in
            let client = try client(server, user: "user:secret@")
            defer { client.close() }
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(ClientRequest(.get, HTTPURL("https://one.test/")))
            }
            #expect("\(String(describing: error))".contains("one.test"))
        }
        #expect(
            seen.withLock { $0 }
                == "CONNECT one.test:443 HTTP/1.1\r\nHost: one.test:443\r\n"
                + "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\nthen 22")
    }

    @Test(arguments: ["http", "https"], [407, 403, 502])
    func `Names the proxy that refuses, and never its password`(scheme: String, status: Int) async throws {
        try await RawServer.run { connection in
            try await connection.answer { _ in "HTTP/1.1 \(status) No\r\nContent-Length: 2\r\n\r\nno" }
        } _: { server in
            let client = try client(server, user: "user:secret@")
            defer { client.close() }
            let request = ClientRequest(.get, try HTTPURL("\(scheme)://one.test/"))
            // For http URLs only 407 is the proxy's for sure: the others may be the server's.
            if scheme == "http", status != 407 {
                #expect(try await client.send(request).head.status.code == status)
                return
            }
            let error = try #require(
                await #expect(throws: HTTPClientError.self) { try await client.send(request) })
            #expect(
                error
                    == .refusedByProxy(
                        proxy: server.url.origin, origin: request.url.origin, status: status))
            let text = "\(error)"
            #expect(text.contains("\(server.url.origin)") && text.contains("one.test"))
            #expect(!text.contains("secret"))
        }
    }

    @Test func `Names the proxy that nobody listens at`() async throws {
        let closed = try ListeningSocket(host: "127.0.0.1", port: 0)
        closed.close()
        let proxy = try ProxyServer("u:secret@127.0.0.1:\(closed.address.port)", givenAs: "the test")
        let client = HTTPClient(proxies: ProxySettings(http: proxy, https: proxy))
        for url in ["http://one.test/", "https://one.test/"] {
            let url = try HTTPURL(url)
            let error = await #expect(throws: HTTPClientError.self) { try await client.send(ClientRequest(.get, url)) }
            #expect(
                error
                    == .cannotConnectToProxy(
                        proxy: proxy.origin, origin: url.origin, reason: "connection refused"))
        }
    }

    @Test func `Does not take a proxy's words for the server's`() async throws {
        try await RawServer.run { connection in
            try await connection.readHead()
            try await connection.send("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n")
            try await connection.readToEnd()
        } _: { server in
            let client = try client(server)
            await #expect(
                throws: HTTPClientError.malformedResponse(origin: server.url.origin, fault: .unexpectedUpgrade)
            ) {
                try await client.send(ClientRequest(.get, HTTPURL("https://one.test/")))
            }
        }
    }

    @Test func `Gives up on a proxy that never opens the tunnel`() async throws {
        let limit = Duration.milliseconds(50)
        try await RawServer.run {
            try await $0.readToEnd()
        } _: { server in
            let proxy = try ProxyServer("127.0.0.1:\(server.url.origin.port)", givenAs: "the test")
            let client = HTTPClient(timeouts: .init(connect: limit), proxies: ProxySettings(http: nil, https: proxy))
            let url = try HTTPURL("https://one.test/")
            await #expect(
                throws: HTTPClientError.timedOut(origin: url.origin, phase: .connecting, limit: limit)
            ) {
                try await client.send(ClientRequest(.get, url))
            }
        }
    }
}
