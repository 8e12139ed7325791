/// Reads a tar archive (POSIX ustar and pax, GNU long names) entry by entry. It unpacks nothing to a disk: names are
/// only names.
struct TarReader {
    struct Entry {
        enum Kind { case file, directory, link, other }

        var name: String
        var kind: Kind
        var size: Int
        /// Permission bits, and the time of the last change in seconds since 1970.
        var mode: UInt32
        var modified: Int64
    }

    static let block = 512
    /// Bytes of one extended header: a name, not a novel.
    private static let headerLimit = 64 << 10
    /// Bytes of room made for an entry before its bytes are there.
    private static let reserve = 64 << 20

    private let source: any ByteSource
    private var buffer: [UInt8] = []
    private var position = 0
    /// Bytes of the current entry that were not read yet, its padding included.
    private var left = 0
    private var isAtEnd = false
    /// Met inside an entry; thrown after what could be read of it was handed out.
    private var damage: ArchiveDamage?

    init(_ source: any ByteSource) { self.source = source }

    /// The next entry; nil at the end of the archive. What was not read of the one before is passed over.
    mutating func next() throws(ArchiveDamage) -> Entry? {
        if let damage { throw damage }
        if isAtEnd { return nil }
        try skip(left)
        left = 0
        var longName: String?
        var longSize: Int?
        while true {
            guard let header = try header() else {
                isAtEnd = true
                return nil
            }
            var size = Self.number(header[124..<136]) ?? -1
            if let longSize { size = longSize }
            if size < 0 || size > Int.max - Self.block { throw ArchiveDamage(reason: "an entry has no valid size") }
            let padded = (size + Self.block - 1) / Self.block * Self.block
            switch header[156] {
            case UInt8(ascii: "L"), UInt8(ascii: "x"):
                if size > Self.headerLimit { throw ArchiveDamage(reason: "an extended header is too long") }
                let bytes = try take(size)
                if bytes.count < size { throw Self.cut }
                try skip(padded - size)
                if header[156] == UInt8(ascii: "L") {
                    longName = Self.text(bytes[...])
                } else {
                    let records = Self.paxRecords(bytes)
                    longName = records["path"] ?? longName
                    longSize = records["size"].flatMap { Int($0) }
                }
            case UInt8(ascii: "K"), UInt8(ascii: "g"):
                try skip(padded)
            case let type:
                left = padded
                return Entry(
                    name: longName ?? Self.name(header), kind: Self.kind(type), size: size,
                    mode: UInt32(truncatingIfNeeded: Self.number(header[100..<108]) ?? 0o644) & 0o7777,
                    modified: Int64(Self.number(header[136..<148]) ?? 0))
            }
        }
    }

    /// The content of the entry, no more than `limit` bytes of it. What was unpacked before a damage is kept.
    mutating func content(of entry: Entry, limit: Int) -> (bytes: [UInt8], isTruncated: Bool) {
        let wanted = min(entry.size, max(0, limit))
        var bytes: [UInt8] = []
        do {
            try take(wanted, into: &bytes)
        } catch {
            damage = error
        }
        left -= bytes.count
        if bytes.count < wanted { isAtEnd = true }
        return (bytes, bytes.count < entry.size)
    }

    /// Whether the archive ended inside an entry.
    var isCutOff: Bool { isAtEnd && left > 0 }

    /// Past the end, where the checksum of what was packed stands: a byte that was flipped on the way shows only there.
    mutating func readToEnd() throws(ArchiveDamage) {
        var passed = 0
        while passed < Self.trailer {
            let chunk = try source.chunk()
            if chunk.isEmpty { return }
            passed += chunk.count
        }
    }

    /// Bytes after the last entry that are gone through: writers fill up to a record of 10 KiB.
    private static let trailer = 1 << 20

    static let cut = ArchiveDamage(reason: "it is cut off in the middle of an entry")

    // MARK: Headers

    private mutating func header() throws(ArchiveDamage) -> [UInt8]? {
        let header = try take(Self.block)
        // Archives end with two empty blocks; some writers forget them.
        if header.isEmpty { return nil }
        if header.count < Self.block { throw Self.cut }
        if header.allSatisfy({ $0 == 0 }) { return nil }
        guard Self.isHeader(header) else { throw ArchiveDamage(reason: "a header's checksum is wrong") }
        return header
    }

    /// The sum of all bytes, those of the sum itself taken for blanks (POSIX ustar).
    static func isHeader(_ block: [UInt8]) -> Bool {
        guard block.count >= Self.block, let wanted = number(block[148..<156]) else { return false }
        var sum = 0
        for (index, byte) in block.prefix(Self.block).enumerated() {
            sum += (148..<156).contains(index) ? 0x20 : Int(byte)
        }
        return sum == wanted
    }

    private static func kind(_ type: UInt8) -> Entry.Kind {
        switch type {
        case UInt8(ascii: "0"), UInt8(ascii: "7"), 0: .file
        case UInt8(ascii: "5"): .directory
        case UInt8(ascii: "1"), UInt8(ascii: "2"): .link
        default: .other
        }
    }

    private static func name(_ header: [UInt8]) -> String {
        let name = text(header[0..<100])
        // GNU's old format has times where ustar has the prefix; only ustar's magic ends with a zero.
        guard header[257..<263].elementsEqual(Array("ustar\0".utf8)) else { return name }
        let prefix = text(header[345..<500])
        return prefix.isEmpty ? name : "\(prefix)/\(name)"
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Octal text, or with the first bit set a binary number (GNU).
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            var value = Int(first & 0x7F)
            for byte in field.dropFirst() {
                let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
                if overflow { return nil }
                value = shifted | Int(byte)
            }
            return value
        }
        let digits = field.filter { $0 != 0 && $0 != 0x20 }
        return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    /// `LENGTH KEY=VALUE\n`, the length counting all of it (POSIX pax).
    private static func paxRecords(_ bytes: [UInt8]) -> [String: String] {
        var records: [String: String] = [:]
        var start = 0
        while start < bytes.count, let blank = bytes[start...].firstIndex(of: 0x20) {
            guard let length = Int(String(decoding: bytes[start..<blank], as: UTF8.self)), length > blank - start + 1,
                length <= bytes.count - start
            else { break }
            let record = bytes[(blank + 1)..<(start + length - 1)]
            if let equals = record.firstIndex(of: UInt8(ascii: "=")) {
                records[String(decoding: record[..<equals], as: UTF8.self)] = String(
                    decoding: record[(equals + 1)...], as: UTF8.self)
            }
            start += length
        }
        return records
    }

    // MARK: Bytes

    /// The next `count` bytes, fewer at the end.
    private mutating func take(_ count: Int) throws(ArchiveDamage) -> [UInt8] {
        var bytes: [UInt8] = []
        try take(count, into: &bytes)
        return bytes
    }

    private mutating func take(_ count: Int, into bytes: inout [UInt8]) throws(ArchiveDamage) {
        // Untouched memory costs nothing, so that a size which is a lie does no harm.
        bytes.reserveCapacity(min(count, Self.reserve))
        while bytes.count < count {
            if position == buffer.count {
                buffer = try source.chunk()
                position = 0
                if buffer.isEmpty { return }
            }
            let step = min(count - bytes.count, buffer.count - position)
            bytes += buffer[position..<position + step]
            position += step
        }
    }

    private mutating func skip(_ count: Int) throws(ArchiveDamage) {
        var rest = count
        while rest > 0 {
            if position == buffer.count {
                buffer = try source.chunk()
                position = 0
                if buffer.isEmpty { return }
            }
            let step = min(rest, buffer.count - position)
            position += step
            rest -= step
        }
    }
}
