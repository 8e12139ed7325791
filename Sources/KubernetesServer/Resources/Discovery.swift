import JSONTree
import KubernetesModel
import NIOHTTP1

/// What is served, in the three forms clients ask for. Pure.
struct Discovery {
    let catalogue: ResourceRegistry.Catalogue
    let address: String

    var versions: JSONValue {
        [
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(address)]],
        ]
    }

    var groups: JSONValue {
        [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(catalogue.groups.map { group($0.name, $0.versions, isAlone: false) }),
        ]
    }

    func group(_ name: String) -> JSONValue? {
        catalogue.groups.first { $0.name == name }.map { group($0.name, $0.versions, isAlone: true) }
    }

    private func group(_ name: String, _ versions: [String], isAlone: Bool) -> JSONValue {
        func entry(_ version: String) -> JSONValue {
            ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
        }
        var members: [JSONMember] = []
        if isAlone { members += [JSONMember("kind", "APIGroup"), JSONMember("apiVersion", "v1")] }
        members += [
            JSONMember("name", .string(name)), JSONMember("versions", .array(versions.map(entry))),
            JSONMember("preferredVersion", versions.first.map(entry) ?? .null),
        ]
        return .object(members)
    }

    /// `APIResourceList` of one version; nil if it is not served.
    func resources(group: String, version: String) -> JSONValue? {
        let served = catalogue.resources(group: group, version: version).sorted { $0.gvr.resource < $1.gvr.resource }
        if served.isEmpty { return nil }
        var list: [JSONValue] = []
        for resource in served {
            list.append(entry(resource))
            for subresource in resource.subresources.sorted(by: { $0.name < $1.name }) {
                list.append(entry(resource, subresource))
            }
        }
        let name = group.isEmpty ? version : "\(group)/\(version)"
        var members = [JSONMember("kind", "APIResourceList")]
        if !group.isEmpty { members.append(JSONMember("apiVersion", "v1")) }
        members += [JSONMember("groupVersion", .string(name)), JSONMember("resources", .array(list))]
        return .object(members)
    }

    private func entry(_ resource: ServedResource, _ subresource: ServedResource.Subresource? = nil) -> JSONValue {
        let name = subresource.map { "\(resource.gvr.resource)/\($0.name)" } ?? resource.gvr.resource
        var members = [
            JSONMember("name", .string(name)),
            JSONMember("singularName", .string(subresource == nil ? resource.singular : "")),
            JSONMember("namespaced", .bool(resource.isNamespaced)),
        ]
        let kind = subresource?.kind ?? resource.kind
        if subresource != nil, kind.group != resource.kind.group || kind.version != resource.kind.version {
            if !kind.group.isEmpty { members.append(JSONMember("group", .string(kind.group))) }
            members.append(JSONMember("version", .string(kind.version)))
        }
        members += [
            JSONMember("kind", .string(kind.kind)),
            JSONMember("verbs", .array((subresource?.verbs ?? resource.verbs).map { .string($0) })),
        ]
        if subresource == nil {
            for (key, values) in [("shortNames", resource.shortNames), ("categories", resource.categories)]
            where !values.isEmpty { members.append(JSONMember(key, .array(values.map { .string($0) }))) }
            if resource.verbs.contains("list") {
                members.append(JSONMember("storageVersionHash", .string(Self.hash(resource.collection))))
            }
        }
        return .object(members)
    }

    /// Tells a client's cache that the stored form is the same as before.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        return String((0..<11).map { alphabet[Int(value >> UInt64($0 * 5) & 63)] }) + "="
    }

    // MARK: Aggregated (KEP-3352)

    /// `APIGroupDiscoveryList` of `/api` (the core group) or of `/apis`.
    func aggregated(core: Bool, version: String) -> JSONValue {
        let groups = core ? [("", ["v1"])] : catalogue.groups.map { ($0.name, $0.versions) }
        return [
            "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"), "metadata": [:],
            "items": .array(groups.map { name, versions in item(name, versions) }),
        ]
    }

    private func item(_ group: String, _ versions: [String]) -> JSONValue {
        let list: [JSONValue] = versions.map { version in
            let served = catalogue.resources(group: group, version: version)
                .sorted { $0.gvr.resource < $1.gvr.resource }
            return [
                "version": .string(version), "resources": .array(served.map(aggregated)), "freshness": "Current",
            ]
        }
        let metadata: JSONValue = group.isEmpty ? [:] : ["name": .string(group)]
        return ["metadata": metadata, "versions": .array(list)]
    }

    private func aggregated(_ resource: ServedResource) -> JSONValue {
        func kind(_ kind: GroupVersionKind, isOwn: Bool) -> JSONValue {
            // The kind of the collection leaves out what the group and version around it say.
            [
                "group": .string(isOwn ? "" : kind.group), "version": .string(isOwn ? "" : kind.version),
                "kind": .string(kind.kind),
            ]
        }
        func isOwn(_ other: GroupVersionKind) -> Bool {
            other.group == resource.kind.group && other.version == resource.kind.version
        }
        var members = [
            JSONMember("resource", .string(resource.gvr.resource)),
            JSONMember("responseKind", kind(resource.kind, isOwn: true)),
            JSONMember("scope", resource.isNamespaced ? "Namespaced" : "Cluster"),
            JSONMember("singularResource", .string(resource.singular)),
            JSONMember("verbs", .array(resource.verbs.map { .string($0) })),
        ]
        for (key, values) in [("shortNames", resource.shortNames), ("categories", resource.categories)]
        where !values.isEmpty { members.append(JSONMember(key, .array(values.map { .string($0) }))) }
        if !resource.subresources.isEmpty {
            let list: [JSONValue] = resource.subresources.sorted { $0.name < $1.name }.map { subresource in
                [
                    "subresource": .string(subresource.name),
                    "responseKind": kind(subresource.kind, isOwn: isOwn(subresource.kind)),
                    "verbs": .array(subresource.verbs.map { .string($0) }),
                ]
            }
            members.append(JSONMember("subresources", .array(list)))
        }
        return .object(members)
    }
}

extension ResourceServer {
    func discover(_ request: ServerRequest) throws(Status) -> ServerResponse {
        guard request.method == .get || request.method == .head else { throw .methodNotAllowed }
        let discovery = Discovery(catalogue: registry.catalogue, address: address)
        let route = ResourceRoute(request.segments)
        if route == .versions || route == .groups, let version = Self.aggregatedVersion(request) {
            let value = discovery.aggregated(core: route == .versions, version: version)
            var response = respond(value.serialized())
            response.headers.replaceOrAdd(
                name: "Content-Type",
                value: "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList")
            response.headers.add(name: "Vary", value: "Accept")
            return response
        }
        switch route {
        case .versions: return respond(discovery.versions.serialized())
        case .groups: return respond(discovery.groups.serialized())
        case .group(let name):
            guard let group = discovery.group(name) else { return Self.nothing }
            return respond(group.serialized())
        case .resources(let group, let version):
            guard let list = discovery.resources(group: group, version: version) else { return Self.nothing }
            return respond(list.serialized())
        default: return Self.nothing
        }
    }

    /// Paths of groups that are not served get a plain text.
    private static var nothing: ServerResponse { .text("404 page not found\n", status: 404) }

    /// The first of the client's forms that is aggregated discovery, before plain JSON.
    private static func aggregatedVersion(_ request: ServerRequest) -> String? {
        for range in MediaRange.list(request.headers.first(name: "accept") ?? "") where range.type == "application/json"
        {
            guard range.parameters["as"] == "APIGroupDiscoveryList" else { return nil }
            if let version = range.parameters["v"], version == "v2" || version == "v2beta1" { return version }
        }
        return nil
    }
}
