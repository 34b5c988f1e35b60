import COpenSSL

/// Finds out which hosts a certificate is for that is refused because it is not for the expected one. OpenSSL lets nobody see it
/// after that.
enum HostMismatch {
    /// Where an SSL object keeps its session. It owns the object, so it is there as long as that.
    private static let sessionIndex: Int32 = 0

    static func attach(_ session: TLSSession, to ssl: OpaquePointer) {
        SSL_set_ex_data(ssl, sessionIndex, Unmanaged.passUnretained(session).toOpaque())
    }

    /// Has a context's connections verify the peer, and note what a refused certificate is for.
    static func observe(in context: OpaquePointer) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER) { isAccepted, store in
            if isAccepted == 0, let store { HostMismatch.note(store) }
            return isAccepted
        }
    }

    private static func note(_ store: OpaquePointer) {
        let mismatches = [X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH]
        guard mismatches.contains(X509_STORE_CTX_get_error(store)),
            let certificate = X509_STORE_CTX_get_current_cert(store),
            let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
            let session = SSL_get_ex_data(OpaquePointer(ssl), sessionIndex)
        else { return }
        Unmanaged<TLSSession>.fromOpaque(session).takeUnretainedValue().refusedHosts =
            CertificateReader(certificate).hosts
    }
}

extension TLSFailure {
    /// Names that are listed; a certificate may have hundreds.
    private static let listedHosts = 5

    /// The failure with the hosts that the refused certificate is for.
    func naming(_ hosts: [String]) -> TLSFailure {
        guard cause == .certificateName, !hosts.isEmpty else { return self }
        let more = hosts.count > Self.listedHosts ? " and \(hosts.count - Self.listedHosts) more" : ""
        return TLSFailure(
            cause, "\(reason): the certificate is for \(hosts.prefix(Self.listedHosts).joined(separator: ", "))\(more)")
    }
}
