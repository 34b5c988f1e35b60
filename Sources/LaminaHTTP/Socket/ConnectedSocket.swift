import CEpoll
import Glibc

/// A connected stream socket, without encryption.
package final class ConnectedSocket: ByteStream {
    package let remoteAddress: String
    /// The peer for limits per peer; nil where they do not apply.
    let network: PeerNetwork?
    private let isTCP: Bool
    let descriptor: Int32
    let readiness: Readiness

    /// Takes ownership of a connected descriptor and makes it non-blocking.
    package convenience init(descriptor: Int32, remoteAddress: String) {
        self.init(descriptor: descriptor, remoteAddress: remoteAddress, network: nil)
    }

    /// - Parameter isTCP: false for Unix-domain sockets, which know none of TCP's options.
    init(descriptor: Int32, remoteAddress: String, network: PeerNetwork? = nil, isTCP: Bool = true) {
        self.descriptor = descriptor
        self.remoteAddress = remoteAddress
        self.network = network
        self.isTCP = isTCP
        self.readiness = Readiness(descriptor: descriptor)
        SocketOption.setNonBlocking(descriptor)
        guard isTCP else { return }
        // Tokens go out one by one; Nagle's algorithm would hold each back until the last is acknowledged.
        SocketOption.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // A peer whose machine vanished says nothing: asked after a minute of silence, it is given up within two.
        SocketOption.set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        SocketOption.set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        SocketOption.set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        SocketOption.set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
    }

    package func setAcknowledgementTimeout(_ timeout: Duration) {
        guard isTCP else { return }
        let milliseconds = Int32(min(max(timeout / .milliseconds(1), 1), Double(Int32.max)))
        SocketOption.set(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, milliseconds)
    }

    package func read(until deadline: ContinuousClock.Instant?) async throws(SocketError) -> ReadOutcome {
        while true {
            if let outcome = try readNow() { return outcome }
            switch await readiness.wait(for: .read, until: deadline) {
            case .ready: continue
            case .interrupted: return .interrupted
            case .deadlinePassed: throw .timedOut
            case .cancelled: throw .cancelled
            case .closed: throw .closed
            }
        }
    }

    package func readNow() throws(SocketError) -> ReadOutcome? {
        // The thread's own: read from before anything else can run on it.
        let scratch = UnsafeMutableRawBufferPointer(start: lamina_read_scratch(), count: Int(LAMINA_READ_BYTES))
        while true {
            let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
            if count > 0 { return .bytes(Array(scratch[..<count])) }
            if count == 0 { return .endOfStream }
            if errno == EINTR { continue }
            guard errno == EAGAIN else { throw .transfer(call: "recv", errno: errno) }
            return nil
        }
    }

    package func interruptRead() {
        readiness.interrupt(.read)
    }

    package func onReadable(_ action: (@Sendable () -> Void)?) {
        readiness.onReadable(action)
    }

    package func write(_ bytes: [UInt8], timeout: Duration) async throws(SocketError) {
        var written = try writeNow(bytes[...])
        if written == bytes.count { return }
        let pace = WritePace(timeout: timeout, began: .now)
        while true {
            switch await readiness.wait(for: .write, until: pace.deadline(written: written, now: .now)) {
            case .ready, .interrupted: break
            case .deadlinePassed: throw .timedOut
            case .cancelled: throw .cancelled
            case .closed: throw .closed
            }
            written += try writeNow(bytes[written...])
            if written == bytes.count { return }
        }
    }

    /// Writes what the kernel takes without waiting and returns how many bytes that were.
    package func writeNow(_ bytes: ArraySlice<UInt8>) throws(SocketError) -> Int {
        var failure: Int32 = 0
        let written = bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                // MSG_NOSIGNAL: a peer that is gone is an error here, not a SIGPIPE.
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                let count = send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count >= 0 {
                    written += count
                } else if errno != EINTR {
                    if errno != EAGAIN { failure = errno }
                    break
                }
            }
            return written
        }
        if failure != 0 { throw .transfer(call: "send", errno: failure) }
        return written
    }

    package func shutdownWrite() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    package func close() {
        readiness.close()
    }
}
