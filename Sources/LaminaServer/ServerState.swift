package import LaminaEngine
import Synchronization

/// What the server can do now; read by every request, changed a few times in a life.
package final class ServerState: Sendable {
    /// A model and the name requests use for it.
    package struct NamedModel: Sendable {
        /// The `id` in /v1/models: its own name, or the alias that a request uses.
        package private(set) var id: String
        /// When it was loaded, in seconds since 1970.
        package let createdAt: Int
        /// The model with its engine.
        package let model: ServedModel
        /// How the API describes it, written once.
        let description: ModelDescription

        /// - Parameter aliases: further names that requests may use for it.
        init(id: String, createdAt: Int, model: ServedModel, aliases: [String] = []) {
            self.id = id
            self.createdAt = createdAt
            self.model = model
            description = ModelDescription(
                ([id] + aliases).map { name in
                    ModelCard(
                        id: name, created: Int64(createdAt), ownedBy: "lamina",
                        contextLength: model.plan.contextLength)
                })
        }

        /// The body of `GET /v1/models/{id}`.
        var card: [UInt8] { description.cards[id] ?? [] }

        /// The model as requests by one of its names see it; nil where it is none of them.
        func under(_ name: String) -> NamedModel? {
            guard description.cards[name] != nil else { return nil }
            var model = self
            model.id = name
            return model
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
    private let createdAt = ContinuousClock.now

    /// Loading, nothing done yet.
    package init() {}

    /// The phase now.
    package var phase: Phase { current.withLock { $0 } }

    /// How long loading goes on if the rest takes as long as the share that is done.
    func remainingLoading(_ share: Double, at now: ContinuousClock.Instant = .now) -> Duration {
        createdAt.duration(to: now) * ((1 - share) / max(share, Self.leastShare))
    }

    /// Before that share is done, little is known.
    private static let leastShare = 0.05

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
