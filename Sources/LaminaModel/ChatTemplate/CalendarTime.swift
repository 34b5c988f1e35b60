/// A moment in UTC, broken down for `strftime_now`: the clock is read by whoever renders.
package struct CalendarTime: Sendable, Equatable {
    let year: Int
    /// From 1.
    let month: Int
    /// From 1.
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    /// Monday is 0.
    let weekday: Int
    /// From 1.
    let dayOfYear: Int

    /// - Parameter seconds: since 1970-01-01 00:00 UTC, limited to the years 1 to 9999 that Python knows.
    package init(secondsSince1970 seconds: Int64) {
        let clamped = Int(min(max(seconds, -62_135_596_800), 253_402_300_799))
        let days = Self.floorDivide(clamped, 86_400)
        let secondOfDay = clamped - days * 86_400
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        weekday = Self.modulo(days + 3, 7)
        (year, month, day) = Self.date(daysSince1970: days)
        dayOfYear = days - Self.days(untilYear: year) + 1
    }

    /// Howard Hinnant's `civil_from_days`: years begin in March, so that leap days come last.
    private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func days(untilYear year: Int) -> Int {
        let before = year - 1
        return before * 365 + floorDivide(before, 4) - floorDivide(before, 100) + floorDivide(before, 400) - 719_162
    }

    private static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    }

    private static func modulo(_ value: Int, _ divisor: Int) -> Int {
        value - floorDivide(value, divisor) * divisor
    }
}

extension CalendarTime {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// As C's `strftime` in the C locale; `%-d` and its like drop the leading zeros.
    ///
    /// - Throws: `TemplateFailure` for a conversion that is not known.
    func formatted(_ format: String) throws -> String {
        var result = ""
        var rest = format.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            let dropsZeros = rest.first == "-"
            if dropsZeros { rest.removeFirst() }
            guard let letter = rest.popFirst() else {
                throw TemplateFailure.evaluation("the time format ends within '%'")
            }
            result += try conversion(letter, padding: dropsZeros ? "" : "0")
        }
        return result
    }

    private func conversion(_ letter: Unicode.Scalar, padding: String) throws -> String {
        switch letter {
        case "Y": return String(year)
        case "y": return padded(year % 100, padding)
        case "m": return padded(month, padding)
        case "d": return padded(day, padding)
        case "e": return padded(day, padding.isEmpty ? "" : " ")
        case "H": return padded(hour, padding)
        case "I": return padded((hour + 11) % 12 + 1, padding)
        case "M": return padded(minute, padding)
        case "S": return padded(second, padding)
        case "j": return padded(dayOfYear, padding, width: 3)
        case "p": return hour < 12 ? "AM" : "PM"
        case "B": return Self.months[month - 1]
        case "b", "h": return String(Self.months[month - 1].prefix(3))
        case "A": return Self.weekdays[weekday]
        case "a": return String(Self.weekdays[weekday].prefix(3))
        case "w": return String((weekday + 1) % 7)
        case "u": return String(weekday + 1)
        case "F": return try formatted("%Y-%m-%d")
        case "T": return try formatted("%H:%M:%S")
        case "D": return try formatted("%m/%d/%y")
        case "R": return try formatted("%H:%M")
        case "z": return "+0000"
        case "Z": return "UTC"
        case "n": return "\n"
        case "t": return "\t"
        case "%": return "%"
        default: throw TemplateFailure.unsupported("the time format '%\(letter)'")
        }
    }

    private func padded(_ value: Int, _ padding: String, width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: padding, count: max(0, width - digits.utf8.count)) + digits
    }
}
