import Glibc
import Synchronization

/// The `Date` header (RFC 9110 §5.6.7, IMF-fixdate), made once per second.
package final class HTTPDate: Sendable {
    private struct Cached {
        var second: Int
        var text: String
    }

    private let secondsSinceEpoch: @Sendable () -> Int
    private let cached = Mutex(Cached(second: .min, text: ""))

    /// - Parameter secondsSinceEpoch: the clock, in seconds since 1970 (UTC).
    package init(secondsSinceEpoch: @escaping @Sendable () -> Int = { time(nil) }) {
        self.secondsSinceEpoch = secondsSinceEpoch
    }

    /// The current date as `Sun, 06 Nov 1994 08:49:37 GMT`.
    package var current: String {
        let now = secondsSinceEpoch()
        return cached.withLock { cached in
            if cached.second != now { cached = Cached(second: now, text: Self.format(now)) }
            return cached.text
        }
    }

    /// Formats seconds since 1970 (UTC). Days become dates by the civil-calendar arithmetic in which a year begins in
    /// March, so that the leap day is its last.
    static func format(_ secondsSinceEpoch: Int) -> String {
        let days = Int((Double(secondsSinceEpoch) / 86_400).rounded(.down))
        let secondOfDay = secondsSinceEpoch - days * 86_400
        let shifted = days + 719_468  // days since 0000-03-01
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let weekday = ((days % 7) + 11) % 7  // 1970-01-01 was a Thursday
        let clock = "\(padded(secondOfDay / 3600)):\(padded(secondOfDay / 60 % 60)):\(padded(secondOfDay % 60))"
        return "\(weekdays[weekday]), \(padded(day)) \(months[month - 1]) \(year) \(clock) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func padded(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
