import HTTPTypes

/// A whole request and what its connection must know about it.
struct ReceivedRequest: Sendable {
    let head: RequestHead
    let incoming: IncomingRequest
    /// The body's memory, given back with the request.
    let bodyLease: BodyMemory.Lease?
}

/// Reads requests off a connection, one after another, within the time and size allowed.
struct RequestReader {
    enum Reception {
        case request(ReceivedRequest)
        /// Answer with the error, then close. With it, what was understood of the request.
        case refused(RequestError, RequestLine?, HTTPFields)
        /// Close without a word: the peer is gone, idle for too long, or the server drains.
        case ended
    }

    private let stream: any ByteStream
    private let configuration: HTTPServerConfiguration
    private let bodyMemory: BodyMemory
    private let state: ConnectionStateBox
    private var parser: RequestParser
    /// When the connection began to wait for the next request.
    private var idleSince = ContinuousClock.now
    /// When the reader learned of a drain.
    private var drainBeganAt: ContinuousClock.Instant?

    init(stream: any ByteStream, services: ConnectionServices, state: ConnectionStateBox) {
        self.stream = stream
        self.configuration = services.configuration
        self.bodyMemory = services.bodyMemory
        self.state = state
        self.parser = RequestParser(limits: configuration.limits)
    }

    /// Bytes read and not yet part of a returned request.
    var bufferedBytes: Int { parser.bufferedBytes }

    /// Takes bytes that were read elsewhere, while a request was being answered.
    mutating func take(_ bytes: [UInt8]) {
        if !bytes.isEmpty { parser.feed(bytes) }
    }

    /// Reads up to the end of the next request.
    mutating func next() async -> Reception {
        var progress = Progress()
        idleSince = .now
        noticeDrain()
        do {
            return try await read(&progress)
        } catch let error as RequestError {
            return .refused(error, parser.requestLine, parser.requestFields)
        } catch {
            // A SocketError: nobody is left to answer.
            return .ended
        }
    }

    /// What has arrived of the request being read.
    private struct Progress {
        var beganAt: ContinuousClock.Instant?
        var headAt: ContinuousClock.Instant?
        /// When bytes were last read after the head.
        var bodyReadAt: ContinuousClock.Instant?
        var head: RequestHead?
        var body: [UInt8] = []
        var bodyLease: BodyMemory.Lease?
    }

    /// Body bytes set aside at once on a client's word about its length.
    private static let reservedBodyBytes = BodyMemory.uncountedBytes

    private mutating func read(_ progress: inout Progress) async throws -> Reception {
        while true {
            if progress.beganAt == nil, parser.isInsideRequest {
                progress.beganAt = .now
                state.update { $0.requestBegan() }
            }
            switch try parser.next() {
            case .head(let head): try await headArrived(head, &progress)
            case .body(let piece):
                try coverBody(piece.count, &progress)
                progress.body.append(contentsOf: piece)
            case .end:
                guard let head = progress.head else { continue }
                return .request(received(head, progress))
            case nil:
                guard try await fill(&progress) else { return .ended }
            }
        }
    }

    /// Sees that there is memory for more of the body.
    private func coverBody(_ more: Int, _ progress: inout Progress) throws(RequestError) {
        let bytes = progress.body.count + more
        guard bytes > BodyMemory.uncountedBytes else { return }
        let lease = progress.bodyLease ?? BodyMemory.Lease(bodyMemory)
        progress.bodyLease = lease
        guard lease.cover(bytes) else { throw .bodyMemoryExhausted }
    }

    private func headArrived(_ head: RequestHead, _ progress: inout Progress) async throws {
        progress.head = head
        progress.headAt = .now
        if case .fixed(let length) = head.framing {
            progress.body.reserveCapacity(min(length, Self.reservedBodyBytes))
        }
        // RFC 9110 §10.1.1: no interim response once the body has begun to arrive, or where there is none.
        if head.expectsContinue, head.framing != .none, parser.bufferedBytes == 0 {
            try await stream.write(ResponseEncoder.interimContinue, timeout: configuration.writeTimeout)
        }
    }

    private func received(_ head: RequestHead, _ progress: Progress) -> ReceivedRequest {
        let incoming = IncomingRequest(
            head: head.request, target: head.target, body: progress.body, remoteAddress: stream.remoteAddress,
            security: stream.security, receivedAt: progress.beganAt ?? .now)
        return ReceivedRequest(head: head, incoming: incoming, bodyLease: progress.bodyLease)
    }

    /// Reads more bytes. Returns false where the connection ends.
    private mutating func fill(_ progress: inout Progress) async throws -> Bool {
        if state.read({ $0.hasReachedEndOfStream }) { return try endOfStream() }
        switch try await readWithinTime(progress) {
        case .bytes(let bytes):
            parser.feed(bytes)
            if progress.headAt != nil { progress.bodyReadAt = .now }
        case .endOfStream: return try endOfStream()
        case .interrupted: noticeDrain()
        }
        return true
    }

    private func readWithinTime(_ progress: Progress) async throws -> ReadOutcome {
        do throws(SocketError) {
            return try await stream.read(until: deadline(progress))
        } catch {
            guard error == .timedOut, parser.isInsideRequest else { throw error }
            throw progress.head == nil ? RequestError.headerTimeout : RequestError.bodyTimeout
        }
    }

    private mutating func noticeDrain() {
        if drainBeganAt == nil, state.read({ $0.isDraining }) { drainBeganAt = .now }
    }

    private func endOfStream() throws -> Bool {
        if state.update({ $0.endOfStreamReached() }) == .dropIncompleteRequest { throw RequestError.truncated }
        return false
    }

    private func deadline(_ progress: Progress) -> ContinuousClock.Instant {
        let usual =
            if let headAt = progress.headAt {
                min(
                    headAt + configuration.readBodyTimeout,
                    (progress.bodyReadAt ?? headAt) + configuration.bodyIdleTimeout)
            } else if let beganAt = progress.beganAt {
                beganAt + configuration.readHeaderTimeout
            } else {
                idleSince + configuration.idleTimeout
            }
        guard let drainBeganAt else { return usual }
        // During a drain a request that has begun to arrive is still answered if the rest comes soon; a connection is idle
        // beyond doubt a moment after it was last used.
        let patience =
            progress.beganAt.map { max($0, drainBeganAt) + configuration.drainReadTimeout }
            ?? idleSince + configuration.drainIdleGrace
        return min(usual, patience)
    }
}
