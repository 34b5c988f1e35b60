import HTTPTypes
package import LaminaHTTP

/// The sidecar of a mesh, as this process asks and tells it over loopback.
package struct MeshProxy: Sendable, Equatable {
    /// What a sidecar says of itself.
    enum Answer: Sendable, Equatable {
        /// Nothing: no such proxy here.
        case none
        /// It is there, and lets no traffic through yet.
        case starting
        /// It lets traffic through.
        case ready
    }

    /// How long Envoy keeps a connection without requests.
    package static let envoyIdleTimeout = Duration.seconds(3600)
    /// How long this server keeps one behind a sidecar: who closes first may do so just when a request is on its way, and its
    /// client gets 503.
    package static let idleTimeout = envoyIdleTimeout + .seconds(300)

    /// Whose it is.
    package let kind: Mesh.Kind
    /// Answers 200 once traffic passes.
    package let readiness: HTTPURL
    /// Answers before `readiness` does; the same where there is no other.
    let presence: HTTPURL
    /// A POST makes it exit at once, without a drain.
    package let shutdown: HTTPURL

    /// The sidecar of a mesh; nil for one without sidecars.
    package init?(_ kind: Mesh.Kind, ports: MeshPorts) {
        self.kind = kind
        switch kind {
        case .istio:
            readiness = .loopback(ports.istioStatus, "/healthz/ready")
            presence = .loopback(ports.istioAgent, "/healthz/ready")
            shutdown = .loopback(ports.istioAgent, "/quitquitquit")
        case .linkerd:
            readiness = .loopback(ports.linkerdAdmin, "/ready")
            presence = readiness
            shutdown = .loopback(ports.linkerdAdmin, "/shutdown")
        case .ambient: return nil
        }
    }

    /// Asks it how it is, for at most `limit`. Anything but 200 and 503 is somebody else's answer.
    func ask(_ client: HTTPClient, for limit: Duration) async -> Answer {
        async let readiness = Self.answer(client, readiness, limit)
        async let presence = presence == self.readiness ? Answer.none : Self.answer(client, presence, limit)
        switch await (readiness, presence) {
        case (.ready, _): return .ready
        case (.none, .none): return .none
        default: return .starting
        }
    }

    private static func answer(_ client: HTTPClient, _ url: HTTPURL, _ limit: Duration) async -> Answer {
        let timeouts = HTTPClientTimeouts(connect: limit, response: limit, idle: limit, total: limit)
        let request = ClientRequest(.get, url, timeouts: timeouts, redirects: .never, usesProxies: false)
        do {
            switch try await client.withResponse(to: request, { $0.head.status.code }) {
            case 200: return .ready
            case 503: return .starting
            default: return .none
            }
        } catch {
            // Refused, or silent for too long: what matters is that no proxy answers.
            return .none
        }
    }
}

extension HTTPURL {
    /// A path on a port of 127.0.0.1; both are this program's own words.
    fileprivate static func loopback(_ port: Int, _ path: String) -> HTTPURL {
        do throws(HTTPClientError) {
            return try HTTPURL("http://127.0.0.1:\(port)\(path)")
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
