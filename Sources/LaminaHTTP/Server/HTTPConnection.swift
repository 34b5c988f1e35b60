import HTTPTypes

/// One client connection: reads a request, has it answered, and so on in order until either side ends it.
final class HTTPConnection: Sendable {
    private let stream: any ByteStream
    private let services: ConnectionServices
    private let state: ConnectionStateBox

    init(stream: any ByteStream, services: ConnectionServices) {
        self.stream = stream
        self.services = services
        let age = services.configuration.maximumConnectionAge.map { $0 * Double.random(in: 0.9...1.1) }
        state = ConnectionStateBox(agesAt: age.map { .now + $0 })
        stream.setAcknowledgementTimeout(services.configuration.writeTimeout)
    }

    /// Serves the connection. Ends by itself, by `beginDrain` after the current request, or by cancellation of the task.
    func run() async {
        services.observer?.observe(.connectionOpened(remoteAddress: stream.remoteAddress))
        let requests = await ConnectionOpening(stream: stream, services: services).run() ? await serve() : 0
        stream.close()
        services.observer?.observe(.connectionClosed(remoteAddress: stream.remoteAddress, requests: requests))
    }

    /// Has every response from now on announce the end of the connection.
    func announceClose() {
        state.update { $0.announceClose() }
    }

    /// Lets the current request finish and then closes; closes soon where there is none.
    func beginDrain() {
        if state.update({ $0.beginDrain() }) == .wakeReader { stream.interruptRead() }
    }

    /// Returns the number of requests answered.
    private func serve() async -> Int {
        var reader = RequestReader(stream: stream, services: services, state: state)
        var requests = 0
        while state.update({ $0.awaitRequest() }) {
            switch await reader.next() {
            case .request(let request):
                requests += 1
                guard await answer(request, &reader) else { return requests }
            case .refused(let error, let line, let fields):
                await refuse(error, line, fields)
                return requests
            case .ended:
                return requests
            }
        }
        if requests > 0 { await linger() }
        return requests
    }
}

// MARK: Answering

extension HTTPConnection {
    /// An answer, written or broken off.
    private struct Answer: Sendable {
        let result: ResponseSender.Result
        let route: String?
        let onFinished: (@Sendable (RequestReport) -> Void)?
    }

    private enum Event: Sendable {
        case answered(Answer)
        case watched([UInt8], PeerWatch.End)
    }

    /// Answers a request while watching the peer. Returns false where the connection is of no more use.
    private func answer(_ request: ReceivedRequest, _ reader: inout RequestReader) async -> Bool {
        let wantsKeepAlive = request.head.wantsKeepAlive
        let alreadyBuffered = reader.bufferedBytes
        state.update { $0.requestCompleted(wantsKeepAlive: wantsKeepAlive, bufferedBytes: alreadyBuffered) }
        lookAhead(&reader)
        let watch = PeerWatch(
            stream: stream, state: state, room: services.configuration.maximumPipelinedBytes - reader.bufferedBytes)
        let watches = !state.read { $0.hasReachedEndOfStream } && watch.room > 0

        let (answer, ahead, peerIsGone) = await withTaskGroup(of: Event.self) { group in
            group.addTask { await self.respond(to: request) }
            if watches {
                group.addTask {
                    let (bytes, end) = await watch.run()
                    return .watched(bytes, end)
                }
            }
            return await self.collect(&group)
        }
        reader.take(ahead)
        guard let answer else { return false }
        let outcome = peerIsGone && answer.result.outcome == .cancelled ? .clientGone : answer.result.outcome
        report(request, answer, outcome)
        state.update { $0.responseEnded(isWhole: outcome == .complete) }
        return outcome == .complete && !peerIsGone
    }

    /// Takes what has arrived behind a request before its handler begins. An end of the stream found here is no disconnect:
    /// the client sent its requests and closed its sending side.
    private func lookAhead(_ reader: inout RequestReader) {
        guard !state.read({ $0.hasReachedEndOfStream }) else { return }
        do {
            switch try stream.readNow() {
            case .bytes(let bytes):
                state.update { $0.pipelinedBytesArrived(bytes.count) }
                reader.take(bytes)
            case .endOfStream: state.update { $0.endOfStreamPrecededHandler() }
            case .interrupted, nil: break
            }
        } catch {
            // The watch meets the same error and cancels the request.
            return
        }
    }

    private func respond(to request: ReceivedRequest) async -> Event {
        let response = await services.handler(request.incoming)
        let sender = ResponseSender(stream: stream, state: state, services: services)
        let result = await sender.send(
            response, version: request.head.version, isHead: request.head.request.method == .head,
            path: request.incoming.path)
        return .answered(Answer(result: result, route: response.route, onFinished: response.onFinished))
    }

    /// Waits for both tasks; the end of the answer ends the watch, and the peer's disappearance cancels the answer.
    private func collect(
        _ group: inout TaskGroup<Event>
    ) async -> (answer: Answer?, ahead: [UInt8], peerIsGone: Bool) {
        var answer: Answer?
        var ahead: [UInt8] = []
        var peerIsGone = false
        for await event in group {
            switch event {
            case .answered(let answered):
                answer = answered
                group.cancelAll()
            case .watched(let bytes, let end):
                ahead = bytes
                let isDisconnect = end == .endOfStream && state.update { $0.endOfStreamReached() } == .cancelRequest
                if answer == nil, isDisconnect || end == .gone {
                    peerIsGone = true
                    group.cancelAll()
                }
            }
        }
        return (answer, ahead, peerIsGone)
    }

    private func report(_ request: ReceivedRequest, _ answer: Answer, _ outcome: RequestReport.Outcome) {
        guard services.observer != nil || answer.onFinished != nil else { return }
        let report = RequestReport(
            method: request.head.request.method, path: request.incoming.path, route: answer.route,
            status: answer.result.status, requestBytes: request.incoming.body.count,
            responseBytes: answer.result.bodyBytes, duration: .now - request.incoming.receivedAt,
            remoteAddress: stream.remoteAddress, outcome: outcome)
        answer.onFinished?(report)
        services.observer?.observe(.requestFinished(report))
    }
}

// MARK: Closing

extension HTTPConnection {
    private func refuse(_ error: RequestError, _ line: RequestLine?, _ fields: HTTPFields) async {
        services.observer?.observe(.requestRefused(error, remoteAddress: stream.remoteAddress))
        // Nobody can be told that a request was cut off: its sender has already closed.
        if error == .truncated { return }
        var refusal = Refusal(error, remoteAddress: stream.remoteAddress)
        refusal.method = line?.method
        refusal.path = line?.target.path
        refusal.fields = fields
        var response = services.refusal(refusal)
        response.headers[.connection] = "close"
        if error.status == .serviceUnavailable { response.headers[.retryAfter] = "1" }
        let sender = ResponseSender(stream: stream, state: state, services: services)
        let result = await sender.send(response, version: .http1_1, isHead: line?.method == .head, path: "")
        if result.outcome == .complete { await linger() }
    }

    private func linger() async {
        if state.read({ $0.hasReachedEndOfStream }) { return }
        await stream.linger(for: services.configuration.lingerTimeout)
    }
}
