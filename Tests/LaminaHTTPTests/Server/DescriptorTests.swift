import HTTPTypes
import Testing

@testable import LaminaHTTP

struct DescriptorTests {
    @Test func `Leaves no descriptor open after hundreds of connections`() async throws {
        try await withServer { request in
            if request.path == "/wait" { await Signal().wait() }
            return .echo(request)
        } _: { server, port in
            #expect(openDescriptors(port: port) == 1)
            for number in 0..<500 {
                let client = try TestClient(port: port)
                switch number % 5 {
                case 0: client.close()
                case 1: client.reset()
                case 2:
                    try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Le")
                    client.close()
                case 3:
                    try await client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                    client.reset()
                default:
                    #expect(try await client.get("/").status == 200)
                    client.close()
                }
            }
            let deadline = ContinuousClock.now + TestClient.patience
            while openDescriptors(port: port) > 1 || server.connectionCount > 0, .now < deadline { await Task.yield() }
            #expect(openDescriptors(port: port) == 1)
            #expect(server.connectionCount == 0)
        }
    }
}
