import Glibc

extension ListeningSocket {
    static func openInternet(host: String, port: Int, backlog: Int32) throws(SocketError) -> Int32 {
        let address = SocketAddress.text(host: host, port: port)
        guard (0...65_535).contains(port) else {
            throw .cannotListen(
                address: address, reason: "a port is between 0 and 65535", advice: "choose another --port")
        }
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard result == 0 else {
            let reason = String(cString: gai_strerror(result))
            throw .cannotListen(address: address, reason: reason, advice: "choose another --host")
        }
        var failure: Int32 = EADDRNOTAVAIL
        var candidate = list
        while let info = candidate?.pointee {
            switch open(info, backlog: backlog) {
            case .success(let descriptor): return descriptor
            case .failure(let error): failure = error.number
            }
            candidate = info.ai_next
        }
        throw .cannotListen(address: address, reason: SocketError.reason(failure), advice: advice(failure))
    }

    static func openUnix(
        path: String, permissions: UInt32, backlog: Int32
    ) throws(SocketError) -> (descriptor: Int32, file: UnixSocketFile) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
        do throws(SocketError) {
            let file = try UnixSocketFile.bind(descriptor, path: path, permissions: permissions)
            guard listen(descriptor, backlog) == 0 else {
                let number = errno
                file.remove()
                throw .system(call: "listen", errno: number)
            }
            return (descriptor, file)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
    }

    private struct SystemError: Error {
        let number: Int32
    }

    private static func open(_ info: addrinfo, backlog: Int32) -> Result<Int32, SystemError> {
        let descriptor = socket(info.ai_family, info.ai_socktype, info.ai_protocol)
        guard descriptor >= 0 else { return .failure(SystemError(number: errno)) }
        SocketOption.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if info.ai_family == AF_INET6 { SocketOption.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        guard Glibc.bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, backlog) == 0 else {
            let number = errno
            _ = Glibc.close(descriptor)
            return .failure(SystemError(number: number))
        }
        return .success(descriptor)
    }

    private static func advice(_ number: Int32) -> String {
        switch number {
        case EACCES: "ports below 1024 need the capability NET_BIND_SERVICE; choose another --port"
        case EADDRNOTAVAIL: "this machine has no such address; choose another --host"
        case EAFNOSUPPORT: "this machine does not speak that address family; choose another --host"
        default: "choose another --port"
        }
    }
}
