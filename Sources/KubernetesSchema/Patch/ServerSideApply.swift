import JSONTree

/// Server-side apply: a configuration states the fields its manager wants, the server merges it into the object,
/// remembers who wants what, and refuses to take a field from another manager unless it is forced to
/// (KEP-555; apimachinery/pkg/util/managedfields).
public enum ServerSideApply {
    /// A field that another manager owns with another value.
    public struct Conflict: Hashable, Sendable {
        public let owner: FieldOwner
        /// As a kube-apiserver prints it: `.data.k`, `.spec.ports[port=80,protocol="TCP"].name`.
        public let field: String

        /// `"mgr-a"` for an applier, with version and subresource for one who updated.
        var ownerText: String {
            var text = JSONValue.string(owner.manager).text()
            if !owner.subresource.isEmpty {
                text += " with subresource \(JSONValue.string(owner.subresource).text())"
            }
            return owner.operation == .update ? "\(text) using \(owner.apiVersion)" : text
        }

        /// The message of the cause `FieldManagerConflict`.
        public var message: String { "conflict with \(ownerText)" }
    }

    public enum Failure: Error, Sendable, Equatable {
        /// 409 with one cause for each conflict.
        case conflicts([Conflict])
        /// The configuration cannot be applied: 400.
        case malformed(String)
        /// The configuration does not fit the schema of its kind. A kube-apiserver answers 500 without a reason.
        case untyped(String)

        /// What the Status says.
        public var message: String {
            switch self {
            case .malformed(let text), .untyped(let text): return text
            case .conflicts(let conflicts):
                if let only = conflicts.first, conflicts.count == 1 {
                    return "Apply failed with 1 conflict: \(only.message): \(only.field)"
                }
                var texts: [String] = []
                for conflict in conflicts {
                    let heading = "conflicts with \(conflict.ownerText):"
                    if texts.last(where: { $0.hasPrefix("conflicts with ") }) != heading { texts.append(heading) }
                    texts.append("- \(conflict.field)")
                }
                return "Apply failed with \(conflicts.count) conflicts: \(texts.joined(separator: "\n"))"
            }
        }
    }

    public struct Outcome: Sendable {
        public var object: JSONValue
        /// False when neither the object nor anybody's fields changed: nothing is to be written.
        public var isChanged: Bool
    }

    /// What is asked for.
    public struct Request: Sendable {
        public var configuration: JSONValue
        public var manager: String
        /// Empty for the main resource.
        public var subresource = ""
        public var isForced = false
        /// RFC 3339 with seconds.
        public var time: String
        /// Fields this request does not reach, see ``FieldSet/resetFields(subresource:hasStatus:)``.
        public var ignoring = FieldSet()

        public init(configuration: JSONValue, manager: String, time: String) {
            self.configuration = configuration
            self.manager = manager
            self.time = time
        }
    }

    static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
    /// The manager name of `kubectl apply --server-side`, which takes over from its client-side self.
    static let kubectl = "kubectl"

    /// The object after the request. `live` is nil when there is none yet: then the caller gives the result its uid,
    /// defaults and validation, as after a create.
    public static func apply(
        _ request: Request, to live: JSONValue?, schema: Schema?
    ) throws(Failure) -> Outcome {
        try check(request, schema)
        do throws(Failure) {
            return try merge(request, live, schema)
        } catch {
            guard case .conflicts(let conflicts) = error, request.manager == kubectl, let live else { throw error }
            // Fields of the last client-side apply are kubectl's own; only conflicts about others count.
            let allowed = Set(clientSideFields(of: live, schema).paths.map { $0.map(\.description).joined() })
            let rest = conflicts.filter { !allowed.contains($0.field) }
            guard !allowed.isEmpty, rest.isEmpty else { throw .conflicts(rest.isEmpty ? conflicts : rest) }
            var forced = request
            forced.isForced = true
            return try merge(forced, live, schema)
        }
    }

    private static func check(_ request: Request, _ schema: Schema?) throws(Failure) {
        guard request.configuration.kind == .object else {
            throw .malformed("an applied configuration is an object, this is \(request.configuration.kind)")
        }
        if let fields = request.configuration.at("metadata", "managedFields"), !fields.isNull,
            !fields.elements.isEmpty
        {
            throw .malformed("metadata.managedFields must be nil")
        }
        if let problem = firstDuplicate(in: request.configuration, schema, "") {
            let metadata = request.configuration.member("metadata")
            let name = [metadata?.member("namespace"), metadata?.member("name")].map { $0?.stringValue ?? "" }
            let apiVersion = request.configuration.member("apiVersion")?.stringValue ?? ""
            let kind = request.configuration.member("kind")?.stringValue ?? ""
            throw .untyped(
                "failed to create typed patch object (\(name.joined(separator: "/")); \(apiVersion), Kind=\(kind)): "
                    + problem)
        }
    }

    /// Two elements with one key in a map-like list or a set of the configuration.
    private static func firstDuplicate(in value: JSONValue, _ schema: Schema?, _ path: String) -> String? {
        let shape = FieldShape(schema, value)
        switch shape {
        case .leaf: return nil
        case .map(let schema):
            for member in value.members {
                if let found = firstDuplicate(in: member.value, schema?.child(member.key), "\(path).\(member.key)") {
                    return found
                }
            }
        case .set, .keyedList:
            var seen: Set<PathElement> = []
            for item in shape.items(of: value) {
                guard seen.insert(item.element).inserted else {
                    return "\(path): duplicate entries for key \(item.element)"
                }
                if let found = firstDuplicate(in: item.value, shape.itemSchema, "\(path)\(item.element)") {
                    return found
                }
            }
        }
        return nil
    }

    /// The fields kubectl's client-side apply owned, by its annotation.
    private static func clientSideFields(of live: JSONValue, _ schema: Schema?) -> FieldSet {
        guard let text = live.at("metadata", "annotations", lastApplied)?.stringValue,
            let tree = try? JSONTree(parsing: text)
        else { return FieldSet() }
        var fields = FieldSet(of: .node(tree.root), schema: schema)
        fields.insert([.field("metadata"), .field("annotations"), .field(lastApplied)])
        return fields
    }
}
