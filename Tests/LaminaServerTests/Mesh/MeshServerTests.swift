import Foundation
import HTTPTypes
import LaminaHTTP
import LaminaModel
import Testing

@testable import LaminaServer

/// What a server does otherwise once it knows its mesh.
@Suite(.timeLimit(.minutes(1)))
struct MeshServerTests {
    private let log = LogFile()

    private func server(
        _ settings: MeshSettings, configure: (inout ServerConfiguration) -> Void = { _ in }
    ) throws -> LaminaServer {
        var configuration = ServerConfiguration(http: HTTPServerConfiguration(port: 0))
        configure(&configuration)
        let models = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../models")
            .standardized
        let file = try ModelFile(path: models.appending(path: ModelLocator.embeddedName).path)
        let mesh = MeshWatch(settings, pace: .quick, logger: log.logger)
        return try LaminaServer(configuration, modelFile: file, mesh: mesh, logger: log.logger)
    }

    /// Follows the mesh until the sidecar has been asked again, and so all has been done that its first answer means.
    private func follow(_ server: LaminaServer, _ proxy: ProxyStandIn) async throws {
        let following = Task { try await server.followMesh() }
        for _ in 0..<2 { await proxy.waitForRequest() }
        following.cancel()
        await #expect(throws: CancellationError.self) { try await following.value }
    }

    @Test func `Keeps idle connections for longer than Envoy does, unless told`() async throws {
        let proxy = try ProxyStandIn()
        let settings = try MeshSettings(.auto, istioStatus: proxy.port)
        let server = try server(settings)
        #expect(server.http.idleTimeout == .seconds(75))
        try await follow(server, proxy)
        #expect(server.http.idleTimeout == .seconds(3900))
        let told = try self.server(settings) { $0.idleTimeout = .seconds(9) }
        try await follow(told, proxy)
        #expect(told.http.idleTimeout == .seconds(9))
        try await proxy.stop()
    }

    @Test func `Goes on as usual without a sidecar`() async throws {
        let server = try server(try MeshSettings(.ambient))
        let following = Task { try await server.followMesh() }
        following.cancel()
        await #expect(throws: CancellationError.self) { try await following.value }
        #expect(server.http.idleTimeout == .seconds(75))
    }

    @Test func `Ends where the mesh that is found has its port`() async throws {
        let proxy = try ProxyStandIn()
        let server = try server(try MeshSettings(.auto, istioStatus: proxy.port)) {
            $0.http.listeners = [HTTPListener(.internet(host: "127.0.0.1", port: 15021))]
        }
        let error = await #expect(throws: MeshReservation.self) { try await server.followMesh() }
        #expect(error?.description.hasPrefix("port 15021 belongs to Istio (health checks)") == true)
        try await proxy.stop()
    }

    @Test func `Warns of a port that every mesh has, and of nobody getting through to loopback`() async throws {
        let proxy = try ProxyStandIn()
        let server = try server(try MeshSettings(.auto, linkerd: proxy.port))
        try server.http.bind()
        try await follow(server, proxy)
        #expect(log.text.contains("--host 0.0.0.0"))
        try await proxy.stop()
        let lonely = try self.server(try MeshSettings(.auto)) {
            $0.http.listeners = [HTTPListener(.internet(host: "127.0.0.1", port: 15008))]
        }
        let following = Task { try await lonely.followMesh() }
        while !log.text.contains("port 15008 belongs to Istio") { await Task.yield() }
        following.cancel()
        await #expect(throws: CancellationError.self) { try await following.value }
    }
}
