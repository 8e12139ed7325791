/// A scalar and what Kubernetes takes it for: the rules of sigs.k8s.io/yaml, which are those of YAML 1.1 with Go's
/// numbers. `yes`, `on` and `y` are true; `010` is eight; `1e3` is a number; a date is a text.
struct YAMLScalar {
    var text: [UInt8]
    /// As libyaml resolves it (`tag:yaml.org,2002:str`), or empty.
    var tag: String
    /// Without quotes and without a tag.
    var isPlain: Bool

    enum Meaning: Equatable {
        case null
        case bool(Bool)
        /// Canonical digits.
        case integer(String)
        case float(Double)
        case string
    }

    struct Mismatch: Error {
        let reason: String
    }

    /// Nothing at all was written.
    var isEmpty: Bool { isPlain && text.isEmpty }

    /// `<<`, which merges other mappings.
    var isMerge: Bool {
        (isPlain && text == Array("<<".utf8)) || tag == Self.prefix + "merge"
    }

    func meaning() throws(Mismatch) -> Meaning {
        guard tag.hasPrefix(Self.prefix) else {
            // Foreign tags and quotes leave a text a text; "!" alone says the same as quotes.
            return isPlain && tag.isEmpty ? Self.resolve(text) : .string
        }
        let wanted = String(tag.dropFirst(Self.prefix.utf8.count))
        let found = Self.resolve(text)
        switch (wanted, found) {
        case ("str", _), ("binary", _), ("timestamp", _): return .string
        case ("null", .null), ("bool", .bool), ("int", .integer), ("float", .float): return found
        case ("float", .integer(let digits)): return Double(digits).map { .float($0) } ?? found
        case ("null", _), ("bool", _), ("int", _), ("float", _):
            throw Mismatch(reason: "the tag !!\(wanted) does not fit \(String(decoding: text, as: UTF8.self))")
        default: return .string
        }
    }

    /// The text of a `!!binary` scalar, decoded.
    func binary() -> [UInt8]? {
        guard tag == Self.prefix + "binary" else { return text }
        return Self.base64(text)
    }

    var isBinary: Bool { tag == Self.prefix + "binary" }

    static let prefix = "tag:yaml.org,2002:"

    private static let words: [String: Meaning] = {
        var words: [String: Meaning] = [:]
        for word in ["", "~", "null", "Null", "NULL"] { words[word] = .null }
        for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            words[word] = .bool(true)
        }
        for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            words[word] = .bool(false)
        }
        for word in [".nan", ".NaN", ".NAN"] { words[word] = .float(.nan) }
        for word in [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"] { words[word] = .float(.infinity) }
        for word in ["-.inf", "-.Inf", "-.INF"] { words[word] = .float(-.infinity) }
        return words
    }()

    static func resolve(_ bytes: [UInt8]) -> Meaning {
        if bytes.count <= 5, let word = words[String(decoding: bytes, as: UTF8.self)] { return word }
        guard let first = bytes.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            let plain = bytes.filter { $0 != UInt8(ascii: "_") }
            return integer(plain) ?? float(plain) ?? .string
        case UInt8(ascii: "."): return float(bytes) ?? .string
        default: return .string
        }
    }

    /// As `strconv.ParseInt(text, 0, 64)`, then `ParseUint`: a leading 0, 0o, 0x or 0b is a base.
    private static func integer(_ bytes: [UInt8]) -> Meaning? {
        var digits = bytes[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        var radix = 10
        if digits.first == UInt8(ascii: "0"), digits.count > 1 {
            switch digits[digits.startIndex + 1] | 0x20 {
            case UInt8(ascii: "x"): (radix, digits) = (16, digits.dropFirst(2))
            case UInt8(ascii: "o"): (radix, digits) = (8, digits.dropFirst(2))
            case UInt8(ascii: "b"): (radix, digits) = (2, digits.dropFirst(2))
            default: (radix, digits) = (8, digits.dropFirst())
            }
        }
        guard let first = digits.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-"),
            let magnitude = UInt64(String(decoding: digits, as: UTF8.self), radix: radix)
        else { return nil }
        if isNegative {
            return magnitude <= UInt64(Int64.max) + 1 ? .integer(magnitude == 0 ? "0" : "-\(magnitude)") : nil
        }
        return .integer(String(magnitude))
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func float(_ bytes: [UInt8]) -> Meaning? {
        var index = 0
        func digits() -> Int {
            let start = index
            while index < bytes.count, (48...57).contains(bytes[index]) { index += 1 }
            return index - start
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
        let whole = digits()
        var fraction = 0
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            fraction = digits()
        }
        if whole + fraction == 0 { return nil }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            if digits() == 0 { return nil }
        }
        guard index == bytes.count else { return nil }
        // Double's parser wants a digit on both sides of the point.
        var text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix("+") { text.removeFirst() }
        if let value = Double(text), value.isFinite { return .float(value) }
        return nil
    }

    /// RFC 4648, section 4, with line breaks and blanks anywhere.
    private static func base64(_ text: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text {
            let value: UInt32
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte) - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte) - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte) + 4
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="):
                padding += 1
                continue
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): continue
            default: return nil
            }
            if padding > 0 { return nil }
            bits = bits << 6 | value
            count += 1
            if count % 4 == 0 {
                result += [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
                bits = 0
            }
        }
        switch (count % 4, padding) {
        case (0, 0): return result
        case (2, 2): return result + [UInt8(bits >> 4 & 0xFF)]
        case (3, 1): return result + [UInt8(bits >> 10 & 0xFF), UInt8(bits >> 2 & 0xFF)]
        default: return nil
        }
    }
}

extension YAMLScalar {
    /// A number as Go's encoder of JSON writes it: without exponent from 1e-6 up to 1e21.
    static func json(_ value: Double) -> String {
        let text = value.description
        guard let (mantissa, exponent) = split(text) else {
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        let isNegative = mantissa.hasPrefix("-")
        var digits = mantissa.filter { $0 != "." && $0 != "-" }
        if mantissa.hasSuffix(".0") { digits.removeLast() }
        let sign = isNegative ? "-" : ""
        // The point stands after `exponent + 1` digits.
        if exponent >= 21 || exponent < -6 {
            let rest = digits.dropFirst()
            let point = rest.isEmpty ? "" : ".\(rest)"
            return "\(sign)\(digits.prefix(1))\(point)e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    private static func split(_ text: String) -> (mantissa: String, exponent: Int)? {
        let parts = text.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1].hasPrefix("+") ? parts[1].dropFirst() : parts[1]) else {
            return nil
        }
        return (String(parts[0]), exponent)
    }
}
