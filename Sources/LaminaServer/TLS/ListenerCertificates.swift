import LaminaHTTP
import LaminaTelemetry
import Logging

/// The certificates that TCP listeners show, and their rules for clients: read at the start and again when a file changes.
struct ListenerCertificates: Sendable {
    /// Reads the files again when they have changed.
    let reloadable: Reloadable
    private let context: ReloadableTLSContext

    /// Reads the files. Throws `TLSError`.
    init(_ configuration: TLSServerConfiguration, registry: MetricsRegistry, logger: Logger) throws {
        let expiry = try registry.gauge(
            "lamina_tls_certificate_expiry_timestamp_seconds",
            help: "When a served certificate expires, in seconds since 1970.", labels: ["file"])
        // Before the files are read: what changes from here on is noticed.
        let fingerprints = FileFingerprint.of(configuration.files)
        let context = try ReloadableTLSContext(configuration)
        self.context = context
        _ = Self.report(context.current, expiry, logger)
        reloadable = Reloadable(name: "TLS certificates", paths: configuration.files, loaded: fingerprints) {
            Self.report(try context.reload(), expiry, logger)
        }
    }

    /// Has every TCP listener speak TLS. Unix-domain sockets stay plain: who may use them is said by their permissions.
    func install(in configuration: inout HTTPServerConfiguration) {
        for index in configuration.listeners.indices {
            if case .internet = configuration.listeners[index].endpoint { configuration.listeners[index].tls = context }
        }
    }

    /// Logs what is unusual, measures, and returns what there is in words.
    private static func report(_ context: TLSServerContext, _ expiry: MetricFamily<Gauge>, _ logger: Logger) -> String {
        for warning in context.warnings { logger.warning("TLS", metadata: ["reason": "\(warning)"]) }
        return context.certificates.map { certificate in
            expiry.with(certificate.file).set(certificate.validUntil)
            let names = certificate.names.isEmpty ? "no name" : certificate.names.joined(separator: ", ")
            return "\(names) until \(UnixTime(seconds: certificate.validUntil).rfc3339)"
        }.joined(separator: "; ")
    }
}
