/// Writes a tar archive (POSIX ustar; pax records for names longer than its fields).
struct TarWriter {
    private(set) var bytes: [UInt8] = []
    private let modified: Int64

    /// - Parameter modified: seconds since 1970, of every entry: the same evidence is the same archive.
    init(modified: Int64) { self.modified = max(0, modified) }

    mutating func add(_ path: String, _ content: [UInt8]) {
        if path.utf8.count > 100 {
            let record = Self.paxRecord("path", path)
            add(header: "PaxHeaders/entry", size: record.count, type: UInt8(ascii: "x"))
            add(record)
        }
        add(header: path, size: content.count, type: UInt8(ascii: "0"))
        add(content)
    }

    /// With the two empty blocks at the end.
    consuming func finished() -> [UInt8] {
        bytes += [UInt8](repeating: 0, count: 2 * TarReader.block)
        return bytes
    }

    private mutating func add(_ content: [UInt8]) {
        bytes += content
        let over = content.count % TarReader.block
        if over > 0 { bytes += [UInt8](repeating: 0, count: TarReader.block - over) }
    }

    private mutating func add(header name: String, size: Int, type: UInt8) {
        var header = [UInt8](repeating: 0, count: TarReader.block)
        func put(_ text: [UInt8], _ range: Range<Int>) {
            for (offset, byte) in text.prefix(range.count).enumerated() { header[range.lowerBound + offset] = byte }
        }
        func octal(_ value: Int64, _ digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
        }
        put(Array(name.utf8), 0..<100)
        put(octal(0o644, 7), 100..<107)
        put(octal(0, 7), 108..<115)
        put(octal(0, 7), 116..<123)
        put(octal(Int64(size), 11), 124..<135)
        put(octal(modified, 11), 136..<147)
        put(Array("        ".utf8), 148..<156)
        header[156] = type
        put(Array("ustar\0".utf8) + Array("00".utf8), 257..<265)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(Int64(sum), 6) + [0, 0x20], 148..<156)
        bytes += header
    }

    private static func paxRecord(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n".utf8.count
        // The length counts its own digits.
        var length = rest + 1
        while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
        return Array("\(length) \(key)=\(value)\n".utf8)
    }
}
