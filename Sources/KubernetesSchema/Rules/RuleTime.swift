/// A span of time (`duration("1h30m")`): nanoseconds, as Go's time.Duration has them.
struct RuleDuration: Hashable, Sendable {
    var nanoseconds: Int64

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("\u{B5}s", 1_000), ("\u{3BC}s", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// Go's time.ParseDuration; nil for what it refuses.
    init?(_ text: String) {
        var rest = Substring(text)
        var isNegative = false
        if let sign = rest.first, sign == "+" || sign == "-" {
            isNegative = sign == "-"
            rest = rest.dropFirst()
        }
        if rest == "0" {
            self.init(nanoseconds: 0)
            return
        }
        if rest.isEmpty { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            let whole = rest.prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst(whole.count)
            var fraction: Substring = ""
            if rest.first == "." {
                rest = rest.dropFirst()
                fraction = rest.prefix { ("0"..."9").contains($0) }
                rest = rest.dropFirst(fraction.count)
            }
            if whole.isEmpty && fraction.isEmpty { return nil }
            let name = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            rest = rest.dropFirst(name.count)
            guard let unit = Self.units.first(where: { $0.name == name })?.nanoseconds,
                let count = whole.isEmpty ? 0 : Int64(whole)
            else { return nil }
            let (product, isTooLong) = count.multipliedReportingOverflow(by: unit)
            var part: Int64 = 0
            var place = unit
            for digit in fraction {
                place /= 10
                part += Int64(digit.wholeNumberValue ?? 0) * place
            }
            let (sum, isTooLongWithIt) = total.addingReportingOverflow(product)
            let (next, isTooLongAtLast) = sum.addingReportingOverflow(part)
            if isTooLong || isTooLongWithIt || isTooLongAtLast { return nil }
            total = next
        }
        self.init(nanoseconds: isNegative ? -total : total)
    }

    /// As CEL writes it: seconds.
    var text: String {
        let (seconds, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        var text = (nanoseconds < 0 ? "-" : "") + "\(seconds)"
        if rest > 0 {
            var digits = String(String(rest + 1_000_000_000).dropFirst())
            while digits.hasSuffix("0") { digits.removeLast() }
            text += ".\(digits)"
        }
        return text + "s"
    }
}

/// A moment (`timestamp("2026-01-01T00:00:00Z")`), of the years 1 to 9999 (RFC 3339).
struct RuleTimestamp: Hashable, Sendable {
    /// Since 1970, in UTC.
    var seconds: Int64
    /// 0...999,999,999, always forward from the second.
    var nanoseconds: Int64

    init?(seconds: Int64, nanoseconds: Int64) {
        guard (-62_135_596_800..<253_402_300_800).contains(seconds) else { return nil }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Nil for what is not RFC 3339.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard bytes.count >= 20, let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            [bytes[4], bytes[7], bytes[13], bytes[16]] == Array("--::".utf8), [0x54, 0x74].contains(bytes[10]),
            (1...12).contains(month), (1...Self.length(of: month, year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { return nil }
        var place = 19
        var nanoseconds: Int64 = 0
        if bytes[place] == UInt8(ascii: ".") {
            var unit: Int64 = 100_000_000
            place += 1
            let start = place
            while place < bytes.count, (0x30...0x39).contains(bytes[place]) {
                nanoseconds += Int64(bytes[place] - 0x30) * unit
                unit /= 10
                place += 1
            }
            if place == start { return nil }
        }
        var offset: Int64 = 0
        switch place < bytes.count ? bytes[place] : 0 {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): place += 1
        case let sign where sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"):
            guard let hours = number(place + 1..<place + 3), let minutes = number(place + 4..<place + 6),
                bytes[place + 3] == UInt8(ascii: ":"), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
            place += 6
        default: return nil
        }
        guard place == bytes.count else { return nil }
        let days = Self.days(year, month, day)
        self.init(
            seconds: days * 86400 + hour * 3600 + minute * 60 + second - offset, nanoseconds: nanoseconds)
    }

    static func length(of month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970 of a day in the Gregorian calendar, counted from years that begin in March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let years = month <= 2 ? year - 1 : year
        let months = month <= 2 ? month + 9 : month - 3
        let ofYear = (153 * months + 2) / 5 + day - 1
        return years * 365 + years / 4 - years / 100 + years / 400 + ofYear - 719_468
    }

    private var day: Int64 { (seconds - secondOfDay) / 86400 }
    private var secondOfDay: Int64 { (seconds % 86400 + 86400) % 86400 }

    /// Year, month (1...12), day of the month (1...31).
    private var date: (year: Int64, month: Int64, day: Int64) {
        var year = 1970 + day / 366
        while Self.days(year + 1, 1, 1) <= day { year += 1 }
        while Self.days(year, 1, 1) > day { year -= 1 }
        var month: Int64 = 1
        while month < 12, Self.days(year, month + 1, 1) <= day { month += 1 }
        return (year, month, day - Self.days(year, month, 1) + 1)
    }

    /// What CEL's accessors give, in UTC (cel-spec, "List of Standard Definitions"); nil for a name that is none.
    func part(_ name: String) -> Int64? {
        switch name {
        case "getFullYear": date.year
        case "getMonth": date.month - 1
        case "getDate": date.day
        case "getDayOfMonth": date.day - 1
        case "getDayOfYear": day - Self.days(date.year, 1, 1)
        // The first day of 1970 was a Thursday.
        case "getDayOfWeek": ((day + 4) % 7 + 7) % 7
        case "getHours": secondOfDay / 3600
        case "getMinutes": secondOfDay / 60 % 60
        case "getSeconds": secondOfDay % 60
        case "getMilliseconds": nanoseconds / 1_000_000
        default: nil
        }
    }

    /// As RFC 3339 has it, in UTC.
    var text: String {
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = "\(value)"
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = date
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
        text += "\(padded(secondOfDay / 3600, 2)):\(padded(secondOfDay / 60 % 60, 2)):\(padded(secondOfDay % 60, 2))"
        if nanoseconds > 0 {
            var digits = padded(nanoseconds, 9)
            while digits.hasSuffix("0") { digits.removeLast() }
            text += ".\(digits)"
        }
        return text + "Z"
    }

    /// Nil beyond the years there are.
    func moved(by duration: RuleDuration) -> RuleTimestamp? {
        let (whole, part) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        var (seconds, nanoseconds) = (seconds + whole, nanoseconds + part)
        if nanoseconds < 0 { (seconds, nanoseconds) = (seconds - 1, nanoseconds + 1_000_000_000) }
        if nanoseconds >= 1_000_000_000 { (seconds, nanoseconds) = (seconds + 1, nanoseconds - 1_000_000_000) }
        return RuleTimestamp(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// Nil for more than nanoseconds in 64 bits can count.
    func since(_ other: RuleTimestamp) -> RuleDuration? {
        let (whole, isTooLong) = (seconds - other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isTooLongWithIt) = whole.addingReportingOverflow(nanoseconds - other.nanoseconds)
        return isTooLong || isTooLongWithIt ? nil : RuleDuration(nanoseconds: sum)
    }
}
