extension Mesh {
    /// What is wrong with the sidecar and what to do about it; nil where nothing is, or nobody has asked.
    package var fault: (seen: String, advice: String)? {
        guard let proxy else { return nil }
        switch proxyState {
        case .none, .unknown, .ready: return nil
        case .missing:
            return ("no proxy of \(proxy.kind.productName) answers at \(proxy.readiness)", proxy.adviceWhereMissing)
        case .starting:
            return (
                "the proxy of \(proxy.kind.productName) is there, but not ready",
                "the log of the container \(proxy.containerName) says what it waits for"
            )
        }
    }
}

extension Mesh.Kind {
    /// As people write it.
    package var productName: String {
        switch self {
        case .istio: "Istio"
        case .linkerd: "Linkerd"
        case .ambient: "Istio ambient"
        }
    }
}

extension MeshProxy {
    fileprivate var containerName: String { kind == .linkerd ? "linkerd-proxy" : "istio-proxy" }

    fileprivate var adviceWhereMissing: String {
        switch kind {
        case .istio, .ambient:
            "label the namespace for injection (istio-injection=enabled) and recreate the pod; if its port was changed by "
                + "annotation, give --istio-status-port; outside of a mesh use --mesh off, without sidecars --mesh ambient"
        case .linkerd:
            "annotate the namespace for injection (linkerd.io/inject: enabled) and recreate the pod; if its port was changed "
                + "by annotation, give --linkerd-admin-port; outside of a mesh use --mesh off"
        }
    }
}
