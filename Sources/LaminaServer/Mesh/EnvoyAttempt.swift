import HTTPTypes

/// Which time Envoy sends a request, from 1.
struct EnvoyAttempt {
    let count: Int

    /// Nil where no Envoy counts.
    init?(_ fields: HTTPFields) {
        guard let count = fields[.envoyAttemptCount].flatMap({ Int($0) }), count >= 1 else { return nil }
        self.count = count
    }

    /// Whether an earlier attempt has failed.
    var isRetry: Bool { count > 1 }
}

extension HTTPField.Name {
    /// Which time an Envoy before us sends this request.
    static let envoyAttemptCount = known("x-envoy-attempt-count")
}
