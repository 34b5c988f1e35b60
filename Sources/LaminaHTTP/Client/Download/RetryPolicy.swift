import Glibc
package import HTTPTypes

/// When a request that failed is sent again.
package struct RetryPolicy: Sendable, Equatable {
    /// Attempts in a row that bring nothing, before the client gives up. One that brings bytes begins the count anew.
    package var attempts = 6
    /// Attempts in all: a server that sends a byte each time would be asked for ever.
    package var attemptsInAll = 1000
    /// Wait before the second attempt; each further one waits twice as long.
    package var firstDelay = Duration.milliseconds(500)
    /// No wait of the client's own is longer.
    package var longestDelay = Duration.seconds(30)
    /// The longest wait a server may ask for (Retry-After); one that asks for more is not waited for.
    package var longestRetryAfter = Duration.seconds(120)

    /// Six attempts within about half a minute.
    package init() {}

    /// Whether a status may be another one the next time.
    static func isTransient(_ status: HTTPResponse.Status) -> Bool {
        [408, 429, 500, 502, 503, 504].contains(status.code)
    }

    /// The wait after so many failures in a row (at least one): doubled each time, and shortened by up to half at random, so
    /// that clients that failed together do not come back together.
    package func delay(afterFailures failures: Int) -> Duration {
        let doubled = firstDelay * (1 << min(failures - 1, 20))
        return min(doubled, longestDelay) * Double.random(in: 0.5...1)
    }

    /// How long the server asks to wait (RFC 9110 §10.2.3): seconds, or a date.
    package static func retryAfter(_ fields: HTTPFields, secondsSinceEpoch: Int = time(nil)) -> Duration? {
        guard let text = fields[.retryAfter] else { return nil }
        if let seconds = UInt32(text) { return .seconds(Int64(seconds)) }
        return HTTPDate.parse(text).map { .seconds(max(0, $0 - secondsSinceEpoch)) }
    }
}
