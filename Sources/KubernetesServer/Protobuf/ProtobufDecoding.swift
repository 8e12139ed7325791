import Foundation
import JSONTree
import KubernetesSchema

/// Messages to JSON: the wire says numbers, ``ProtobufNumbers`` their names, the schema what they hold.
struct ProtobufDecoding {
    /// Paths with the numbers that have no name, each once.
    private(set) var unknown: [String] = []

    /// Deeper than any object; a schema of a custom resource is the deepest.
    private static let depthLimit = 64

    /// What a field's occurrences add up to.
    private enum Part {
        case single(JSONValue)
        case list([JSONValue])
        case map([JSONMember])

        var value: JSONValue {
            switch self {
            case .single(let value): value
            case .list(let elements): .array(elements)
            case .map(let members): .object(members)
            }
        }
    }

    /// - Parameters:
    ///   - message: the numbers' name, which for an embedded struct is not the definition's.
    ///   - path: for what is told about unknown fields.
    mutating func members(
        _ bytes: ArraySlice<UInt8>, _ message: String, _ schema: Schema, _ path: FieldPath, depth: Int = 0
    ) throws(ProtobufFailure) -> [JSONMember] {
        guard depth < Self.depthLimit else { throw ProtobufFailure(reason: "\(path) is nested too deeply") }
        let numbers = ProtobufNumbers.message(message)
        var reader = ProtobufReader(bytes)
        var order: [String] = []
        var parts: [String: Part] = [:]
        func put(_ part: Part, _ name: String) {
            if parts.updateValue(part, forKey: name) == nil { order.append(name) }
        }
        while let field = try reader.next() {
            guard let known = numbers?.fields[field.number] else {
                note(path.field("\(field.number)"))
                continue
            }
            if known.isInline {
                guard case .bytes(let inner) = field.value else { throw Self.mistyped(path.field(known.name)) }
                for member in try members(inner, known.name, schema, path, depth: depth + 1) {
                    put(.single(member.value), member.key)
                }
                continue
            }
            let place = path.field(known.name)
            guard let child = schema.property(known.name)?.schema else {
                note(place)
                continue
            }
            if child.kind == .array, let items = child.items {
                var elements: [JSONValue] = []
                if case .list(let before) = parts[known.name] {
                    elements = before
                    // Not to be copied for every element.
                    parts[known.name] = .list([])
                }
                if let value = try value(field.value, items, place, isKept: true, depth) { elements.append(value) }
                put(.list(elements), known.name)
            } else if child.definitionName == nil, let values = child.additionalProperties {
                var entries: [JSONMember] = []
                if case .map(let before) = parts[known.name] {
                    entries = before
                    parts[known.name] = .map([])
                }
                entries.append(try entry(field.value, values, known.alternatives, place, depth))
                put(.map(entries), known.name)
            } else if let kind = known.alternatives {
                put(.single(try alternatives(field.value, kind, place, depth)), known.name)
            } else if let value = try value(field.value, child, place, isKept: known.isOptional, depth) {
                put(.single(value), known.name)
            }
        }
        return order.compactMap { name in parts[name].map { JSONMember(name, $0.value) } }
    }

    private mutating func note(_ path: FieldPath) {
        if !unknown.contains(path.text), unknown.count < 16 { unknown.append(path.text) }
    }

    private static func mistyped(_ path: FieldPath) -> ProtobufFailure {
        ProtobufFailure(reason: "\(path) has the wrong wire type")
    }

    // MARK: Values

    /// Nil for what means absent.
    private mutating func value(
        _ wire: ProtobufField.Value, _ schema: Schema, _ path: FieldPath, isKept: Bool, _ depth: Int
    ) throws(ProtobufFailure) -> JSONValue? {
        switch (schema.kind, wire) {
        case (.integer, .varint(let number)):
            return number == 0 && !isKept ? nil : .int(Int64(bitPattern: number))
        case (.boolean, .varint(let number)): return number == 0 && !isKept ? nil : .bool(number != 0)
        case (.number, .double(let number)):
            guard number.isFinite else { throw ProtobufFailure(reason: "\(path) is no number") }
            return Int64(exactly: number).map { .int($0) } ?? .number("\(number)")
        case (.string, .bytes(let bytes)): return try string(bytes, schema.format, isKept: isKept)
        case (.intOrString, .bytes(let bytes)): return try Self.intOrString(bytes)
        case (.any, .bytes(let bytes)): return try Self.raw(bytes, path)
        case (.object, .bytes(let bytes)):
            if let definition = schema.definitionName {
                let members = try members(bytes, definition, schema, path, depth: depth + 1)
                return members.isEmpty && !isKept ? nil : .object(members)
            }
            let value = try Self.raw(bytes, path)
            return value ?? (isKept ? .object([]) : nil)
        case (.array, .bytes(let bytes)):
            // A list inside of a list or a map is a message around it: ExtraValue of authentication.k8s.io.
            guard let items = schema.items else { throw Self.mistyped(path) }
            var reader = ProtobufReader(bytes)
            var elements: [JSONValue] = []
            while let part = try reader.next() {
                if let element = try value(part.value, items, path, isKept: true, depth + 1) {
                    elements.append(element)
                }
            }
            return .array(elements)
        default: throw Self.mistyped(path)
        }
    }

    private func string(
        _ bytes: ArraySlice<UInt8>, _ format: String?, isKept: Bool
    ) throws(ProtobufFailure) -> JSONValue? {
        switch format {
        case "byte": return bytes.isEmpty && !isKept ? nil : .string(Data(bytes).base64EncodedString())
        case "date-time": return try Self.time(bytes, hasMicroseconds: false)
        case "date-time-micro": return try Self.time(bytes, hasMicroseconds: true)
        case "quantity":
            var reader = ProtobufReader(bytes)
            while let part = try reader.next() {
                if part.number == 1, case .bytes(let text) = part.value { return .string(try Self.text(text)) }
            }
            return isKept ? "0" : nil
        default: return bytes.isEmpty && !isKept ? nil : .string(try Self.text(bytes))
        }
    }

    private mutating func entry(
        _ wire: ProtobufField.Value, _ values: Schema, _ kind: ProtobufMessage.Alternatives?, _ path: FieldPath,
        _ depth: Int
    ) throws(ProtobufFailure) -> JSONMember {
        guard case .bytes(let bytes) = wire else { throw Self.mistyped(path) }
        var reader = ProtobufReader(bytes)
        var key = ""
        var content: ProtobufField.Value?
        while let part = try reader.next() {
            if part.number == 1, case .bytes(let bytes) = part.value { key = try Self.text(bytes) }
            if part.number == 2 { content = part.value }
        }
        let place = path.key(key)
        guard let content else { return JSONMember(key, values.kind == .object ? .object([]) : .string("")) }
        if let kind { return JSONMember(key, try alternatives(content, kind, place, depth)) }
        return JSONMember(key, try value(content, values, place, isKept: true, depth) ?? .null)
    }

    /// A schema, or what may stand in its place.
    private mutating func alternatives(
        _ wire: ProtobufField.Value, _ kind: ProtobufMessage.Alternatives, _ path: FieldPath, _ depth: Int
    ) throws(ProtobufFailure) -> JSONValue {
        guard case .bytes(let bytes) = wire else { throw Self.mistyped(path) }
        let definition = "JSONSchemaProps"
        let schema = BuiltinSchemas.library.definition(named: definition)
        var reader = ProtobufReader(bytes)
        var single: JSONValue?
        var list: [JSONValue] = []
        var allows = false
        while let part = try reader.next() {
            let isSchema = part.number == (kind == .bool ? 2 : 1)
            switch part.value {
            case .varint(let number): allows = number != 0
            case .bytes(let bytes) where isSchema:
                single = .object(try members(bytes, definition, schema, path, depth: depth + 1))
            case .bytes(let bytes) where kind == .strings: list.append(.string(try Self.text(bytes)))
            case .bytes(let bytes):
                list.append(.object(try members(bytes, definition, schema, path, depth: depth + 1)))
            case .double: throw Self.mistyped(path)
            }
        }
        return single ?? (kind == .bool ? .bool(allows) : .array(list))
    }
}

// MARK: - Types with a form of their own

extension ProtobufDecoding {
    static func text(_ bytes: ArraySlice<UInt8>) throws(ProtobufFailure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ProtobufFailure(reason: "a text that is not UTF-8")
        }
        return text
    }

    /// Seconds and nanoseconds; an empty message is the zero time.
    private static func time(_ bytes: ArraySlice<UInt8>, hasMicroseconds: Bool) throws(ProtobufFailure) -> JSONValue? {
        var reader = ProtobufReader(bytes)
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        while let part = try reader.next() {
            guard case .varint(let number) = part.value else { throw ProtobufFailure(reason: "a time that is none") }
            if part.number == 1 { seconds = Int64(bitPattern: number) }
            if part.number == 2 { nanoseconds = Int64(bitPattern: number) }
        }
        // Year 1 to 9999, as RFC 3339 can write them; Go's zero time is the first second of year 1.
        guard (-62_135_596_800...253_402_300_799).contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else {
            throw ProtobufFailure(reason: "a time out of range")
        }
        if bytes.isEmpty || seconds == -62_135_596_800 { return nil }
        let whole = Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
        if !hasMicroseconds { return .string(whole) }
        let fraction = String(nanoseconds / 1000 + 1_000_000).dropFirst()
        return .string("\(whole.dropLast()).\(fraction)Z")
    }

    private static func intOrString(_ bytes: ArraySlice<UInt8>) throws(ProtobufFailure) -> JSONValue? {
        var reader = ProtobufReader(bytes)
        var isText = false
        var number: Int64 = 0
        var word = ""
        while let part = try reader.next() {
            switch (part.number, part.value) {
            case (1, .varint(let type)): isText = type == 1
            case (2, .varint(let value)): number = Int64(Int32(truncatingIfNeeded: value))
            case (3, .bytes(let bytes)): word = try text(bytes)
            default: throw ProtobufFailure(reason: "an integer or string that is neither")
            }
        }
        return isText ? .string(word) : .int(number)
    }

    /// `runtime.RawExtension`, `FieldsV1`, `JSON`: bytes that are JSON.
    private static func raw(_ bytes: ArraySlice<UInt8>, _ path: FieldPath) throws(ProtobufFailure) -> JSONValue? {
        var reader = ProtobufReader(bytes)
        var content = ArraySlice<UInt8>()
        while let part = try reader.next() {
            if part.number == 1, case .bytes(let bytes) = part.value { content = bytes }
        }
        if content.isEmpty { return nil }
        do {
            return .node(try JSONTree(parsing: Array(content)).root)
        } catch {
            throw ProtobufFailure(reason: "\(path) is no JSON: \(error)")
        }
    }
}
