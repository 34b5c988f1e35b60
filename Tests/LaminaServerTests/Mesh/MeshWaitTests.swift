import HTTPTypes
import LaminaHTTP
import Testing

@testable import LaminaServer

@Suite(.timeLimit(.minutes(1)))
struct MeshWaitTests {
    private let log = LogFile()

    private func watch(_ settings: MeshSettings) -> MeshWatch {
        MeshWatch(settings, pace: .quick, logger: log.logger)
    }

    @Test func `Waits until the sidecar lets traffic through, and not again`() async throws {
        let proxy = try ProxyStandIn(.serviceUnavailable)
        let watch = watch(try MeshSettings(.istio, istioStatus: proxy.port))
        async let waited = watch.waitForProxy()
        await proxy.waitForRequest()
        #expect(watch.current.proxyState != .ready)
        proxy.answer(.ok)
        #expect(await waited.proxyState == .ready)
        let asked = proxy.requests.count
        #expect(await watch.waitForProxy().proxyState == .ready)
        #expect(proxy.requests.count == asked)
        try await proxy.stop()
    }

    @Test(arguments: [MeshMode.istio, .linkerd])
    func `Gives up when the operator wants to wait no longer, and says why`(mode: MeshMode) async throws {
        var settings = try MeshSettings(mode)
        settings.proxyWait = .zero
        let mesh = await watch(settings).waitForProxy()
        #expect(mesh.proxyState == .missing && mesh.fault != nil)
    }

    @Test func `Does not wait where no mesh was found or named`() async throws {
        #expect(await watch(try MeshSettings(.auto)).waitForProxy().proxyState == .none)
    }

    @Test func `Ends with the work that waits`() async throws {
        let proxy = try ProxyStandIn(.serviceUnavailable)
        let watch = watch(try MeshSettings(.istio, istioStatus: proxy.port))
        let task = Task { await watch.waitForProxy() }
        await proxy.waitForRequest()
        task.cancel()
        #expect(await task.value.proxyState != .ready)
        try await proxy.stop()
    }

    @Test func `Complains once of a sidecar that was named and does not come`() async throws {
        struct Enough: Error {}
        let proxy = try ProxyStandIn(.notFound)
        var settings = try MeshSettings(.istio, istioStatus: proxy.port)
        settings.proxyWait = .zero
        let watch = watch(settings)
        await #expect(throws: Enough.self) {
            try await withThrowingTaskGroup { group in
                group.addTask { try await watch.run { if $1.proxyState == .ready { throw Enough() } } }
                for _ in 0..<3 { await proxy.waitForRequest() }
                proxy.answer(.ok)
                try await group.next()
            }
        }
        let complaints = log.text.split(separator: "\n").filter { $0.contains("no proxy of Istio answers") }
        #expect(complaints.count == 1 && complaints[0].contains("istio-injection=enabled"))
        try await proxy.stop()
    }

    @Test func `Ends the sidecar only where that is asked for`() async throws {
        let agent = try ProxyStandIn()
        var settings = try MeshSettings(.auto, istioStatus: agent.port, istioAgent: agent.port)
        await watch(settings).quitProxy()
        #expect(agent.requests.isEmpty)
        settings.quitsProxy = true
        await watch(settings).quitProxy()
        #expect(agent.requests.last == "POST /quitquitquit")
        #expect(log.text.contains("the proxy was ended"))
        try await agent.stop()
    }

    @Test func `Says how Linkerd can be made to take the word`() async throws {
        let proxy = try ProxyStandIn(.notFound)
        let linkerd = try #require(MeshProxy(.linkerd, ports: MeshSettings(.linkerd, linkerd: proxy.port).ports))
        #expect(await linkerd.quit(for: .seconds(20)) == .refused(kind: .linkerd, status: 404))
        #expect(proxy.requests == ["POST /shutdown"])
        var settings = try MeshSettings(.linkerd, linkerd: proxy.port)
        settings.quitsProxy = true
        await watch(settings).quitProxy()
        #expect(log.text.contains("config.linkerd.io/proxy-admin-shutdown: enabled"))
        try await proxy.stop()
    }

    @Test func `Says so where there is no sidecar to end`() async throws {
        var settings = try MeshSettings(.auto)
        settings.quitsProxy = true
        await watch(settings).quitProxy()
        #expect(log.text.contains("there is no proxy to end"))
        settings.mode = .istio
        await watch(settings).quitProxy()
        #expect(log.text.contains("the proxy could not be ended"))
    }

    @Test func `Takes an agent that is gone before its answer for one that exits`() async throws {
        let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { socket.close() }
        let istio = try #require(MeshProxy(.istio, ports: MeshSettings(.istio, istioAgent: socket.address.port).ports))
        async let farewell = istio.quit(for: .seconds(20))
        guard case .connection(let connection) = try await socket.accept() else { return }
        _ = try await connection.read(until: .now + .seconds(20))
        connection.close()
        #expect(await farewell == .taken)
    }
}
