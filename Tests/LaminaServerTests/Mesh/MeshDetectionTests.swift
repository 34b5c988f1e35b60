import HTTPTypes
import LaminaHTTP
import Synchronization
import Testing

@testable import LaminaServer

@Suite(.timeLimit(.minutes(1)))
struct MeshDetectionTests {
    private let log = LogFile()

    private func watch(_ settings: MeshSettings, _ pace: MeshPace = .quick) -> MeshWatch {
        MeshWatch(settings, pace: pace, logger: log.logger)
    }

    @Test func `Finds no mesh where nobody listens`() async throws {
        let mesh = await watch(try MeshSettings(.auto)).look()
        #expect(mesh.kind == nil && mesh.modeName == "off" && mesh.source == .detection)
        #expect(mesh.proxy == nil && mesh.proxyState == .none && mesh.fault == nil)
    }

    @Test(arguments: [(HTTPResponse.Status.ok, Mesh.ProxyState.ready), (.serviceUnavailable, .starting)])
    func `Finds the sidecar that answers, ready or not`(status: HTTPResponse.Status, state: Mesh.ProxyState)
        async throws
    {
        let proxy = try ProxyStandIn(status)
        let istio = await watch(try MeshSettings(.auto, istioStatus: proxy.port)).look()
        #expect(istio.kind == .istio && istio.proxyState == state)
        #expect(istio.proxy?.readiness.description == "http://127.0.0.1:\(proxy.port)/healthz/ready")
        let linkerd = await watch(try MeshSettings(.auto, linkerd: proxy.port)).look()
        #expect(linkerd.kind == .linkerd && linkerd.proxyState == state)
        #expect(proxy.requests == ["GET /healthz/ready", "GET /ready"])
        try await proxy.stop()
    }

    @Test func `Takes Istio's agent for a sidecar that starts, before Envoy listens`() async throws {
        let agent = try ProxyStandIn(.serviceUnavailable)
        let mesh = await watch(try MeshSettings(.auto, istioAgent: agent.port)).look()
        #expect(mesh.kind == .istio && mesh.proxyState == .starting)
        #expect(mesh.fault?.advice.contains("istio-proxy") == true)
        try await agent.stop()
    }

    @Test func `Prefers the sidecar that is ready`() async throws {
        let (starting, ready) = (try ProxyStandIn(.serviceUnavailable), try ProxyStandIn())
        let mesh = await watch(try MeshSettings(.auto, istioStatus: starting.port, linkerd: ready.port)).look()
        #expect(mesh.kind == .linkerd && mesh.proxyState == .ready)
        try await starting.stop()
        try await ready.stop()
    }

    @Test func `Takes nobody else's answer for a sidecar's`() async throws {
        let stranger = try ProxyStandIn(.notFound)
        let settings = try MeshSettings(
            .auto, istioStatus: stranger.port, istioAgent: stranger.port, linkerd: stranger.port)
        #expect(await watch(settings).look().kind == nil)
        try await stranger.stop()
    }

    @Test func `Does not wait for a listener that never answers`() async throws {
        let silent = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { silent.close() }
        var pace = MeshPace.quick
        pace.firstAnswer = .milliseconds(20)
        #expect(await watch(try MeshSettings(.auto, istioStatus: silent.address.port), pace).look().kind == nil)
    }

    @Test func `A mesh that is named is believed, and its missing sidecar told of`() async throws {
        let istio = await watch(try MeshSettings(.istio)).look()
        #expect(istio.kind == .istio && istio.source == .option && istio.proxyState == .missing)
        #expect(istio.fault?.seen.contains("no proxy of Istio answers") == true)
        #expect(istio.fault?.advice.contains("--mesh ambient") == true)
        let linkerd = await watch(try MeshSettings(.linkerd)).look()
        #expect(linkerd.fault?.advice.contains("linkerd.io/inject") == true)
    }

    @Test(arguments: [MeshMode.ambient, .off])
    func `Asks nobody where there is no sidecar`(mode: MeshMode) async throws {
        let proxy = try ProxyStandIn()
        let watch = watch(
            try MeshSettings(mode, istioStatus: proxy.port, istioAgent: proxy.port, linkerd: proxy.port))
        #expect(await watch.waitForProxy().proxyState == .none)
        try await watch.run { #expect($1.modeName == mode.rawValue && $1.proxy == nil) }
        #expect(proxy.requests.isEmpty)
        try await proxy.stop()
    }

    @Test func `Finds a sidecar that starts later, and notices when it goes`() async throws {
        struct Seen: Error {}
        let proxy = try ProxyStandIn(.notFound)
        let watch = watch(try MeshSettings(.auto, istioStatus: proxy.port))
        let states = Mutex<[Mesh.ProxyState]>([])
        await #expect(throws: Seen.self) {
            try await watch.run { _, mesh in
                states.withLock { $0.append(mesh.proxyState) }
                switch mesh.proxyState {
                case .none: proxy.answer(.serviceUnavailable)
                case .starting: proxy.answer(.ok)
                case .ready: proxy.answer(.notFound)
                case .missing, .unknown: throw Seen()
                }
            }
        }
        #expect(states.withLock { $0 } == [.none, .starting, .ready, .missing])
        #expect(watch.current.kind == .istio)
        #expect(log.text.contains(#""proxy":"ready""#))
        try await proxy.stop()
    }
}
