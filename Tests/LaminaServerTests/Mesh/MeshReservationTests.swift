import HTTPTypes
import LaminaTelemetry
import Testing

@testable import LaminaServer

struct MeshReservationTests {
    @Test(arguments: [15000, 15001, 15004, 15006, 15008, 15020, 15021, 15053, 15090])
    func `Istio keeps its ports`(port: Int) {
        let taken = MeshReservation.violated(in: .istio, ports: [8080, port], userID: 1000)
        #expect(taken.count == 1)
        #expect(taken.first?.description.hasPrefix("port \(port) belongs to Istio (") == true)
        #expect(taken.first?.description.hasSuffix("choose another --port") == true)
    }

    @Test(arguments: [4140, 4143, 4190, 4191]) func `Linkerd keeps its ports`(port: Int) {
        #expect(MeshReservation.violated(in: .linkerd, ports: [port], userID: 1000).count == 1)
        #expect(MeshReservation.violated(in: .istio, ports: [port], userID: 1000).isEmpty)
    }

    @Test func `In ambient mode only the node's proxy listens in the pod`() {
        #expect(MeshReservation.violated(in: .ambient, ports: [15008, 15021], userID: 1337).count == 1)
    }

    @Test func `The proxy's user goes past the proxy`() {
        let istio = MeshReservation.violated(in: .istio, ports: [], userID: 1337)
        #expect(istio.first?.subject == .user(1337))
        #expect(istio.first?.description.contains("runAsUser") == true)
        #expect(MeshReservation.violated(in: .linkerd, ports: [], userID: 2102).count == 1)
        #expect(MeshReservation.violated(in: .linkerd, ports: [], userID: 1337).isEmpty)
        #expect(MeshReservation.violated(in: .istio, ports: [8080, 0], userID: 0).isEmpty)
    }

    @Test func `Metrics show the mesh, and the sidecar's readiness where there is one`() async throws {
        let proxy = try ProxyStandIn(.serviceUnavailable)
        let watch = MeshWatch(
            try MeshSettings(.istio, istioStatus: proxy.port), pace: .quick, logger: LogFile().logger)
        let registry = MetricsRegistry()
        try registry.register(MeshMetrics(watch))
        _ = await watch.look()
        #expect(registry.text(.prometheusText).contains("lamina_mesh_info{mode=\"istio\",source=\"option\"} 1\n"))
        #expect(registry.text(.prometheusText).contains("lamina_mesh_proxy_ready 0\n"))
        proxy.answer(.ok)
        _ = await watch.look()
        #expect(registry.text(.prometheusText).contains("lamina_mesh_proxy_ready 1\n"))
        let none = MetricsRegistry()
        try none.register(MeshMetrics(MeshWatch(MeshSettings(.off), logger: LogFile().logger)))
        #expect(none.text(.prometheusText).contains("lamina_mesh_info{mode=\"off\",source=\"option\"} 1\n"))
        #expect(!none.text(.prometheusText).contains("lamina_mesh_proxy_ready "))
        try await proxy.stop()
    }
}
