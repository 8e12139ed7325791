import CLinux
import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// Which kernel settings an administrator lets networks change: a file with one regular expression a line, matched
/// anywhere in the key as the configuration writes it. Without the file every setting below net may be changed.
///
/// The reference plugin reads the lines with Go's regexp. Here regcomp(3) does, after a translation of what the two
/// spell differently. Both only have to say yes or no, so greediness does not matter. What cannot be translated
/// exactly makes the file invalid: an allow-list that means something else than it says would be worse than none.
struct SysctlAllowList {
    let path: String
    let lines: [String]

    /// Nil when there is no file.
    static func read(_ path: String) throws(CNIError) -> SysctlAllowList? {
        let bytes: [UInt8]?
        do throws(SystemCallError) {
            bytes = try AtomicFile.read(path, limit: 1 << 20)
        } catch {
            throw CNIError(error, during: "sysctl allow-list")
        }
        guard let bytes else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { String($0.trimmingWhitespace()) }.filter { !$0.isEmpty }
        return SysctlAllowList(path: path, lines: lines)
    }

    /// Throws for the first setting that no line allows.
    func check(_ settings: [TuningSettings.Setting]) throws(CNIError) {
        for setting in settings {
            var allowed = false
            for line in lines where !allowed { allowed = try matches(line, setting.key) }
            guard allowed else {
                throw CNIError(
                    .invalidConfiguration, "sysctl \(setting.key) is not allowed on this machine",
                    details: "\(path) allows only: \(lines.isEmpty ? "nothing" : lines.joined(separator: "  "))")
            }
        }
    }

    /// Whether every line can be read; for STATUS.
    func validate() throws(CNIError) {
        for line in lines { _ = try matches(line, "") }
    }

    private func matches(_ line: String, _ key: String) throws(CNIError) -> Bool {
        guard let expression = Self.translated(line) else {
            throw CNIError(
                .invalidConfiguration, "sysctl allow-list: the expression \"\(line)\" cannot be used",
                details:
                    "\(path): use literal characters . * + ? | ( ) [ ] { } ^ $ \\d \\w \\s and escapes of punctuation")
        }
        var compiled = regex_t()
        let failure = regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB)
        guard failure == 0 else {
            var text = [CChar](repeating: 0, count: 200)
            regerror(failure, &compiled, &text, text.count)
            let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw CNIError(
                .invalidConfiguration, "sysctl allow-list: \"\(line)\" is no regular expression: \(reason)",
                details: path)
        }
        defer { regfree(&compiled) }
        return regexec(&compiled, key, 0, nil, 0) == 0
    }

    /// The line as a POSIX extended expression, or nil when it uses something that has no counterpart.
    static func translated(_ line: String) -> String? {
        guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        var translation = Translation(rest: line.utf8[...])
        return translation.run() ? String(decoding: translation.result, as: UTF8.self) : nil
    }

    private struct Translation {
        var rest: Substring.UTF8View
        var result: [UInt8] = []

        private mutating func take(_ text: StaticString) -> Bool {
            let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
            guard rest.starts(with: wanted) else { return false }
            rest = rest.dropFirst(wanted.count)
            return true
        }

        private mutating func put(_ text: StaticString) {
            result += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        }

        mutating func run() -> Bool {
            var repeats = false
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\\"):
                    guard escape() else { return false }
                case UInt8(ascii: "["):
                    guard brackets() else { return false }
                case UInt8(ascii: "("):
                    result.append(byte)
                    // A group without a number is a group; flags and names have no counterpart.
                    if rest.first == UInt8(ascii: "?"), !take("?:") { return false }
                case UInt8(ascii: "{"):
                    repeats = true
                    result.append(byte)
                case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
                    result.append(byte)
                    // Lazy repetition matches the same texts.
                    _ = take("?")
                case UInt8(ascii: "}"):
                    result.append(byte)
                    if repeats { _ = take("?") }
                    repeats = false
                default:
                    result.append(byte)
                }
            }
            return true
        }

        private mutating func escape() -> Bool {
            switch rest.popFirst() {
            case UInt8(ascii: "d"): put("[0-9]")
            case UInt8(ascii: "D"): put("[^0-9]")
            case UInt8(ascii: "w"): put("[0-9A-Za-z_]")
            case UInt8(ascii: "W"): put("[^0-9A-Za-z_]")
            case UInt8(ascii: "s"): put("[ \t\n\r\u{0C}]")
            case let byte? where !Self.isWord(byte): result += [UInt8(ascii: "\\"), byte]
            default: return false
            }
            return true
        }

        /// POSIX knows no escapes between brackets: an escaped hyphen moves to the end, where it is itself.
        private mutating func brackets() -> Bool {
            result.append(UInt8(ascii: "["))
            var hyphen = false
            if take("^") { put("^") }
            if take("]") { put("]") }
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "]"):
                    if hyphen { put("-") }
                    result.append(byte)
                    return true
                case UInt8(ascii: "["):
                    // `[:alpha:]` is spelt alike; `[.` and `[=` are literal in Go and not in POSIX.
                    guard take(":") else { return false }
                    put("[:")
                    while let letter = rest.first, Self.isWord(letter) {
                        result.append(letter)
                        rest = rest.dropFirst()
                    }
                    guard take(":]") else { return false }
                    put(":]")
                case UInt8(ascii: "\\"):
                    switch rest.popFirst() {
                    case UInt8(ascii: "d"): put("0-9")
                    case UInt8(ascii: "w"): put("0-9A-Za-z_")
                    case UInt8(ascii: "-"): hyphen = true
                    case let escaped?
                    where [".", "/", "_", "*", "+", "$", "\\"].contains(Character(Unicode.Scalar(escaped))):
                        result.append(escaped)
                    default: return false
                    }
                default:
                    result.append(byte)
                }
            }
            return false
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

extension Substring {
    func trimmingWhitespace() -> Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
