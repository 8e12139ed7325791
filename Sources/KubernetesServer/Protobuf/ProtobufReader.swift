/// One field of a protobuf message (protobuf.dev, "Encoding"): its number and its value by wire type.
struct ProtobufField: Equatable {
    enum Value: Equatable {
        case varint(UInt64)
        /// Strings, bytes, messages.
        case bytes(ArraySlice<UInt8>)
        /// Numbers of schemas of custom resources.
        case double(Double)
    }

    var number: Int
    var value: Value
}

/// Why bytes are no protobuf, or none that is known here.
struct ProtobufFailure: Error, Equatable {
    var reason: String
}

/// The fields of a message one after the other. Never leaves its bytes; what it cannot read it throws.
struct ProtobufReader {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    mutating func next() throws(ProtobufFailure) -> ProtobufField? {
        guard index < bytes.endIndex else { return nil }
        let key = try varint()
        guard key >> 3 > 0, key >> 3 < 1 << 29 else { throw ProtobufFailure(reason: "a field number out of range") }
        let number = Int(key >> 3)
        switch key & 7 {
        case 0: return ProtobufField(number: number, value: .varint(try varint()))
        case 1:
            guard bytes.endIndex - index >= 8 else {
                throw ProtobufFailure(reason: "field \(number) is longer than the message")
            }
            let bits = bytes[index..<index + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            index += 8
            return ProtobufField(number: number, value: .double(Double(bitPattern: bits)))
        case 2:
            let length = try varint()
            guard length <= UInt64(bytes.endIndex - index) else {
                throw ProtobufFailure(reason: "field \(number) is longer than the message")
            }
            let start = index
            index += Int(length)
            return ProtobufField(number: number, value: .bytes(bytes[start..<index]))
        default: throw ProtobufFailure(reason: "field \(number) has a wire type that no Kubernetes message uses")
        }
    }

    private mutating func varint() throws(ProtobufFailure) -> UInt64 {
        var value: UInt64 = 0
        var shift = 0
        while index < bytes.endIndex, shift < 64 {
            let byte = bytes[index]
            index += 1
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
            shift += 7
        }
        throw ProtobufFailure(reason: "a number that does not end")
    }
}
