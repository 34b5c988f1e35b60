import ArgumentParser
import FoundationEssentials
import HTTPTypes
import LaminaHTTP
import LaminaServer

/// How commands that ask a server reach it: whom they trust, who they are, and the key they show.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A further authority to trust with https URLs, in PEM form. The system's are trusted anyway.",
            valueName: "path"))
    var caFile: [String] = []

    @Option(
        help: ArgumentHelp(
            "The name the server's certificate must be for. Default: the URL's host.", valueName: "name"))
    var serverName: String?

    @Option(
        help: ArgumentHelp("The certificate to show to the server, with its chain, in PEM form.", valueName: "path"))
    var clientCertificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, in PEM form.", valueName: "path"))
    var clientKey: String?

    @Option(
        help: ArgumentHelp(
            "A file with the API key and nothing else. Default: the environment variable LAMINA_API_KEY, if set.",
            valueName: "path"))
    var apiKeyFile: String?

    /// An API key is a line; a longer file is another one.
    private static let keyFileBytes = 16 * 1024

    func validate() throws {
        if (clientCertificate == nil) != (clientKey == nil) {
            throw ValidationError("--client-certificate and --client-key go together.")
        }
        if serverName?.isEmpty == true { throw ValidationError("--server-name must not be empty.") }
    }

    /// A client that trusts and is what the options say. Proxies are the environment's.
    ///
    /// - Throws: `TLSError`.
    func client(timeouts: HTTPClientTimeouts) throws(TLSError) -> HTTPClient {
        var configuration = TLSClientConfiguration()
        configuration.authorityFiles = caFile
        if let clientCertificate, let clientKey {
            configuration.certificate = TLSCertificateFiles(certificate: clientCertificate, key: clientKey)
        }
        configuration.settings.authority = "with --ca-file"
        configuration.settings.serverName = "with --server-name"
        // The system's authorities are read when they are needed: a plain URL works without any.
        let namesFiles = !caFile.isEmpty || clientCertificate != nil
        let trace = Propagation.ofRun(ProcessInfo.processInfo.environment)
        return HTTPClient(
            timeouts: timeouts, tls: namesFiles ? try TLSClientContext(configuration) : nil, usualTLS: configuration,
            serverName: serverName, propagation: { trace })
    }

    /// The fields that show the key; empty where there is none.
    ///
    /// - Throws: `ValidationError` where the file cannot be used.
    func authorization() throws -> HTTPFields {
        guard let key = try apiKey() else { return [:] }
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValidationError("The API key is not a single word of ASCII characters.")
        }
        return [.authorization: "Bearer \(key)"]
    }

    private func apiKey() throws -> String? {
        guard let apiKeyFile else {
            let key = ProcessInfo.processInfo.environment["LAMINA_API_KEY"] ?? ""
            return key.isEmpty ? nil : key
        }
        let contents: Data
        do {
            contents = try Data(contentsOf: URL(filePath: apiKeyFile))
        } catch {
            throw ValidationError("--api-key-file: \(apiKeyFile) cannot be read; check the path and its permissions.")
        }
        guard contents.count <= Self.keyFileBytes else {
            throw ValidationError("--api-key-file: \(apiKeyFile) has \(contents.count) bytes, which is no API key.")
        }
        let key = String(decoding: contents, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard key.count == 1 else {
            throw ValidationError("--api-key-file: \(apiKeyFile) must hold one API key and nothing else.")
        }
        return String(key[0])
    }
}
