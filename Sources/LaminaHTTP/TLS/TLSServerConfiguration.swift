/// How a listener speaks TLS.
package struct TLSServerConfiguration: Sendable, Hashable {
    /// Whether clients show a certificate.
    package enum ClientAuthentication: String, Sendable, CaseIterable {
        /// They are not asked for one.
        case none
        /// They are asked; one that is shown must be good.
        case optional
        /// Without a good one there is no connection.
        case required
    }

    /// Certificates with their keys. A client gets the one for the name it asks for (SNI), else the first. A name may have one
    /// of each sort of key (RSA, ECDSA).
    package var certificates: [TLSCertificateFiles]
    /// Versions older than this are refused.
    package var minimumVersion = TLSVersion.tls12
    /// Whether clients show a certificate.
    package var clientAuthentication = ClientAuthentication.none
    /// Files of the authorities whose clients are accepted.
    package var clientAuthorityFiles: [String] = []
    /// Files of revocation lists. Where there are any, every authority in a client's chain must have a current one.
    package var revocationFiles: [String] = []
    /// Certificates allowed between a client's and its authority's.
    package var verifyDepth = 4

    /// A listener that asks clients for nothing.
    package init(certificates: [TLSCertificateFiles]) {
        self.certificates = certificates
    }

    /// Every file, to be watched for changes.
    package var files: [String] {
        certificates.flatMap { [$0.certificate, $0.key] } + clientAuthorityFiles + revocationFiles
    }
}
