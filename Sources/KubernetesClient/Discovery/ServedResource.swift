import JSONTree
import KubernetesModel

/// A resource that a server serves.
public struct ServedResource: Sendable, Hashable {
    public var resource: GroupVersionResource
    public var kind: GroupVersionKind
    public var singular: String
    public var shortNames: [String]
    public var categories: [String]
    public var isNamespaced: Bool
    public var verbs: [String]
    /// `status`, `scale`, `exec`, ...
    public var subresources: [String]

    public init(
        resource: GroupVersionResource, kind: GroupVersionKind, singular: String = "", shortNames: [String] = [],
        categories: [String] = [], isNamespaced: Bool, verbs: [String] = [], subresources: [String] = []
    ) {
        self.resource = resource
        self.kind = kind
        self.singular = singular.isEmpty ? kind.kind.lowercased() : singular
        self.shortNames = shortNames
        self.categories = categories
        self.isNamespaced = isNamespaced
        self.verbs = verbs
        self.subresources = subresources
    }
}

/// Everything a server serves, groups in the server's order of preference and versions likewise.
public struct ServedResources: Sendable, Hashable {
    public private(set) var resources: [ServedResource]
    /// Groups whose list could not be had (an aggregated server that is down), with the reason.
    public private(set) var unavailable: [String: String]

    public init(_ resources: [ServedResource], unavailable: [String: String] = [:]) {
        self.resources = resources
        self.unavailable = unavailable
    }

    /// `APIGroupDiscoveryList`, of `/api` or `/apis`.
    public init(aggregated node: JSONNode) {
        resources = []
        unavailable = [:]
        for item in node.member("items")?.elements.map({ $0 }) ?? [] {
            let group = item.member("metadata")?.member("name")?.string ?? ""
            for versionNode in item.member("versions")?.elements.map({ $0 }) ?? [] {
                let version = versionNode.member("version")?.string ?? ""
                if versionNode.member("freshness")?.string == "Stale" {
                    unavailable["\(group)/\(version)"] = "the server behind it does not answer"
                }
                for resource in versionNode.member("resources")?.elements.map({ $0 }) ?? [] {
                    let kind = resource.member("responseKind")
                    guard let plural = resource.member("resource")?.string, !plural.isEmpty else { continue }
                    resources.append(
                        ServedResource(
                            resource: GroupVersionResource(group: group, version: version, resource: plural),
                            kind: Self.kind(kind, group, version),
                            singular: resource.member("singularResource")?.string ?? "",
                            shortNames: Self.strings(resource.member("shortNames")),
                            categories: Self.strings(resource.member("categories")),
                            isNamespaced: resource.member("scope")?.string == "Namespaced",
                            verbs: Self.strings(resource.member("verbs")),
                            subresources: resource.member("subresources")?.elements
                                .compactMap { $0.member("subresource")?.string } ?? []))
                }
            }
        }
    }

    /// `APIResourceList`, of one group and version.
    public init(legacy node: JSONNode) {
        let named = GroupVersionKind(apiVersion: node.member("groupVersion")?.string ?? "v1", kind: "")
        resources = []
        unavailable = [:]
        for entry in node.member("resources")?.elements.map({ $0 }) ?? [] {
            guard let name = entry.member("name")?.string, !name.isEmpty else { continue }
            if let slash = name.firstIndex(of: "/") {
                // `pods/status` comes after `pods`.
                let parent = name[..<slash]
                if let place = resources.firstIndex(where: { $0.resource.resource == parent }) {
                    resources[place].subresources.append(String(name[name.index(after: slash)...]))
                }
                continue
            }
            let group = entry.member("group")?.string.flatMap { $0.isEmpty ? nil : $0 } ?? named.group
            let version = entry.member("version")?.string.flatMap { $0.isEmpty ? nil : $0 } ?? named.version
            resources.append(
                ServedResource(
                    resource: GroupVersionResource(group: named.group, version: named.version, resource: name),
                    kind: GroupVersionKind(
                        group: group, version: version, kind: entry.member("kind")?.string ?? ""),
                    singular: entry.member("singularName")?.string ?? "",
                    shortNames: Self.strings(entry.member("shortNames")),
                    categories: Self.strings(entry.member("categories")),
                    isNamespaced: entry.member("namespaced")?.bool ?? false,
                    verbs: Self.strings(entry.member("verbs"))))
        }
    }

    private static func kind(_ node: JSONNode?, _ group: String, _ version: String) -> GroupVersionKind {
        // Empty means the same as around it.
        let itsGroup = node?.member("group")?.string ?? ""
        let itsVersion = node?.member("version")?.string ?? ""
        return GroupVersionKind(
            group: itsGroup.isEmpty ? group : itsGroup, version: itsVersion.isEmpty ? version : itsVersion,
            kind: node?.member("kind")?.string ?? "")
    }

    private static func strings(_ node: JSONNode?) -> [String] { node?.elements.compactMap(\.string) ?? [] }

    public mutating func add(_ other: ServedResources) {
        resources += other.resources
        unavailable.merge(other.unavailable) { first, _ in first }
    }

    public mutating func add(unavailable group: String, _ reason: String) { unavailable[group] = reason }
}

extension ServedResources {
    /// The resource that serves a kind: exactly this version.
    public func resource(of kind: GroupVersionKind) -> ServedResource? { resources.first { $0.kind == kind } }

    /// What a person means by `po`, `pod`, `pods`, `deployments.apps`, `deployments.v1.apps`, `NetworkPolicy`,
    /// `networkpolicy.networking.k8s.io`: the first match in the server's order, as kubectl chooses.
    public func resource(named text: String) -> ServedResource? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0].lowercased()
        let candidates = resources.filter { isCalled($0, name) }
        guard parts.count == 2 else { return best(candidates, name) }
        let rest = parts[1].lowercased()
        let inGroup = candidates.filter { $0.resource.group == rest }
        if !inGroup.isEmpty { return best(inGroup, name) }
        return best(candidates.filter { rest == "\($0.resource.version).\($0.resource.group)" }, name)
    }

    private func isCalled(_ resource: ServedResource, _ name: String) -> Bool {
        resource.resource.resource == name || resource.singular == name || resource.kind.kind.lowercased() == name
            || resource.shortNames.contains(name)
    }

    /// A full name goes before a short one: `ev` is events, and no resource whose short name it is hides another's name.
    private func best(_ candidates: [ServedResource], _ name: String) -> ServedResource? {
        candidates.first { $0.resource.resource == name || $0.singular == name } ?? candidates.first
    }

    /// Every name a person may use, for suggestions.
    public var names: [String] {
        Array(Set(resources.flatMap { [$0.resource.resource, $0.singular] + $0.shortNames })).sorted()
    }
}
