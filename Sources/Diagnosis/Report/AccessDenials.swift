import JSONTree

/// What the API server refused to whoever asked: which verb on which resource, so that somebody can grant it.
public struct AccessDenials: Sendable, Hashable {
    /// `list`, and `daemonsets.apps`, `configmaps in kube-system`, in their order.
    public struct Verb: Sendable, Hashable {
        public var verb: String
        public var resources: [String]
    }

    public let verbs: [Verb]
    /// As the server calls who asked; nil where it does not say.
    public let user: String?

    /// Nil where nothing was refused, or nothing says.
    init?(_ facts: FactBase) {
        guard let document = facts.evidence[EvidencePath.access],
            let root = try? JSONTree(parsing: document.bytes).root, root.kind == .array
        else { return nil }
        var found: [String: Set<String>] = [:]
        for entry in root.elements where entry.member("allowed")?.bool == false {
            guard let verb = entry.member("verb")?.string, let resource = entry.member("resource")?.string else {
                continue
            }
            let namespace = entry.member("namespace")?.string ?? ""
            found[verb, default: []].insert(namespace.isEmpty ? resource : "\(resource) in \(namespace)")
        }
        if found.isEmpty { return nil }
        let order = ["list", "get", "create"]
        verbs = found.map { Verb(verb: $0.key, resources: $0.value.sorted()) }.sorted {
            (order.firstIndex(of: $0.verb) ?? order.count, $0.verb)
                < (order.firstIndex(of: $1.verb) ?? order.count, $1.verb)
        }
        user = facts.evidence.missing.sorted { $0.key < $1.key }.lazy.compactMap { AccessDenial($0.value)?.user }.first
    }

    /// One line for each verb.
    /// - Parameter shown: resources of each verb at most.
    func lines(shown: Int = .max) -> [String] {
        verbs.map { verb in
            let left = verb.resources.count - shown
            return "\(verb.verb) \(verb.resources.prefix(shown).joined(separator: ", "))"
                + (left > 0 ? " and \(left) more" : "")
        }
    }

    public var value: JSONValue {
        var members = verbs.map { verb in
            JSONMember(verb.verb, .array(verb.resources.map { .string($0) }))
        }
        if let user { members.append(JSONMember("user", .string(user))) }
        return .object(members)
    }
}
