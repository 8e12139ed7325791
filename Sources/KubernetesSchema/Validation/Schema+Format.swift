import Addressing
import JSONTree

/// The formats of strings that apiextensions checks. Unknown formats are ignored there and here; those that the API
/// server knows and this code does not check are ``unchecked``, so that it can be said.
enum StringFormat {
    /// nil for a format without a check.
    static func holds(_ format: String, for text: String) -> Bool? {
        switch format {
        case "ipv4": IPv4Address(text) != nil
        case "ipv6": IPv6Address(text) != nil && !text.contains("%")
        case "cidr": isCIDR(text)
        case "mac": MACAddress(text) != nil
        case "uuid": matches(text, "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$")
        case "uuid3":
            matches(text, "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?3[0-9a-fA-F]{3}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$")
        case "uuid4":
            matches(text, "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?4[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}$")
        case "uuid5":
            matches(text, "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?5[0-9a-fA-F]{3}-?[89abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}$")
        case "bsonobjectid": matches(text, "^[0-9a-fA-F]{24}$")
        case "byte": isBase64(text)
        case "date": isDate(text)
        case "date-time", "datetime", "date-time-micro": isDateTime(text)
        case "duration": isDuration(text)
        case "hostname": isHostname(text)
        case "email": matches(text, "^[^@\\s]+@[^@\\s]+$")
        case "uri": matches(text, "^[A-Za-z][A-Za-z0-9+.-]*:[^\\s]*$") || matches(text, "^/[^\\s]*$")
        case "hexcolor": matches(text, "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")
        case "k8s-short-name": text.utf8.count <= 63 && matches(text, "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        case "k8s-long-name":
            text.utf8.count <= 253
                && matches(text, "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
        case "quantity": isQuantity(text)
        default: nil
        }
    }

    /// Formats the API server checks and this code takes as they come.
    static let unchecked: Set<String> = ["isbn", "isbn10", "isbn13", "creditcard", "ssn", "rgbcolor", "password"]

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        PatternCache.pattern(pattern)?.matches(text) ?? false
    }

    /// As Go's ParseCIDR: the address may have bits beyond the length.
    static func isCIDR(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), !parts[0].contains("%"),
            parts[1].allSatisfy({ $0.isASCII && $0.isNumber }), parts[1].count <= 3, let length = Int(parts[1])
        else { return false }
        return length <= (address.family == .v4 ? 32 : 128)
    }

    private static func isBase64(_ text: String) -> Bool {
        let bytes = Array(text.utf8.filter { $0 != 0x0A && $0 != 0x0D })
        guard bytes.count % 4 == 0 else { return false }
        let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return padding <= 2
            && bytes.dropLast(padding).allSatisfy {
                switch $0 {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }

    /// RFC 3339, with the calendar checked.
    private static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D, let year = number(bytes[0..<4]),
            let month = number(bytes[5..<7]), let day = number(bytes[8..<10]), (1...12).contains(month)
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return (1...days).contains(day)
    }

    static func isDateTime(_ text: String) -> Bool {
        guard text.utf8.count >= 20, isDate(String(text.prefix(10))) else { return false }
        return matches(
            String(text.dropFirst(10)),
            "^[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$")
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    /// Go's durations (`1h30m`), and the words strfmt reads (`3 days`).
    private static func isDuration(_ text: String) -> Bool {
        text == "0" || matches(text, "^[-+]?(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$")
            || matches(
                text,
                "^[0-9]+\\s*(ns|nano|nanosecond|us|µs|micro|microsecond|ms|milli|millisecond|s|sec|second|m|min|minute|"
                    + "h|hr|hour|d|day|w|week|wk)s?$")
    }

    private static func isHostname(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return !text.isEmpty && text.utf8.count <= 255
            && labels.allSatisfy { label in
                label.utf8.count <= 63 && matches(String(label), "^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?$")
            }
    }

    /// resource.Quantity: a number with a decimal, binary or exponent suffix.
    static func isQuantity(_ text: String) -> Bool {
        matches(text, "^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(([KMGTPE]i)|[numkMGTPE]|[eE][+-]?[0-9]+)?$")
    }
}
