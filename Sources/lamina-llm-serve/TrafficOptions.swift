import ArgumentParser
import LaminaServer

/// What requests for text may take, and what proxies in front are told.
struct TrafficOptions: ServerOptions {
    @Option(
        help: ArgumentHelp(
            "Seconds a request may take, waiting included; 0 for as long as it wants. A client's own X-Request-Timeout-Ms may "
                + "be shorter (environment: LAMINA_REQUEST_TIMEOUT). Default: 0.", valueName: "seconds"))
    var requestTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds of silence after which a stream gets a comment, so that no proxy takes it for dead; 0 for none "
                + "(LAMINA_HEARTBEAT). Default: 10.", valueName: "seconds"))
    var heartbeat: Int?

    @Option(
        help: ArgumentHelp(
            "When answers say how loaded the server is (ORCA): off, on-request, or always (LAMINA_LOAD_REPORT). Default: "
                + "on-request.", valueName: "mode"))
    var loadReport: LoadReportMode?

    /// A week.
    private static let requestTimeouts = 0...604_800
    private static let heartbeats = 0...3600

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        if let seconds = try read.number(requestTimeout, "request-timeout", Self.requestTimeouts) {
            configuration.requestTimeout = seconds > 0 ? .seconds(seconds) : nil
        }
        if let seconds = try read.number(heartbeat, "heartbeat", Self.heartbeats) {
            configuration.heartbeat = seconds > 0 ? .seconds(seconds) : nil
        }
        if let mode = try read.choice(loadReport?.rawValue, "load-report", of: LoadReportMode.self) {
            configuration.loadReports = mode
        }
    }
}

extension LoadReportMode: ExpressibleByArgument {}
