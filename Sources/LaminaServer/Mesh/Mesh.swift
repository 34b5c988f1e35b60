/// What is known of the mesh that the process runs in.
package struct Mesh: Sendable, Equatable {
    /// The meshes that are told apart.
    package enum Kind: String, Sendable, CaseIterable {
        /// Istio with a sidecar.
        case istio
        /// Linkerd.
        case linkerd
        /// Istio without sidecars.
        case ambient
    }

    /// Whose word the kind is.
    package enum Source: String, Sendable {
        /// The command line's.
        case option
        /// The environment's.
        case environment
        /// The proxy's own: it answered on loopback, or none did.
        case detection
    }

    /// What the proxy in the pod is doing.
    package enum ProxyState: String, Sendable {
        /// There is none, and none is expected.
        case none
        /// It was not asked yet.
        case unknown
        /// It does not answer, though it should be there.
        case missing
        /// It answers, and does not let traffic through yet.
        case starting
        /// It lets traffic through.
        case ready
    }

    /// The mesh; nil outside of any.
    package let kind: Kind?
    /// How that is known.
    package let source: Source
    /// The sidecar and where it is asked; nil where none is expected.
    package let proxy: MeshProxy?
    /// What the sidecar does.
    package let proxyState: ProxyState

    /// The mode in force, as operators read it: the kind, else `off`.
    package var modeName: String { kind?.rawValue ?? MeshMode.off.rawValue }
}

extension Mesh {
    /// What is known before any proxy was asked.
    init(_ settings: MeshSettings) {
        kind = settings.mode.kind
        source = settings.mode == .auto ? .detection : settings.source
        proxy = kind.flatMap { MeshProxy($0, ports: settings.ports) }
        proxyState = settings.mode == .auto || proxy != nil ? .unknown : .none
    }

    /// What is known once all proxies that may be there have answered or not. One that lets traffic through counts before one that
    /// starts, and the first named before others.
    func hearing(_ answers: [(proxy: MeshProxy, answer: MeshProxy.Answer)]) -> Mesh {
        guard let heard = answers.first(where: { $0.answer == .ready }) ?? answers.first(where: { $0.answer != .none })
        else { return Mesh(kind: kind, source: source, proxy: proxy, proxyState: kind == nil ? .none : .missing) }
        return Mesh(
            kind: heard.proxy.kind, source: source, proxy: heard.proxy,
            proxyState: heard.answer == .ready ? .ready : .starting)
    }
}
