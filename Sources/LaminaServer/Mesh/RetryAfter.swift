/// What the field Retry-After says (RFC 9110 §10.2.3).
enum RetryAfter {
    /// Whole seconds, since the field has no others; and a minute at most: what is estimated further ahead is worth little, and OpenAI's
    /// clients disregard more than one or two minutes, depending on their version.
    static let range = 1...60

    /// The seconds to wait for something expected after `estimate`.
    static func seconds(_ estimate: Duration) -> Int {
        let seconds = estimate / .seconds(1)
        return seconds < Double(range.upperBound) ? max(range.lowerBound, Int(seconds.rounded(.up))) : range.upperBound
    }
}
