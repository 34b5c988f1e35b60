import COpenSSL

/// The SHA-256 of bytes given piece by piece (FIPS 180-4).
final class SHA256 {
    private let context: OpaquePointer?

    init() {
        context = EVP_MD_CTX_new()
        if let context { EVP_DigestInit_ex(context, EVP_sha256(), nil) }
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: [UInt8]) {
        if let context { EVP_DigestUpdate(context, bytes, bytes.count) }
    }

    /// The digest in hexadecimal digits; empty where OpenSSL could not compute it. Nothing may follow.
    func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        guard let context, EVP_DigestFinal_ex(context, &digest, &length) == 1, length == 32 else { return "" }
        return digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
