package import LaminaEngine
import Synchronization

/// What the server can do now; read by every request, changed a few times in a life.
package final class ServerState: Sendable {
    /// A model and the name requests use for it.
    package struct NamedModel: Sendable {
        /// The `id` in /v1/models.
        package let id: String
        /// When it was loaded, in seconds since 1970.
        package let createdAt: Int
        /// The model with its engine.
        package let model: ServedModel
        /// Further names that requests may use for it.
        package var aliases: [String] = []

        /// The model as requests by each of its names see it, its own name first.
        var underEachName: [NamedModel] {
            [self] + aliases.map { NamedModel(id: $0, createdAt: createdAt, model: model) }
        }
    }

    /// The phases of a server's life.
    package enum Phase: Sendable {
        /// The weights are being read; the share done, 0...1.
        case loading(Double)
        /// Requests for text are taken.
        case ready(NamedModel)
        /// About to shut down: not ready, so that load balancers look elsewhere, while requests are still taken.
        case leaving(NamedModel?)
        /// Shutting down: running requests finish.
        case draining(NamedModel?)
    }

    private let current = Mutex(Phase.loading(0))

    /// Loading, nothing done yet.
    package init() {}

    /// The phase now.
    package var phase: Phase { current.withLock { $0 } }

    /// Notes how much is loaded; without effect once loaded or draining.
    func progressed(to share: Double) {
        current.withLock { phase in if case .loading = phase { phase = .loading(share) } }
    }

    /// Takes requests from now on, unless the server is draining already.
    func loaded(_ model: NamedModel) {
        current.withLock { phase in
            switch phase {
            case .loading, .ready: phase = .ready(model)
            case .leaving: phase = .leaving(model)
            case .draining: phase = .draining(model)
            }
        }
    }

    /// Says no to probes, and goes on taking requests.
    func leave() {
        current.withLock { phase in
            switch phase {
            case .loading: phase = .leaving(nil)
            case .ready(let model): phase = .leaving(model)
            case .leaving, .draining: break
            }
        }
    }

    /// Says no to probes and new requests.
    func drain() {
        current.withLock { phase in
            switch phase {
            case .loading: phase = .draining(nil)
            case .ready(let model): phase = .draining(model)
            case .leaving(let model): phase = .draining(model)
            case .draining: break
            }
        }
    }
}
