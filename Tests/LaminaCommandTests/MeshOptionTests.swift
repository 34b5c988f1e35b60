import ArgumentParser
import LaminaServer
import Testing

@testable import lamina_llm_serve

struct MeshOptionTests {
    private func settings(_ arguments: [String], _ environment: [String: String] = [:]) throws -> MeshSettings {
        try MeshOptions.parse(arguments).settings(environment: environment)
    }

    @Test func `Finds out by itself unless told`() throws {
        #expect(try settings([]) == MeshSettings())
        #expect(try settings([]).mode == .auto)
        #expect(try settings(["--mesh", "istio"]).mode == .istio)
        #expect(try settings(["--mesh", "istio"]).source == .option)
        #expect(try settings([], ["LAMINA_MESH": "ambient"]).mode == .ambient)
        #expect(try settings([], ["LAMINA_MESH": "ambient"]).source == .environment)
        #expect(try settings(["--mesh", "off"], ["LAMINA_MESH": "linkerd"]).source == .option)
    }

    @Test func `Takes ports, waiting and the proxy's end from options or environment`() throws {
        let asked = try settings(
            ["--istio-status-port", "1", "--istio-agent-port", "2", "--linkerd-admin-port", "3", "--mesh-wait", "0"],
            ["LAMINA_QUIT_PROXY": "true", "LAMINA_MESH_WAIT": "9"])
        #expect(asked.ports.istioStatus == 1 && asked.ports.istioAgent == 2 && asked.ports.linkerdAdmin == 3)
        #expect(asked.proxyWait == .zero && asked.quitsProxy)
        #expect(try settings(["--quit-proxy"], ["LAMINA_QUIT_PROXY": "false"]).quitsProxy)
        #expect(try settings([], ["LAMINA_ISTIO_STATUS_PORT": "7"]).ports.istioStatus == 7)
    }

    @Test(arguments: [
        ["LAMINA_MESH": "consul"], ["LAMINA_QUIT_PROXY": "yes"], ["LAMINA_MESH_WAIT": "-1"],
        ["LAMINA_LINKERD_ADMIN_PORT": "0"],
    ])
    func `Names the variable that is wrong`(environment: [String: String]) throws {
        let name = try #require(environment.keys.first)
        let error = #expect(throws: (any Error).self) { try settings([], environment) }
        #expect(error.map { MeshOptions.message(for: $0) }?.contains(name) == true)
    }

    @Test func `Refuses a mesh that is none`() {
        #expect(throws: (any Error).self) { try MeshOptions.parse(["--mesh", "consul"]) }
    }
}
