import ArgumentParser
import FoundationEssentials
import LaminaHTTP
import LaminaServer

/// Certificates of `serve`, and the authorities of its clients'. Each option has an environment variable, with commas where several
/// values may be given.
struct TLSOptions: ParsableArguments {
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

    func validate() throws {
        _ = try configuration()
    }

    /// Puts the choices into a configuration.
    func apply(to configuration: inout ServerConfiguration) throws {
        configuration.tls = try self.configuration()
    }

    /// How to speak TLS; nil for plain HTTP.
    func configuration(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> TLSServerConfiguration? {
        let certificates = Self.values(tlsCertificate, environment["LAMINA_TLS_CERTIFICATE"])
        let keys = Self.values(tlsKey, environment["LAMINA_TLS_KEY"])
        guard certificates.count == keys.count else {
            throw ValidationError(
                "There are \(certificates.count) --tls-certificate and \(keys.count) --tls-key; each certificate needs its key."
            )
        }
        let authorities = Self.values(tlsClientCa, environment["LAMINA_TLS_CLIENT_CA"])
        let revocations = Self.values(tlsCrl, environment["LAMINA_TLS_CRL"])
        let mode = tlsClientAuth ?? environment["LAMINA_TLS_CLIENT_AUTH"]
        guard !certificates.isEmpty else {
            for (name, isGiven) in [
                ("--tls-client-ca", !authorities.isEmpty), ("--tls-crl", !revocations.isEmpty),
                ("--tls-client-auth", mode != nil), ("--tls-min-version", tlsMinVersion != nil),
                ("--tls-verify-depth", tlsVerifyDepth != nil),
            ] where isGiven {
                throw ValidationError("\(name) needs --tls-certificate and --tls-key.")
            }
            return nil
        }
        var configuration = TLSServerConfiguration(
            certificates: zip(certificates, keys).map { TLSCertificateFiles(certificate: $0, key: $1) })
        configuration.clientAuthorityFiles = authorities
        configuration.revocationFiles = revocations
        configuration.minimumVersion = try Self.choice(
            tlsMinVersion ?? environment["LAMINA_TLS_MIN_VERSION"], "--tls-min-version", otherwise: .tls12)
        configuration.clientAuthentication = try Self.choice(
            mode, "--tls-client-auth", otherwise: authorities.isEmpty ? .none : .required)
        configuration.verifyDepth = try depth(environment["LAMINA_TLS_VERIFY_DEPTH"]) ?? configuration.verifyDepth
        try Self.check(configuration)
        return configuration
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

    private func depth(_ named: String?) throws -> Int? {
        guard let text = tlsVerifyDepth.map({ "\($0)" }) ?? named else { return nil }
        guard let depth = Int(text), (1...16).contains(depth) else {
            throw ValidationError("--tls-verify-depth must be 1 to 16, not '\(text)'.")
        }
        return depth
    }

    /// The options, else the environment's values between commas.
    private static func values(_ options: [String], _ named: String?) -> [String] {
        options.isEmpty ? (named ?? "").split(separator: ",").map(String.init) : options
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String?, _ name: String, otherwise: Choice
    ) throws -> Choice where Choice.RawValue == String {
        guard let text else { return otherwise }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(name) must be one of \(known), not '\(text)'.")
        }
        return choice
    }
}
