import COpenSSL
import Glibc
import Testing

@testable import LaminaHTTP

/// An authority that issues certificates into files of a folder of its own, which goes away with it.
final class TestAuthority {
    enum KeyKind {
        case p256
        case rsa2048
        case rsa1024
    }

    /// What a certificate says; times are in seconds from now.
    struct Request {
        var commonName = "test"
        var alternativeNames = ""
        var usage = "serverAuth,clientAuth"
        var isAuthority = false
        var validFrom = -3600
        var validUntil = 3600
        var keyKind = KeyKind.p256
    }

    struct Issued {
        let certificate: OpaquePointer
        let key: OpaquePointer
        let files: TLSCertificateFiles
    }

    let folder: String
    let root: Issued
    private var issued: [Issued] = []
    private var nextSerial = 1

    /// The path of the root's certificate.
    var file: String { root.files.certificate }

    init(name: String = "Test root") throws {
        var template = Array("/tmp/lamina-tls-XXXXXX".utf8CString)
        folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        var request = Request(commonName: name)
        request.isAuthority = true
        root = try Self.issue(request, by: nil, serial: 1, folder: folder, name: "root")
    }

    deinit {
        for one in issued + [root] {
            X509_free(one.certificate)
            EVP_PKEY_free(one.key)
        }
        guard let directory = opendir(folder) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            unlink("\(folder)/\(name)")
        }
        closedir(directory)
        rmdir(folder)
    }

    /// Issues a certificate with a key of its own.
    func issue(_ request: Request = Request(), by issuer: Issued? = nil) throws -> Issued {
        nextSerial += 1
        let made = try Self.issue(
            request, by: issuer ?? root, serial: nextSerial, folder: folder, name: "issued-\(nextSerial)")
        issued.append(made)
        return made
    }

    /// A server's certificate for DNS names.
    func server(_ names: String..., keyKind: KeyKind = .p256) throws -> TLSCertificateFiles {
        var request = Request(commonName: names[0], alternativeNames: names.map { "DNS:\($0)" }.joined(separator: ","))
        request.keyKind = keyKind
        return try issue(request).files
    }

    /// A client's certificate with a URI.
    func workload(_ uri: String) throws -> TLSCertificateFiles {
        try issue(Request(commonName: "workload", alternativeNames: "URI:\(uri)", usage: "clientAuth")).files
    }

    /// Writes a file into the folder.
    func write(_ name: String, _ text: String) throws -> String {
        let path = "\(folder)/\(name)"
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
        return path
    }

    /// Writes a revocation list of the root.
    func revoke(_ revoked: [Issued], name: String = "revoked.pem", nextUpdate: Int = 3600) throws -> String {
        let list = try #require(X509_CRL_new())
        defer { X509_CRL_free(list) }
        X509_CRL_set_version(list, 1)
        X509_CRL_set_issuer_name(list, X509_get_subject_name(root.certificate))
        let start = try #require(ASN1_TIME_adj(nil, time(nil), 0, -7200))
        let end = try #require(ASN1_TIME_adj(nil, time(nil), 0, nextUpdate))
        defer {
            ASN1_TIME_free(start)
            ASN1_TIME_free(end)
        }
        X509_CRL_set1_lastUpdate(list, start)
        X509_CRL_set1_nextUpdate(list, end)
        for one in revoked {
            let entry = try #require(X509_REVOKED_new())
            X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one.certificate))
            X509_REVOKED_set_revocationDate(entry, start)
            X509_CRL_add0_revoked(list, entry)
        }
        X509_CRL_sort(list)
        try #require(X509_CRL_sign(list, root.key, EVP_sha256()) > 0)
        let path = "\(folder)/\(name)"
        let bio = try #require(BIO_new_file(path, "w"))
        defer { BIO_free(bio) }
        try #require(PEM_write_bio_X509_CRL(bio, list) == 1)
        return path
    }
}

// MARK: Issuing

extension TestAuthority {
    private static func issue(
        _ request: Request, by issuer: Issued?, serial: Int, folder: String, name: String
    ) throws -> Issued {
        let key = try makeKey(request.keyKind)
        let certificate = try #require(X509_new())
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial)
        X509_gmtime_adj(X509_getm_notBefore(certificate), request.validFrom)
        X509_gmtime_adj(X509_getm_notAfter(certificate), request.validUntil)
        let subject = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, request.commonName, -1, -1, 0)
        X509_set_issuer_name(certificate, issuer.map { X509_get_subject_name($0.certificate) } ?? subject)
        X509_set_pubkey(certificate, key)
        var extensions = ["basicConstraints": request.isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE"]
        extensions["keyUsage"] = request.isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature"
        if !request.isAuthority { extensions["extendedKeyUsage"] = request.usage }
        if !request.alternativeNames.isEmpty { extensions["subjectAltName"] = request.alternativeNames }
        extensions["subjectKeyIdentifier"] = "hash"
        for (name, value) in extensions {
            var context = X509V3_CTX()
            X509V3_set_ctx(&context, issuer?.certificate ?? certificate, certificate, nil, nil, 0)
            let made = try #require(X509V3_EXT_conf_nid(nil, &context, OBJ_txt2nid(name), value), "\(name)=\(value)")
            X509_add_ext(certificate, made, -1)
            X509_EXTENSION_free(made)
        }
        try #require(X509_sign(certificate, issuer?.key ?? key, EVP_sha256()) > 0)
        let files = TLSCertificateFiles(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        try writeKey(key, to: files.key)
        let bio = try #require(BIO_new_file(files.certificate, "w"))
        defer { BIO_free(bio) }
        try #require(PEM_write_bio_X509(bio, certificate) == 1)
        // An authority between is part of the chain that is shown.
        if let issuer,
            X509_get_subject_name(issuer.certificate).map({
                X509_NAME_cmp($0, X509_get_issuer_name(issuer.certificate))
            }) != 0
        {
            try #require(PEM_write_bio_X509(bio, issuer.certificate) == 1)
        }
        return Issued(certificate: certificate, key: key, files: files)
    }

    static func writeKey(_ key: OpaquePointer, to path: String, passphrase: String? = nil) throws {
        let bio = try #require(BIO_new_file(path, "w"))
        defer { BIO_free(bio) }
        var secret = Array((passphrase ?? "").utf8)
        let cipher = passphrase == nil ? nil : EVP_aes_256_cbc()
        try #require(PEM_write_bio_PrivateKey(bio, key, cipher, &secret, Int32(secret.count), nil, nil) == 1)
        chmod(path, 0o600)
    }

    private static func makeKey(_ kind: KeyKind) throws -> OpaquePointer {
        let context = try #require(EVP_PKEY_CTX_new_from_name(nil, kind == .p256 ? "EC" : "RSA", nil))
        defer { EVP_PKEY_CTX_free(context) }
        EVP_PKEY_keygen_init(context)
        switch kind {
        case .p256: EVP_PKEY_CTX_set_group_name(context, "P-256")
        case .rsa2048: EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048)
        case .rsa1024: EVP_PKEY_CTX_set_rsa_keygen_bits(context, 1024)
        }
        var key: OpaquePointer?
        EVP_PKEY_generate(context, &key)
        return try #require(key)
    }
}
