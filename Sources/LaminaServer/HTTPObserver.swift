import LaminaHTTP
import Logging

/// Turns what happens on connections into metrics, and the unusual of it into log lines.
struct HTTPObserver: HTTPServerObserver {
    let metrics: HTTPMetrics
    let logger: Logger
    private let refusedConnections = LogThrottle(interval: .seconds(1))
    private let handshakes = LogThrottle(interval: .seconds(1))
    private let suspensions = LogThrottle(interval: .seconds(10))

    init(metrics: HTTPMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    func observe(_ event: HTTPServerEvent) {
        metrics.observe(event)
        switch event {
        case .requestRefused(.truncated, let remoteAddress):
            logger.info(
                "request refused", metadata: ["peer": "\(remoteAddress)", "reason": "\(RequestError.truncated)"])
        case .connectionRefused(let limit, let remoteAddress):
            guard let silenced = refusedConnections.admit(at: .now) else { return }
            logger.warning(
                limit == .total ? "connection refused: too many are open" : "connection refused: too many of this peer",
                metadata: ["peer": "\(remoteAddress)", "silenced": .stringConvertible(silenced)])
        case .acceptSuspended(let reason):
            guard let silenced = suspensions.admit(at: .now) else { return }
            logger.warning(
                "accepting is suspended", metadata: ["reason": "\(reason)", "silenced": .stringConvertible(silenced)])
        case .responseReplaced(let error, let path):
            logger.error("a response could not be encoded", metadata: ["path": "\(path)", "reason": "\(error)"])
        // Those that are answered are logged with their ids where the answer is made.
        // Load balancers see whether a port is open by connecting and leaving.
        case .handshakeFailed(let failure, let remoteAddress) where failure.cause != .disconnected:
            // The metric counts them all.
            guard let silenced = handshakes.admit(at: .now) else { return }
            logger.info(
                "TLS handshake failed",
                metadata: [
                    "peer": "\(remoteAddress)", "result": "\(failure.cause.rawValue)", "reason": "\(failure.reason)",
                    "silenced": .stringConvertible(silenced),
                ])
        case .handshakeFinished, .handshakeFailed: break
        case .connectionOpened, .connectionClosed, .requestFinished, .requestRefused: break
        }
    }
}
