import HTTPTypes

/// What a caller may still use, as OpenAI's API tells its clients.
struct CallerStanding: Sendable, Equatable {
    /// One limit per minute.
    struct Meter: Sendable, Equatable {
        let limit: Int
        let remaining: Int
        /// Until all of the limit is there again.
        let reset: Duration

        init(_ bucket: RateBucket, at now: ContinuousClock.Instant) {
            limit = bucket.perMinute
            remaining = max(0, Int(bucket.level(at: now)))
            reset = bucket.delay(until: bucket.perMinute, at: now)
        }
    }

    let requests: Meter?
    let tokens: Meter?

    /// `x-ratelimit-limit-requests` and its kin, for the limits there are.
    var fields: HTTPFields {
        var fields = HTTPFields()
        for (meter, names) in [(requests, RateLimitFields.requests), (tokens, .tokens)] {
            guard let meter else { continue }
            fields[names.limit] = "\(meter.limit)"
            fields[names.remaining] = "\(meter.remaining)"
            fields[names.reset] = Self.text(meter.reset)
        }
        return fields
    }

    /// A time as OpenAI writes it: `6m0s`, `1.5s`, `20ms`.
    static func text(_ duration: Duration) -> String {
        let milliseconds = Int((duration / .milliseconds(1)).rounded(.up))
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        let (minutes, rest) = milliseconds.quotientAndRemainder(dividingBy: 60_000)
        let (seconds, thousandths) = rest.quotientAndRemainder(dividingBy: 1000)
        var fraction = thousandths == 0 ? "" : ".\(String(1000 + thousandths).dropFirst())"
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return (minutes > 0 ? "\(minutes)m" : "") + "\(seconds)\(fraction)s"
    }
}

/// The names of the fields about one limit.
private struct RateLimitFields {
    let limit: HTTPField.Name
    let remaining: HTTPField.Name
    let reset: HTTPField.Name

    static let requests = RateLimitFields("requests")
    static let tokens = RateLimitFields("tokens")

    private init(_ unit: String) {
        limit = .known("x-ratelimit-limit-\(unit)")
        remaining = .known("x-ratelimit-remaining-\(unit)")
        reset = .known("x-ratelimit-reset-\(unit)")
    }
}
