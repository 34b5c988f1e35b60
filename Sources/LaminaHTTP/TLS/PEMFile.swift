import COpenSSL
import Glibc

/// A file in PEM form (RFC 7468), read as a whole.
struct PEMFile {
    let path: String
    private let bytes: [UInt8]
    /// Whether every user of the machine may read it.
    let isReadableByAll: Bool

    /// Reads a file. Throws `TLSError.unusableFile`.
    init(path: String, maximumBytes: Int) throws(TLSError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unusableFile(
                path: path, reason: SocketError.reason(errno), advice: "check the path and who may read it")
        }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unusableFile(path: path, reason: "it is no regular file", advice: "name a file in PEM form")
        }
        isReadableByAll = status.st_mode & S_IROTH != 0
        guard status.st_size <= maximumBytes else {
            throw .unusableFile(
                path: path, reason: "it has \(status.st_size) bytes, and at most \(maximumBytes) are read",
                advice: "is it the right file?")
        }
        bytes = try Self.read(descriptor, path, Int(status.st_size))
    }

    private static func read(_ descriptor: Int32, _ path: String, _ size: Int) throws(TLSError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let result = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if result < 0, errno == EINTR { continue }
                if result < 0 { failure = errno }
                if result <= 0 { break }
                count += result
            }
        }
        guard failure == 0 else {
            throw .unusableFile(path: path, reason: SocketError.reason(failure), advice: "check the file system")
        }
        return bytes
    }

    /// All certificates in the file; at least one.
    func certificates() throws(TLSError) -> [Certificate] {
        let found = try all("certificate") { bio in
            PEM_read_bio_X509(bio, nil, nil, nil).map { Certificate($0) }
        }
        guard !found.isEmpty else {
            throw .unusableFile(
                path: path, reason: "there is no certificate in it",
                advice: "it must be in PEM form (BEGIN CERTIFICATE)")
        }
        return found
    }

    /// All revocation lists in the file; at least one.
    func revocationLists() throws(TLSError) -> [RevocationList] {
        let found = try all("revocation list") { bio in
            PEM_read_bio_X509_CRL(bio, nil, nil, nil).map { RevocationList($0) }
        }
        guard !found.isEmpty else {
            throw .unusableFile(
                path: path, reason: "there is no revocation list in it",
                advice: "it must be in PEM form (BEGIN X509 CRL); openssl crl -inform der converts one")
        }
        return found
    }

    /// The first private key in the file.
    func privateKey() throws(TLSError) -> PrivateKey {
        ERR_clear_error()
        // Asked for only where the key is encrypted. It could not be answered while the server starts by itself.
        let asked = PassphraseRequest()
        let key = withBIO { bio in
            PEM_read_bio_PrivateKey(
                bio, nil, { _, _, _, request in PassphraseRequest.note(request) }, asked.pointer
            ).map { PrivateKey($0) }
        }
        defer { ERR_clear_error() }
        if let key { return key }
        if asked.wasMade {
            throw .unusableFile(
                path: path, reason: "the key is encrypted",
                advice: "decrypt it with 'openssl pkey -in FILE -out PLAIN' and protect the file by its mode, 0400")
        }
        throw .unusableFile(
            path: path, reason: "there is no usable private key in it: \(OpenSSLErrors.takeText())",
            advice: "it must be in PEM form (BEGIN PRIVATE KEY)")
    }

    private func all<Element>(_ name: String, _ next: (OpaquePointer) -> Element?) throws(TLSError) -> [Element] {
        ERR_clear_error()
        let elements = withBIO { bio in
            var elements: [Element] = []
            while let element = next(bio) { elements.append(element) }
            return elements
        }
        // The end of the file is the expected end; anything else is a damaged entry.
        let error = OpenSSLErrors.take().first
        if let error, error.reason != PEM_R_NO_START_LINE {
            throw .unusableFile(
                path: path, reason: "\(name) \((elements?.count ?? 0) + 1) in it is damaged: \(error.text)",
                advice: "replace the file")
        }
        return elements ?? []
    }

    private func withBIO<Value>(_ body: (OpaquePointer) -> Value?) -> Value? {
        bytes.withUnsafeBytes { buffer in
            guard let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else { return nil }
            defer { BIO_free(bio) }
            return body(bio)
        }
    }
}

/// Notes that OpenSSL asked for a passphrase, and gives none.
private final class PassphraseRequest {
    private(set) var wasMade = false

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static func note(_ pointer: UnsafeMutableRawPointer?) -> Int32 {
        if let pointer { Unmanaged<PassphraseRequest>.fromOpaque(pointer).takeUnretainedValue().wasMade = true }
        return -1
    }
}
