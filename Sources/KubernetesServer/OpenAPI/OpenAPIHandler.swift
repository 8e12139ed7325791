import Crypto
import JSONTree
import KubernetesModel
import KubernetesSchema
import NIOHTTP1
import Synchronization

/// Answers `/openapi/v3`, `/openapi/v3/...` and `/openapi/v2`, and hands everything else on.
///
/// The index names every document with a hash of its bytes, so that kubectl keeps what it has read until it changes.
/// Documents are written when they are first asked for and kept until the set of resources changes.
public final class OpenAPIHandler: RequestHandler {
    private struct Document: Sendable {
        let bytes: [UInt8]
        let hash: String
    }

    private struct Kept: Sendable {
        /// What the documents were written from.
        var resources: [OpenAPIResource] = []
        var documents: [String: Document] = [:]

        /// A definition that was read again has schemas of its own, so identity tells whether anything changed.
        func isOf(_ others: [OpenAPIResource]) -> Bool {
            resources.count == others.count
                && zip(resources, others).allSatisfy {
                    $0.schema === $1.schema && $0.resource == $1.resource && $0.documentPath == $1.documentPath
                }
        }
    }

    private let resources: @Sendable () async -> [OpenAPIResource]
    private let next: any RequestHandler
    private let kept = Mutex(Kept())

    public init(next: any RequestHandler, resources: @escaping @Sendable () async -> [OpenAPIResource]) {
        self.next = next
        self.resources = resources
    }

    /// Documents of everything the registry serves.
    public convenience init(of registry: ResourceRegistry, next: any RequestHandler) {
        self.init(next: next) { registry.catalogue.resources.map { OpenAPIResource($0) } }
    }

    public func handle(_ request: ServerRequest) async -> ServerResponse {
        guard request.segments.first == "openapi", request.segments.count > 1 else {
            return await next.handle(request)
        }
        guard request.method == .get || request.method == .head else {
            return Self.refusal(Status.methodNotAllowed)
        }
        switch request.segments[1] {
        case "v2": return version2(request)
        case "v3" where request.segments.count == 2: return index(await documents())
        case "v3":
            let path = request.segments.dropFirst(2).joined(separator: "/")
            guard let document = await documents()[path] else { return Self.refusal(Status.pathNotFound) }
            return answer(document, to: request)
        default: return Self.refusal(Status.pathNotFound)
        }
    }

    private static func refusal(_ status: Status) -> ServerResponse {
        .json(status.value.serialized(), status: status.code)
    }

    private func documents() async -> [String: Document] {
        let resources = await resources()
        if let known = kept.withLock({ $0.isOf(resources) ? $0.documents : nil }) { return known }
        let groups = Dictionary(grouping: resources, by: \.documentPath)
        let made = groups.mapValues { resources in
            let bytes = OpenAPIDocument(of: resources).bytes
            return Document(bytes: bytes, hash: Self.hexadecimal(SHA512.hash(data: bytes)))
        }
        kept.withLock { $0 = Kept(resources: resources, documents: made) }
        return made
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private func index(_ documents: [String: Document]) -> ServerResponse {
        let paths = documents.sorted { $0.key < $1.key }.map { path, document in
            JSONMember(path, ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(document.hash)")])
        }
        return .json(JSONValue.object([JSONMember("paths", .object(paths))]).serialized())
    }

    /// A request that names the right hash may keep the answer for ever; one that names an old hash is sent to the new
    /// document.
    private func answer(_ document: Document, to request: ServerRequest) -> ServerResponse {
        var response = ServerResponse.json(document.bytes)
        response.headers.replaceOrAdd(name: "Etag", value: "\"\(document.hash)\"")
        if let wanted = request.query["hash"] {
            guard wanted == document.hash else {
                return ServerResponse(
                    status: 301,
                    headers: ["Location": "\(request.path)?hash=\(document.hash)"])
            }
            response.headers.replaceOrAdd(name: "Cache-Control", value: "public, immutable")
        }
        return response
    }

    private static let title = "Poplin's embedded Kubernetes API"
    private static let protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

    /// kubectl asks for the old document when there is no v3 document of a group, and before it validates a `List`.
    /// What it gets is an empty one that is valid: kinds that are not in it are left to the server's own validation.
    private func version2(_ request: ServerRequest) -> ServerResponse {
        let accepted = request.headers["Accept"].joined(separator: ",")
        if accepted.isEmpty || accepted.contains("json") || accepted.contains("*/*") {
            let value: JSONValue = [
                "swagger": "2.0", "info": ["title": .string(Self.title), "version": "v1"], "paths": [:],
                "definitions": [:],
            ]
            return .json(value.serialized())
        }
        guard accepted.contains(Self.protobuf) else {
            return Self.refusal(Status.notAcceptable(["application/json", Self.protobuf]))
        }
        return ServerResponse(contentType: Self.protobuf.replacing("@", with: "."), Self.emptyDocument)
    }

    /// `Document` of gnostic's OpenAPIv2.proto: swagger is field 1, info 2 (title 1, version 2), paths 8.
    static let emptyDocument: [UInt8] = {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
        let info = field(1, Array(title.utf8)) + field(2, Array("v1".utf8))
        return field(1, Array("2.0".utf8)) + field(2, info) + field(8, [])
    }()
}

extension OpenAPIResource {
    /// Subresources of another kind (scale, binding, exec) are told by discovery and left out here.
    init(_ resource: ServedResource) {
        self.init(
            group: resource.gvr.group, version: resource.gvr.version, resource: resource.gvr.resource,
            kind: resource.kind.kind, isNamespaced: resource.isNamespaced, verbs: Set(resource.verbs),
            subresources: resource.subresources.filter { $0.kind == resource.kind }.map {
                Subresource(name: $0.name, verbs: Set($0.verbs))
            }, schema: resource.admission.schema, isBuiltin: resource.admission.origin == .builtin)
    }
}
