import COpenSSL
import Glibc

/// Where a system keeps the certificates of the authorities it trusts. Distributions differ, and a binary built on one runs
/// on others, so that the path OpenSSL was built with is not enough.
struct SystemAuthorities {
    /// A file with all of them; nil where there is none.
    let file: String?
    /// A directory with one each, under hashed names; nil where there is none.
    let directory: String?

    /// Places looked at, for an error that says so.
    static let fileCandidates = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Gentoo
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL, Amazon Linux
        "/etc/ssl/ca-bundle.pem",  // openSUSE
        "/etc/ssl/cert.pem",  // Alpine
    ]
    static let directoryCandidates = ["/etc/ssl/certs", "/etc/pki/tls/certs"]

    /// Those of the environment's SSL_CERT_FILE and SSL_CERT_DIR, else those of this system.
    ///
    /// - Parameters:
    ///   - variable: reads the environment.
    ///   - exists: looks at the file system.
    init(
        variable: (String) -> String? = { getenv($0).map { String(cString: $0) } },
        exists: (String) -> Bool = { access($0, R_OK) == 0 }
    ) {
        let named = (file: variable("SSL_CERT_FILE"), directory: variable("SSL_CERT_DIR"))
        if named.file != nil || named.directory != nil {
            file = named.file
            directory = named.directory
            return
        }
        file = ([String(cString: X509_get_default_cert_file())] + Self.fileCandidates).first(where: exists)
        directory = ([String(cString: X509_get_default_cert_dir())] + Self.directoryCandidates).first(where: exists)
    }
}
