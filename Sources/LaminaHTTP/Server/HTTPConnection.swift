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
        observeOpening()
        let requests = await withUnsafeCurrentTask { task in
            await ConnectionOpening(stream: stream, services: services).run()
                ? await serve(task.map(CancellableTask.init)) : 0
        }
        stream.close()
        observeEnd(requests)
    }

    // Not inlined: an event's memory would become part of the task's, which idle connections keep.

    @inline(never)
    private func observeOpening() {
        services.observer?.observe(.connectionOpened(remoteAddress: stream.remoteAddress))
    }

    @inline(never)
    private func observeEnd(_ requests: Int) {
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

    /// Returns the number of requests answered. `task` is the one this runs in.
    private func serve(_ task: CancellableTask?) async -> Int {
        let watch = PeerWatch(stream: stream, connection: state, task: task)
        let reader = RequestReader(stream: stream, services: services, state: state)
        var requests = 0
        while state.update({ $0.awaitRequest() }) {
            switch await reader.next() {
            case .request(let request):
                requests += 1
                guard await answer(request, reader, watch) else { return requests }
            case .refused(let refused):
                await refuse(refused)
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

    /// Answers a request while watching the peer. Returns false where the connection is of no more use.
    private func answer(
        _ request: ReceivedRequest, _ reader: RequestReader, _ watch: PeerWatch
    ) async -> Bool {
        let wantsKeepAlive = request.wantsKeepAlive
        let alreadyBuffered = reader.bufferedBytes
        state.update { $0.requestCompleted(wantsKeepAlive: wantsKeepAlive, bufferedBytes: alreadyBuffered) }
        let mayHaveMore = lookAhead(reader)
        watch.begin(
            room: services.configuration.maximumPipelinedBytes - reader.bufferedBytes, readsNow: mayHaveMore)
        let answer = await answerInTaskOfItsOwn(request)
        let (ahead, peerIsGone) = watch.end()
        reader.take(ahead)
        let outcome = peerIsGone && answer.result.outcome == .cancelled ? .clientGone : answer.result.outcome
        report(request, answer, outcome)
        state.update { $0.responseEnded(isWhole: outcome == .complete) }
        return outcome == .complete && !peerIsGone
    }

    /// Takes what has arrived behind a request before its handler begins. An end of the stream found here is no disconnect:
    /// the client sent its requests and closed its sending side. Returns whether there may be more to read, of which no event
    /// will tell.
    private func lookAhead(_ reader: RequestReader) -> Bool {
        guard !state.read({ $0.hasReachedEndOfStream }) else { return false }
        do {
            switch try stream.readNow() {
            case .bytes(let bytes):
                state.update { $0.pipelinedBytesArrived(bytes.count) }
                reader.take(bytes)
                return true
            case .endOfStream: state.update { $0.endOfStreamPrecededHandler() }
            case .interrupted, nil: break
            }
            return false
        } catch {
            // The watch meets the same error, or the end that follows it, and cancels the request.
            return true
        }
    }

    /// The task's memory goes with it: the handler's may be large, and an idle connection would keep it. It begins at once on
    /// this thread, so that an answer that waits for nothing costs no way through the task pool.
    private func answerInTaskOfItsOwn(_ request: ReceivedRequest) async -> Answer {
        await withTaskGroup(of: Answer.self) { group in
            group.addImmediateTask { await self.respond(to: request) }
            guard let answer = await group.next() else { preconditionFailure("the group has a task") }
            return answer
        }
    }

    private func respond(to request: ReceivedRequest) async -> Answer {
        let response = await services.handler(request.incoming)
        let sender = ResponseSender(stream: stream, state: state, services: services)
        let result = await sender.send(
            response, version: request.version, isHead: request.incoming.head.method == .head,
            path: request.incoming.path)
        return Answer(result: result, route: response.route, onFinished: response.onFinished)
    }

    @inline(never)
    private func report(_ request: ReceivedRequest, _ answer: Answer, _ outcome: RequestReport.Outcome) {
        guard services.observer != nil || answer.onFinished != nil else { return }
        let report = RequestReport(
            method: request.incoming.head.method, path: request.incoming.path, route: answer.route,
            status: answer.result.status, requestBytes: request.incoming.body.count,
            responseBytes: answer.result.bodyBytes, duration: .now - request.incoming.receivedAt,
            remoteAddress: stream.remoteAddress, outcome: outcome)
        answer.onFinished?(report)
        services.observer?.observe(.requestFinished(report))
    }
}

// MARK: Closing

extension HTTPConnection {
    private func refuse(_ refused: RefusedRequest) async {
        let error = refused.error
        services.observer?.observe(.requestRefused(error, remoteAddress: stream.remoteAddress))
        // Nobody can be told that a request was cut off: its sender has already closed.
        if error == .truncated { return }
        var refusal = Refusal(error, remoteAddress: stream.remoteAddress)
        refusal.method = refused.line?.method
        refusal.path = refused.line?.target.path
        refusal.fields = refused.fields
        var response = services.refusal(refusal)
        response.headers[.connection] = "close"
        if error.status == .serviceUnavailable { response.headers[.retryAfter] = "1" }
        let sender = ResponseSender(stream: stream, state: state, services: services)
        let result = await sender.send(response, version: .http1_1, isHead: refused.line?.method == .head, path: "")
        if result.outcome == .complete { await linger() }
    }

    private func linger() async {
        if state.read({ $0.hasReachedEndOfStream }) { return }
        await stream.linger(for: services.configuration.lingerTimeout)
    }
}
