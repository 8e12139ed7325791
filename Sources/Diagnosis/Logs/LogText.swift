import Addressing

/// One message as rules see it: one line of a log, an event, or the few lines somebody pasted together.
///
/// Lower case, one kind of quotes, escapes undone and blanks squeezed, because the same message comes through kubelet,
/// an event, JSON or a shell with other wrappings.
public struct LogText: Sendable {
    public let original: String
    let normal: String
    private let bytes: [UInt8]
    /// The same in one line between two blanks, so that words at an end of a line are words like others.
    private let flat: [UInt8]
    /// Which two bytes follow each other somewhere.
    private let pairs: [UInt64]
    /// Whether somebody wrote it in words of their own, as a title or an answer: short, with no time of day, no level and
    /// no fields of a program's record.
    private(set) var isSentence = false

    /// Bytes of one message that are read: of more its beginning and its end, where a wrapping says the most.
    private static let most = 65_536

    public init(_ text: String) {
        let whole = text.utf8
        let text =
            whole.count <= Self.most
            ? text
            : String(decoding: whole.prefix(Self.most / 4 * 3), as: UTF8.self) + "\n"
                + String(decoding: whole.suffix(Self.most / 4), as: UTF8.self)
        original = text
        var normal: [UInt8] = []
        var isBlank = true
        var hasZero = false
        var previous: UInt8 = 0
        for byte in Self.withoutPasses(text).utf8 {
            var byte = byte
            if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) { byte += 32 }
            if byte == UInt8(ascii: "`") || byte == UInt8(ascii: "'") { byte = UInt8(ascii: "\"") }
            // A backslash in front of a quote is the wrapping's.
            if byte == UInt8(ascii: "\\") { continue }
            let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
            if isSpace {
                if !isBlank {
                    normal.append(byte == 0x0A ? 0x0A : 0x20)
                } else if byte == 0x0A, normal.last == 0x20 {
                    normal[normal.count - 1] = 0x0A
                }
                isBlank = true
                previous = byte
                continue
            }
            // `""x""` is `"x"` wrapped twice.
            if byte == UInt8(ascii: "\""), previous == byte, !isBlank {
                previous = byte
                continue
            }
            if isBlank, byte == UInt8(ascii: "0") { hasZero = true }
            isBlank = false
            previous = byte
            normal.append(byte)
        }
        for (good, plain) in Self.wellMeant where hasZero || good[0] != 0x20 {
            var from = 0
            while let place = Self.firstIndex(of: good, in: normal, from: from) {
                normal.replaceSubrange(place..<place + good.count, with: plain)
                from = place + plain.count
            }
        }
        bytes = normal
        flat = [0x20] + normal.map { $0 == 0x0A ? 0x20 : $0 } + [0x20]
        var pairs = [UInt64](repeating: 0, count: 1024)
        for (before, after) in zip(flat, flat.dropFirst()) {
            let pair = Self.pair(before, after)
            pairs[pair >> 6] |= 1 << UInt64(pair & 63)
        }
        self.pairs = pairs
        self.normal = String(decoding: normal, as: UTF8.self)
        isSentence =
            bytes.count <= Self.mostOfASentence && !hasTime && !normal.starts(with: Self.warning) && !isTable
            && !Self.marks.contains(where: has)
    }

    public var isEmpty: Bool { bytes.isEmpty }

    /// Checklists begin what is in order with a tick: what follows it, to the next mark or the line's end, names what
    /// could be wrong and is not. A whole list may stand in one line.
    private static func withoutPasses(_ text: String) -> String {
        // The first byte of each of them.
        if !text.utf8.contains(0xE2) || !ticks.contains(where: text.unicodeScalars.contains) { return text }
        var kept = String.UnicodeScalarView()
        var isPassed = false
        for scalar in text.unicodeScalars {
            if ticks.contains(scalar) {
                isPassed = true
            } else if scalar == "\n" || crosses.contains(scalar) {
                isPassed = false
            }
            if !isPassed { kept.append(scalar) }
        }
        return String(kept)
    }

    private static let ticks: [Unicode.Scalar] = ["\u{2713}", "\u{2714}", "\u{221A}", "\u{2705}"]
    private static let crosses: [Unicode.Scalar] = [
        "\u{2717}", "\u{2718}", "\u{2715}", "\u{274C}", "\u{00D7}", "\u{2716}", "\u{203C}", "\u{26A0}",
    ]

    /// What has a bad word in it and says that all is well: the good answer of a name server, and counts of none.
    private static let wellMeant = [
        ("noerror", "no-errs"), (" 0 failures (last: never)", " 0 f-s"), (" 0 failures", " 0 f-s"),
        (" 0 errors", " 0 e-s"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

    private static let mostOfASentence = 800
    private static let warning = Array("warning ".utf8)
    private static let marks = [
        "level=", "\"level\"", "msg=", "err=", "error=", "{\"", "rpc error", "[info]", "[error]", "[warning]",
        "[warn]", "[fatal]", "[panic]", "kubelet[", "kernel: ", ".go:", "http/1", "http/2", "code =", "subsys=",
        "desc =", "\":\"", "dial tcp", "read udp", "[debug]", "|info|", "|warn|", "stdout f ", "stderr f ", " -j ",
    ].map { LogWords($0) }

    /// Whether it begins with the titles of a table that kubectl prints: `NAME   STATUS   ROLES`.
    private var isTable: Bool {
        let words = original.split(maxSplits: 3) { $0 == " " || $0 == "\n" || $0 == "\t" }
        guard words.count > 2, Self.firstTitles.contains(words[0]) else { return false }
        return words[1].count > 1 && words[1].allSatisfy { $0.isUppercase || $0 == "-" }
    }
    private static let firstTitles: Set<Substring> = ["NAME", "NAMESPACE", "NODE", "POD", "LAST"]

    /// `08:31:04` somewhere, or the number of a process: `dhcpcd[570]: `.
    private var hasTime: Bool {
        let colon = UInt8(ascii: ":")
        func isDigit(_ place: Int) -> Bool { (0x30...0x39).contains(bytes[place]) }
        return bytes.indices.contains { place in
            guard bytes[place] == colon, place >= 2 else { return false }
            if bytes[place - 1] == UInt8(ascii: "]"), isDigit(place - 2) { return true }
            return place + 3 < bytes.count && bytes[place + 3] == colon
                && [place - 2, place - 1, place + 1, place + 2].allSatisfy(isDigit)
        }
    }

    /// Whether `second` follows `first` within some bytes of the same line.
    func has(_ first: String, before second: String, within most: Int) -> Bool {
        texts(after: first, until: []).contains { $0.prefix(most).contains(second) }
    }

    /// Whether the words stand in it, in this spelling after normalising.
    func has(_ part: String) -> Bool { has(LogWords(part)) }

    /// What begins or ends with two letters that do not stand together in the text is answered without looking for it.
    func has(_ part: LogWords) -> Bool {
        if part.bytes.count > 1, !stands(part.first) || !stands(part.last) { return false }
        return Self.firstIndex(of: part.bytes, in: flat, from: 0) != nil
    }

    static func pair(_ before: UInt8, _ after: UInt8) -> Int { Int(before) << 8 | Int(after) }

    private func stands(_ pair: Int) -> Bool { pairs[pair >> 6] >> UInt64(pair & 63) & 1 == 1 }

    private func firstIndex(of part: [UInt8], from start: Int) -> Int? {
        Self.firstIndex(of: part, in: bytes, from: start)
    }

    private static func firstIndex(of part: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let first = part.first, bytes.count - start >= part.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            part.withUnsafeBufferPointer { part in
                let last = bytes.count - part.count
                var index = start
                while index <= last {
                    if bytes[index] == first {
                        var same = 1
                        while same < part.count, bytes[index + same] == part[same] { same += 1 }
                        if same == part.count { return index }
                    }
                    index += 1
                }
                return nil
            }
        }
    }

    /// What follows each occurrence of `part`, up to one of `ends` or the end of the line.
    func texts(after part: String, until ends: Set<Character>) -> [String] {
        var found: [String] = []
        var start = 0
        let part = Array(part.utf8)
        while let index = firstIndex(of: part, from: start) {
            let rest = String(decoding: bytes[(index + part.count)...], as: UTF8.self)
            found.append(String(rest.prefix { !ends.contains($0) && $0 != "\n" }))
            start = index + part.count
        }
        return found
    }

    /// Words of letters, digits, dots, colons, slashes and hyphens.
    var tokens: [Substring] {
        normal.split { !($0.isLetter || $0.isNumber || ".:/-_".contains($0)) }
    }

    /// Whether a port is named: `10.0.0.1:179`, `port 179`, `179/tcp`, `udp 8472`.
    func hasPort(_ port: Int) -> Bool {
        let number = "\(port)"
        for (before, behind) in [
            (":", ""), ("port ", ""), ("ports ", ""), ("tcp ", ""), ("udp ", ""), ("", "/tcp"), ("", "/udp"),
            (".", " >"), (".", ": "),
        ] {
            let wanted = Array((before + number + behind).utf8)
            var start = 0
            while let index = firstIndex(of: wanted, from: start) {
                let after = index + wanted.count
                let isWhole =
                    (after == bytes.count || !(0x30...0x39).contains(bytes[after]))
                    && (!before.isEmpty || index == 0 || !(0x30...0x39).contains(bytes[index - 1]))
                    && !(before == ":" && isInTime(from: index, to: after))
                if isWhole { return true }
                start = index + 1
            }
        }
        return false
    }

    /// Whether the number behind the colon at `start` is of a time of day: `17:10:53.2`, `10:53:01`.
    private func isInTime(from start: Int, to end: Int) -> Bool {
        func isNumber(_ place: Int) -> Bool { bytes.indices.contains(place) && (0x30...0x39).contains(bytes[place]) }
        let colon = UInt8(ascii: ":")
        guard end - start == 3, isNumber(start - 1), isNumber(start - 2) else { return false }
        let hasAfter = end < bytes.count && bytes[end] == colon && isNumber(end + 1) && isNumber(end + 2)
        let hasBefore = start >= 5 && bytes[start - 3] == colon && isNumber(start - 4)
        return hasAfter || hasBefore
    }

    /// MAC addresses in the order they stand.
    func macs(after part: String) -> [MACAddress] {
        texts(after: part, until: [" ", ",", ";"]).compactMap { MACAddress($0) }
    }
}
