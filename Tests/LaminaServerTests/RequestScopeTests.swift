import HTTPTypes
import LaminaHTTP
import LaminaTelemetry
import Logging
import Synchronization
import Testing

@testable import LaminaServer

/// Keeps what was logged.
private final class LogRecorder: Sendable {
    struct Line {
        let message: String
        let metadata: Logger.Metadata
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let line = Line(
                message: "\(event.message)", metadata: metadata.merging(event.metadata ?? [:]) { $1 })
            recorder.lines.withLock { $0.append(line) }
        }
    }

    let lines = Mutex<[Line]>([])
    var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }
}

struct RequestScopeTests {
    private func scope(
        _ recorder: LogRecorder, next: @escaping Router.Handler = { _ in OutgoingResponse() }
    ) throws -> RequestScope {
        RequestScope(identification: try .trustingNobody(), logger: recorder.logger, next: next)
    }

    @Test func `Gives refusals an id, and logs them with it and the peer`() throws {
        let recorder = LogRecorder()
        let scope = try scope(recorder)
        var refusal = try refusal("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n")
        refusal.fields = [.requestID: "mine"]
        let response = scope.refuse(refusal)
        #expect(response.status == .contentTooLarge)
        #expect(response.headers[.requestID] == "mine")
        #expect(response.headers[.contentType] == "application/json")
        let line = try #require(recorder.lines.withLock { $0.first })
        #expect(line.message == "request refused")
        #expect(line.metadata["request_id"] == "mine")
        #expect(line.metadata["peer"] == "peer:1")
        #expect(line.metadata["status"]?.description == "413")
        refusal.fields = [:]
        #expect(scope.refuse(refusal).headers[.requestID]?.isEmpty == false)
    }

    @Test func `Answers connections too many without a line for each`() throws {
        let recorder = LogRecorder()
        let scope = try scope(recorder)
        let response = scope.refuse(Refusal(.total, remoteAddress: "peer:1"))
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.requestID]?.isEmpty == false)
        #expect(recorder.lines.withLock { $0.isEmpty })
    }

    private func refusal(_ text: String) throws -> Refusal {
        var parser = RequestParser(limits: HTTPLimits())
        parser.feed(Array(text.utf8))
        let error = try #require(throws: RequestError.self) { while try parser.next() != nil {} }
        return Refusal(error, remoteAddress: "peer:1")
    }

    @Test(arguments: [
        (RequestReport.Outcome.complete, "request", nil),
        (.clientGone, "request broke off", "the client has gone"),
        (.bodyFailed("why"), "request broke off", "why"),
    ])
    func `Logs an answer once it has ended, with how`(
        outcome: RequestReport.Outcome, message: String, failure: String?
    ) async throws {
        let recorder = LogRecorder()
        let scope = try scope(recorder) { _ in OutgoingResponse(body: .stream { _ in }) }
        let response = await scope.respond(to: try IncomingRequest(method: .get, target: "/a"))
        #expect(recorder.lines.withLock { $0.isEmpty })
        response.onFinished?(
            RequestReport(
                method: .get, path: "/a", route: "/a", status: .ok, requestBytes: 0, responseBytes: 0,
                duration: .milliseconds(5), remoteAddress: "peer:1", outcome: outcome))
        let line = try #require(recorder.lines.withLock { $0.first })
        #expect(line.message == message)
        #expect(line.metadata["error"]?.description == failure)
        #expect(line.metadata["duration_ms"]?.description == "5.0")
        #expect(line.metadata["request_id"] == response.headers[.requestID].map { "\($0)" })
    }
}

struct LogThrottleTests {
    @Test func `Lets one line through per interval and counts the others`() {
        let throttle = LogThrottle(interval: .seconds(1))
        let start = ContinuousClock.now
        #expect(throttle.admit(at: start) == 0)
        #expect(throttle.admit(at: start + .milliseconds(1)) == nil)
        #expect(throttle.admit(at: start + .milliseconds(999)) == nil)
        #expect(throttle.admit(at: start + .seconds(1)) == 2)
        #expect(throttle.admit(at: start + .seconds(3)) == 0)
    }
}
