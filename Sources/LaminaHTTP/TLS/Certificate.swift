import COpenSSL

/// An X.509 certificate. `@unchecked Sendable`: it is never changed, and OpenSSL counts its holders atomically.
final class Certificate: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes ownership.
    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }

    /// Its fields.
    var reader: CertificateReader { CertificateReader(pointer) }

    /// Whether it is by name the issuer of another and may be.
    func hasIssued(_ other: Certificate) -> Bool { X509_check_issued(pointer, other.pointer) == X509_V_OK }
}

/// A private key. `@unchecked Sendable`: it is never changed, and OpenSSL counts its holders atomically.
final class PrivateKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes ownership.
    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    /// The sort of key: one certificate of each sort can serve a name.
    var kind: Int32 { EVP_PKEY_get_base_id(pointer) }

    /// Whether it is the key of a certificate.
    func belongs(to certificate: Certificate) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(certificate.pointer, pointer) == 1
    }
}

/// A list of revoked certificates. `@unchecked Sendable`: it is never changed, and OpenSSL counts its holders atomically.
final class RevocationList: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes ownership.
    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_CRL_free(pointer) }

    /// When the next list is due, in seconds since 1970; nil where it does not say.
    var nextUpdate: Int? { CertificateReader.seconds(X509_CRL_get0_nextUpdate(pointer)) }
}
