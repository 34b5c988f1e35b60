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
    private let registry = MetricsRegistry()

    /// - Parameters:
    ///   - keys: as in the environment.
    ///   - mesh: the one the server is in.
    init(
        keys: String? = nil, mesh: Mesh.Kind? = nil,
        configure: (inout ServerConfiguration) throws -> Void = { _ in }
    ) throws {
        let log = LogFile()
        self.log = log
        var configuration = ServerConfiguration(http: HTTPServerConfiguration())
        try configure(&configuration)
        var router = Router(errorBody: APIError.body)
        for path in ["/livez", "/readyz", "/health", "/metrics", "/v1/models", "/v1/models/{id}"] {
            router.add(.get, path) { _ in
                .json(.ok, ["key": .string(RequestContext.current?.caller.keyName ?? "none")])
            }
        }
        router.add(.post, "/v1/completions") { _ in
            .json(.ok, ["caller": .string(RequestContext.current?.caller.account.description ?? "unknown")])
        }
        let store = try keys.map { text in
            try APIKeyStore(try #require(APIKeySource(file: nil, environment: text)), logger: log.logger)
        }
        let policies = try IdentityPolicyStore(
            allowed: configuration.allowedIdentities, path: configuration.identityPolicy, routes: router.patterns)
        pipeline = RequestPipeline(
            configuration, router: router,
            callers: CallerServices(
                keys: store, policies: policies, meshKind: { mesh }, metrics: try CallerMetrics(registry)),
            logger: log.logger)
    }

    /// The metrics as they are scraped.
    var metrics: String { registry.text(.prometheusText) }

    func ask(
        _ method: HTTPRequest.Method = .get, _ path: String, _ fields: HTTPFields = [:],
        from peer: String = "192.0.2.1:9"
    ) async throws -> (status: Int, headers: HTTPFields, body: String) {
        let request = try IncomingRequest(method: method, target: path, fields: fields, from: peer)
        let response = await pipeline.handler(request)
        // The log line is written when the answer has been.
        response.onFinished?(
            RequestReport(
                method: method, path: path, route: response.route, status: response.status, requestBytes: 0,
                responseBytes: 0, duration: .zero, remoteAddress: "local", outcome: .complete))
        guard case .bytes(let bytes) = response.body else { return (response.status.code, response.headers, "") }
        return (response.status.code, response.headers, String(decoding: bytes, as: UTF8.self))
    }
}

extension IncomingRequest {
    /// A request as a connection from `peer` brings it.
    init(
        method: HTTPRequest.Method, target: String, fields: HTTPFields = [:], body: [UInt8] = [], from peer: String
    ) throws {
        let request = try IncomingRequest(method: method, target: target, fields: fields, body: body)
        self.init(
            head: request.head, target: request.target, body: body, remoteAddress: peer, receivedAt: request.receivedAt)
    }
}

extension CallerIdentification {
    /// One that believes no proxy and no gateway.
    static func trustingNobody(keys: APIKeyStore? = nil) throws -> CallerIdentification {
        CallerIdentification(
            try .unruled(MetricsRegistry(), keys: keys), proxies: TrustedProxies(), gateways: TrustedGateways())
    }
}

extension CallerServices {
    /// Those of a server without rules about identities.
    static func unruled(
        _ registry: MetricsRegistry, keys: APIKeyStore? = nil, mesh: Mesh.Kind? = nil
    ) throws -> CallerServices {
        CallerServices(
            keys: keys, policies: try IdentityPolicyStore(allowed: [], path: nil, routes: []), meshKind: { mesh },
            metrics: try CallerMetrics(registry))
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
