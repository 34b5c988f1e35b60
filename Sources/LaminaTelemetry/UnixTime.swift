#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A moment as seconds and nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct UnixTime: Sendable, Equatable {
    /// Whole seconds.
    package let seconds: Int
    /// Nanoseconds within the second, 0 to 999 999 999.
    package let nanoseconds: Int

    /// A moment; `nanoseconds` is 0 to 999 999 999.
    package init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The system's wall clock.
    @Sendable
    package static func now() -> UnixTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec))
    }

    /// Seconds with milliseconds, e.g. `1763920800.123`, as OpenMetrics writes timestamps.
    package var secondsText: String { "\(seconds).\(Self.digits(nanoseconds / 1_000_000, 3))" }

    /// UTC with milliseconds, e.g. `2026-11-23T18:00:00.123Z` (RFC 3339).
    package var rfc3339: String {
        let days = Self.floorDivide(seconds, 86_400)
        let secondOfDay = seconds - days * 86_400
        let (year, month, day) = Self.date(daysSinceEpoch: days)
        let date = "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))"
        let hour = Self.digits(secondOfDay / 3600, 2)
        let minute = Self.digits(secondOfDay / 60 % 60, 2)
        let second = Self.digits(secondOfDay % 60, 2)
        return "\(date)T\(hour):\(minute):\(second).\(Self.digits(nanoseconds / 1_000_000, 3))Z"
    }

    /// The Gregorian date, by counting days from 0000-03-01 in eras of 400 years so that leap days come last
    /// (H. Hinnant, chrono-Compatible Low-Level Date Algorithms, `civil_from_days`).
    private static func date(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSinceEpoch + 719_468
        let era = floorDivide(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
