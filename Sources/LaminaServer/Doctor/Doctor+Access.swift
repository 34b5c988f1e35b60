import LaminaHTTP
import LaminaTelemetry

extension Doctor {
    private static let secondsInADay = 86_400

    /// The files of TLS, read as the server reads them.
    func examineCertificates() -> [Finding] {
        guard let tls = configuration.tls else { return [] }
        do throws(TLSError) {
            let context = try TLSServerContext(tls)
            let warnings = context.warnings.map { Finding(.certificates, .warning, $0) }
            return context.certificates.map(examine) + warnings
        } catch {
            return [Finding(.certificates, .error, "\(error)")]
        }
    }

    private func examine(_ certificate: TLSServerContext.ServedCertificate) -> Finding {
        let left = certificate.validUntil - surroundings.now.seconds
        let identity = certificate.identity
        let name = identity.spiffeID.map(\.description) ?? identity.subject
        let names = certificate.names.isEmpty ? "" : " for \(certificate.names.joined(separator: ", "))"
        let seen =
            "\(certificate.file): \(name)\(names), with its key, until \(UnixTime(seconds: certificate.validUntil).rfc3339) "
            + "(\(Self.span(left)))"
        // Short-lived certificates are renewed all the time; what counts is that this one has not been.
        guard left < (certificate.validUntil - certificate.validFrom) / 10 else {
            return Finding(.certificates, .ok, seen)
        }
        return Finding(
            .certificates, .warning, seen + ", less than a tenth of its time",
            advice: "renew it; the server reads changed files by itself")
    }

    private static func span(_ seconds: Int) -> String {
        let days = seconds / secondsInADay
        return days > 0 ? "\(days) days left" : "\(seconds / 3600) hours left"
    }

    /// Who may use the server.
    func examineAPIKeys(_ mesh: Mesh) -> [Finding] {
        guard let source = configuration.apiKeys else { return examineOpenDoor(mesh) }
        do throws(APIKeyError) {
            let (keys, isExposed) = try source.read()
            let seen = keys.count == 1 ? "1 key" : "\(keys.count) keys"
            guard isExposed, let file = source.file else { return [Finding(.apiKeys, .ok, seen)] }
            return [
                Finding(
                    .apiKeys, .warning, "\(seen), and every user of this machine can read \(file)",
                    advice: "set its mode to 0400 (in Kubernetes: defaultMode: 0400)")
            ]
        } catch {
            return [Finding(.apiKeys, .error, "\(error)")]
        }
    }

    private func examineOpenDoor(_ mesh: Mesh) -> [Finding] {
        let isVerified = configuration.tls?.clientAuthentication == .required
        let isOpen = configuration.http.listeners.contains { $0.endpoint.isOpenToOthers }
        guard isOpen, !isVerified else { return [Finding(.apiKeys, .ok, "none are needed")] }
        let advice = "name keys with --api-key-file, or ask for client certificates with --tls-client-ca"
        if mesh.kind != nil {
            return [
                Finding(
                    .apiKeys, .note, "none are needed: the mesh alone says who may use the server",
                    advice: "allow only whom you mean with an AuthorizationPolicy")
            ]
        }
        return [Finding(.apiKeys, .warning, "everybody who reaches the port may use the server", advice: advice)]
    }
}

extension ListeningEndpoint {
    /// Whether other machines may reach it.
    fileprivate var isOpenToOthers: Bool {
        guard case .internet(let host, let port) = self else { return false }
        return host != "localhost" && !SocketAddress.internet(host: host, port: port).isLoopback
    }
}
