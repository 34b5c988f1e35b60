import COpenSSL

/// The SHA-256 digest of an API key. Nothing else of a key is kept, so that memory and core dumps hold none.
struct KeyDigest: Sendable, Hashable {
    private static let byteCount = 32
    private let bytes: [UInt8]

    /// The digest of a key's bytes; nil where OpenSSL has no SHA-256 or no memory.
    init?(of key: some Collection<UInt8>) {
        var digest = [UInt8](repeating: 0, count: Self.byteCount)
        let key = Array(key)
        guard EVP_Digest(key, key.count, &digest, nil, EVP_sha256(), nil) == 1 else { return nil }
        bytes = digest
    }

    /// A digest written as 64 hexadecimal digits, as `sha256sum` prints it; nil for anything else.
    init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 2 * Self.byteCount else { return nil }
        var digest: [UInt8] = []
        var digits = text.makeIterator()
        while let high = digits.next(), let low = digits.next() {
            guard high.isASCII, low.isASCII, let highValue = high.hexDigitValue, let lowValue = low.hexDigitValue else {
                return nil
            }
            digest.append(UInt8(highValue << 4 | lowValue))
        }
        bytes = digest
    }

    /// Takes the same time wherever the two differ.
    static func == (one: KeyDigest, other: KeyDigest) -> Bool { CRYPTO_memcmp(one.bytes, other.bytes, byteCount) == 0 }
}
