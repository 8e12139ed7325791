// Strings between their quotes: decoding, and comparing without decoding.

extension JSONNode {
    /// The bytes between the quotes of the string at `index`.
    private func content(of index: Int) -> Range<Int> {
        let entry = document.tape[index]
        return Int(entry.start) + 1..<Int(entry.end) - 1
    }

    func text(of index: Int) -> String {
        let range = content(of: index)
        if document.tape[index].traits.contains(.encoded) {
            return String(decoding: decoded(range), as: UTF8.self)
        }
        return document.source.withUnsafeBufferPointer {
            String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
        }
    }

    /// The UTF-8 of the string at `index`, well formed.
    func bytes(of index: Int) -> ArraySlice<UInt8> {
        let range = content(of: index)
        return document.tape[index].traits.contains(.encoded) ? decoded(range)[...] : document.source[range]
    }

    /// Decodes escapes; each byte that is no UTF-8 and each lone surrogate becomes U+FFFD, as in Go.
    private func decoded(_ range: Range<Int>) -> [UInt8] {
        let source = document.source
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = source[index]
            if byte == ASCII.backslash {
                index += appendEscape(at: index, limit: range.upperBound, to: &result)
            } else if byte < 0x80 {
                result.append(byte)
                index += 1
            } else {
                let length = UTF8Sequence.length(in: source, at: index)
                if length == 0 {
                    Self.replacement.utf8.forEach { result.append($0) }
                } else {
                    result += source[index..<index + length]
                }
                index += Swift.max(1, length)
            }
        }
        return result
    }

    private static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// Answers how many bytes of the source the escape took.
    private func appendEscape(at index: Int, limit: Int, to result: inout [UInt8]) -> Int {
        let source = document.source
        let simple: UInt8? =
            switch source[index + 1] {
            case UInt8(ascii: "b"): 0x08
            case UInt8(ascii: "f"): 0x0C
            case UInt8(ascii: "n"): ASCII.newline
            case UInt8(ascii: "r"): ASCII.carriageReturn
            case UInt8(ascii: "t"): ASCII.tab
            case UInt8(ascii: "u"): nil
            case let other: other
            }
        if let simple {
            result.append(simple)
            return 2
        }
        let unit = codeUnit(at: index)
        var scalar = Unicode.Scalar(unit) ?? Self.replacement
        var length = 6
        if unit >> 10 == 0xD800 >> 10, index + 12 <= limit, source[index + 6] == ASCII.backslash,
            source[index + 7] == UInt8(ascii: "u")
        {
            let second = codeUnit(at: index + 6)
            if second >> 10 == 0xDC00 >> 10 {
                scalar = Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + (second & 0x3FF)) ?? Self.replacement
                length = 12
            }
        }
        result += Array(scalar.utf8)
        return length
    }

    /// The value of the `\uXXXX` at `index`.
    private func codeUnit(at index: Int) -> UInt32 {
        document.source[index + 2..<index + 6].reduce(0) { $0 << 4 | (ASCII.hexValue($1) ?? 0) }
    }

    /// Whether the key at `index` names the field `wanted`, by the rule of ``JSONKey``.
    func matches(key index: Int, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        if document.tape[index].traits.contains(.encoded) {
            return JSONKey.folds(bytes(of: index), wanted)
        }
        let range = content(of: index)
        return document.source.withUnsafeBufferPointer { source in
            JSONKey.folds(UnsafeBufferPointer(rebasing: source[range]), wanted)
        }
    }
}
