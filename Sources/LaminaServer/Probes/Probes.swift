import HTTPTypes
import LaminaHTTP
import LaminaJSON
import LaminaTelemetry

/// Liveness, readiness and health, and the metrics. None of them waits for the engine.
struct Probes: Sendable {
    /// Paths whose successful requests are not worth a log line.
    static let paths: Set<String> = ["/livez", "/readyz", "/health", "/metrics"]

    let state: ServerState
    let mesh: MeshWatch
    let registry: MetricsRegistry

    func add(to router: inout Router) {
        router.add(.get, "/livez") { _ in .json(.ok, ["status": "ok"]) }
        router.add(.get, "/readyz") { _ in readiness() }
        router.add(.get, "/health") { _ in readiness() }
        router.add(.get, "/metrics") { request in metrics(accept: request.head.headerFields[.accept]) }
    }

    /// 200 where requests for text are taken, else 503 with the reason. The mesh's sidecar is shown and does not count: it has a
    /// probe of its own, and a request that came here has come through it.
    private func readiness() -> OutgoingResponse {
        let mesh = mesh.current.json
        switch state.phase {
        case .loading(let progress):
            let percent = JSONValue.integer(Int64(progress * 100))
            return .json(.serviceUnavailable, ["status": "loading", "progress_percent": percent, "mesh": mesh])
        case .ready(let model):
            return .json(.ok, ["status": "ok", "model": .string(model.id), "mesh": mesh])
        case .leaving, .draining: return .json(.serviceUnavailable, ["status": "draining", "mesh": mesh])
        }
    }

    private func metrics(accept: String?) -> OutgoingResponse {
        let format = ExpositionFormat.negotiated(accept: accept)
        return OutgoingResponse(
            headers: [.contentType: format.contentType], body: .bytes(Array(registry.text(format).utf8)))
    }
}

extension Mesh {
    /// As probes show it.
    fileprivate var json: JSONValue {
        var fields = JSONObject()
        fields["mode"] = .string(modeName)
        fields["source"] = .string(source.rawValue)
        fields["proxy"] = .string(proxyState.rawValue)
        fields["reason"] = fault.map { .string("\($0.seen); \($0.advice)") }
        return .object(fields)
    }
}

extension OutgoingResponse {
    /// A JSON answer.
    static func json(_ status: HTTPResponse.Status, _ value: JSONValue) -> OutgoingResponse {
        json(status, bytes: JSONWriter.bytes(of: value))
    }

    /// A JSON answer that has been written already.
    static func json(_ status: HTTPResponse.Status, bytes: [UInt8]) -> OutgoingResponse {
        OutgoingResponse(status: status, headers: [.contentType: "application/json"], body: .bytes(bytes))
    }
}
