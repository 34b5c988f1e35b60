import HTTPTypes

/// One request to a server on a Unix-domain socket, on a connection of its own.
package struct UnixSocketRequest: Sendable {
    /// The path of the socket.
    package let socketPath: String
    /// The request's path and query.
    package let path: String

    /// A GET of a path.
    package init(socketPath: String, path: String) {
        self.socketPath = socketPath
        self.path = path
    }

    /// Sends the request and reads the whole response.
    ///
    /// - Throws: `SocketError` or `ResponseFault`.
    package func send(until deadline: ContinuousClock.Instant) async throws -> (head: ResponseHead, body: [UInt8]) {
        let stream = try await ConnectedSocket.connect(unixSocket: socketPath)
        defer { stream.close() }
        let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        try await stream.write(Array(request.utf8), timeout: ContinuousClock.now.duration(to: deadline))
        var parser = ResponseParser(limits: HTTPClientLimits())
        parser.begin(responseTo: .get)
        var head: ResponseHead?
        var body: [UInt8] = []
        while true {
            var event = try parser.next()
            if event == nil {
                switch try await stream.read(until: deadline) {
                case .bytes(let bytes): parser.feed(bytes)
                case .endOfStream: event = try parser.endOfStream()
                case .interrupted: break
                }
            }
            switch event {
            case .head(let received): head = received
            case .body(let bytes): body += bytes
            case .end:
                guard let head else { throw ResponseFault.truncated }
                return (head, body)
            case nil: continue
            }
        }
    }
}
