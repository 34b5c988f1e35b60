import COpenSSL
import Glibc

/// Reads fields of an X.509 certificate, which must outlive it.
struct CertificateReader {
    private let certificate: OpaquePointer

    init(_ certificate: OpaquePointer) { self.certificate = certificate }

    /// The subject alternative names of a kind (RFC 5280 §4.2.1.6), in order. One with a zero byte or outside ASCII is
    /// given as empty, since it would not be read as it is written.
    func alternativeNames(_ kind: AlternativeName) -> [String] {
        alternativeNames(kind) { bytes in
            if kind == .address { return Self.address(bytes) }
            return bytes.allSatisfy { (0x21...0x7E).contains($0) } ? String(decoding: bytes, as: UTF8.self) : ""
        }
    }

    private func alternativeNames(
        _ kind: AlternativeName, _ text: (UnsafeBufferPointer<UInt8>) -> String
    ) -> [String] {
        guard let extensionValue = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(extensionValue)
        defer { GENERAL_NAMES_free(names) }
        return (0..<copenssl_names_count(names)).compactMap { index in
            guard let name = copenssl_names_at(names, index), name.pointee.type == kind.rawValue,
                let value = copenssl_name_value(name)
            else { return nil }
            return text(
                UnsafeBufferPointer(start: ASN1_STRING_get0_data(value), count: Int(ASN1_STRING_length(value))))
        }
    }

    /// An IPv4 or IPv6 address of its 4 or 16 bytes; empty for any other number of them.
    private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        let families = [4: AF_INET, 16: AF_INET6]
        guard let family = families[bytes.count] else { return "" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            inet_ntop(family, bytes.baseAddress, text.baseAddress, socklen_t(text.count)).map { String(cString: $0) }
                ?? ""
        }
    }

    /// The hosts that it is for: DNS names and addresses; where there are none, the subject, which was used before these.
    var hosts: [String] {
        let names = (alternativeNames(.dns) + alternativeNames(.address)).filter { !$0.isEmpty }
        return names.isEmpty ? [subject] : names
    }

    /// A kind of subject alternative name, with the number of its choice.
    enum AlternativeName: Int32 {
        case dns = 2
        case uri = 6
        case address = 7
    }

    /// The subject as RFC 2253 writes it, such as `CN=client,O=Example`.
    var subject: String {
        guard let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        guard copenssl_name_print(bio, X509_get_subject_name(certificate)) >= 0 else { return "" }
        var start: UnsafeMutablePointer<CChar>?
        let count = copenssl_bio_contents(bio, &start)
        guard let start else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// SHA-256 of the certificate as lower-case hexadecimal digits.
    var fingerprint: String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { return "" }
        return digest.prefix(Int(count)).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }

    /// The first second of its validity, since 1970; nil where the field is malformed.
    var validFrom: Int? { Self.seconds(X509_get0_notBefore(certificate)) }

    /// The last second of its validity, since 1970; nil where the field is malformed.
    var validUntil: Int? { Self.seconds(X509_get0_notAfter(certificate)) }

    /// Whether it may sign certificates or revocation lists.
    var isAuthority: Bool {
        // Without the extension OpenSSL gives every bit.
        let usage = X509_get_key_usage(certificate)
        let signs = usage != UInt32.max && usage & UInt32(KU_KEY_CERT_SIGN | KU_CRL_SIGN) != 0
        return signs || X509_check_ca(certificate) == 1
    }

    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int? {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return timegm(&parts)
    }
}
