import JSONTree
import KubernetesSchema
import NIOHTTP1

/// A request body in `application/vnd.kubernetes.protobuf` as the JSON that says the same.
///
/// The body is an envelope (`k8s\0`, then `runtime.Unknown`: type and raw bytes) around the object's message. Answers
/// stay JSON: clients that send protobuf accept both.
struct ProtobufBody {
    static let contentType = "application/vnd.kubernetes.protobuf"
    static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    let apiVersion: String
    let kind: String
    private let raw: ArraySlice<UInt8>
    private let definition: String?

    init(_ body: [UInt8]) throws(ProtobufFailure) {
        guard body.starts(with: Self.magic) else {
            throw ProtobufFailure(reason: "the body does not begin with k8s\\0")
        }
        var envelope = ProtobufReader(body[Self.magic.count...])
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
                    if part.number == 1 { apiVersion = try ProtobufDecoding.text(bytes) }
                    if part.number == 2 { kind = try ProtobufDecoding.text(bytes) }
                }
            case 2: raw = bytes
            case 3, 4:
                if !bytes.isEmpty { throw ProtobufFailure(reason: "the object in the envelope is encoded once more") }
            default: throw ProtobufFailure(reason: "the envelope has the unknown field \(field.number)")
            }
        }
        self.apiVersion = apiVersion
        self.kind = kind
        self.raw = raw
        definition = Self.definition(apiVersion, kind)
    }

    private static func definition(_ apiVersion: String, _ kind: String) -> String? {
        // Options travel under the version of the collection they are about.
        if kind == "DeleteOptions" { return kind }
        let parts = apiVersion.split(separator: "/", maxSplits: 1)
        guard let version = parts.last else { return nil }
        let group = parts.count == 2 ? String(parts[0]) : ""
        return BuiltinSchemas.definitionName(group: group, version: String(version), kind: kind)
    }

    /// Whether there are numbers for the kind.
    var isKnown: Bool { definition.map { ProtobufNumbers.message($0) != nil } ?? false }

    /// - Returns: the object, and a sentence for each field that has no name here and is left out.
    func object() throws(ProtobufFailure) -> (JSONValue, warnings: [String]) {
        guard let definition, isKnown else {
            throw ProtobufFailure(reason: "\(apiVersion) \(kind) is not read from protobuf: send JSON")
        }
        var decoding = ProtobufDecoding()
        let schema = BuiltinSchemas.library.definition(named: definition)
        let members = try decoding.members(raw, definition, schema, FieldPath())
        let warnings = decoding.unknown.map { "unknown field \($0) in the protobuf form of \(kind): left out" }
        return (
            .object([JSONMember("apiVersion", .string(apiVersion)), JSONMember("kind", .string(kind))] + members),
            warnings
        )
    }
}

/// Lets the layers behind it see only JSON, where a body in protobuf is one of the known kinds. Others go on as they
/// are, to be refused with 404 or 415.
struct ProtobufBodies: RequestHandler {
    var next: any RequestHandler

    func handle(_ request: ServerRequest) async -> ServerResponse {
        guard request.contentType == ProtobufBody.contentType, request.body.starts(with: ProtobufBody.magic) else {
            return await next.handle(request)
        }
        var request = request
        let warnings: [String]
        do throws(ProtobufFailure) {
            let body = try ProtobufBody(request.body)
            guard body.isKnown else { return await next.handle(request) }
            let object: JSONValue
            (object, warnings) = try body.object()
            request.body = object.serialized()
            request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        } catch {
            return ErrorBody.response(
                400, "BadRequest", "the object provided is unrecognized: the protobuf cannot be read: \(error.reason)")
        }
        var response = await next.handle(request)
        for warning in warnings {
            response.headers.add(name: "Warning", value: "299 - \(JSONValue.string(warning).text)")
        }
        return response
    }
}
