/// What the operator asks concerning the mesh.
package struct MeshSettings: Sendable, Equatable {
    /// Which mesh it is.
    package var mode = MeshMode.auto
    /// Where the mode stands; without effect for `auto`, which is always found out.
    package var source = Mesh.Source.option
    /// How long to wait for the proxy before the first request to elsewhere.
    package var proxyWait = Duration.seconds(60)
    /// Whether the proxy is told to exit when this process has done its work: a job with a classic sidecar otherwise never ends.
    package var quitsProxy = false
    /// Where proxies are asked.
    package var ports = MeshPorts()

    /// Finds out whether there is a mesh, and leaves its proxy alone.
    package init() {}
}

/// The ports on loopback at which sidecars tell how they are. Annotations of the pod may change them.
package struct MeshPorts: Sendable, Equatable {
    /// Istio: a listener of Envoy, which passes the agent's readiness on (`status.sidecar.istio.io/port`).
    package var istioStatus = 15021
    /// Istio: the agent beside Envoy, which also ends it.
    package var istioAgent = 15020
    /// Linkerd: readiness, metrics and shutdown (`config.linkerd.io/admin-port`).
    package var linkerdAdmin = 4191

    /// The ports of an installation that nobody changed.
    package init() {}
}
