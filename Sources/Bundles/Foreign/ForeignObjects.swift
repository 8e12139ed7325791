import Diagnosis
import JSONTree
import KubernetesModel
import YAMLTree

/// Objects of files that other tools wrote, by resource. Unlike manifests they come as typed lists (`PodList`) whose
/// items do not repeat their kind, one list per namespace, in JSON or in YAML, or as text for people.
struct ForeignObjects {
    private struct List {
        var apiVersion: String
        var kind: String
        var items: [JSONValue] = []
        /// Two files may hold the same object: `kubectl get all -n NAMESPACE` beside `kubectl get pods -A`.
        var names: Set<String> = []
    }

    struct Pod {
        var namespace: String
        var node: String?
        var containers: [String]
        /// Nil where nobody says so.
        var isOnHost: Bool?
        /// As a table or a description tells it.
        var address: String?
    }

    /// A pod's own network namespace, by the folder that is named after the pod.
    struct PodPlace {
        var namespace: String
        var pod: String
        var node: String?
        /// The folder it lies in.
        var above: String
    }

    private var lists: [String: List] = [:]
    /// By name; of two namespaces the first one read.
    private(set) var pods: [String: Pod] = [:]
    private(set) var nodes: [String] = []
    /// Pods that commands name, by name, with their namespace.
    private(set) var mentioned: [String: String] = [:]
    /// Of nodes: pods that have one of these are on the machine's own network.
    private(set) var hostAddresses: Set<String> = []
    /// Endpoints that stand in descriptions of Services.
    private var describedSlices: Set<String> = []
    /// Lists that end in the middle, by their files.
    private(set) var cuts: [(file: String, list: CutList)] = []
    /// The newest moment any object speaks of, in seconds since 1970.
    private(set) var newest: Int64?

    /// Whether anything in it was an object.
    mutating func read(_ bytes: [UInt8], named name: String) -> Bool {
        var found = false
        let roots = Self.roots(bytes)
        let isUntyped = roots.contains { $0.member("kind") == nil && $0.member("apiVersion") != nil }
        if roots.isEmpty || isUntyped, let list = CutList(bytes) {
            cuts.append((name, list))
            for root in Self.roots(CutList.list(list.whole)) { _ = take(root, listKind: nil, listVersion: nil) }
            return true
        }
        for root in roots {
            found = take(root, listKind: nil, listVersion: nil) || found
            // `kubectl get RESOURCE -o yaml` prints a list without a type: of an empty one the file's name is all there is.
            if root.member("kind")?.string == "List", root.member("items")?.count == 0 { noteEmpty(name) }
        }
        return found
    }

    private mutating func noteEmpty(_ name: String) {
        let plain = String(name.prefix { $0 != "-" && $0 != " " })
        guard let dot = plain.lastIndex(of: ".") else { return }
        let resource = plain[..<dot].lowercased()
        let groups = [
            "daemonsets": "apps", "deployments": "apps", "endpointslices": "discovery.k8s.io",
            "networkpolicies": "networking.k8s.io", "ingresses": "networking.k8s.io",
            "ingressclasses": "networking.k8s.io",
        ]
        let known = ["pods", "nodes", "services", "events", "configmaps", "namespaces"]
        let parts = resource.split(separator: ".", maxSplits: 1).map(String.init)
        let full: String
        if parts.count == 2 {
            full = resource
        } else if let group = groups[resource] {
            full = "\(resource).\(group)"
        } else if known.contains(resource) {
            full = resource
        } else {
            return
        }
        if lists[full] == nil { lists[full] = List(apiVersion: "v1", kind: "") }
    }

    private static func roots(_ bytes: [UInt8]) -> [JSONNode] {
        if let tree = try? JSONTree(parsing: bytes) { return [tree.root] }
        return YAMLReading(bytes).documents.map(\.root)
    }

    private mutating func take(_ node: JSONNode, listKind: String?, listVersion: String?) -> Bool {
        guard node.kind == .object else { return false }
        let kind = node.member("kind")?.string ?? listKind
        let version = node.member("apiVersion")?.string ?? listVersion
        if let items = node.member("items"), items.kind == .array {
            var itemKind = kind.flatMap { $0.hasSuffix("List") && $0 != "List" ? String($0.dropLast(4)) : nil }
            var itemVersion = version
            // A list of typed objects that was written without its type.
            if kind == nil, let first = items.elements.first(where: { _ in true }),
                let guessed = Self.guess(first)
            {
                (itemKind, itemVersion) = (guessed.kind, guessed.apiVersion)
            }
            for item in items.elements { _ = take(item, listKind: itemKind, listVersion: itemVersion) }
            if let itemKind, let itemVersion { note(itemKind, itemVersion) }
            return kind != nil || itemKind != nil
        }
        guard let kind, let version, let name = node.at("metadata", "name")?.string else { return false }
        let namespace = node.at("metadata", "namespace")?.string ?? ""
        noteTime(node)
        add(JSONValue(node), kind, version, namespace, name)
        if kind == "Node", version == "v1" { noteAddresses(node) }
        if kind == "Pod", version == "v1", pods[name] == nil {
            let containers = ["initContainers", "containers"].flatMap { field -> [String] in
                node.at("spec", field)?.elements.compactMap { $0.member("name")?.string } ?? []
            }
            pods[name] = Pod(
                namespace: namespace, node: node.at("spec", "nodeName")?.string, containers: containers,
                isOnHost: node.at("spec", "hostNetwork")?.bool ?? false)
        }
        return true
    }

    private mutating func add(
        _ value: JSONValue, _ kind: String, _ version: String, _ namespace: String, _ name: String
    ) {
        let version = Self.stored(version, kind)
        let resource = ObjectFiles.resource(GroupVersionKind(apiVersion: version, kind: kind))
        var list = lists[resource] ?? List(apiVersion: version, kind: kind)
        if list.names.insert("\(namespace)/\(name)").inserted {
            list.items.append(value)
            if resource == "nodes" { nodes.append(name) }
        }
        lists[resource] = list
    }

    /// calicoctl speaks of the kinds of its API; they are stored, and known here, under the group of their CRDs.
    private static func stored(_ version: String, _ kind: String) -> String {
        let kinds: Set<String> = [
            "IPPool", "BGPPeer", "BGPConfiguration", "FelixConfiguration", "CalicoNodeStatus", "BlockAffinity",
        ]
        return version.hasPrefix("projectcalico.org/") && kinds.contains(kind) ? "crd.projectcalico.org/v1" : version
    }

    /// A list that is there and empty says that there are none.
    private mutating func note(_ kind: String, _ version: String) {
        let version = Self.stored(version, kind)
        let resource = ObjectFiles.resource(GroupVersionKind(apiVersion: version, kind: kind))
        if lists[resource] == nil { lists[resource] = List(apiVersion: version, kind: kind) }
    }

    /// What stands before the cuts, of lists that another file has as well or that are never whole.
    ///
    /// - Returns: why there is no list of the other resources.
    mutating func addCut() -> [String: String] {
        var missing: [String: String] = [:]
        for (file, list) in cuts {
            for begun in list.begun {
                guard lists[begun.resource] != nil || CutList.isOpen(begun.resource) else {
                    missing[begun.resource] = ObjectFiles.reason(begun, file)
                    continue
                }
                for root in Self.roots(CutList.list(begun.objects)) { _ = take(root, listKind: nil, listVersion: nil) }
            }
        }
        return missing
    }

    // MARK: Time

    private mutating func noteTime(_ node: JSONNode) {
        for path in [["lastTimestamp"], ["eventTime"], ["spec", "renewTime"], ["metadata", "creationTimestamp"]] {
            let member = path.count == 1 ? node.member(path[0]) : node.at(path[0], path[1])
            noteTime(member?.string)
        }
        guard let conditions = node.at("status", "conditions") else { return }
        for condition in conditions.elements {
            noteTime(condition.member("lastHeartbeatTime")?.string)
            noteTime(condition.member("lastTransitionTime")?.string)
        }
    }

    private mutating func noteTime(_ text: String?) {
        guard let text, let time = Timestamp(text)?.seconds else { return }
        newest = max(newest ?? time, time)
    }

    private mutating func noteAddresses(_ node: JSONNode) {
        guard let addresses = node.at("status", "addresses") else { return }
        for one in addresses.elements {
            if let address = one.member("address")?.string { hostAddresses.insert(address) }
        }
    }

    // MARK: Text for people

    /// Descriptions say more than tables: of an object that is in both, the table's row is left out.
    mutating func add(printed texts: [(form: TextForm, text: String)], now: Int64) {
        let described = texts.filter { $0.form == .description }
            .flatMap { DescribedObjects($0.text, now: now).objects }
        let tables = texts.filter { $0.form != .description }.map { PrintedTable($0.text, now: now) }
        describedSlices.formUnion(described.filter { $0.kind == "EndpointSlice" }.map(\.name))
        var objects = described + tables.flatMap(\.objects)
        for object in objects { hostAddresses.formUnion(object.hostAddresses) }
        let workloads = workloads(objects)
        let reader = PrintedTable("", now: now)
        for index in objects.indices {
            guard let row = objects[index].row else { continue }
            let own = workloads[objects[index].namespace]?.first { $0.owns(objects[index].name) }
            guard let workload = own ?? PrintedWorkload(pod: objects[index].name) else { continue }
            if let pod = reader.pod(row, of: workload) { objects[index] = pod }
        }
        for object in objects where object.kind == "Pod" && pods[object.name] == nil {
            pods[object.name] = Pod(
                namespace: object.namespace, node: object.node, containers: object.containers,
                address: object.address)
        }
        // Text does not say which pods are on the machine's own network: those that have its address, or share theirs
        // with another one there when nobody told the nodes' addresses.
        let shared = Dictionary(grouping: objects.filter { $0.kind == "Pod" && $0.address != nil }) {
            "\($0.node ?? "") \($0.address ?? "")"
        }
        for object in objects {
            var value = object.value
            if let address = object.address,
                hostAddresses.contains(address)
                    || (hostAddresses.isEmpty && (shared["\(object.node ?? "") \(address)"]?.count ?? 0) > 1)
            {
                value = object.onHostNetwork
            }
            add(value, object.kind, object.apiVersion, object.namespace, object.name)
        }
        leaveOutHalf()
    }

    /// By namespace: those of objects that were read, and those that were printed.
    private func workloads(_ printed: [PrintedObject]) -> [String: [PrintedWorkload]] {
        var found: [String: [PrintedWorkload]] = [:]
        for (resource, kind) in [
            ("daemonsets.apps", "DaemonSet"), ("deployments.apps", "Deployment"), ("statefulsets.apps", "StatefulSet"),
        ] {
            let known =
                (lists[resource]?.items ?? []).map { ($0["metadata"]?["namespace"]?.word ?? "", $0) }
                + printed.filter { $0.kind == kind }.map { ($0.namespace, $0.value) }
            for (namespace, value) in known {
                if let workload = PrintedWorkload(value, kind: kind) { found[namespace, default: []].append(workload) }
            }
        }
        return found
    }

    /// Somebody described a few Services and nobody printed all endpoints: of the other Services nothing is known, least
    /// of all that they have none.
    private mutating func leaveOutHalf() {
        let resource = "endpointslices.discovery.k8s.io"
        guard !describedSlices.isEmpty, let list = lists[resource] else { return }
        let names = Set(list.items.compactMap { $0["metadata"]?["name"]?.word })
        guard names.isSubset(of: describedSlices) else { return }
        let services = Set(list.items.compactMap { $0["metadata"]?["labels"]?["kubernetes.io/service-name"]?.word })
        lists["services"]?.items.removeAll { service in
            service["spec"]?["selector"] != nil && !services.contains(service["metadata"]?["name"]?.word ?? "")
        }
    }

    // MARK: Answers

    /// Each list as the API would answer it, by resource.
    var documents: [String: [UInt8]] {
        lists.mapValues { list in
            let value: JSONValue = [
                "apiVersion": .string(list.apiVersion), "kind": .string(list.kind + "List"),
                "items": .array(list.items),
            ]
            return value.serialized()
        }
    }

    var hasNodes: Bool { !nodes.isEmpty }

    /// A pod that somebody asked from inside.
    mutating func mention(pod name: String, in namespace: String) { mentioned[name] = namespace }
}
