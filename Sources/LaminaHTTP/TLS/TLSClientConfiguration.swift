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

    /// Trusts the system's authorities and shows nothing.
    package init() {}
}
