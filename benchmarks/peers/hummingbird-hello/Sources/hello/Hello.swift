// The peer of `benchmarks/http`: one JSON route, as Hummingbird's documentation writes it, without middleware: no request is logged.

import Hummingbird

struct Greeting: ResponseEncodable {
    let message: String
}

@main
struct Hello {
    static func main() async throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080
        let router = Router()
        router.get("hello") { _, _ in Greeting(message: "Hello, world!") }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
        try await application.runService()
    }
}
