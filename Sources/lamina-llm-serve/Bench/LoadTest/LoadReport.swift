import LaminaHTTP
import LaminaJSON
import LaminaServer

/// What a load test found out.
struct LoadReport: Sendable {
    /// Failures of one kind.
    struct FailureCount: Sendable, Equatable {
        let reason: String
        var count: Int
        /// The first of them, in full.
        let example: String
    }

    /// Requests with a complete answer.
    let succeeded: Int
    /// Requests without, the most frequent kind first; those cancelled by Ctrl-C not included.
    let failures: [FailureCount]
    /// Requests that ran when the test was interrupted.
    let cancelled: Int
    /// Requests that were not sent because one before them in their conversation failed.
    let notSent: Int
    let isInterrupted: Bool
    /// From the first request to the last answer, in seconds.
    let seconds: Double
    let promptTokens: Int
    let cachedTokens: Int
    let outputTokens: Int
    let timeToFirstToken: LatencySummary?
    let interTokenLatency: LatencySummary?
    let timePerOutputToken: LatencySummary?
    let requestLatency: LatencySummary?

    var failed: Int { failures.reduce(0) { $0 + $1.count } }

    /// Sums up; only complete answers count for tokens and latencies.
    init(_ state: LoadLog.State, isInterrupted: Bool) {
        self.isInterrupted = isInterrupted
        let good = state.samples.filter { $0.failure == nil }
        var counts: [FailureCount] = []
        var cancelled = 0
        for failure in state.samples.compactMap(\.failure) {
            if failure == .http(.cancelled) {
                cancelled += 1
            } else if let known = counts.firstIndex(where: { $0.reason == failure.reason }) {
                counts[known].count += 1
            } else {
                counts.append(FailureCount(reason: failure.reason, count: 1, example: failure.message))
            }
        }
        succeeded = good.count
        failures = counts.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
        self.cancelled = cancelled
        notSent = state.turnsLost
        let start = state.startedAt
        seconds = start.flatMap { start in state.lastEndedAt.map { start.duration(to: $0) / .seconds(1) } } ?? 0
        promptTokens = good.reduce(0) { $0 + $1.promptTokens }
        cachedTokens = good.reduce(0) { $0 + $1.cachedTokens }
        outputTokens = good.reduce(0) { $0 + $1.outputTokens }
        timeToFirstToken = LatencySummary(good.compactMap(\.timeToFirstToken))
        interTokenLatency = LatencySummary(good.flatMap(\.interTokenGaps))
        timePerOutputToken = LatencySummary(good.compactMap(\.timePerOutputToken))
        requestLatency = LatencySummary(good.map(\.duration))
    }

    /// `count` per second of the test.
    private func rate(_ count: Int) -> Double { seconds > 0 ? Double(count) / seconds : 0 }

    private var latencies: [(key: String, title: String, summary: LatencySummary?)] {
        [
            ("time_to_first_token_ms", "first token", timeToFirstToken),
            ("inter_token_latency_ms", "inter-token", interTokenLatency),
            ("time_per_output_token_ms", "per output token", timePerOutputToken),
            ("request_latency_ms", "whole request", requestLatency),
        ]
    }
}

// MARK: JSON

extension LoadReport {
    /// The members of the report; times in milliseconds where their names end in `_ms`.
    var json: JSONObject {
        let failures = failures.map { failure -> JSONValue in
            [
                "reason": .string(failure.reason), "count": .integer(Int64(failure.count)),
                "example": .string(failure.example),
            ]
        }
        var object: JSONObject = [
            "interrupted": .bool(isInterrupted), "duration_seconds": .number(seconds.rounded(to: 3)),
            "requests": [
                "ok": .integer(Int64(succeeded)), "failed": .integer(Int64(failed)),
                "cancelled": .integer(Int64(cancelled)), "not_sent": .integer(Int64(notSent)),
                "failures": .array(failures),
            ],
            "prompt_tokens": .integer(Int64(promptTokens)), "cached_tokens": .integer(Int64(cachedTokens)),
            "output_tokens": .integer(Int64(outputTokens)),
            "requests_per_second": .number(rate(succeeded).rounded(to: 3)),
            "prompt_tokens_per_second": .number(rate(promptTokens).rounded(to: 3)),
            "output_tokens_per_second": .number(rate(outputTokens).rounded(to: 3)),
        ]
        for latency in latencies { object[latency.key] = latency.summary?.json ?? .null }
        return object
    }
}

// MARK: Text

extension LoadReport {
    /// The report as a person reads it.
    var text: String {
        var text = "requests       \(succeeded) ok, \(failed) failed"
        if cancelled > 0 { text += ", \(cancelled) interrupted" }
        if notSent > 0 { text += ", \(notSent) not sent after a failure" }
        text += " in \(seconds.rounded(to: 2)) s (\(rate(succeeded).rounded(to: 2))/s)\n"
        for failure in failures { text += "  \(failure.count) x \(failure.reason): \(failure.example)\n" }
        let cached = cachedTokens > 0 ? ", \(cachedTokens) of them cached" : ""
        text += "prompt tokens  \(promptTokens), \(rate(promptTokens).rounded(to: 1))/s\(cached)\n"
        text += "output tokens  \(outputTokens), \(rate(outputTokens).rounded(to: 1))/s\n"
        let measured = latencies.compactMap { row in row.summary.map { (row.title, $0) } }
        guard let columns = measured.first?.1.named.map(\.0) else { return text }
        text += "\n" + TextTable.row("milliseconds", columns)
        for (title, summary) in measured {
            text += TextTable.row(title, summary.named.map { "\($0.1.rounded(to: 1))" })
        }
        return text
    }
}

/// Lines of a table: a name and right-aligned figures.
enum TextTable {
    static func row(_ name: String, _ figures: [String], nameWidth: Int = 18, width: Int = 10) -> String {
        let padding = String(repeating: " ", count: max(0, nameWidth - name.count))
        let cells = figures.map { String(repeating: " ", count: max(1, width - $0.count)) + $0 }
        return name + padding + cells.joined() + "\n"
    }
}
