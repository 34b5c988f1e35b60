extension HTTPDate {
    /// Seconds since 1970 (UTC) of a date in any of the three forms that RFC 9110 §5.6.7 asks to be taken:
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. Nil for another.
    static func parse(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        if words.count == 6, words[5] == "GMT" {
            return seconds(day: words[1], month: words[2], year: words[3], clock: words[4])
        }
        if words.count == 5 {
            return seconds(day: words[2], month: words[1], year: words[4], clock: words[3])
        }
        guard words.count == 4, words[3] == "GMT" else { return nil }
        let parts = words[1].split(separator: "-")
        guard parts.count == 3, parts[2].count == 2 else { return nil }
        // Two digits mean the century in which the year is at most 50 years ahead; dates of files are past.
        let century = number(parts[2]).map { $0 < 70 ? "20" : "19" } ?? ""
        return seconds(day: parts[0], month: parts[1], year: Substring(century + parts[2]), clock: words[2])
    }

    private static func seconds(day: Substring, month: Substring, year: Substring, clock: Substring) -> Int? {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = clock.split(separator: ":", omittingEmptySubsequences: false).map(number)
        guard let month = names.firstIndex(of: String(month)), let day = number(day), (1...31).contains(day),
            year.count == 4, let year = number(year), time.count == 3, let hour = time[0], hour < 24,
            let minute = time[1], minute < 60, let second = time[2], second <= 60
        else { return nil }
        // Years that begin in March, so that the leap day is the last.
        let shifted = month < 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
