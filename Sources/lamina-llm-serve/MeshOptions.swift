import ArgumentParser
import FoundationEssentials
import LaminaServer
import Logging

/// The mesh a command runs in. Each option has an environment variable.
struct MeshOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The service mesh around this process: auto, istio, linkerd, ambient or off (environment: LAMINA_MESH). Default: "
                + "auto, which asks on loopback whether there is a sidecar; ambient mode has none and must be named.",
            valueName: "mode"))
    var mesh: MeshMode?

    @Option(
        help: ArgumentHelp(
            "Seconds to wait for the sidecar before the first request to elsewhere (LAMINA_MESH_WAIT). Default: 60.",
            valueName: "seconds"))
    var meshWait: Int?

    @Flag(
        help: ArgumentHelp(
            "Make the sidecar exit when the work is done, for jobs that otherwise never end (LAMINA_QUIT_PROXY=true)."))
    var quitProxy = false

    @Option(
        help: ArgumentHelp(
            "Port at which Istio's sidecar says whether it is ready (LAMINA_ISTIO_STATUS_PORT). Default: 15021.",
            valueName: "port"))
    var istioStatusPort: Int?

    @Option(
        help: ArgumentHelp("Port of Istio's agent (LAMINA_ISTIO_AGENT_PORT). Default: 15020.", valueName: "port"))
    var istioAgentPort: Int?

    @Option(
        help: ArgumentHelp(
            "Administration port of Linkerd's proxy (LAMINA_LINKERD_ADMIN_PORT). Default: 4191.", valueName: "port"))
    var linkerdAdminPort: Int?

    func validate() throws { _ = try settings() }

    /// What is asked concerning the mesh.
    func settings(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> MeshSettings {
        let read = OptionReader(environment: environment)
        var settings = MeshSettings()
        if let mesh {
            settings.mode = mesh
        } else if let mode = try read.choice(nil, "mesh", of: MeshMode.self) {
            settings.mode = mode
            settings.source = .environment
        }
        try read.seconds(meshWait, "mesh-wait", from: 0) { settings.proxyWait = $0 }
        settings.quitsProxy = try read.flag(quitProxy, "quit-proxy")
        let ports = 1...65535
        settings.ports.istioStatus =
            try read.number(istioStatusPort, "istio-status-port", ports) ?? settings.ports.istioStatus
        settings.ports.istioAgent =
            try read.number(istioAgentPort, "istio-agent-port", ports) ?? settings.ports.istioAgent
        settings.ports.linkerdAdmin =
            try read.number(linkerdAdminPort, "linkerd-admin-port", ports) ?? settings.ports.linkerdAdmin
        return settings
    }

    /// Does a command's work and, however it ends, has the sidecar exit afterwards where that is asked for.
    func around<Value: Sendable>(
        _ logger: Logger, _ work: (MeshWatch) async throws -> Value
    ) async throws -> Value {
        let watch = MeshWatch(try settings(), logger: logger)
        do {
            let value = try await work(watch)
            await watch.quitProxy()
            return value
        } catch {
            await watch.quitProxy()
            throw error
        }
    }
}

extension MeshMode: ExpressibleByArgument {}
