import HTTPTypes
import Testing

@testable import LaminaHTTP

struct KeepAliveTests {
    @Test func `Answers several requests on one connection`() async throws {
        try await withEchoServer { client, _ in
            for number in 0..<3 {
                let response = try await client.get("/\(number)")
                #expect(response.status == 200)
                #expect(response.text == "GET /\(number) ")
                #expect(response.fields["connection"] == nil)
                #expect(response.fields["date"]?.hasSuffix("GMT") == true)
            }
        }
    }

    @Test func `Closes after a request that asks for it`() async throws {
        try await withEchoServer { client, _ in
            let response = try await client.get("/", fields: "Connection: close\r\n")
            #expect(response.fields["connection"] == "close")
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `Closes after an answer whose handler asks for it`() async throws {
        try await withServer { _ in
            OutgoingResponse(status: .noContent, headers: [.connection: "close"], body: .bytes([1, 2, 3]))
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            let response = try await client.get("/")
            #expect(response.status == 204)
            #expect(response.fields["connection"] == "close")
            #expect(response.fields["content-length"] == nil)
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `Keeps an HTTP 1.0 connection only when asked`() async throws {
        try await withEchoServer { client, _ in
            try await client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try await client.response().fields["connection"] == "keep-alive")
            try await client.send("GET /b HTTP/1.0\r\n\r\n")
            let response = try await client.response()
            #expect(response.fields["connection"] == "close")
            #expect(response.text == "GET /b ")
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `Answers a hundred pipelined requests in order`() async throws {
        try await withEchoServer { client, _ in
            try await client.send(
                (0..<100).map { "POST /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok" }.joined())
            for number in 0..<100 {
                #expect(try await client.response().text == "POST /\(number) ok")
            }
        }
    }

    @Test func `Answers pipelined requests beyond what it reads ahead`() async throws {
        try await withServer {
            $0.maximumPipelinedBytes = 100
        } handler: { request in
            await Task.yield()
            return .text("\(request.body.count)")
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            let body = String(repeating: "x", count: 100_000)
            try await client.send(
                String(repeating: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n\(body)", count: 5))
            for _ in 0..<5 { #expect(try await client.response().text == "100000") }
        }
    }

    @Test func `Answers a batch whose client has closed its sending side`() async throws {
        try await withEchoServer { client, _ in
            try await client.send((0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            client.halfClose()
            for number in 0..<20 { #expect(try await client.response().text == "GET /\(number) ") }
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `Does not take the end of a stream found before the handler for a disconnect`() async throws {
        let server = HTTPServer(configuration: HTTPServerConfiguration(port: 0)) { _ in
            for _ in 0..<1000 { await Task.yield() }
            return .text(Task.isCancelled ? "cancelled" : "whole")
        }
        try server.bind()
        // All of it waits in the kernel before the server looks.
        let client = try TestClient(port: try #require(server.port))
        defer { client.close() }
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.halfClose()
        let run = Task { try await server.run() }
        let response = try await client.response()
        #expect(response.text == "whole")
        #expect(response.fields["connection"] == "close")
        server.stopNow()
        try await run.value
    }

    @Test func `Reads a chunked body`() async throws {
        try await withEchoServer { client, _ in
            try await client.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            try await client.send("2;x=y\r\nde\r\n0\r\nETag: t\r\n\r\n")
            #expect(try await client.response().text == "POST /c abcde")
            #expect(try await client.get("/next").text == "GET /next ")
        }
    }

    @Test func `Sends 100 Continue to a client that waits for it`() async throws {
        try await withEchoServer { client, _ in
            try await client.send("POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.head().status == 100)
            try await client.send("ok")
            #expect(try await client.response().text == "POST /e ok")
        }
    }

    @Test func `Answers HEAD with the length and no body`() async throws {
        try await withEchoServer { client, _ in
            try await client.send("HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try await client.response(hasBody: false)
            #expect(response.fields["content-length"] == "10")
            #expect(try await client.get("/next").text == "GET /next ")
        }
    }

    @Test func `Sends a body larger than the socket's buffers`() async throws {
        let body = [UInt8](repeating: 7, count: 5_000_000)
        try await withServer { _ in
            OutgoingResponse(body: .bytes(body))
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            #expect(try await client.get("/").body == body)
        }
    }

    @Test func `Replaces a response with a broken header by 500`() async throws {
        let log = EventLog()
        try await withServer(observer: log) { _ in
            var fields = HTTPFields()
            fields.append(HTTPField(name: .server, lenientValue: [0x01]))
            return OutgoingResponse(headers: fields)
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            #expect(try await client.get("/").status == 500)
            #expect(try await client.get("/").status == 500)
        }
        #expect(log.reports.map(\.status.code) == [500, 500])
    }

    @Test func `Reports what was answered`() async throws {
        let log = EventLog()
        try await withServer(observer: log) { request in
            .echo(request)
        } _: { _, port in
            let client = try TestClient(port: port)
            try await client.send("POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok")
            _ = try await client.response()
            client.close()
            try await log.wait { if case .connectionClosed(_, requests: 1) = $0 { true } else { false } }
        }
        let report = try #require(log.reports.first)
        #expect(report.method == .post)
        #expect(report.path == "/r")
        #expect(report.status == .ok)
        #expect(report.requestBytes == 2)
        #expect(report.responseBytes == "POST /r ok".utf8.count)
        #expect(report.outcome == .complete)
        #expect(report.remoteAddress.hasPrefix("127.0.0.1:"))
    }
}
