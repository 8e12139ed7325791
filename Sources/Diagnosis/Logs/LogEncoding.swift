/// Text of a log as UTF-8 with plain line ends, whatever wrote it: UTF-16 of a Windows tool, Latin-1 of an old daemon,
/// a terminal's colours, carriage returns.
public enum LogEncoding {
    public static func text(_ bytes: [UInt8]) -> String { plain(decoded(bytes)) }

    private static func decoded(_ bytes: [UInt8]) -> String {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return String(decoding: bytes.dropFirst(3), as: UTF8.self) }
        if bytes.starts(with: [0xFF, 0xFE]) { return utf16(bytes.dropFirst(2), isLittle: true) }
        if bytes.starts(with: [0xFE, 0xFF]) { return utf16(bytes.dropFirst(2), isLittle: false) }
        // Without a mark: ASCII as UTF-16 has a zero in every other byte.
        let head = bytes.prefix(4096)
        let zeros = (
            even: stride(from: 0, to: head.count, by: 2).count { head[$0] == 0 },
            odd: stride(from: 1, to: head.count, by: 2).count { head[$0] == 0 }
        )
        if head.count >= 4, zeros.odd * 10 > head.count * 3, zeros.even * 10 < head.count {
            return utf16(bytes[...], isLittle: true)
        }
        if head.count >= 4, zeros.even * 10 > head.count * 3, zeros.odd * 10 < head.count {
            return utf16(bytes[...], isLittle: false)
        }
        // Each byte of Latin-1 is the character of its number.
        return String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private static func utf16(_ bytes: ArraySlice<UInt8>, isLittle: Bool) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(isLittle ? second << 8 | first : first << 8 | second)
            index += 2
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// Without escape sequences (ECMA-48: CSI up to its final byte, OSC up to BEL or ST), carriage returns and NULs.
    private static func plain(_ text: String) -> String {
        if !text.utf8.contains(where: { $0 == 0x1B || $0 == 0x0D || $0 == 0 }) { return text }
        var plain = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar.value {
            case 0x1B:
                guard let kind = scalars.next() else { break }
                if kind == "[" {
                    while let next = scalars.next(), !(0x40...0x7E).contains(next.value), next != "\n" {}
                } else if kind == "]" {
                    while let next = scalars.next(), next.value != 0x07, next != "\n" {
                        if next.value == 0x1B {
                            _ = scalars.next()
                            break
                        }
                    }
                }
            case 0x0D, 0: continue
            default: plain.append(scalar)
            }
        }
        return String(plain)
    }
}
