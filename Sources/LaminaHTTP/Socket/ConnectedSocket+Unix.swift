import Glibc

extension ConnectedSocket {
    /// Connects to a Unix-domain socket, which never takes time: where the server's queue is full, the system says so.
    ///
    /// - Throws: `SocketError.cannotConnect`.
    package static func connect(unixSocket path: String) async throws(SocketError) -> ConnectedSocket {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
        let connection = ConnectedSocket(descriptor: descriptor, remoteAddress: "unix:\(path)", isTCP: false)
        do throws(SocketError) {
            let result = try UnixSocketFile.withAddress(of: path) { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno }
            guard result == 0 else {
                throw .cannotConnect(address: "unix:\(path)", reason: SocketError.reason(result))
            }
            return connection
        } catch {
            connection.close()
            throw error
        }
    }
}
