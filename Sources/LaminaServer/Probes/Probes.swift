import HTTPTypes
import LaminaHTTP
import LaminaJSON
import LaminaTelemetry

/// Liveness, readiness and health, and the metrics. None of them waits for the engine.
struct Probes: Sendable {
    /// Paths whose successful requests are not worth a log line.
    static let paths: Set<String> = ["/livez", "/readyz", "/health", "/metrics"]

    let state: ServerState
    let registry: MetricsRegistry

    func add(to router: inout Router) {
        router.add(.get, "/livez") { _ in .json(.ok, ["status": "ok"]) }
        router.add(.get, "/readyz") { _ in readiness() }
        router.add(.get, "/health") { _ in readiness() }
        router.add(.get, "/metrics") { request in metrics(accept: request.head.headerFields[.accept]) }
    }

    /// 200 where requests for text are taken, else 503 with the reason.
    private func readiness() -> OutgoingResponse {
        switch state.phase {
        case .loading(let progress):
            let percent = JSONValue.integer(Int64(progress * 100))
            return .json(.serviceUnavailable, ["status": "loading", "progress_percent": percent])
        case .ready(let model):
            return .json(.ok, ["status": "ok", "model": .string(model.id)])
        case .leaving, .draining: return .json(.serviceUnavailable, ["status": "draining"])
        }
    }

    private func metrics(accept: String?) -> OutgoingResponse {
        let format = ExpositionFormat.negotiated(accept: accept)
        return OutgoingResponse(
            headers: [.contentType: format.contentType], body: .bytes(Array(registry.text(format).utf8)))
    }
}

extension OutgoingResponse {
    /// A JSON answer.
    static func json(_ status: HTTPResponse.Status, _ value: JSONValue) -> OutgoingResponse {
        OutgoingResponse(
            status: status, headers: [.contentType: "application/json"], body: .bytes(JSONWriter.bytes(of: value)))
    }
}
