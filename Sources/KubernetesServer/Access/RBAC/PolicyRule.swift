import JSONTree
import KubernetesModel

/// One rule of a Role or ClusterRole: verbs on resources, or on paths outside the API (rbac.authorization.k8s.io/v1).
public struct PolicyRule: Hashable, Sendable {
    public var verbs: [String]
    public var groups: [String]
    /// `pods`, `pods/log`, `*/scale`, `*`.
    public var resources: [String]
    /// Empty for every name.
    public var names: [String]
    public var paths: [String]

    public init(
        verbs: [String], groups: [String] = [], resources: [String] = [], names: [String] = [], paths: [String] = []
    ) {
        self.verbs = verbs
        self.groups = groups
        self.resources = resources
        self.names = names
        self.paths = paths
    }

    /// A rule as it is stored; what has the wrong type counts as absent, so that it grants nothing.
    init(_ node: JSONNode) {
        func list(_ key: String) -> [String] { node.member(key)?.elements.compactMap(\.string) ?? [] }
        self.init(
            verbs: list("verbs"), groups: list("apiGroups"), resources: list("resources"),
            names: list("resourceNames"), paths: list("nonResourceURLs"))
    }

    public var value: JSONValue {
        var members: [JSONMember] = []
        let lists = [
            ("verbs", verbs), ("apiGroups", groups), ("resources", resources), ("resourceNames", names),
            ("nonResourceURLs", paths),
        ]
        for (key, list) in lists where !list.isEmpty {
            members.append(JSONMember(key, .array(list.map { .string($0) })))
        }
        return .object(members)
    }
}

// MARK: - Deciding

extension PolicyRule {
    public func allows(_ wanted: AccessAttributes) -> Bool {
        guard Self.has(verbs, wanted.verb) else { return false }
        guard wanted.isResource else { return paths.contains { Self.path($0, covers: wanted.path) } }
        return Self.has(groups, wanted.group) && coversResource(wanted.resource, wanted.subresource)
            && (names.isEmpty || names.contains(wanted.name))
    }

    private static func has(_ list: [String], _ wanted: String) -> Bool {
        list.contains { $0 == "*" || $0 == wanted }
    }

    private func coversResource(_ resource: String, _ subresource: String) -> Bool {
        let combined = subresource.isEmpty ? resource : "\(resource)/\(subresource)"
        return resources.contains {
            $0 == "*" || $0 == combined || (!subresource.isEmpty && $0 == "*/\(subresource)")
        }
    }

    private static func path(_ pattern: String, covers path: String) -> Bool {
        if pattern == "*" || pattern == path { return true }
        guard pattern.hasSuffix("*") else { return false }
        let prefix = String(pattern.reversed().drop { $0 == "*" }.reversed())
        return path.hasPrefix(prefix)
    }
}

// MARK: - Who may grant it

extension PolicyRule {
    /// The rule as rules of one verb on one thing each.
    var atoms: [PolicyRule] {
        var atoms: [PolicyRule] = []
        for verb in verbs {
            for group in groups {
                for resource in resources {
                    let rule = PolicyRule(verbs: [verb], groups: [group], resources: [resource])
                    if names.isEmpty {
                        atoms.append(rule)
                        continue
                    }
                    for name in names {
                        var named = rule
                        named.names = [name]
                        atoms.append(named)
                    }
                }
            }
            for path in paths { atoms.append(PolicyRule(verbs: [verb], paths: [path])) }
        }
        return atoms
    }

    /// Whether this rule grants everything an atom grants.
    private func covers(_ atom: PolicyRule) -> Bool {
        func all(_ wanted: [String], in own: [String]) -> Bool {
            own.contains("*") || wanted.allSatisfy { own.contains($0) }
        }
        guard all(atom.verbs, in: verbs) else { return false }
        if let path = atom.paths.first {
            return paths.contains { own in
                own == "*" || own == path
                    || (own.hasSuffix("*") && path.hasPrefix(own.dropLast()))
            }
        }
        let isResourceCovered = atom.resources.allSatisfy { wanted in
            resources.contains { own in
                if own == "*" || own == wanted { return true }
                guard own.hasPrefix("*/"), let slash = wanted.firstIndex(of: "/") else { return false }
                return own.dropFirst(1) == wanted[slash...]
            }
        }
        return isResourceCovered && all(atom.groups, in: groups)
            && (names.isEmpty || (!atom.names.isEmpty && atom.names.allSatisfy { names.contains($0) }))
    }

    /// The parts of `wanted` that none of the rules held covers; rules that differ only in their verb are one again.
    static func missing(from held: [PolicyRule], wanted: [PolicyRule]) -> [PolicyRule] {
        var missing: [PolicyRule] = []
        for atom in wanted.flatMap(\.atoms) where !held.contains(where: { $0.covers(atom) }) {
            let place = missing.firstIndex {
                $0.groups == atom.groups && $0.resources == atom.resources && $0.names == atom.names
                    && $0.paths == atom.paths
            }
            if let place {
                if !missing[place].verbs.contains(atom.verbs[0]) { missing[place].verbs += atom.verbs }
            } else {
                missing.append(atom)
            }
        }
        return missing
    }

    /// As refusals print it: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`.
    var compactText: String {
        func list(_ texts: [String]) -> String { "[\(texts.map { GoText.quoted($0) }.joined(separator: ", "))]" }
        let parts = [
            ("APIGroups", groups), ("Resources", resources), ("NonResourceURLs", paths), ("ResourceNames", names),
            ("Verbs", verbs),
        ]
        return "{\(parts.filter { !$0.1.isEmpty }.map { "\($0.0):\(list($0.1))" }.joined(separator: ", "))}"
    }
}
