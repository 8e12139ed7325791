/// Changes to an object's JSON that do not parse it into a tree: one pass along the bytes to the place, and a splice.
public enum ObjectBytes {
    /// `bytes` with `metadata.resourceVersion` set. The rest stays byte for byte. Bytes that are no JSON object come
    /// back as they are: whoever stores them has parsed them before.
    public static func settingResourceVersion(_ revision: Revision, in bytes: [UInt8]) -> [UInt8] {
        let scanner = ObjectScanner(bytes)
        guard let edit = scanner.resourceVersionEdit() else { return bytes }
        let value = "\"\(revision)\""
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 48)
        switch edit {
        case .replace(let range):
            result += bytes[..<range.lowerBound]
            result += value.utf8
            result += bytes[range.upperBound...]
        case .insertMember(let place, let comma):
            result += bytes[..<place]
            result += "\"resourceVersion\":\(value)\(comma ? "," : "")".utf8
            result += bytes[place...]
        case .insertMetadata(let place, let comma):
            result += bytes[..<place]
            result += "\"metadata\":{\"resourceVersion\":\(value)}\(comma ? "," : "")".utf8
            result += bytes[place...]
        }
        return result
    }
}

/// Walks along the members of JSON that has been parsed once: it looks for places, it does not check grammar. On
/// bytes that are not well formed it finds nothing, and never leaves the array.
struct ObjectScanner {
    enum Edit: Equatable {
        /// The value of the member, quotes included.
        case replace(Range<Int>)
        /// Right after the brace of `metadata`.
        case insertMember(at: Int, comma: Bool)
        /// Right after the brace of the object, which has no `metadata`.
        case insertMetadata(at: Int, comma: Bool)
    }

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func resourceVersionEdit() -> Edit? {
        bytes.withUnsafeBufferPointer { buffer in
            var walk = Walk(buffer)
            return walk.resourceVersionEdit()
        }
    }

    private struct Walk {
        let bytes: UnsafeBufferPointer<UInt8>
        var index = 0

        init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        mutating func resourceVersionEdit() -> Edit? {
            skipBlanks()
            guard take(UInt8(ascii: "{")) else { return nil }
            let top = index
            guard let metadata = member("metadata") else {
                return isBroken ? nil : .insertMetadata(at: top, comma: !isEmptyObject(at: top))
            }
            index = metadata
            guard take(UInt8(ascii: "{")) else { return nil }
            let inner = index
            guard let version = member("resourceVersion") else {
                return isBroken ? nil : .insertMember(at: inner, comma: !isEmptyObject(at: inner))
            }
            index = version
            guard skipValue() else { return nil }
            return .replace(version..<index)
        }

        private var isBroken = false

        /// Where the value of the member begins; the index stands after an opening brace.
        private mutating func member(_ name: StaticString) -> Int? {
            while true {
                skipBlanks()
                if take(UInt8(ascii: "}")) { return nil }
                if take(UInt8(ascii: ",")) { continue }
                let key = index
                guard index < bytes.count, bytes[index] == UInt8(ascii: "\""), skipString() else { return broken() }
                let keyEnd = index
                skipBlanks()
                guard take(UInt8(ascii: ":")) else { return broken() }
                skipBlanks()
                if keyEnd - key - 2 == name.utf8CodeUnitCount, matches(name, at: key + 1) { return index }
                guard skipValue() else { return broken() }
            }
        }

        private mutating func broken() -> Int? {
            isBroken = true
            return nil
        }

        private func matches(_ name: StaticString, at start: Int) -> Bool {
            for offset in 0..<name.utf8CodeUnitCount where bytes[start + offset] != name.utf8Start[offset] {
                return false
            }
            return true
        }

        private func isEmptyObject(at start: Int) -> Bool {
            var place = start
            while place < bytes.count, Self.isBlank(bytes[place]) { place += 1 }
            return place < bytes.count && bytes[place] == UInt8(ascii: "}")
        }

        private mutating func skipValue() -> Bool {
            guard index < bytes.count else { return false }
            switch bytes[index] {
            case UInt8(ascii: "\""): return skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["): return skipContainer()
            default:
                let start = index
                while index < bytes.count, !Self.endsScalar(bytes[index]) { index += 1 }
                return index > start
            }
        }

        private mutating func skipContainer() -> Bool {
            var depth = 0
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "\""):
                    guard skipString() else { return false }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                index += 1
                if depth == 0 { return true }
            }
            return false
        }

        /// The index stands on the opening quote, and afterwards behind the closing one.
        private mutating func skipString() -> Bool {
            index += 1
            while index < bytes.count {
                let byte = bytes[index]
                index += byte == UInt8(ascii: "\\") ? 2 : 1
                if byte == UInt8(ascii: "\"") { return true }
            }
            index = bytes.count
            return false
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard index < bytes.count, bytes[index] == byte else { return false }
            index += 1
            return true
        }

        private mutating func skipBlanks() {
            while index < bytes.count, Self.isBlank(bytes[index]) { index += 1 }
        }

        private static func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
                || byte == UInt8(ascii: "\t")
        }

        private static func endsScalar(_ byte: UInt8) -> Bool {
            isBlank(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
        }
    }
}
