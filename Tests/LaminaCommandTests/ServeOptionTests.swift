import ArgumentParser
import LaminaHTTP
import LaminaServer
import Testing

@testable import lamina_llm_serve

struct ServeOptionTests {
    private func endpoints(_ arguments: [String], _ environment: [String: String] = [:]) throws -> [ListeningEndpoint] {
        try ListenOptions.parse(arguments).listeners(environment: environment).map(\.endpoint)
    }

    @Test func `Listens on TCP, on a socket file, or on both`() throws {
        let local = ListeningEndpoint.internet(host: "127.0.0.1", port: 8080)
        #expect(try endpoints([]) == [local])
        #expect(try endpoints(["--unix-socket", "/a"]) == [.unix(path: "/a", permissions: 0o660)])
        #expect(
            try endpoints(["--unix-socket", "/a", "--unix-socket-mode", "600", "--port", "8080"])
                == [local, .unix(path: "/a", permissions: 0o600)])
        #expect(try endpoints(["--host", "::", "--port", "1"]) == [.internet(host: "::", port: 1)])
        #expect(
            try endpoints([], ["LAMINA_HOST": "0.0.0.0", "LAMINA_PORT": "9", "LAMINA_UNIX_SOCKET": "/b"])
                == [.internet(host: "0.0.0.0", port: 9), .unix(path: "/b", permissions: 0o660)])
    }

    @Test(arguments: [
        ["--port", "65536"], ["--port=-1"], ["--unix-socket", ""], ["--unix-socket-mode", "888"],
        ["--unix-socket-mode", "1777"], ["--backlog", "0"],
    ])
    func `Refuses places that are none`(arguments: [String]) {
        #expect(throws: (any Error).self) { try ListenOptions.parse(arguments) }
    }

    private func configuration(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> ServerConfiguration {
        try ConnectionOptions.parse(arguments).serverConfiguration(OptionReader(environment: environment))
    }

    @Test func `Sets limits and time-outs by option, or else by environment`() throws {
        let configuration = try configuration(
            [
                "--max-body", "1M", "--max-connections", "7", "--max-connections-per-peer", "3", "--idle-timeout", "1",
                "--read-header-timeout", "2", "--read-body-timeout", "3", "--body-idle-timeout", "4",
                "--write-timeout", "5", "--max-connection-age", "6",
            ], ["LAMINA_IDLE_TIMEOUT": "99", "LAMINA_DRAIN_DELAY": "8", "LAMINA_DRAIN_TIMEOUT": "9"])
        #expect(configuration.http.limits.bodyBytes == 1 << 20)
        #expect(configuration.http.maximumConnections == 7)
        #expect(configuration.http.maximumConnectionsPerPeer == 3)
        #expect(configuration.idleTimeout == .seconds(1))
        #expect(configuration.http.readHeaderTimeout == .seconds(2))
        #expect(configuration.http.readBodyTimeout == .seconds(3))
        #expect(configuration.http.bodyIdleTimeout == .seconds(4))
        #expect(configuration.http.writeTimeout == .seconds(5))
        #expect(configuration.http.maximumConnectionAge == .seconds(6))
        #expect(configuration.drainDelay == .seconds(8))
        #expect(configuration.drainTimeout == .seconds(9))
    }

    @Test func `Leaves out what zero turns off`() throws {
        let configuration = try configuration(["--max-connections-per-peer", "0", "--max-connection-age", "0"])
        #expect(configuration.http.maximumConnectionsPerPeer == nil)
        #expect(configuration.http.maximumConnectionAge == nil)
        #expect(configuration.idleTimeout == nil)
    }

    @Test func `Names the option or variable that is out of range`() {
        let option = #expect(throws: (any Error).self) { try ConnectionOptions.parse(["--idle-timeout", "0"]) }
        #expect(
            option.map { ConnectionOptions.message(for: $0) }?.contains("--idle-timeout must be 1 to 86400") == true)
        let variable = #expect(throws: (any Error).self) {
            try configuration([], ["LAMINA_WRITE_TIMEOUT": "soon"])
        }
        #expect(variable.map { "\($0)" }?.contains("LAMINA_WRITE_TIMEOUT must be 1 to 86400, not 'soon'") == true)
    }
}
