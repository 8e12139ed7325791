import JSONTree
import KubernetesModel
import YAMLTree

/// Bodies to values, with the sentences of a kube-apiserver for those that are none.
enum RequestBody {
    static let types = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]

    /// An object of a create or an update.
    static func object(_ request: ServerRequest, _ kind: GroupVersionKind) throws(Status) -> JSONValue {
        let value: JSONValue
        switch request.contentType {
        case "", "application/json", "application/yaml":
            value = try document(request.body, isYAML: request.contentType == "application/yaml", kind)
        default: throw .unsupportedMediaType(types)
        }
        return try naming(value, kind)
    }

    /// JSON (or YAML) as it is, for patches.
    static func document(_ body: [UInt8], isYAML: Bool, _ kind: GroupVersionKind) throws(Status) -> JSONValue {
        if isYAML, body.first(where: { $0 > 0x20 }) != UInt8(ascii: "{") {
            do {
                return .node(try JSONTree(yaml: body).root)
            } catch {
                throw .badRequest("error decoding YAML: \(error)")
            }
        }
        do {
            return .node(try JSONTree(parsing: body).root)
        } catch {
            let text = String(decoding: body.prefix(1024), as: UTF8.self)
            let isShort = error.position.offset >= body.count
            let reason = isShort ? "unexpected end of JSON input" : "\(error)"
            throw .badRequest(
                "the object provided is unrecognized (must be of type \(kind.kind)): couldn't get version/kind; "
                    + "json parse error: \(reason) (\(text))")
        }
    }

    /// The object with its version and kind, which have to be those of the path where they are said.
    static func naming(_ value: JSONValue, _ kind: GroupVersionKind) throws(Status) -> JSONValue {
        guard value.kind == .object else {
            throw .badRequest(
                "\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): "
                    + "json: cannot unmarshal \(value.kind) into Go value of type \(kind.kind)")
        }
        let apiVersion = value.member("apiVersion")?.stringValue ?? ""
        let name = value.member("kind")?.stringValue ?? ""
        if !apiVersion.isEmpty, apiVersion != kind.apiVersion {
            throw .badRequest(
                "the API version in the data (\(apiVersion)) does not match the expected API version (\(kind.apiVersion))"
            )
        }
        if !name.isEmpty, name != kind.kind {
            throw .badRequest(
                "\(name) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): no kind \"\(name)\" is "
                    + "registered for this path")
        }
        return value
    }
}
