import KubernetesModel

/// When a line says it was written, as programs of the network begin their lines. Times without a zone are taken for UTC,
/// which containers have.
enum LogMoment {
    /// Bytes of a line's beginning in which its time stands, behind a field's name at most.
    private static let head = 160

    /// In seconds since 1970.
    ///
    /// - Parameter now: a moment near it: klog and syslog name no year.
    static func seconds(of line: some StringProtocol, near now: Int64) -> Int64? {
        let bytes = Array(line.utf8.prefix(head))
        return calendar(bytes) ?? klog(bytes, now) ?? syslog(bytes, now)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return bytes.isEmpty ? nil : value
    }

    private static func text(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func moment(_ year: Int, _ month: Int, _ day: Int, _ clock: Substring) -> Int64? {
        Timestamp("\(text(year, 4))-\(text(month, 2))-\(text(day, 2))T\(clock)Z")?.seconds
    }

    /// `02:31:10` at a place.
    private static func clock(_ bytes: [UInt8], _ start: Int) -> Substring? {
        guard start + 8 <= bytes.count, bytes[start + 2] == UInt8(ascii: ":"), bytes[start + 5] == UInt8(ascii: ":"),
            [0, 3, 6].allSatisfy({ number(bytes[start + $0..<start + $0 + 2]) != nil })
        else { return nil }
        return Substring(String(decoding: bytes[start..<start + 8], as: UTF8.self))
    }

    /// `2025-09-18T02:31:10.117Z`, `2025-09-18 02:31:10`, `2025/09/18 02:31:10`, wherever it begins. An offset behind it
    /// is heeded.
    private static func calendar(_ bytes: [UInt8]) -> Int64? {
        guard bytes.count >= 19 else { return nil }
        for start in 0...(bytes.count - 19) {
            let mark = bytes[start + 4]
            guard mark == UInt8(ascii: "-") || mark == UInt8(ascii: "/"), bytes[start + 7] == mark,
                bytes[start + 10] == UInt8(ascii: "T") || bytes[start + 10] == UInt8(ascii: " "),
                let year = number(bytes[start..<start + 4]), let month = number(bytes[start + 5..<start + 7]),
                let day = number(bytes[start + 8..<start + 10]), let clock = clock(bytes, start + 11),
                let seconds = moment(year, month, day, clock)
            else { continue }
            return seconds - offset(bytes, start + 19)
        }
        return nil
    }

    /// Seconds east of UTC: `+02:00` or `-0700` behind a time and its fraction.
    private static func offset(_ bytes: [UInt8], _ start: Int) -> Int64 {
        var index = start
        while index < bytes.count,
            bytes[index] == UInt8(ascii: ".") || bytes[index] == UInt8(ascii: ",")
                || number(bytes[index...index]) != nil
        {
            index += 1
        }
        guard index + 5 <= bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-"),
            let hours = number(bytes[index + 1..<index + 3])
        else { return 0 }
        let colon = bytes[index + 3] == UInt8(ascii: ":") ? 1 : 0
        guard index + 5 + colon <= bytes.count, let minutes = number(bytes[index + 3 + colon..<index + 5 + colon])
        else {
            return 0
        }
        let seconds = Int64(hours * 3600 + minutes * 60)
        return bytes[index] == UInt8(ascii: "+") ? seconds : -seconds
    }

    /// `E0918 02:31:10.221180`.
    private static func klog(_ bytes: [UInt8], _ now: Int64) -> Int64? {
        guard bytes.count >= 14, "IWEF".utf8.contains(bytes[0]), bytes[5] == UInt8(ascii: " "),
            let month = number(bytes[1..<3]), let day = number(bytes[3..<5]), let clock = clock(bytes, 6)
        else { return nil }
        return nearest(month, day, clock, now)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Sep 18 02:31:10`.
    private static func syslog(_ bytes: [UInt8], _ now: Int64) -> Int64? {
        guard bytes.count >= 15,
            let month = months.firstIndex(of: String(decoding: bytes[..<3], as: UTF8.self)),
            let clock = clock(bytes, 7),
            let day = number(bytes[4..<6].drop { $0 == UInt8(ascii: " ") })
        else { return nil }
        return nearest(month + 1, day, clock, now)
    }

    /// In the year of `now`, or in the one before when that would be long after it.
    private static func nearest(_ month: Int, _ day: Int, _ clock: Substring, _ now: Int64) -> Int64? {
        guard let year = Int("\(Timestamp(seconds: now))".prefix(4)) else { return nil }
        guard let own = moment(year, month, day, clock) else { return nil }
        return own - now > 86_400 * 180 ? moment(year - 1, month, day, clock) : own
    }
}
