import ArgumentParser
import FoundationEssentials
import LaminaHTTP

/// Where `serve` listens.
struct ListenOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Address to listen on; 0.0.0.0 for all of IPv4, :: for all (environment: LAMINA_HOST). Default: 127.0.0.1.",
            valueName: "address"))
    var host: String?

    @Option(
        help: ArgumentHelp(
            "Port to listen on; 0 takes any free one (environment: LAMINA_PORT). Default: 8080.", valueName: "port"))
    var port: Int?

    @Option(
        help: ArgumentHelp(
            "Unix-domain socket to listen on (environment: LAMINA_UNIX_SOCKET). Without --host and --port nothing listens "
                + "on TCP then.", valueName: "path"))
    var unixSocket: String?

    @Option(
        help: ArgumentHelp(
            "Permissions of the Unix-domain socket, in octal: who may write to it may connect.", valueName: "mode"))
    var unixSocketMode = FileMode(bits: 0o660)

    @Option(
        help: ArgumentHelp(
            "Connections the kernel holds until they are accepted, up to its own net.core.somaxconn.",
            valueName: "count"))
    var backlog = 1024

    func validate() throws {
        _ = try listeners()
        guard (1...65535).contains(backlog) else {
            throw ValidationError("--backlog must be 1 to 65535, not \(backlog).")
        }
    }

    /// The listeners asked for by options or environment; without any, one on 127.0.0.1:8080.
    func listeners(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> [HTTPListener] {
        let read = OptionReader(environment: environment)
        let socket = read.given(unixSocket, "unix-socket")
        if let socket, socket.text.isEmpty { throw ValidationError("\(socket.source) is empty; name a path.") }
        let host = read.given(host, "host")?.text
        let port = try read.number(port, "port", 0...65535)
        var endpoints: [ListeningEndpoint] = []
        if socket == nil || host != nil || port != nil {
            endpoints.append(.internet(host: host ?? "127.0.0.1", port: port ?? 8080))
        }
        if let socket { endpoints.append(.unix(path: socket.text, permissions: unixSocketMode.bits)) }
        return endpoints.map { endpoint in
            var listener = HTTPListener(endpoint)
            listener.backlog = Int32(clamping: backlog)
            return listener
        }
    }
}

/// Permissions of a file on the command line, in octal.
struct FileMode: ExpressibleByArgument {
    let bits: UInt32

    var defaultValueDescription: String { String(bits, radix: 8) }

    init(bits: UInt32) { self.bits = bits }

    init?(argument: String) {
        guard let bits = UInt32(argument, radix: 8), bits <= 0o777, !argument.hasPrefix("+") else { return nil }
        self.init(bits: bits)
    }
}
