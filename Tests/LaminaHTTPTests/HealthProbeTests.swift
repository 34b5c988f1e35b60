import HTTPTypes
import Testing

@testable import LaminaHTTP

@Suite(.timeLimit(.minutes(1)))
struct HealthProbeTests {
    @Test func `Reads status and body of a real server`() async throws {
        let server = HTTPServer(configuration: HTTPServerConfiguration(host: "127.0.0.1", port: 0)) { request in
            OutgoingResponse(
                status: request.path == "/well" ? .ok : .serviceUnavailable, body: .bytes(Array("hi".utf8)))
        }
        try server.bind()
        let port = try #require(server.port)
        async let served: Void = server.run()
        let well = try await HealthProbe(url: "http://127.0.0.1:\(port)/well").run(timeout: .seconds(10))
        #expect(well == .init(status: 200, body: "hi"))
        let ill = try await HealthProbe(url: "http://localhost:\(port)/ill").run(timeout: .seconds(10))
        #expect(ill.status == 503)
        server.stopNow()
        try await served
        await #expect(throws: SocketError.self) {
            try await HealthProbe(url: "http://127.0.0.1:\(port)/").run(timeout: .seconds(10))
        }
    }

    @Test(arguments: ["", "https://a/", "http://", "http://host:0/", "http://host:x", "http://h:1/a b", "ftp://a"])
    func `Refuses what is no plain HTTP URL`(url: String) {
        #expect(throws: HealthProbeError.malformedURL(url)) { try HealthProbe(url: url) }
    }

    @Test(arguments: ["http://localhost", "http://[::1]:8080/x", "http://[::1]", "http://h:65535/a?b=c"])
    func `Takes hosts, addresses and ports`(url: String) throws {
        _ = try HealthProbe(url: url)
    }
}
