import Glibc
import Testing

@testable import LaminaHTTP

/// A client over a real connection that says exactly the bytes it is told to. Every wait has a deadline.
final class TestClient {
    struct Response {
        var status = 0
        var fields: [String: String] = [:]
        var body: [UInt8] = []

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    enum Failure: Error {
        case cannotConnect(Int32)
        case closed
    }

    static let patience = Duration.seconds(20)
    private let socket: ConnectedSocket
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Connects to 127.0.0.1. The kernel completes this without the server's doing, so it does not block for long.
    init(port: Int) throws {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let failure = errno
            _ = Glibc.close(descriptor)
            throw Failure.cannotConnect(failure)
        }
        self.descriptor = descriptor
        socket = ConnectedSocket(descriptor: descriptor, remoteAddress: "server")
    }

    /// Connects to a Unix-domain socket.
    init(unixSocket path: String) async throws {
        socket = try await ConnectedSocket.connect(unixSocket: path)
        descriptor = socket.descriptor
    }

    func send(_ text: String) async throws {
        try await socket.write(Array(text.utf8), timeout: Self.patience)
    }

    func send(_ bytes: [UInt8]) async throws {
        try await socket.write(bytes, timeout: Self.patience)
    }

    /// Sends a GET and reads the response.
    func get(_ path: String, fields: String = "") async throws -> Response {
        try await send("GET \(path) HTTP/1.1\r\nHost: test\r\n\(fields)\r\n")
        return try await response()
    }

    func halfClose() { socket.shutdownWrite() }

    func close() { socket.close() }

    /// Closes with a reset instead of an orderly end.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        socket.close()
    }

    /// Makes the kernel hold few bytes for this client.
    func shrinkReceiveBuffer() {
        SocketOption.set(descriptor, SOL_SOCKET, SO_RCVBUF, 4096)
    }

    /// Reads one response. `hasBody` is false for answers to HEAD.
    func response(hasBody: Bool = true) async throws -> Response {
        var response = try await head()
        guard hasBody, response.status != 204, response.status != 304 else { return response }
        if response.fields["transfer-encoding"] == "chunked" {
            while let chunk = try await chunk() { response.body += chunk }
        } else if let length = response.fields["content-length"].flatMap({ Int($0) }) {
            response.body = try await bytes(length)
        } else {
            response.body = try await rest()
        }
        return response
    }

    /// Reads up to the empty line.
    func head() async throws -> Response {
        var response = Response()
        let parts = try await line().split(separator: " ")
        response.status = try #require(parts.dropFirst().first.flatMap { Int($0) })
        while true {
            let line = try await line()
            if line.isEmpty { return response }
            let field = line.split(separator: ":", maxSplits: 1)
            let value = field.count > 1 ? field[1].drop { $0 == " " } : ""
            response.fields[field[0].lowercased()] = String(value)
        }
    }

    /// Reads one chunk; nil is the last one.
    func chunk() async throws -> [UInt8]? {
        let size = try #require(Int(try await line(), radix: 16))
        let data = try await bytes(size)
        #expect(try await line().isEmpty)
        return size == 0 ? nil : data
    }

    func line() async throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<max(0, end - 1)], as: UTF8.self)
            }
            guard try await fill() else { throw Failure.closed }
        }
    }

    func bytes(_ count: Int) async throws -> [UInt8] {
        while buffer.count < count {
            guard try await fill() else { throw Failure.closed }
        }
        defer { buffer.removeSubrange(..<count) }
        return Array(buffer[..<count])
    }

    /// Reads up to the end of the stream.
    func rest() async throws -> [UInt8] {
        while try await fill() {}
        defer { buffer = [] }
        return buffer
    }

    private func fill() async throws -> Bool {
        switch try await socket.read(until: .now + Self.patience) {
        case .bytes(let bytes):
            buffer += bytes
            return true
        case .endOfStream: return false
        case .interrupted: return true
        }
    }
}
