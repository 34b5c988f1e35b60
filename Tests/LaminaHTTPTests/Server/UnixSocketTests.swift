import Foundation
import HTTPTypes
import Testing

@testable import LaminaHTTP

struct UnixSocketTests {
    /// A path in a folder of its own, which is removed with all that is left in it.
    private func withPath(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "lamina-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appending(path: "s").path)
    }

    private func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    @Test func `Serves TCP and a socket file at once, names the peer, and removes the file`() async throws {
        try await withPath { path in
            try await withServer {
                $0.listeners.append(HTTPListener(.unix(path: path, permissions: 0o600)))
            } handler: { request in
                .text(request.remoteAddress)
            } _: { server, port in
                #expect(server.addresses.map(\.description) == ["127.0.0.1:\(port)", "unix:\(path)"])
                #expect(status(path).map { $0.st_mode & 0o777 } == 0o600)
                let local = try await TestClient(unixSocket: path)
                defer { local.close() }
                #expect(try await local.get("/").text == "unix:pid=\(getpid()),uid=\(getuid())")
                #expect(try await local.get("/").status == 200, "kept alive")
                let remote = try TestClient(port: port)
                defer { remote.close() }
                #expect(try await remote.get("/").text.hasPrefix("127.0.0.1:"))
            }
            #expect(status(path) == nil)
        }
    }

    @Test func `Replaces the file of a dead server`() async throws {
        try await withPath { path in
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            _ = try UnixSocketFile.bind(descriptor, path: path, permissions: 0o600)
            // What the kernel leaves behind of a process that was killed.
            close(descriptor)
            #expect(status(path) != nil)
            let listener = try ListeningSocket(.unix(path: path, permissions: 0o660))
            #expect(status(path).map { $0.st_mode & 0o777 } == 0o660)
            listener.close()
            #expect(status(path) == nil)
        }
    }

    @Test func `Leaves a living server's file, and every file that is no socket`() async throws {
        try await withPath { path in
            let first = try ListeningSocket(.unix(path: path, permissions: 0o600))
            let error = #expect(throws: SocketError.self) {
                try ListeningSocket(.unix(path: path, permissions: 0o600))
            }
            #expect(error?.description.contains("a server listens there already") == true)
            #expect(status(path) != nil)
            first.close()
            try Data("text".utf8).write(to: URL(filePath: path))
            let other = #expect(throws: SocketError.self) {
                try ListeningSocket(.unix(path: path, permissions: 0o600))
            }
            #expect(other?.description.contains("is no socket") == true)
            #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "text")
        }
    }

    @Test func `Leaves a file that took the place of its own`() async throws {
        try await withPath { path in
            let first = try ListeningSocket(.unix(path: path, permissions: 0o600))
            #expect(unlink(path) == 0)
            let second = try ListeningSocket(.unix(path: path, permissions: 0o600))
            first.close()
            #expect(status(path) != nil)
            second.close()
            #expect(status(path) == nil)
        }
    }

    @Test func `Says how long a path may be, and what is wrong with a folder`() throws {
        let long = "/tmp/" + String(repeating: "a", count: 103)
        let error = #expect(throws: SocketError.self) { try ListeningSocket(.unix(path: long, permissions: 0o600)) }
        #expect(error?.description.contains("a socket's path has at most 107 bytes, this one 108") == true)
        let none = #expect(throws: SocketError.self) {
            try ListeningSocket(.unix(path: "/nonexistent/s", permissions: 0o600))
        }
        #expect(none?.description.contains("no such file or directory") == true)
        #expect(throws: SocketError.self) { try ListeningSocket(.unix(path: "", permissions: 0o600)) }
    }

    @Test func `Listens everywhere or nowhere`() async throws {
        try await withPath { path in
            let taken = try ListeningSocket(host: "127.0.0.1", port: 0)
            defer { taken.close() }
            let server = HTTPServer(
                configuration: HTTPServerConfiguration(listeners: [
                    HTTPListener(.unix(path: path, permissions: 0o600)),
                    HTTPListener(.internet(host: "127.0.0.1", port: taken.address.port)),
                ])
            ) { _ in .text("") }
            #expect(throws: SocketError.self) { try server.bind() }
            #expect(status(path) == nil)
            #expect(server.addresses.isEmpty)
        }
    }

    @Test func `Sends a request of its own to a socket file`() async throws {
        try await withPath { path in
            try await withServer {
                $0.listeners = [
                    HTTPListener(.internet(host: "127.0.0.1", port: 0)),
                    HTTPListener(.unix(path: path, permissions: 0o600)),
                ]
            } handler: { request in
                .echo(request)
            } _: { _, _ in
                let request = UnixSocketRequest(socketPath: path, path: "/health?a")
                let (head, body) = try await request.send(until: .now + TestClient.patience)
                #expect(head.status == .ok)
                #expect(body == Array("GET /health ".utf8))
            }
            await #expect(throws: SocketError.self) {
                try await UnixSocketRequest(socketPath: path, path: "/").send(until: .now + TestClient.patience)
            }
        }
    }
}

struct PeerNetworkTests {
    @Test func `Takes the half of an IPv6 address for one peer, and a mapped address for IPv4`() {
        let first = PeerNetwork(ipv6: [0x20, 1, 0xD, 0xB8, 0, 0, 0, 1] + [UInt8](repeating: 1, count: 8))
        let neighbour = PeerNetwork(ipv6: [0x20, 1, 0xD, 0xB8, 0, 0, 0, 1] + [UInt8](repeating: 2, count: 8))
        let other = PeerNetwork(ipv6: [0x20, 1, 0xD, 0xB8, 0, 0, 0, 2] + [UInt8](repeating: 1, count: 8))
        #expect(first == neighbour && first != other)
        let mapped = PeerNetwork(ipv6: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 1])
        #expect(mapped == .ipv4(UInt32(0x7F00_0001).bigEndian))
    }
}
