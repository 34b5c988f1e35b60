import Foundation
import HTTPTypes
import LaminaHTTP
import LaminaJSON
import LaminaTelemetry
import Logging
import Testing

@testable import LaminaServer

/// Everything before the routes, around routes that only say who asked.
struct PipelineFixture {
    let pipeline: RequestPipeline
    let log: LogFile

    /// - Parameter keys: as in the environment.
    init(keys: String? = nil, configure: (inout ServerConfiguration) throws -> Void = { _ in }) throws {
        let log = LogFile()
        self.log = log
        var configuration = ServerConfiguration(http: HTTPServerConfiguration())
        try configure(&configuration)
        var router = Router(errorBody: APIError.body)
        for path in ["/livez", "/readyz", "/health", "/metrics", "/v1/models", "/v1/models/{id}"] {
            router.add(.get, path) { _ in .json(.ok, ["key": .string(RequestContext.current?.keyName ?? "none")]) }
        }
        let store = try keys.map { text in
            try APIKeyStore(try #require(APIKeySource(file: nil, environment: text)), logger: log.logger)
        }
        pipeline = RequestPipeline(configuration, router: router, keys: store, logger: log.logger)
    }

    func ask(
        _ method: HTTPRequest.Method = .get, _ path: String, _ fields: HTTPFields = [:]
    ) async throws -> (status: Int, headers: HTTPFields, body: String) {
        let response = await pipeline.handler(try IncomingRequest(method: method, target: path, fields: fields))
        // The log line is written when the answer has been.
        response.onFinished?(
            RequestReport(
                method: method, path: path, route: response.route, status: response.status, requestBytes: 0,
                responseBytes: 0, duration: .zero, remoteAddress: "local", outcome: .complete))
        guard case .bytes(let bytes) = response.body else { return (response.status.code, response.headers, "") }
        return (response.status.code, response.headers, String(decoding: bytes, as: UTF8.self))
    }
}

/// A log in a file of its own, as the server would write it.
final class LogFile: Sendable {
    private let path = FileManager.default.temporaryDirectory.appending(path: "lamina-log-\(UUID())").path
    private let descriptor: Int32
    let logger: Logger

    init() {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0o600)
        self.descriptor = descriptor
        let output = LogOutput(descriptor: descriptor)
        logger = Logger(label: "test") {
            StructuredLogHandler(label: $0, format: .json, output: output, logLevel: .trace)
        }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
