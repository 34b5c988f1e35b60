import HTTPTypes
import LaminaHTTP
import LaminaJSON
import LaminaTelemetry
import Synchronization
import Testing

@testable import LaminaServer

/// A clock that moves when it is told to.
private final class TestClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { instant.withLock { $0 } }

    func advance(by duration: Duration) { instant.withLock { $0 += duration } }
}

struct RateBucketTests {
    @Test func `Fills evenly up to a minute's worth, and owes what was overdrawn`() {
        let start = ContinuousClock.now
        var bucket = RateBucket(perMinute: 60, at: start)
        bucket.take(60, at: start)
        #expect(bucket.level(at: start) == 0 && bucket.delay(until: 1, at: start) == .seconds(1))
        #expect(bucket.level(at: start + .seconds(10)) == 10)
        bucket.take(100, at: start + .seconds(10))
        #expect(bucket.level(at: start + .seconds(10)) == -90)
        #expect(bucket.delay(until: 1, at: start + .seconds(10)) == .seconds(91))
        #expect(bucket.level(at: start + .seconds(10_000)) == 60)
        #expect(bucket.delay(until: 60, at: start + .seconds(10_000)) == .zero)
        // A task that read the clock before another one did takes nothing back.
        bucket.take(60, at: start + .seconds(10_000))
        #expect(bucket.level(at: start) == 0)
    }
}

struct CallerAccountsTests {
    private let clock = TestClock()

    private func accounts(tracked: Int = 100, _ set: (inout CallerLimits) -> Void) throws -> CallerAccounts {
        var limits = CallerLimits()
        set(&limits)
        return CallerAccounts(
            limits: limits, metrics: try CallerMetrics(MetricsRegistry()), trackedCallers: tracked,
            clock: { [clock] in clock.now })
    }

    private func refusal(_ accounts: CallerAccounts, _ name: String = "a") throws -> CallerRefusal {
        try #require(throws: CallerRefusal.self) { try accounts.admit(.key(name: name)) }
    }

    @Test func `Requests are limited per minute, each caller for itself`() throws {
        let accounts = try accounts { $0.requestsPerMinute = 3 }
        for _ in 0..<3 { _ = try accounts.admit(.key(name: "a")) }
        let refused = try refusal(accounts)
        #expect(refused.limit == .requests && refused.allowed == 3 && refused.retryAfter == .seconds(20))
        _ = try accounts.admit(.key(name: "b"))
        clock.advance(by: .seconds(20))
        _ = try accounts.admit(.key(name: "a"))
        #expect(try refusal(accounts).retryAfter == .seconds(20))
    }

    @Test func `Tokens are paid for afterwards, whatever they came to`() throws {
        let accounts = try accounts { $0.tokensPerMinute = 600 }
        let visit = try accounts.admit(.key(name: "a"))
        visit.took(promptTokens: 500)
        visit.generated(700)
        let refused = try refusal(accounts)
        #expect(refused.limit == .tokens && refused.retryAfter == .milliseconds(60_100))
        #expect(refused.response.headers[.retryAfter] == "61")
        clock.advance(by: refused.retryAfter)
        _ = try accounts.admit(.key(name: "a"))
    }

    @Test func `Requests at the same time are limited, and a visit's end makes room`() throws {
        let accounts = try accounts { $0.concurrentRequests = 2 }
        var visits = [try accounts.admit(.anonymous), try accounts.admit(.anonymous)]
        #expect(throws: CallerRefusal.self) { try accounts.admit(.anonymous) }
        visits.removeLast()
        visits.append(try accounts.admit(.anonymous))
        let refused = try #require(throws: CallerRefusal.self) { try accounts.admit(.anonymous) }
        #expect(refused.limit == .concurrency && refused.retryAfter == .seconds(1))
    }

    @Test func `Only so many callers are remembered: who has used nothing is forgotten, others share an account`()
        throws
    {
        let accounts = try accounts(tracked: 4) { $0.requestsPerMinute = 2 }
        for name in ["a", "b", "c", "d"] { _ = try accounts.admit(.key(name: name)) }
        // No place, and nobody to forget: newcomers share.
        _ = try accounts.admit(.key(name: "e"))
        _ = try accounts.admit(.key(name: "f"))
        #expect(accounts.count == 5)
        #expect(try refusal(accounts, "g").limit == .requests)
        _ = try accounts.admit(.key(name: "a"))
        #expect(throws: CallerRefusal.self) { try accounts.admit(.key(name: "a")) }
        clock.advance(by: .seconds(60))
        _ = try accounts.admit(.key(name: "g"))
        #expect(accounts.count == 1)
    }
}

struct CallerLimitGuardTests {
    private func fixture(_ set: @escaping (inout CallerLimits) -> Void) throws -> PipelineFixture {
        try PipelineFixture(keys: "alice:secret-1,bob:secret-2") { set(&$0.callerLimits) }
    }

    private let requests = HTTPField.Name("x-ratelimit-remaining-requests")
    private let tokens = HTTPField.Name("x-ratelimit-limit-tokens")

    @Test func `A caller over its limit gets 429, with what clients and Envoy need`() async throws {
        let fixture = try fixture {
            $0.requestsPerMinute = 2
            $0.tokensPerMinute = 1000
        }
        let remaining = try #require(requests)
        for left in ["1", "0"] {
            let answer = try await fixture.ask(.post, "/v1/completions", [.apiKey: "secret-1"])
            #expect(answer.status == 200 && answer.headers[remaining] == left)
            #expect(answer.headers[try #require(tokens)] == "1000")
        }
        let refused = try await fixture.ask(.post, "/v1/completions", [.apiKey: "secret-1"])
        let error = try JSONValue(parsing: refused.body)["error"]
        #expect(
            refused.status == 429 && error?["code"] == "rate_limit_exceeded" && error?["type"] == "rate_limit_error")
        #expect(refused.headers[.envoyRateLimited] == "true" && refused.headers[remaining] == "0")
        let seconds = Int(refused.headers[.retryAfter] ?? "")
        #expect((1...30).contains(seconds ?? 0))
        #expect(try await fixture.ask(.post, "/v1/completions", [.apiKey: "secret-2"]).status == 200)
        #expect(try await fixture.ask(.get, "/v1/models", [.apiKey: "secret-1"]).status == 200, "only text is limited")
        #expect(fixture.metrics.contains(#"lamina_rate_limited_requests_total{limit="requests"} 1"#))
        #expect(fixture.metrics.contains(#"lamina_caller_requests_total{caller="key:alice"} 2"#))
        #expect(fixture.metrics.contains(#"lamina_caller_requests_total{caller="key:bob"} 1"#))
    }

    @Test func `Without limits nothing is said about them`() async throws {
        let answer = try await fixture { _ in }.ask(.post, "/v1/completions", [.apiKey: "secret-1"])
        #expect(answer.status == 200 && !answer.headers.contains { $0.name.canonicalName.hasPrefix("x-ratelimit") })
    }

    @Test(arguments: [
        (Duration.zero, "0ms"), (.milliseconds(20), "20ms"), (.microseconds(1500), "2ms"), (.seconds(1), "1s"),
        (.milliseconds(1500), "1.5s"), (.milliseconds(10_025), "10.025s"), (.seconds(360), "6m0s"),
        (.seconds(61.25), "1m1.25s"),
    ])
    func `Times read as OpenAI writes them`(duration: Duration, text: String) {
        #expect(CallerStanding.text(duration) == text)
    }
}

struct CallerMetricsTests {
    @Test func `Only so many callers have series of their own`() throws {
        let registry = MetricsRegistry()
        let metrics = try CallerMetrics(registry, maximumCallers: 3)
        for number in 0..<50 {
            metrics.letIn(.gateway(fairnessID: "team-\(number)"))
            metrics.generated(10, for: .gateway(fairnessID: "team-\(number)"))
        }
        let lines = registry.text(.prometheusText).split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("lamina_caller_requests_total{") } == 4)
        #expect(lines.contains(#"lamina_caller_requests_total{caller="gateway:team-2"} 1"#))
        #expect(lines.contains(#"lamina_caller_requests_total{caller="other"} 47"#))
        #expect(lines.contains(#"lamina_caller_generation_tokens_total{caller="other"} 470"#))
    }
}
