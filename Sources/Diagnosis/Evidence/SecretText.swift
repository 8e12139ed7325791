/// Secrets in text of any kind, found by their form. What is put in their place keeps JSON valid.
public enum SecretText {
    /// What stands in the place of a secret.
    public static let mark = "REDACTED"

    public enum Kind: Sendable, Hashable {
        case privateKey, token, password
    }

    public struct Mark: Sendable, Hashable {
        public var range: Range<Int>
        public var kind: Kind
    }

    /// The text without its secrets; itself where it has none.
    public static func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let marks = marks(in: bytes)
        return marks.isEmpty ? text : String(decoding: masked(bytes, marks), as: UTF8.self)
    }

    /// - Parameter marks: of these bytes.
    public static func masked(_ bytes: [UInt8], _ marks: [Mark]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        for mark in marks where mark.range.lowerBound >= position {
            result += bytes[position..<mark.range.lowerBound]
            result += Array(Self.mark.utf8)
            position = mark.range.upperBound
        }
        return result + bytes[position...]
    }

    /// From the first to the last; none overlaps another.
    public static func marks(in bytes: [UInt8]) -> [Mark] {
        var marks: [Mark] = []
        var index = 0
        while index < bytes.count {
            let found: Mark? =
                switch bytes[index] {
                case UInt8(ascii: "-"): privateKey(bytes, at: index) ?? option(bytes, at: index)
                case UInt8(ascii: "e"): token(bytes, at: index)
                case UInt8(ascii: ":"): address(bytes, at: index) ?? password(bytes, at: index)
                case UInt8(ascii: "="): password(bytes, at: index)
                case UInt8(ascii: "B"), UInt8(ascii: "b"): credentials(bytes, at: index)
                case UInt8(ascii: "p"), UInt8(ascii: "P"): routerPassword(bytes, at: index)
                case UInt8(ascii: ")"): transform(bytes, at: index)
                default: nil
                }
            if let found = found ?? issued(bytes, at: index) {
                marks.append(found)
                index = max(index + 1, found.range.upperBound)
            } else {
                index += 1
            }
        }
        return marks
    }

    /// Between `-----BEGIN ... PRIVATE KEY-----` and its END (RFC 7468); without an end to the end of the text.
    private static func privateKey(_ bytes: [UInt8], at index: Int) -> Mark? {
        guard has("-----BEGIN ", bytes, at: index),
            let end = find("PRIVATE KEY-----", bytes, from: index, within: 64)
        else { return nil }
        let start = end + "PRIVATE KEY-----".utf8.count
        let stop = find("-----END", bytes, from: start, within: 1 << 16) ?? bytes.count
        return start < stop ? Mark(range: start..<stop, kind: .privateKey) : nil
    }

    /// The third part of a JSON Web Token (RFC 7519); its dates are in the second.
    private static func token(_ bytes: [UInt8], at index: Int) -> Mark? {
        guard has("eyJ", bytes, at: index), index == 0 || !isWord(bytes[index - 1]) else { return nil }
        let first = end(ofWord: bytes, from: index)
        guard first < bytes.count, bytes[first] == UInt8(ascii: "."), has("eyJ", bytes, at: first + 1) else {
            return nil
        }
        let second = end(ofWord: bytes, from: first + 1)
        guard second < bytes.count, bytes[second] == UInt8(ascii: ".") else { return nil }
        let third = end(ofWord: bytes, from: second + 1)
        return third > second + 8 ? Mark(range: (second + 1)..<third, kind: .token) : nil
    }

    /// `password: x`, `client-key-data: x`, `"token":"x"`: the value, when it looks like one and not like a word of a
    /// message (`token: Unauthorized` is evidence). Values of kubeconfigs that are nothing but secret go in any case, and
    /// so do those of settings: a line of its own (`PrivateKey = x`), a quoted member, an option (`--password=x`).
    private static func password(_ bytes: [UInt8], at index: Int) -> Mark? {
        var last = index
        while last > 0, index - last < 8, bytes[last - 1] == 0x20 { last -= 1 }
        var start = last
        while start > 0, last - start < 80 {
            let byte = bytes[start - 1]
            // A quote of a text within JSON has a backslash before it.
            let isWrapping = byte == UInt8(ascii: "\\") && start < last && isQuote(bytes[start])
            guard isWord(byte) || isQuote(byte) || isWrapping else { break }
            start -= 1
        }
        // The letter of a line end within JSON is no part of the name.
        if start > 0, start < last, bytes[start - 1] == UInt8(ascii: "\\"), [0x6E, 0x74].contains(bytes[start]) {
            start += 1
        }
        let name = bytes[start..<last].filter { !isQuote($0) && $0 != UInt8(ascii: "\\") }
        let key = String(decoding: name, as: UTF8.self)
        if key.isEmpty || key.utf8.count > 64 { return nil }
        let isCertain = ["client-key-data", "aws_secret_access_key"].contains(key.lowercased())
        guard
            isCertain || SecretName.isSecretName(key) || SecretName.holdsSecret(key)
                || ["pass", "auth", "sig", "cookie", "set-cookie"].contains(key.lowercased())
        else { return nil }
        var begin = index + 1
        var isQuoted = false
        while begin < bytes.count,
            [0x20, 0x09, UInt8(ascii: "\"")].contains(bytes[begin]) || isQuote(bytes[begin])
                || bytes[begin] == UInt8(ascii: "\\") && begin + 1 < bytes.count && isQuote(bytes[begin + 1])
        {
            isQuoted = isQuoted || isQuote(bytes[begin])
            begin += 1
        }
        // A JSON Web Token loses its signature alone.
        if has("eyJ", bytes, at: begin) || has(mark, bytes, at: begin) { return nil }
        var stop = begin
        while stop < bytes.count, isValue(bytes[stop]) { stop += 1 }
        let value = bytes[begin..<stop]
        guard let first = value.first else { return nil }
        let hasDigit = value.contains { (0x30...0x39).contains($0) }
        let hasLetter = value.contains { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
        if isCertain || (value.count >= 12 && hasDigit && hasLetter) {
            return Mark(range: begin..<stop, kind: .password)
        }
        // Base64 of a user's name and password.
        let hasUpper = value.contains { (0x41...0x5A).contains($0) }
        let hasLower = value.contains { (0x61...0x7A).contains($0) }
        if key == "auth", isQuoted, value.count >= 8, hasUpper, hasLower {
            return Mark(range: begin..<stop, kind: .password)
        }
        // Where the secret is kept, and what a template will put there, are none.
        if [UInt8(ascii: "/"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "{")].contains(first) { return nil }
        let isOption = bytes[index] == UInt8(ascii: "=") && key.hasPrefix("--")
        let isSetting = SecretName.holdsSecret(key) && (isQuoted || isLine(bytes, start, stop))
        return isOption || isSetting ? Mark(range: begin..<stop, kind: .password) : nil
    }

    /// Whether a setting is all there is between two line ends; those of a text within JSON are written `\n`.
    private static func isLine(_ bytes: [UInt8], _ start: Int, _ stop: Int) -> Bool {
        var first = start
        while first > 0, [0x20, 0x09, UInt8(ascii: "-")].contains(bytes[first - 1]) { first -= 1 }
        let begins =
            first == 0 || bytes[first - 1] == 0x0A
            || (first > 1 && bytes[first - 1] == UInt8(ascii: "n") && bytes[first - 2] == UInt8(ascii: "\\"))
        let ends =
            stop == bytes.count
            || [0x0A, 0x0D, UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: ";")].contains(bytes[stop])
        return begins && ends
    }

    /// `https://user:password@host` (RFC 3986, 3.2.1): what stands between the second colon and the sign.
    private static func address(_ bytes: [UInt8], at index: Int) -> Mark? {
        guard has("://", bytes, at: index) else { return nil }
        var colon: Int?
        var position = index + 3
        while position < bytes.count, position - index < 256 {
            let byte = bytes[position]
            if byte == UInt8(ascii: "@") {
                guard let colon, position > colon + 1, !has(mark, bytes, at: colon + 1) else { return nil }
                return Mark(range: (colon + 1)..<position, kind: .password)
            }
            if byte <= 0x20
                || [UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?")].contains(byte)
            {
                return nil
            }
            if byte == UInt8(ascii: ":"), colon == nil { colon = position }
            position += 1
        }
        return nil
    }

    /// `Bearer x` and `Basic x` of HTTP (RFC 6750, RFC 7617), where x is no word of a sentence.
    private static func credentials(_ bytes: [UInt8], at index: Int) -> Mark? {
        if index > 0, isWord(bytes[index - 1]) { return nil }
        let isBearer = has("Bearer ", bytes, at: index) || has("bearer ", bytes, at: index)
        guard isBearer || has("Basic ", bytes, at: index) || has("basic ", bytes, at: index) else { return nil }
        let begin = index + (isBearer ? 7 : 6)
        if has("eyJ", bytes, at: begin) || has(mark, bytes, at: begin) { return nil }
        var stop = begin
        while stop < bytes.count, isWord(bytes[stop]) || [0x2B, 0x2E, 0x2F, 0x7E].contains(bytes[stop]) { stop += 1 }
        let value = bytes[begin..<stop]
        while stop < bytes.count, bytes[stop] == UInt8(ascii: "=") { stop += 1 }
        let hasDigit = value.contains { (0x30...0x39).contains($0) }
        let hasUpper = value.dropFirst().contains { (0x41...0x5A).contains($0) }
        let hasLower = value.contains { (0x61...0x7A).contains($0) }
        let isCode = isBearer ? value.count >= 16 && hasDigit : value.count >= 8 && hasUpper && hasLower
        return isCode ? Mark(range: begin..<stop, kind: .password) : nil
    }

    /// What issuers begin their tokens with, so that everybody knows one who sees it.
    private static let issuers = [
        "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "sk_live_",
        "rk_live_", "hvs.", "AIza", "npm_", "dckr_pat_", "AKIA", "ASIA", "hooks.slack.com/services/",
        "/api/webhooks/",
    ].map { Array($0.utf8) }

    private static func issued(_ bytes: [UInt8], at index: Int) -> Mark? {
        guard index + 1 < bytes.count else { return nil }
        // Two letters rule nearly everything out.
        switch UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]) {
        case 0x6768, 0x6769, 0x676C, 0x786F, 0x736B, 0x726B, 0x6876, 0x686F, 0x4149, 0x414B, 0x4153, 0x6E70, 0x6463,
            0x2F61:
            break
        default: return nil
        }
        guard index == 0 || !isWord(bytes[index - 1]) || bytes[index] == UInt8(ascii: "/"),
            let prefix = issuers.first(where: { bytes[index...].starts(with: $0) })
        else { return nil }
        let begin = index + prefix.count
        let isAddress = prefix.last == UInt8(ascii: "/")
        var stop = begin
        while stop < bytes.count, isWord(bytes[stop]) || (isAddress && bytes[stop] == UInt8(ascii: "/")) { stop += 1 }
        return stop - begin >= 16 ? Mark(range: begin..<stop, kind: .token) : nil
    }

    /// `curl -u user:password`, `curl --user ...`, `mysql -ppassword`.
    private static func option(_ bytes: [UInt8], at index: Int) -> Mark? {
        guard index > 0, bytes[index - 1] == 0x20 else { return nil }
        func follows(_ programs: String...) -> Bool {
            var line = index
            while line > 0, index - line < 400, bytes[line - 1] != 0x0A, bytes[line - 1] != UInt8(ascii: ";") {
                line -= 1
            }
            return programs.contains { find($0, bytes, from: line, within: index - line) != nil }
        }
        var begin = index
        if has("-u ", bytes, at: index) || has("--user ", bytes, at: index) {
            guard follows("curl", "wget", "http") else { return nil }
            begin += has("-u ", bytes, at: index) ? 3 : 7
            while begin < bytes.count, isValue(bytes[begin]), bytes[begin] != UInt8(ascii: ":") { begin += 1 }
            guard begin < bytes.count, bytes[begin] == UInt8(ascii: ":") else { return nil }
            begin += 1
        } else if has("-p", bytes, at: index), follows("mysql", "mariadb") {
            begin += 2
        } else {
            return nil
        }
        var stop = begin
        while stop < bytes.count, isValue(bytes[stop]) { stop += 1 }
        guard stop > begin, bytes[begin] != UInt8(ascii: "$"), !has(mark, bytes, at: begin) else { return nil }
        return Mark(range: begin..<stop, kind: .password)
    }

    /// The key behind an algorithm: `3 rfc4106(gcm(aes)) 4443...` of Cilium, `enc cbc(aes) 0x...` of `ip xfrm state`.
    private static func transform(_ bytes: [UInt8], at index: Int) -> Mark? {
        var begin = index + 1
        while begin < bytes.count, bytes[begin] == UInt8(ascii: ")") { begin += 1 }
        guard begin < bytes.count, bytes[begin] == 0x20 else { return nil }
        begin += 1
        if has("0x", bytes, at: begin) { begin += 2 }
        var stop = begin
        while stop < bytes.count, isHexadecimal(bytes[stop]) { stop += 1 }
        return stop - begin >= 32 ? Mark(range: begin..<stop, kind: .privateKey) : nil
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// `password "x";` of BIRD, `neighbor 10.0.0.1 password x` of FRR: the key of a BGP session (RFC 2385). `: PSK "x"` of
    /// strongSwan.
    private static func routerPassword(_ bytes: [UInt8], at index: Int) -> Mark? {
        let isShared = has("psk ", bytes, at: index) || has("PSK ", bytes, at: index)
        guard isShared || has("password ", bytes, at: index), index == 0 || !isWord(bytes[index - 1]) else {
            return nil
        }
        var begin = index + (isShared ? 4 : 9)
        while begin < bytes.count, bytes[begin] == 0x20 { begin += 1 }
        if begin < bytes.count, bytes[begin] == UInt8(ascii: "\\") { begin += 1 }
        let isQuoted = begin < bytes.count && isQuote(bytes[begin])
        if isQuoted { begin += 1 }
        var stop = begin
        while stop < bytes.count, isValue(bytes[stop]), bytes[stop] != UInt8(ascii: ":"),
            bytes[stop] != UInt8(ascii: "=")
        {
            stop += 1
        }
        guard stop > begin, !has(mark, bytes, at: begin) else { return nil }
        if isQuoted {
            var end = stop
            if end < bytes.count, bytes[end] == UInt8(ascii: "\\") { end += 1 }
            return end < bytes.count && isQuote(bytes[end]) ? Mark(range: begin..<stop, kind: .password) : nil
        }
        var line = index
        while line > 0, bytes[line - 1] != 0x0A, bytes[line - 1] != UInt8(ascii: "\""), index - line < 120 { line -= 1 }
        while line < index, bytes[line] == 0x20 { line += 1 }
        return has("neighbor ", bytes, at: line) || find("neighbor ", bytes, from: line, within: index - line) != nil
            ? Mark(range: begin..<stop, kind: .password) : nil
    }

    // MARK: Bytes

    private static func has(_ word: String, _ bytes: [UInt8], at index: Int) -> Bool {
        let word = word.utf8
        return index + word.count <= bytes.count && bytes[index..<index + word.count].elementsEqual(word)
    }

    private static func find(_ word: String, _ bytes: [UInt8], from start: Int, within limit: Int) -> Int? {
        var index = start
        while index < min(bytes.count, start + limit) {
            if has(word, bytes, at: index) { return index }
            index += 1
        }
        return nil
    }

    private static func end(ofWord bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count, isWord(bytes[index]) { index += 1 }
        return index
    }

    /// Letters of names, and of base64url.
    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    private static func isValue(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "\\")
            && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "}") && byte != UInt8(ascii: ";")
    }
}
