package import LaminaHTTP

/// Something of this process that a mesh has taken for its own proxy.
package struct MeshReservation: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is taken.
    package enum Subject: Sendable, Equatable {
        /// A port that is to be listened on, and what the mesh does there.
        case port(Int, use: String)
        /// The user that this process runs as.
        case user(UInt32)
    }

    /// Whose it is.
    package let kind: Mesh.Kind
    /// What it is.
    package let subject: Subject

    /// What is wrong.
    package var seen: String {
        switch subject {
        case .port(let port, let use): "port \(port) belongs to \(kind.productName) (\(use))"
        case .user(let id):
            "user id \(id) is that of \(kind.productName)'s proxy: what a process of this user sends goes past the proxy, "
                + "unencrypted"
        }
    }

    /// What to do.
    package var advice: String {
        switch subject {
        case .port: "choose another --port"
        case .user: "set another runAsUser in the pod's securityContext"
        }
    }

    /// What is wrong, and what to do.
    package var description: String { "\(seen); \(advice)" }

    /// What of listeners and user belongs to a mesh: to the one that is known, or, where one may be found yet, to any.
    package static func violated(
        in mesh: Mesh, by listeners: [HTTPListener], userID: UInt32
    ) -> [MeshReservation] {
        // Ambient mode has no port that Istio's sidecar has not.
        let possible: [Mesh.Kind] = mesh.source == .detection ? [.istio, .linkerd] : []
        let kinds = mesh.kind.map { [$0] } ?? possible
        return kinds.flatMap { violated(in: $0, ports: listeners.compactMap(\.endpoint.port), userID: userID) }
    }

    static func violated(in kind: Mesh.Kind, ports: [Int], userID: UInt32) -> [MeshReservation] {
        let uses = uses(of: kind)
        let taken = ports.compactMap { port in
            uses[port].map { MeshReservation(kind: kind, subject: .port(port, use: $0)) }
        }
        guard userID == proxyUser(of: kind) else { return taken }
        return taken + [MeshReservation(kind: kind, subject: .user(userID))]
    }

    private static func uses(of kind: Mesh.Kind) -> [Int: String] {
        switch kind {
        case .istio:
            [
                15000: "Envoy's administration", 15001: "outbound traffic", 15004: "the agent's debugging",
                15006: "inbound traffic", 15008: "tunnels", 15020: "the agent's probes and metrics",
                15021: "health checks", 15053: "names", 15090: "Envoy's metrics",
            ]
        case .linkerd: [4140: "outbound traffic", 4143: "inbound traffic", 4190: "tap", 4191: "administration"]
        // The node's ztunnel opens these in the namespace of every pod.
        case .ambient: [15001: "outbound traffic", 15006: "inbound traffic", 15008: "tunnels", 15053: "names"]
        }
    }

    /// The user whose connections the redirection leaves alone; in ambient mode it goes by a mark instead.
    private static func proxyUser(of kind: Mesh.Kind) -> UInt32? {
        switch kind {
        case .istio: 1337
        case .linkerd: 2102
        case .ambient: nil
        }
    }
}
