import Foundation
import JSONTree
import NIOHTTP1

/// A request body in `application/vnd.kubernetes.protobuf` as the JSON that says the same.
///
/// The body is an envelope (`k8s\0`, then `runtime.Unknown`: type and raw bytes) around the object's message. Answers
/// stay JSON: clients that send protobuf accept both.
enum ProtobufBody {
    static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]
    /// Deeper nesting than any known message has.
    private static let depthLimit = 16

    static func json(_ body: [UInt8]) throws(ProtobufFailure) -> JSONValue {
        guard body.starts(with: magic) else { throw ProtobufFailure(reason: "the body does not begin with k8s\\0") }
        var envelope = ProtobufReader(body[magic.count...])
        var apiVersion = ""
        var kind = ""
        var raw = ArraySlice<UInt8>()
        while let field = try envelope.next() {
            guard case .bytes(let bytes) = field.value else {
                throw ProtobufFailure(reason: "the envelope has a number in it")
            }
            switch field.number {
            case 1:
                var type = ProtobufReader(bytes)
                while let part = try type.next() {
                    guard case .bytes(let bytes) = part.value else { continue }
                    if part.number == 1 { apiVersion = try text(bytes) }
                    if part.number == 2 { kind = try text(bytes) }
                }
            case 2: raw = bytes
            case 3, 4:
                if !bytes.isEmpty { throw ProtobufFailure(reason: "an encoded body") }
            default: throw ProtobufFailure(reason: "an envelope with the unknown field \(field.number)")
            }
        }
        guard ProtobufMessages.isKnown(apiVersion: apiVersion, kind: kind) else {
            throw ProtobufFailure(reason: "\(apiVersion) \(kind) is not read from protobuf: send JSON")
        }
        let object = try message(raw, kind, depth: 0)
        return .object([JSONMember("apiVersion", .string(apiVersion)), JSONMember("kind", .string(kind))] + object)
    }

    private static func message(
        _ bytes: ArraySlice<UInt8>, _ name: String, depth: Int
    ) throws(ProtobufFailure) -> [JSONMember] {
        guard depth < depthLimit, let shape = ProtobufMessages.message(name) else {
            throw ProtobufFailure(reason: "no message \(name)")
        }
        var reader = ProtobufReader(bytes)
        var members: [JSONMember] = []
        while let field = try reader.next() {
            guard let known = shape.fields[field.number] else {
                throw ProtobufFailure(reason: "\(name) has a field \(field.number) that is not read from protobuf")
            }
            if case .map(let kind) = known.kind {
                let entry = try mapEntry(field, kind, depth: depth)
                append(entry, to: known.name, in: &members) {
                    .object([$0])
                } joining: {
                    .object($0.members + [$1])
                }
                continue
            }
            guard let value = try value(field.value, known, depth: depth) else { continue }
            if known.isRepeated {
                append(value, to: known.name, in: &members) {
                    .array([$0])
                } joining: { list, element in
                    if case .array(let elements) = list { .array(elements + [element]) } else { .array([element]) }
                }
            } else {
                // The last of several wins, as protobuf has it.
                members.removeAll { $0.key == known.name }
                members.append(JSONMember(known.name, value))
            }
        }
        return members
    }

    private static func append<Part>(
        _ part: Part, to name: String, in members: inout [JSONMember], first: (Part) -> JSONValue,
        joining: (JSONValue, Part) -> JSONValue
    ) {
        if let index = members.firstIndex(where: { $0.key == name }) {
            members[index].value = joining(members[index].value, part)
        } else {
            members.append(JSONMember(name, first(part)))
        }
    }

    private static func mapEntry(
        _ field: ProtobufField, _ kind: ProtobufMessage.Kind, depth: Int
    ) throws(ProtobufFailure) -> JSONMember {
        guard case .bytes(let bytes) = field.value else { throw ProtobufFailure(reason: "a map that is none") }
        var reader = ProtobufReader(bytes)
        var entry = JSONMember("", .string(""))
        let shape = ProtobufMessage.Field(name: "", kind: kind, isRepeated: false, isOptional: true)
        while let part = try reader.next() {
            if part.number == 1, case .bytes(let bytes) = part.value { entry.key = try text(bytes) }
            if part.number == 2, let value = try value(part.value, shape, depth: depth) { entry.value = value }
        }
        return entry
    }

    /// Nil for what means absent.
    private static func value(
        _ wire: ProtobufField.Value, _ field: ProtobufMessage.Field, depth: Int
    ) throws(ProtobufFailure) -> JSONValue? {
        let isKept = field.isOptional || field.isRepeated
        switch (field.kind, wire) {
        case (.integer, .varint(let number)):
            return number == 0 && !isKept ? nil : .int(Int64(bitPattern: number))
        case (.boolean, .varint(let number)): return number == 0 && !isKept ? nil : .bool(number != 0)
        case (.string, .bytes(let bytes)): return bytes.isEmpty && !isKept ? nil : .string(try text(bytes))
        case (.bytes, .bytes(let bytes)): return .string(Data(bytes).base64EncodedString())
        case (.time, .bytes(let bytes)): return try time(bytes, hasMicroseconds: false)
        case (.microTime, .bytes(let bytes)): return try time(bytes, hasMicroseconds: true)
        case (.intOrString, .bytes(let bytes)): return try intOrString(bytes)
        case (.message(let name), .bytes(let bytes)):
            let members = try message(bytes, name, depth: depth + 1)
            return members.isEmpty && !isKept ? nil : .object(members)
        default: throw ProtobufFailure(reason: "\(field.name) has the wrong wire type")
        }
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

    private static func text(_ bytes: ArraySlice<UInt8>) throws(ProtobufFailure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ProtobufFailure(reason: "a text that is not UTF-8")
        }
        return text
    }
}

/// Lets the layers behind it see only JSON, where a body in protobuf is one of the known kinds. Others go on as they
/// are, to be refused with 415.
struct ProtobufBodies: RequestHandler {
    var next: any RequestHandler

    func handle(_ request: ServerRequest) async -> ServerResponse {
        guard request.contentType == "application/vnd.kubernetes.protobuf",
            request.body.starts(with: ProtobufBody.magic)
        else { return await next.handle(request) }
        var request = request
        do throws(ProtobufFailure) {
            request.body = try ProtobufBody.json(request.body).serialized()
            request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        } catch {
            return ErrorBody.response(
                415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json, "
                    + "application/yaml (\(error.reason))")
        }
        return await next.handle(request)
    }
}
