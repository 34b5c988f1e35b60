/// Which mesh the operator says the process runs in.
package enum MeshMode: String, Sendable, CaseIterable {
    /// Whichever proxy answers on loopback, if any.
    case auto
    /// Istio with a sidecar in the pod.
    case istio
    /// Linkerd, whose proxy is always a sidecar.
    case linkerd
    /// Istio without sidecars: the node's ztunnel encrypts, and nothing in the pod tells of it.
    case ambient
    /// None; nothing is asked for.
    case off

    /// The mesh that is named; nil where it is to be found out, or there is none.
    package var kind: Mesh.Kind? {
        switch self {
        case .auto, .off: nil
        case .istio: .istio
        case .linkerd: .linkerd
        case .ambient: .ambient
        }
    }
}
