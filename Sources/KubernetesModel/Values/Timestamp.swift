/// A moment with the precision of a second, as `metav1.Time` has it: `2026-11-21T00:46:32Z`.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Since 1970-01-01T00:00:00Z, leap seconds not counted.
    public var seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    /// RFC 3339 with any offset; a fraction is cut off, as Go does when it writes the time again.
    public init?(_ text: String) {
        guard let (seconds, _) = CalendarText.parse(text) else { return nil }
        self.seconds = seconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }

    public var description: String { CalendarText.text(seconds: seconds) + "Z" }
}

/// A moment with the precision of a microsecond, as `metav1.MicroTime` has it: `2026-11-21T00:46:32.000001Z`. Leases
/// and events are kept with it.
public struct MicroTime: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Since 1970-01-01T00:00:00Z, leap seconds not counted.
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public init?(_ text: String) {
        guard let (seconds, nanoseconds) = CalendarText.parse(text) else { return nil }
        microseconds = seconds * 1_000_000 + nanoseconds / 1000
    }

    public var timestamp: Timestamp { Timestamp(seconds: CalendarText.floor(microseconds, 1_000_000)) }

    public static func < (left: MicroTime, right: MicroTime) -> Bool { left.microseconds < right.microseconds }

    public var description: String {
        let seconds = CalendarText.floor(microseconds, 1_000_000)
        let fraction = String(microseconds - seconds * 1_000_000)
        let zeros = String(repeating: "0", count: 6 - fraction.utf8.count)
        return "\(CalendarText.text(seconds: seconds)).\(zeros)\(fraction)Z"
    }
}

/// Dates of the proleptic Gregorian calendar. Days are counted in eras of 400 years that begin on 1 March, so that the
/// leap day is the last of its year.
enum CalendarText {
    static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = floor(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Without the zone: `2026-11-21T00:46:32`.
    static func text(seconds: Int64) -> String {
        let days = floor(seconds, 86_400)
        let rest = seconds - days * 86_400
        let (year, month, day) = date(days: days)
        func padded(_ number: Int64, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month))-\(padded(day))T\(padded(rest / 3600)):"
            + "\(padded(rest / 60 % 60)):\(padded(rest % 60))"
    }

    /// RFC 3339, section 5.6, upper-case letters only, years 0...9999.
    static func parse(_ text: String) -> (seconds: Int64, nanoseconds: Int64)? {
        var bytes = Array(text.utf8)[...]
        func number(_ digits: Int) -> Int64? {
            guard bytes.count >= digits, bytes.prefix(digits).allSatisfy({ (48...57).contains($0) }) else { return nil }
            defer { bytes = bytes.dropFirst(digits) }
            return bytes.prefix(digits).reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        func sign(_ scalar: Unicode.Scalar) -> Bool {
            guard bytes.first == UInt8(ascii: scalar) else { return false }
            bytes = bytes.dropFirst()
            return true
        }
        guard let year = number(4), sign("-"), let month = number(2), sign("-"), let day = number(2), sign("T"),
            let hour = number(2), sign(":"), let minute = number(2), sign(":"), let second = number(2),
            (1...12).contains(month), (1...lastDay(of: month, year: year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { return nil }

        var nanoseconds: Int64 = 0
        if sign(".") {
            let digits = bytes.prefix { (48...57).contains($0) }
            if digits.isEmpty { return nil }
            for place in 0..<9 {
                let digit = place < digits.count ? Int64(digits[digits.startIndex + place] - 48) : 0
                nanoseconds = nanoseconds * 10 + digit
            }
            bytes = bytes.dropFirst(digits.count)
        }
        var offset: Int64 = 0
        if !sign("Z") {
            let isEast = bytes.first == UInt8(ascii: "+")
            guard sign("+") || sign("-"), let hours = number(2), sign(":"), let minutes = number(2), hours < 24,
                minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (isEast ? 1 : -1)
        }
        guard bytes.isEmpty else { return nil }
        let days = days(year: year, month: month, day: day)
        return (days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanoseconds)
    }

    private static func lastDay(of month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
