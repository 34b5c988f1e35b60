/// Who may use which route. What is not in the table needs a key, so that a route added later is never open by oversight.
package struct RouteAccess: Sendable {
    /// Whether `/metrics` needs a key too.
    package var protectsMetrics = false

    /// Metrics open, as most scrapers expect.
    package init() {}

    /// Routes whose callers have no keys: kubelets and load balancers.
    static let probes: Set<String> = ["/livez", "/readyz", "/health"]

    /// Whether this route is open to everybody, whatever else is set.
    func isProbe(pattern: String?) -> Bool { pattern.map { Self.probes.contains($0) } ?? false }

    /// Whether a request for this route needs a key.
    /// - Parameter pattern: the route's, not the path a client wrote; nil for a path that has none.
    func needsKey(pattern: String?) -> Bool {
        switch pattern {
        case nil: true
        case "/metrics"?: protectsMetrics
        case let pattern?: !Self.probes.contains(pattern)
        }
    }
}
