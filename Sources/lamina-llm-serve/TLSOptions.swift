import ArgumentParser
import LaminaHTTP
import LaminaServer

/// Certificates of `serve`, and the authorities of its clients'. Variables have commas where several values may be given.
struct TLSOptions: ServerOptions {
    @Option(
        help: ArgumentHelp(
            "Serve HTTPS with this certificate, followed in the file by its chain (PEM); again for another name "
                + "(environment: LAMINA_TLS_CERTIFICATE).", valueName: "path"))
    var tlsCertificate: [String] = []

    @Option(
        help: ArgumentHelp(
            "The certificate's private key (PEM, not encrypted); once for each certificate (LAMINA_TLS_KEY).",
            valueName: "path"))
    var tlsKey: [String] = []

    @Option(
        help: ArgumentHelp(
            "Least version of TLS: 1.2 or 1.3 (LAMINA_TLS_MIN_VERSION). Default: 1.2.", valueName: "version"))
    var tlsMinVersion: String?

    @Option(
        help: ArgumentHelp(
            "Authorities whose clients are accepted (PEM); may be repeated (LAMINA_TLS_CLIENT_CA).", valueName: "path"))
    var tlsClientCa: [String] = []

    @Option(
        help: ArgumentHelp(
            "Whether clients must show a certificate: none, optional or required (LAMINA_TLS_CLIENT_AUTH). Default: "
                + "required with --tls-client-ca.", valueName: "mode"))
    var tlsClientAuth: String?

    @Option(
        help: ArgumentHelp(
            "Revocation lists (PEM): one of each authority in a client's chain; may be repeated (LAMINA_TLS_CRL).",
            valueName: "path"))
    var tlsCrl: [String] = []

    @Option(
        help: ArgumentHelp(
            "Certificates allowed between a client's and its authority's (LAMINA_TLS_VERIFY_DEPTH). Default: 4.",
            valueName: "count"))
    var tlsVerifyDepth: Int?

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        configuration.tls = try tls(read)
    }

    /// How to speak TLS; nil for plain HTTP.
    private func tls(_ read: OptionReader) throws -> TLSServerConfiguration? {
        let certificates = read.list(tlsCertificate, "tls-certificate")
        let keys = read.list(tlsKey, "tls-key")
        guard certificates.count == keys.count else {
            throw ValidationError(
                "There are \(certificates.count) --tls-certificate and \(keys.count) --tls-key; each certificate needs its key."
            )
        }
        guard !certificates.isEmpty else {
            try refuseWithoutCertificate(read)
            return nil
        }
        var configuration = TLSServerConfiguration(
            certificates: zip(certificates, keys).map { TLSCertificateFiles(certificate: $0.text, key: $1.text) })
        configuration.clientAuthorityFiles = read.list(tlsClientCa, "tls-client-ca").map(\.text)
        configuration.revocationFiles = read.list(tlsCrl, "tls-crl").map(\.text)
        if let version = try read.choice(tlsMinVersion, "tls-min-version", of: TLSVersion.self) {
            configuration.minimumVersion = version
        }
        configuration.clientAuthentication =
            try read.choice(tlsClientAuth, "tls-client-auth")
            ?? (configuration.clientAuthorityFiles.isEmpty ? .none : .required)
        if let depth = try read.number(tlsVerifyDepth, "tls-verify-depth", 1...16) { configuration.verifyDepth = depth }
        try Self.check(configuration)
        return configuration
    }

    /// Without a certificate the other settings would have no effect.
    private func refuseWithoutCertificate(_ read: OptionReader) throws {
        let others = [
            read.list(tlsClientCa, "tls-client-ca").first, read.list(tlsCrl, "tls-crl").first,
            read.given(tlsClientAuth, "tls-client-auth"), read.given(tlsMinVersion, "tls-min-version"),
            read.given(tlsVerifyDepth, "tls-verify-depth"),
        ]
        if let other = others.compactMap(\.self).first {
            throw ValidationError("\(other.source) needs --tls-certificate and --tls-key.")
        }
    }

    private static func check(_ configuration: TLSServerConfiguration) throws {
        let asks = configuration.clientAuthentication != .none
        if asks, configuration.clientAuthorityFiles.isEmpty {
            throw ValidationError(
                "--tls-client-auth \(configuration.clientAuthentication.rawValue) needs --tls-client-ca.")
        }
        if !asks, !configuration.revocationFiles.isEmpty {
            throw ValidationError("--tls-crl needs --tls-client-ca and clients that are asked for certificates.")
        }
    }
}
