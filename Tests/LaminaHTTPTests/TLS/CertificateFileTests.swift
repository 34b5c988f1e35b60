import COpenSSL
import Glibc
import Testing

@testable import LaminaHTTP

struct CertificateFileTests {
    private let authority: TestAuthority
    private let good: TLSCertificateFiles

    init() throws {
        authority = try TestAuthority()
        good = try authority.server("localhost", "*.example")
    }

    /// The error that a server with these files ends with.
    private func error(_ certificate: String, _ key: String) -> TLSError? {
        do throws(TLSError) {
            _ = try TLSServerContext(TLSServerConfiguration(certificates: [.init(certificate: certificate, key: key)]))
            return nil
        } catch {
            return error
        }
    }

    @Test func `Tells what is served`() throws {
        let context = try testServer(good)
        #expect(context.warnings == [])
        #expect(context.certificates.map(\.file) == [good.certificate])
        #expect(context.certificates[0].names == ["localhost", "*.example"])
        #expect(abs(context.certificates[0].validUntil - time(nil) - 3600) < 60)
    }

    @Test func `An error names the file and what to do`() throws {
        let missing = "\(authority.folder)/missing.pem"
        #expect(
            error(missing, good.key)?.description
                == "\(missing): no such file or directory; check the path and who may read it")
        #expect(error(good.certificate, authority.folder)?.description.contains("no regular file") == true)
        let text = try authority.write("text.pem", "hello\n")
        #expect(
            error(text, good.key)?.description
                == "\(text): there is no certificate in it; it must be in PEM form (BEGIN CERTIFICATE)")
        #expect(
            error(good.certificate, text)?.description.hasPrefix("\(text): there is no usable private key in it")
                == true)
        let damaged = try authority.write(
            "damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        #expect(error(damaged, good.key)?.description.hasPrefix("\(damaged): certificate 1 in it is damaged") == true)
    }

    @Test func `A key of another certificate is refused`() throws {
        let other = try authority.server("localhost")
        #expect(
            error(good.certificate, other.key)?.description.contains("does not belong to the first certificate") == true
        )
    }

    @Test func `An encrypted key is refused and the way out is named`() throws {
        let path = "\(authority.folder)/encrypted.key"
        try TestAuthority.writeKey(authority.root.key, to: path, passphrase: "secret")
        #expect(
            error(good.certificate, path)?.description.contains("the key is encrypted; decrypt it with 'openssl pkey")
                == true)
    }

    @Test func `A certificate that has expired is refused, one of tomorrow is warned of`() throws {
        let old = try authority.issue(.init(validFrom: -7200, validUntil: -3600)).files
        #expect(error(old.certificate, old.key)?.description.contains("the certificate expired on") == true)
        let early = try authority.issue(.init(validFrom: 3600, validUntil: 7200)).files
        #expect(try testServer(early).warnings.first?.contains("is not valid before") == true)
    }

    @Test func `A key that is too weak is refused`() throws {
        let weak = try authority.server("localhost", keyKind: .rsa1024)
        #expect(error(weak.certificate, weak.key)?.description.contains("ee key too small") == true)
    }

    @Test func `A key that everybody can read is warned of`() throws {
        chmod(good.key, 0o644)
        #expect(
            try testServer(good).warnings == [
                "\(good.key): every user of this machine can read the key; set its mode to 0400"
            ])
    }

    @Test func `A chain in the wrong order is warned of`() throws {
        let middle = try authority.issue(.init(commonName: "Middle", isAuthority: true))
        let files = try authority.issue(.init(alternativeNames: "DNS:localhost"), by: middle).files
        #expect(try testServer(files).warnings == [])
        let pair = try TLSPair(server: testServer(files), client: testClient(authority))
        #expect(pair.handshake().client == .done)
        let root = try #require(fopen(authority.file, "r"))
        let chain = try #require(fopen(good.certificate, "a"))
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, root) != nil { fputs(line, chain) }
        fclose(root)
        fclose(chain)
        #expect(try testServer(good).warnings == [])
        let stranger = try TestAuthority(name: "Stranger")
        let other = try #require(fopen(stranger.file, "r"))
        let again = try #require(fopen(files.certificate, "a"))
        while fgets(&line, 256, other) != nil { fputs(line, again) }
        fclose(other)
        fclose(again)
        #expect(
            try testServer(files).warnings.first?.contains("certificate 3 is not the issuer of certificate 2") == true)
    }

    @Test func `Settings that contradict each other are refused`() throws {
        #expect(throws: TLSError.self) { try TLSServerContext(TLSServerConfiguration(certificates: [])) }
        #expect(throws: TLSError.self) { try testServer(good) { $0.clientAuthentication = .required } }
        #expect(throws: TLSError.self) {
            try testServer(good) {
                $0.clientAuthentication = .required
                $0.clientAuthorityFiles = [authority.file]
                $0.verifyDepth = 0
            }
        }
        let notAList = try authority.write("list.pem", "")
        #expect(throws: TLSError.self) { try testServer(good) { $0.revocationFiles = [notAList] } }
    }

    @Test func `Looks for the system's authorities where distributions keep them`() {
        let named = SystemAuthorities(variable: { $0 == "SSL_CERT_FILE" ? "/own.pem" : nil }, exists: { _ in true })
        #expect(named.file == "/own.pem")
        #expect(named.directory == nil)
        let alpine = SystemAuthorities(variable: { _ in nil }, exists: { $0 == "/etc/ssl/cert.pem" })
        #expect(alpine.file == "/etc/ssl/cert.pem")
        let none = SystemAuthorities(variable: { _ in nil }, exists: { _ in false })
        #expect(none.file == nil && none.directory == nil)
    }
}
