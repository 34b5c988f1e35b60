/// How loaded this replica is, in the terms of ORCA, Open Request Cost Aggregation (xds.data.orca.v3.OrcaLoadReport, and
/// https://docs.google.com/document/d/1NSnK3346BkBo1JUU3I9I5NYYnaJZQPt8_Z_XCBCI3uA).
///
/// Envoy's client_side_weighted_round_robin sends each replica requests in proportion to `rps_fractional / utilization`. With tokens
/// per second of computing as the rate that is the tokens per second a replica has to offer, the less the more is asked of it.
/// docs/decisions/0009-load-reports.md has the reasons.
struct LoadReport: Equatable {
    /// Measured by the server beyond what ORCA has fields for.
    struct NamedMetric: Equatable {
        let name: String
        let value: Double
    }

    /// What is asked of the replica as a share of what it can do; above 1 where requests wait.
    let applicationUtilization: Double
    /// Tokens computed in a second of computing.
    let tokensPerSecond: Double
    /// By name, in order; the names are vLLM's, which routers know.
    let namedMetrics: [NamedMetric]

    /// Envoy rejects reports of 0 and leaves the replica its old weight.
    static let leastUtilization = 0.01
    /// Likewise for the rate.
    private static let leastRate = 0.001
    /// What is left of digits: more would only pretend to be exact.
    private static let precision = 1000.0

    /// A report; out of range values are moved into it.
    init(applicationUtilization: Double, tokensPerSecond: Double, namedMetrics: [NamedMetric] = []) {
        self.applicationUtilization = max(Self.leastUtilization, Self.rounded(applicationUtilization))
        self.tokensPerSecond = max(Self.leastRate, Self.rounded(tokensPerSecond))
        self.namedMetrics = namedMetrics
    }

    /// Nil before anything was computed: without a rate nobody could use it.
    init?(_ load: EngineLoad, at now: ContinuousClock.Instant) {
        guard let rate = load.tokensPerSecond else { return nil }
        self.init(
            applicationUtilization: max(load.cacheUsage, load.compute(at: now), load.demand), tokensPerSecond: rate,
            namedMetrics: [
                .init(name: "kv_cache_usage_perc", value: Self.rounded(load.cacheUsage)),
                .init(name: "num_requests_running", value: Double(load.running)),
                .init(name: "num_requests_waiting", value: Double(load.waiting)),
            ])
    }

    private static func rounded(_ number: Double) -> Double { (number * precision).rounded() / precision }
}
