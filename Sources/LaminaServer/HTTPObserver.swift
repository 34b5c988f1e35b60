import LaminaHTTP
import Logging

/// Turns what happens on connections into metrics, and the unusual of it into log lines.
struct HTTPObserver: HTTPServerObserver {
    let metrics: HTTPMetrics
    let logger: Logger

    func observe(_ event: HTTPServerEvent) {
        metrics.observe(event)
        switch event {
        case .requestRefused(let error, let remoteAddress):
            logger.info("request refused", metadata: ["peer": "\(remoteAddress)", "reason": "\(error)"])
        case .connectionRefused(let remoteAddress):
            logger.warning("connection refused: too many are open", metadata: ["peer": "\(remoteAddress)"])
        case .acceptSuspended(let reason):
            logger.warning("accepting is suspended", metadata: ["reason": "\(reason)"])
        case .responseReplaced(let error, let path):
            logger.error("a response could not be encoded", metadata: ["path": "\(path)", "reason": "\(error)"])
        case .connectionOpened, .connectionClosed, .requestFinished: break
        }
    }
}
