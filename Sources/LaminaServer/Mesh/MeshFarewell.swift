import HTTPTypes
import LaminaHTTP

/// How a sidecar took the word that it may exit.
enum MeshFarewell: Sendable, Equatable {
    /// It exits.
    case taken
    /// It answered with another status.
    case refused(kind: Mesh.Kind, status: Int)
    /// It did not answer.
    case unanswered(reason: String)

    /// What went wrong and what to do; nil where it exits.
    var fault: (seen: String, advice: String)? {
        switch self {
        case .taken: nil
        case .refused(.linkerd, let status):
            (
                "it answered with status \(status)",
                "Linkerd's proxies take this word only where the pod is annotated with "
                    + "config.linkerd.io/proxy-admin-shutdown: enabled"
            )
        case .refused(_, let status):
            ("it answered with status \(status)", "its agent must be one that knows POST /quitquitquit")
        case .unanswered(let reason):
            (reason, "where its port was changed by annotation, give --istio-agent-port or --linkerd-admin-port")
        }
    }
}

extension MeshProxy {
    /// Makes the sidecar exit at once, without a drain.
    func quit(for limit: Duration) async -> MeshFarewell {
        let client = HTTPClient()
        defer { client.close() }
        let timeouts = HTTPClientTimeouts(connect: limit, response: limit, idle: limit, total: limit)
        do {
            let status = try await client.withResponse(
                to: ClientRequest(.post, shutdown, timeouts: timeouts, usesProxies: false)
            ) { $0.head.status.code }
            return (200..<300).contains(status) ? .taken : .refused(kind: kind, status: status)
        } catch HTTPClientError.connectionLost, HTTPClientError.malformedResponse(_, .truncated) {
            // It was gone before its answer was.
            return .taken
        } catch {
            return .unanswered(reason: "\(error)")
        }
    }
}
