/// Watches the reading side of a connection while a request is being answered: keeps what a pipelining client sends, within
/// a bound, and notices when the client disappears.
struct PeerWatch: Sendable {
    enum End: Sendable, Equatable {
        /// The peer closed its sending side.
        case endOfStream
        /// The peer is gone.
        case gone
        /// There is no room for more bytes; the stream is left unread.
        case full
        /// The watch was cancelled: the request has been answered.
        case cancelled
    }

    let stream: any ByteStream
    let state: ConnectionStateBox
    /// Bytes kept at most, give or take one read.
    let room: Int

    /// Watches until something ends it, and returns the bytes read on the way.
    func run() async -> (bytes: [UInt8], end: End) {
        var bytes: [UInt8] = []
        while bytes.count < room {
            do {
                switch try await stream.read(until: nil) {
                case .bytes(let new):
                    state.update { $0.pipelinedBytesArrived(new.count) }
                    if bytes.isEmpty { bytes = new } else { bytes.append(contentsOf: new) }
                case .endOfStream: return (bytes, .endOfStream)
                // A drain that came while the connection was idle; the response will announce it.
                case .interrupted: continue
                }
            } catch {
                return (bytes, error == .cancelled ? .cancelled : .gone)
            }
        }
        return (bytes, .full)
    }
}
