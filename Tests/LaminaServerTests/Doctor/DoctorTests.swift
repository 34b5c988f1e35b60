import Foundation
import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaModel
import LaminaTelemetry
import Testing

@testable import LaminaServer

@Suite(.timeLimit(.minutes(1)))
struct DoctorTests {
    private static let models = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../models").standardized
    private static let roomy = Surroundings(
        resources: SystemResources(availableMemoryBytes: 8 << 30, processorCount: 2), descriptorLimit: 4096,
        userID: 1000, now: UnixTime(seconds: 1_800_000_000), environment: [:])

    /// The findings about an area.
    private func findings(
        _ area: Finding.Area, mesh: MeshSettings? = nil, in surroundings: Surroundings = roomy,
        model: String = ModelLocator.embeddedName, configure: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> [Finding] {
        var configuration = ServerConfiguration(http: HTTPServerConfiguration(port: 0))
        configure(&configuration)
        let path = Self.models.appending(path: model).path
        let watch = MeshWatch(try mesh ?? MeshSettings(.off), pace: .quick, logger: LogFile().logger)
        let doctor = Doctor(configuration, surroundings: surroundings, mesh: watch) { try ModelFile(path: path) }
        return await doctor.examine().filter { $0.area == area }
    }

    private func listening(at host: String, _ port: Int = 0) -> (inout ServerConfiguration) -> Void {
        { $0.http.listeners = [HTTPListener(.internet(host: host, port: port))] }
    }

    @Test(arguments: [
        Finding.Area.clock, .processors, .memory, .descriptors, .model, .listening, .user, .mesh, .apiKeys,
    ])
    func `Is content with a server that has what it needs`(area: Finding.Area) async throws {
        let findings = try await findings(area)
        #expect(findings.map(\.level) == [.ok], "\(findings)")
    }

    @Test func `Says which context fits where the model does not`() async throws {
        let file = try ModelFile(path: Self.models.appending(path: ModelLocator.embeddedName).path)
        var options = ServedModel.Options()
        options.memory.contextLength = file.configuration.contextLength
        options.memory.maximumSequences = 1
        var surroundings = Self.roomy
        let whole = try ServedModel.plan(file, options: options, resources: surroundings.resources)
        // Keys and values get half of what is free, and so half of what they need.
        surroundings.resources.availableMemoryBytes = whole.totalBytes
        let found = try await findings(.memory, in: surroundings) { $0.model = options }
        #expect(found.map(\.level) == [.error])
        #expect(found.first?.seen.contains("--max-context \(file.configuration.contextLength) needs") == true)
        let advised = try #require(found.first?.advice?.split(separator: " ").last.flatMap { Int($0) })
        #expect((16..<file.configuration.contextLength).contains(advised))
        let fits = try await findings(.memory, in: surroundings) {
            $0.model = options
            $0.model.memory.contextLength = advised
        }
        #expect(fits.map(\.level) == [.ok])
        let longer = try await findings(.memory, in: surroundings) {
            $0.model = options
            $0.model.memory.contextLength = advised + 16
        }
        #expect(longer.map(\.level) == [.error])
    }

    @Test func `Does not take a running server's memory for too little`() async throws {
        let server = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { server.close() }
        var surroundings = Self.roomy
        surroundings.resources.availableMemoryBytes = 1 << 20
        #expect(try await findings(.memory, in: surroundings).map(\.level) == [.error])
        let place = listening(at: "127.0.0.1", server.address.port)
        #expect(try await findings(.memory, in: surroundings, configure: place).map(\.level) == [.note])
        #expect(try await findings(.listening, configure: place).map(\.level) == [.note])
    }

    @Test func `Tells of threads, descriptors, a clock and a user that do not suit`() async throws {
        #expect(try await findings(.processors) { $0.model.threadCount = 3 }.map(\.level) == [.warning])
        var surroundings = Self.roomy
        surroundings.descriptorLimit = 1024
        let descriptors = try await findings(.descriptors, in: surroundings)
        #expect(descriptors.map(\.level) == [.warning])
        #expect(descriptors.first?.advice?.contains("lower --max-connections to 960") == true)
        surroundings.now = UnixTime(seconds: 60)
        #expect(try await findings(.clock, in: surroundings).map(\.level) == [.error])
        surroundings.userID = 0
        #expect(try await findings(.user, in: surroundings).map(\.level) == [.note])
    }

    @Test func `Names what a mesh keeps for itself, as an error only in that mesh`() async throws {
        let place = listening(at: "0.0.0.0", 15090)
        let istio = try MeshSettings(.istio)
        #expect(try await findings(.listening, mesh: istio, configure: place).map(\.level).contains(.error))
        let auto = try await findings(.listening, mesh: try MeshSettings(.auto), configure: place)
        #expect(auto.contains { $0.level == .note && $0.seen.contains("15090 belongs to Istio") })
        #expect(!auto.contains { $0.level == .error })
        var surroundings = Self.roomy
        surroundings.userID = 1337
        #expect(try await findings(.user, mesh: istio, in: surroundings).map(\.level).contains(.error))
    }

    @Test func `Behind a sidecar, tells of what suits only a server without one`() async throws {
        let proxy = try ProxyStandIn()
        let istio = try MeshSettings(.auto, istioStatus: proxy.port)
        #expect(try await findings(.listening, mesh: istio).map(\.level) == [.warning], "loopback only")
        #expect(try await findings(.listening, mesh: istio, configure: listening(at: "0.0.0.0")).map(\.level) == [.ok])
        #expect(try await findings(.mesh, mesh: istio).map(\.level) == [.ok])
        let found = try await findings(.mesh, mesh: istio) {
            $0.idleTimeout = .seconds(75)
            $0.http.maximumConnectionsPerPeer = 5
        }
        #expect(found.map(\.level) == [.ok, .warning, .warning])
        proxy.answer(.serviceUnavailable)
        #expect(try await findings(.mesh, mesh: istio).map(\.level) == [.warning])
        try await proxy.stop()
        #expect(try await findings(.mesh, mesh: try MeshSettings(.linkerd)).first?.advice?.contains("linkerd") == true)
        #expect(try await findings(.mesh, mesh: try MeshSettings(.auto)).map(\.level) == [.note])
    }

    @Test func `In a pod, shows what the pod says of itself`() async throws {
        var surroundings = Self.roomy
        #expect(try await findings(.workload, in: surroundings).isEmpty)
        surroundings.environment["KUBERNETES_SERVICE_HOST"] = "10.0.0.1"
        #expect(try await findings(.workload, in: surroundings).map(\.level) == [.note])
        let shutdown = try await findings(.shutdown, in: surroundings) { $0.drainDelay = .seconds(5) }
        #expect(shutdown.first?.advice?.contains("at least 45") == true)
        surroundings.environment["POD_NAMESPACE"] = "prod"
        let partly = try await findings(.workload, in: surroundings)
        #expect(partly.map(\.seen) == ["POD_NAMESPACE=prod; the pod does not say SERVICE_ACCOUNT, POD_NAME"])
    }

    @Test func `Asks the collector of traces whether it takes spans`() async throws {
        let collector = try ProxyStandIn()
        let endpoint = try HTTPURL("http://127.0.0.1:\(collector.port)/v1/traces")
        func ask() async throws -> [Finding] {
            try await findings(.traces) { $0.tracing = TracingConfiguration(endpoint: endpoint) }
        }
        #expect(try await ask().map(\.level) == [.ok])
        #expect(collector.requests == ["POST /v1/traces"])
        collector.answer(.notFound)
        let refused = try await ask()
        #expect(refused.map(\.level) == [.warning] && refused[0].seen.contains("404"))
        try await collector.stop()
        #expect(try await ask().first?.advice?.contains("OTEL_EXPORTER_OTLP_ENDPOINT") == true)
        #expect(try await findings(.traces).isEmpty)
    }

    @Test func `Reads keys and certificates as the server does`() async throws {
        let missing = "/nonexistent/file"
        let keys = try await findings(.apiKeys) {
            $0.apiKeys = APIKeySource(
                file: APIKeySource.File(path: missing, setting: "--api-key-file"), environment: nil)
        }
        #expect(keys.map(\.level) == [.error] && keys[0].seen.contains(missing))
        let two = try await findings(.apiKeys) { $0.apiKeys = APIKeySource(file: nil, environment: "one,two") }
        #expect(two == [Finding(.apiKeys, .ok, "2 keys")])
        #expect(try await findings(.apiKeys, configure: listening(at: "0.0.0.0")).map(\.level) == [.warning])
        let tls = try await findings(.certificates) {
            $0.tls = TLSServerConfiguration(certificates: [TLSCertificateFiles(certificate: missing, key: missing)])
        }
        #expect(tls.map(\.level) == [.error] && tls[0].seen.contains(missing))
        let model = try await findings(.model, model: "missing.gguf")
        #expect(model.map(\.level) == [.error] && model[0].seen.contains("missing.gguf"))
    }
}
