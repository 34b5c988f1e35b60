import HTTPTypes

/// A whole request and what its connection must know about it.
///
/// A class, since a task keeps the memory of its largest functions: an idle connection would keep room for a request by value
/// in each of them.
final class ReceivedRequest: Sendable {
    let version: HTTPVersion
    let wantsKeepAlive: Bool
    let incoming: IncomingRequest
    /// The body's memory, given back with the request.
    let bodyLease: BodyMemory.Lease?

    init(version: HTTPVersion, wantsKeepAlive: Bool, incoming: IncomingRequest, bodyLease: BodyMemory.Lease?) {
        self.version = version
        self.wantsKeepAlive = wantsKeepAlive
        self.incoming = incoming
        self.bodyLease = bodyLease
    }
}

/// A request that cannot be read, with what was understood of it.
final class RefusedRequest: Sendable {
    let error: RequestError
    let line: RequestLine?
    let fields: HTTPFields

    init(error: RequestError, line: RequestLine?, fields: HTTPFields) {
        self.error = error
        self.line = line
        self.fields = fields
    }
}

/// Reads requests off a connection, one after another, within the time and size allowed. Used by one task.
///
/// A class for the same reason: what is known of a request lies in one place, not in each function on the way to it.
final class RequestReader {
    enum Reception {
        case request(ReceivedRequest)
        /// Answer with the error, then close.
        case refused(RefusedRequest)
        /// Close without a word: the peer is gone, idle for too long, or the server drains.
        case ended
    }

    private let stream: any ByteStream
    private let services: ConnectionServices
    private let state: ConnectionStateBox
    private var parser: RequestParser
    private var progress = Progress()
    /// When the connection began to wait for the next request.
    private var idleSince = ContinuousClock.now
    /// When the reader learned of a drain.
    private var drainBeganAt: ContinuousClock.Instant?

    init(stream: any ByteStream, services: ConnectionServices, state: ConnectionStateBox) {
        self.stream = stream
        self.services = services
        self.state = state
        self.parser = RequestParser(limits: services.configuration.limits)
    }

    /// Bytes read and not yet part of a returned request.
    var bufferedBytes: Int { parser.bufferedBytes }

    /// Takes bytes that were read elsewhere, while a request was being answered.
    func take(_ bytes: [UInt8]) {
        if !bytes.isEmpty { parser.feed(bytes) }
    }

    /// Reads up to the end of the next request.
    func next() async -> Reception {
        progress = Progress()
        idleSince = .now
        noticeDrain()
        do {
            return try await read()
        } catch {
            return failed(error)
        }
    }

    @inline(never)
    private func failed(_ error: any Error) -> Reception {
        // A SocketError: nobody is left to answer.
        guard let error = error as? RequestError else { return .ended }
        return .refused(
            RefusedRequest(error: error, line: parser.requestLine, fields: parser.requestFields))
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

    /// What there is to do after all that has been read was looked at.
    private enum Step {
        case request(ReceivedRequest)
        case sendContinue
        case readMore
    }

    private func read() async throws -> Reception {
        while true {
            switch try parse() {
            case .request(let request): return .request(request)
            case .sendContinue:
                try await stream.write(ResponseEncoder.interimContinue, timeout: services.configuration.writeTimeout)
            case .readMore:
                guard try await fill() else { return .ended }
            }
        }
    }

    /// Not inlined: what it needs on the way would become part of the task's memory, which idle connections keep.
    @inline(never)
    private func parse() throws(RequestError) -> Step {
        while true {
            if progress.beganAt == nil, parser.isInsideRequest {
                progress.beganAt = .now
                state.update { $0.requestBegan() }
            }
            switch try parser.next() {
            case .head(let head):
                headArrived(head)
                guard admitsBody(of: head) else { return .request(received(head, isWhole: false)) }
                if awaitsContinue(head) { return .sendContinue }
            case .body(let piece):
                try coverBody(piece.count)
                progress.body.append(contentsOf: piece)
            case .end:
                guard let head = progress.head else { continue }
                return .request(received(head, isWhole: true))
            case nil: return .readMore
            }
        }
    }

    /// Sees that there is memory for more of the body.
    private func coverBody(_ more: Int) throws(RequestError) {
        let bytes = progress.body.count + more
        guard bytes > BodyMemory.uncountedBytes else { return }
        let lease = progress.bodyLease ?? BodyMemory.Lease(services.bodyMemory)
        progress.bodyLease = lease
        guard lease.cover(bytes) else { throw .bodyMemoryExhausted }
    }

    private func headArrived(_ head: RequestHead) {
        progress.head = head
        progress.headAt = .now
        if case .fixed(let length) = head.framing {
            progress.body.reserveCapacity(min(length, Self.reservedBodyBytes))
        }
    }

    /// Whether the client waits for a word before it sends the body.
    private func awaitsContinue(_ head: RequestHead) -> Bool {
        // RFC 9110 §10.1.1: no interim response once the body has begun to arrive, or where there is none.
        head.expectsContinue && head.framing != .none && parser.bufferedBytes == 0
    }

    /// Whether the body is read. Nobody is asked about one that costs nothing.
    private func admitsBody(of head: RequestHead) -> Bool {
        guard let admitsBody = services.admitsBody else { return true }
        switch head.framing {
        case .none: return true
        case .fixed(...BodyMemory.uncountedBytes) where !head.expectsContinue: return true
        case .fixed, .chunked: return admitsBody(incoming(head))
        }
    }

    /// - Parameter isWhole: false where the body is left on the connection, which then is of no more use.
    private func received(_ head: RequestHead, isWhole: Bool) -> ReceivedRequest {
        // The body, and the count of its memory, are the request's from here on.
        defer { progress = Progress() }
        return ReceivedRequest(
            version: head.version, wantsKeepAlive: isWhole && head.wantsKeepAlive, incoming: incoming(head),
            bodyLease: progress.bodyLease)
    }

    /// The request with as much of its body as there is.
    private func incoming(_ head: RequestHead) -> IncomingRequest {
        IncomingRequest(
            head: head.request, target: head.target, body: progress.body, remoteAddress: stream.remoteAddress,
            security: stream.security, receivedAt: progress.beganAt ?? .now)
    }

    /// Reads more bytes. Returns false where the connection ends.
    private func fill() async throws -> Bool {
        if state.read({ $0.hasReachedEndOfStream }) { return try endOfStream() }
        switch try await readWithinTime() {
        case .bytes(let bytes):
            parser.feed(bytes)
            if progress.headAt != nil { progress.bodyReadAt = .now }
        case .endOfStream: return try endOfStream()
        case .interrupted: noticeDrain()
        }
        return true
    }

    private func readWithinTime() async throws -> ReadOutcome {
        do throws(SocketError) {
            return try await stream.read(until: deadline)
        } catch {
            guard error == .timedOut, parser.isInsideRequest else { throw error }
            throw progress.head == nil ? RequestError.headerTimeout : RequestError.bodyTimeout
        }
    }

    private func noticeDrain() {
        if drainBeganAt == nil, state.read({ $0.isDraining }) { drainBeganAt = .now }
    }

    private func endOfStream() throws -> Bool {
        if state.update({ $0.endOfStreamReached() }) == .dropIncompleteRequest { throw RequestError.truncated }
        return false
    }

    private var deadline: ContinuousClock.Instant {
        let usual =
            if let headAt = progress.headAt {
                min(
                    headAt + services.configuration.readBodyTimeout,
                    (progress.bodyReadAt ?? headAt) + services.configuration.bodyIdleTimeout)
            } else if let beganAt = progress.beganAt {
                beganAt + services.configuration.readHeaderTimeout
            } else {
                idleSince + services.idleTimeout
            }
        guard let drainBeganAt else { return usual }
        // During a drain a request that has begun to arrive is still answered if the rest comes soon; a connection is idle
        // beyond doubt a moment after it was last used.
        let patience =
            progress.beganAt.map { max($0, drainBeganAt) + services.configuration.drainReadTimeout }
            ?? idleSince + services.configuration.drainIdleGrace
        return min(usual, patience)
    }
}
