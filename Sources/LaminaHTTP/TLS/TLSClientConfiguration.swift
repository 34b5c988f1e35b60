/// Whom a client trusts, and what it shows of itself.
package struct TLSClientConfiguration: Sendable, Hashable {
    /// Whether the system's authorities are trusted (SSL_CERT_FILE and SSL_CERT_DIR name others).
    package var trustsSystemAuthorities = true
    /// Files of further authorities, in PEM form.
    package var authorityFiles: [String] = []
    /// What is shown to servers that ask for a certificate.
    package var certificate: TLSCertificateFiles?
    /// Versions older than this are refused.
    package var minimumVersion = TLSVersion.tls12

    /// Where users of this client can change its mind, for the advice in errors.
    package var settings = TLSClientSettings()

    /// Trusts the system's authorities and shows nothing.
    package init() {}
}

/// What a command calls its settings, as the ends of sentences that give advice.
package struct TLSClientSettings: Sendable, Hashable {
    /// How to name a further authority, as in "name its certificate with --ca-file".
    package var authority = "in SSL_CERT_FILE"
    /// How to say which host a certificate must be for, as in "say with --server-name which is meant"; nil where nobody can.
    package var serverName: String?

    /// What every program has: the environment.
    package init() {}
}
