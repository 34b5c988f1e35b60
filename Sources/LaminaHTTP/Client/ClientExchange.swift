import HTTPTypes

/// One request and its response on one connection: what is sent, what is read, and until when.
final class ClientExchange {
    let stream: any ByteStream
    let key: ConnectionPool.Key
    private let origin: HTTPOrigin
    private let timeouts: HTTPClientTimeouts
    private let totalDeadline: ContinuousClock.Instant?
    private var parser: ResponseParser
    private(set) var hasReceived = false
    private var keepsAlive = false
    private(set) var isComplete = false

    init(
        stream: any ByteStream, key: ConnectionPool.Key, request: ClientRequest, timeouts: HTTPClientTimeouts,
        totalDeadline: ContinuousClock.Instant?, limits: HTTPClientLimits
    ) {
        self.stream = stream
        self.key = key
        self.origin = request.url.origin
        self.timeouts = timeouts
        self.totalDeadline = totalDeadline
        parser = ResponseParser(limits: limits)
        parser.begin(responseTo: request.method)
    }

    /// Sends the request and reads the head of the response.
    func start(_ bytes: [UInt8]) async throws(HTTPClientError) -> ResponseHead {
        do throws(SocketError) {
            try await stream.write(bytes, timeout: timeouts.idle, until: totalDeadline)
        } catch .peerGone {
            // A server may answer and close before it has read a body it does not want: the answer is still there to read.
        } catch {
            throw failure(error, .sending, timeouts.idle)
        }
        let deadline = ContinuousClock.now + timeouts.response
        guard case .head(let head) = try await readEvent(.response, until: deadline, limit: timeouts.response) else {
            preconditionFailure("a response begins with its head")
        }
        keepsAlive = head.keepsAlive
        return head
    }

    /// The next piece of the body; nil at its end.
    func next() async throws(HTTPClientError) -> ArraySlice<UInt8>? {
        if isComplete { return nil }
        switch try await readEvent(.body, until: .now + timeouts.idle, limit: timeouts.idle) {
        case .body(let piece): return piece
        case .end:
            isComplete = true
            return nil
        case .head: preconditionFailure("a response has one head")
        }
    }

    /// Whether the response has been read to its end and the connection can carry another request.
    var isReusable: Bool { isComplete && keepsAlive && parser.bufferedBytes == 0 }

    private func readEvent(
        _ phase: HTTPClientError.Phase, until deadline: ContinuousClock.Instant, limit: Duration
    ) async throws(HTTPClientError) -> ResponseEvent {
        do {
            while true {
                // A server that always has bytes ready would never let the socket wait, where time and cancellation count.
                if Task.isCancelled { throw SocketError.cancelled }
                if let totalDeadline, totalDeadline <= .now { throw SocketError.timedOut }
                if let event = try parser.next() { return event }
                switch try await stream.read(until: min(deadline, totalDeadline ?? deadline)) {
                case .bytes(let bytes):
                    hasReceived = true
                    parser.feed(bytes)
                case .endOfStream: return try parser.endOfStream()
                case .interrupted: continue
                }
            }
        } catch let fault as ResponseFault {
            throw .malformedResponse(origin: origin, fault: fault)
        } catch let error as SocketError {
            throw failure(error, phase, limit)
        } catch {
            preconditionFailure("parser and stream throw nothing else: \(error)")
        }
    }

    private func failure(_ error: SocketError, _ phase: HTTPClientError.Phase, _ limit: Duration) -> HTTPClientError {
        switch error {
        case .timedOut:
            let isTotal = totalDeadline.map { $0 <= .now } ?? false
            return .timedOut(origin: origin, phase: phase, limit: isTotal ? timeouts.total ?? limit : limit)
        case .cancelled: return .cancelled
        default: return .connectionLost(origin: origin, reason: error.description)
        }
    }
}

extension ByteStream {
    /// Writes all bytes, with a bound on the time without progress and one on the whole: a peer that takes a byte now and
    /// then makes progress for ever. Throws what `write` does.
    func write(
        _ bytes: [UInt8], timeout: Duration, until deadline: ContinuousClock.Instant?
    ) async throws(SocketError) {
        guard let deadline else { return try await write(bytes, timeout: timeout) }
        let outcome = await withTaskGroup(of: Result<Void, SocketError>?.self) { group in
            group.addTask {
                do throws(SocketError) { return .success(try await write(bytes, timeout: timeout)) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                // Cancelled when all is written.
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            // The writer ends at cancellation, so the group does.
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let outcome else { throw Task.isCancelled ? .cancelled : .timedOut }
        try outcome.get()
    }
}
