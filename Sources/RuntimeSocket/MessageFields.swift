/// A protobuf message as a tree without names (protobuf.dev, "Encoding"): what each field number held, in order. Numbers
/// are those of the CRI's api.proto, and whoever asks knows them.
struct MessageFields {
    enum Value: Equatable {
        case number(UInt64)
        /// Strings, bytes, messages.
        case bytes(ArraySlice<UInt8>)
    }

    private(set) var fields: [Int: [Value]] = [:]

    /// Nil when the bytes are no message.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            guard let key = Self.varint(&rest), key >> 3 > 0, key >> 3 < 1 << 29 else { return nil }
            let number = Int(key >> 3)
            switch key & 7 {
            case 0:
                guard let value = Self.varint(&rest) else { return nil }
                fields[number, default: []].append(.number(value))
            case 1, 5:
                let length = key & 7 == 1 ? 8 : 4
                guard rest.count >= length else { return nil }
                rest = rest.dropFirst(length)
            case 2:
                guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return nil }
                fields[number, default: []].append(.bytes(rest.prefix(Int(length))))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
        }
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64, let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    /// proto3 leaves out what is zero, false or empty.
    func number(_ field: Int) -> UInt64 {
        if case .number(let value)? = fields[field]?.last { return value }
        return 0
    }

    func flag(_ field: Int) -> Bool { number(field) != 0 }

    func text(_ field: Int) -> String {
        if case .bytes(let bytes)? = fields[field]?.last { return String(decoding: bytes, as: UTF8.self) }
        return ""
    }

    func message(_ field: Int) -> MessageFields? { messages(field).last }

    func messages(_ field: Int) -> [MessageFields] {
        (fields[field] ?? []).compactMap { value in
            if case .bytes(let bytes) = value { return MessageFields(bytes) }
            return nil
        }
    }

    /// `map<string, string>`: a message of key 1 and value 2 for each.
    func map(_ field: Int) -> [(key: String, value: String)] {
        messages(field).map { ($0.text(1), $0.text(2)) }.sorted { $0.0 < $1.0 }
    }
}

/// Writes the few messages that are sent.
struct MessageWriter {
    private(set) var bytes: [UInt8] = []

    mutating func flag(_ field: Int, _ value: Bool) {
        guard value else { return }
        varint(UInt64(field << 3))
        varint(1)
    }

    mutating func text(_ field: Int, _ value: String) {
        guard !value.isEmpty else { return }
        varint(UInt64(field << 3 | 2))
        varint(UInt64(value.utf8.count))
        bytes += value.utf8
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
