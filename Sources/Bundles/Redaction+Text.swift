/// Secrets in text of any kind, found by their form. What is put in their place keeps JSON valid.
extension Redaction {
    mutating func text(_ bytes: [UInt8]) -> [UInt8] {
        let marks = Self.marks(in: bytes)
        if marks.isEmpty { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        for mark in marks where mark.range.lowerBound >= position {
            result += bytes[position..<mark.range.lowerBound]
            result += Array(Self.mark.utf8)
            position = mark.range.upperBound
            count(mark.kind)
        }
        result += bytes[position...]
        return result
    }

    private struct Mark {
        var range: Range<Int>
        var kind: Kind
    }

    private static func marks(in bytes: [UInt8]) -> [Mark] {
        var marks: [Mark] = []
        var index = 0
        while index < bytes.count {
            let found: Mark? =
                switch bytes[index] {
                case UInt8(ascii: "-"): privateKey(bytes, at: index)
                case UInt8(ascii: "e"): token(bytes, at: index)
                case UInt8(ascii: ":"), UInt8(ascii: "="): password(bytes, at: index)
                default: nil
                }
            if let found {
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
    /// message (`token: Unauthorized` is evidence). Values of kubeconfigs that are nothing but secret go in any case.
    private static func password(_ bytes: [UInt8], at index: Int) -> Mark? {
        var start = index
        while start > 0, isWord(bytes[start - 1]) || bytes[start - 1] == UInt8(ascii: "\"") { start -= 1 }
        let key = String(decoding: bytes[start..<index].filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        if key.isEmpty || key.utf8.count > 64 { return nil }
        let isCertain = ["client-key-data", "aws_secret_access_key"].contains(key.lowercased())
        guard isCertain || isSecretName(key) || ["pass", "auth"].contains(key.lowercased()) else { return nil }
        var begin = index + 1
        while begin < bytes.count,
            [0x20, 0x09, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\")].contains(bytes[begin])
        {
            begin += 1
        }
        // A JSON Web Token loses its signature alone.
        if has("eyJ", bytes, at: begin) || has(mark, bytes, at: begin) { return nil }
        var stop = begin
        while stop < bytes.count, isValue(bytes[stop]) { stop += 1 }
        let value = bytes[begin..<stop]
        let hasDigit = value.contains { (0x30...0x39).contains($0) }
        let hasLetter = value.contains { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
        guard !value.isEmpty, isCertain || (value.count >= 12 && hasDigit && hasLetter) else { return nil }
        return Mark(range: begin..<stop, kind: .password)
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

    private static func isValue(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "\\")
            && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "}") && byte != UInt8(ascii: ";")
    }
}
