import JSONTree
import KubernetesModel

/// Reviews and token requests as kubectl 1.32 sends them: in the protocol buffers of Kubernetes
/// (`application/vnd.kubernetes.protobuf`). Only the fields these kinds are asked by are read; the answer is JSON,
/// which every such client accepts.
enum ProtobufReview {
    static let contentType = "application/vnd.kubernetes.protobuf"

    /// What stands in front of every encoded object.
    private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    /// The object as JSON; nil for what is no such message. Field numbers are those of k8s.io/api's generated.proto.
    static func object(_ body: [UInt8]) -> JSONValue? {
        guard body.starts(with: magic), let unknown = fields(body.dropFirst(magic.count)) else { return nil }
        let type = message(unknown, 1)
        guard let raw = message(unknown, 2), let kind = type.flatMap({ text($0, 2) }) else { return nil }
        let spec = message(raw, 2) ?? []
        let read: [JSONMember]
        switch kind {
        case "SelfSubjectAccessReview": read = attributes(spec)
        case "SubjectAccessReview", "LocalSubjectAccessReview":
            read =
                attributes(spec) + member("user", text(spec, 3)) + list("groups", spec, 4)
                + member("uid", text(spec, 6))
        case "SelfSubjectRulesReview": read = member("namespace", text(spec, 1))
        case "TokenReview": read = member("token", text(spec, 1)) + list("audiences", spec, 2)
        case "TokenRequest":
            var members = list("audiences", spec, 1)
            if let bound = message(spec, 3) {
                let names = [("kind", 1), ("apiVersion", 2), ("name", 3), ("uid", 4)]
                members.append(JSONMember("boundObjectRef", .object(names.flatMap { member($0.0, text(bound, $0.1)) })))
            }
            if let seconds = spec.first(where: { $0.number == 4 })?.value {
                members.append(JSONMember("expirationSeconds", .int(Int64(bitPattern: seconds))))
            }
            read = members
        case "SelfSubjectReview": read = []
        default: return nil
        }
        return [
            "kind": .string(kind), "apiVersion": .string(type.flatMap { text($0, 1) } ?? ""), "metadata": [:],
            "spec": .object(read),
        ]
    }

    private static func attributes(_ spec: [Field]) -> [JSONMember] {
        var members: [JSONMember] = []
        if let resource = message(spec, 1) {
            let names = [
                ("namespace", 1), ("verb", 2), ("group", 3), ("version", 4), ("resource", 5), ("subresource", 6),
                ("name", 7),
            ]
            members.append(
                JSONMember("resourceAttributes", .object(names.flatMap { member($0.0, text(resource, $0.1)) })))
        }
        if let path = message(spec, 2) {
            let names = [("path", 1), ("verb", 2)]
            members.append(
                JSONMember("nonResourceAttributes", .object(names.flatMap { member($0.0, text(path, $0.1)) })))
        }
        return members
    }

    private static func member(_ name: String, _ text: String?) -> [JSONMember] {
        guard let text, !text.isEmpty else { return [] }
        return [JSONMember(name, .string(text))]
    }

    private static func list(_ name: String, _ fields: [Field], _ number: Int) -> [JSONMember] {
        let texts = fields.filter { $0.number == number }.map { String(decoding: $0.bytes, as: UTF8.self) }
        return texts.isEmpty ? [] : [JSONMember(name, .array(texts.map { .string($0) }))]
    }

    // MARK: - Wire format

    private struct Field {
        var number: Int
        /// Of a varint.
        var value: UInt64?
        /// Of what has a length.
        var bytes: ArraySlice<UInt8> = []
    }

    private static func text(_ fields: [Field], _ number: Int) -> String? {
        fields.last { $0.number == number }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private static func message(_ fields: [Field], _ number: Int) -> [Field]? {
        guard let field = fields.last(where: { $0.number == number && $0.value == nil }) else { return nil }
        return Self.fields(field.bytes)
    }

    /// The fields of a message; nil when the bytes are none.
    private static func fields(_ bytes: ArraySlice<UInt8>) -> [Field]? {
        var fields: [Field] = []
        var rest = bytes
        while !rest.isEmpty {
            guard let key = varint(&rest) else { return nil }
            switch key & 7 {
            case 0:
                guard let value = varint(&rest) else { return nil }
                fields.append(Field(number: Int(key >> 3), value: value))
            case 2:
                guard let length = varint(&rest), length <= UInt64(rest.count) else { return nil }
                fields.append(Field(number: Int(key >> 3), bytes: rest.prefix(Int(length))))
                rest = rest.dropFirst(Int(length))
            case 1, 5:
                let length = key & 7 == 1 ? 8 : 4
                guard rest.count >= length else { return nil }
                rest = rest.dropFirst(length)
            default: return nil
            }
        }
        return fields
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
