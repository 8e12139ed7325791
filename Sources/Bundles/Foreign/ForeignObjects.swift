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

    private struct Pod {
        var namespace: String
        var node: String?
        var containers: [String]
        /// Nil where nobody says so.
        var isOnHost: Bool?
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
    private var pods: [String: Pod] = [:]
    private var nodes: [String] = []
    /// Of nodes: pods that have one of these are on the machine's own network.
    private var hostAddresses: Set<String> = []
    /// Endpoints that stand in descriptions of Services.
    private var describedSlices: Set<String> = []
    /// The newest moment any object speaks of, in seconds since 1970.
    private(set) var newest: Int64?

    /// Whether anything in it was an object.
    mutating func read(_ bytes: [UInt8], named name: String) -> Bool {
        var found = false
        for root in Self.roots(bytes) {
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

    /// By what only that kind has.
    private static func guess(_ node: JSONNode) -> (kind: String, apiVersion: String)? {
        if node.at("status", "nodeInfo") != nil { return ("Node", "v1") }
        if node.at("spec", "containers") != nil { return ("Pod", "v1") }
        if node.at("status", "desiredNumberScheduled") != nil { return ("DaemonSet", "apps/v1") }
        if node.at("spec", "template") != nil, node.at("spec", "replicas") != nil {
            return (node.at("spec", "strategy") != nil || node.at("status", "updatedReplicas") != nil)
                ? ("Deployment", "apps/v1") : ("ReplicaSet", "apps/v1")
        }
        if node.member("involvedObject") != nil { return ("Event", "v1") }
        if node.member("data") != nil, node.member("type") == nil { return ("ConfigMap", "v1") }
        if node.at("spec", "clusterIP") != nil { return ("Service", "v1") }
        return nil
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
            pods[object.name] = Pod(namespace: object.namespace, node: object.node, containers: object.containers)
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

    /// Answers that were taken inside a pod: of `pods/NAMESPACE/POD`, `pods/NAMESPACE_POD` and of a folder that has exactly a pod's name, when
    /// that pod has a network of its own. An agent's folder tells of its machine.
    func namespace(inFolder folder: String) -> PodPlace? {
        let parts = folder.split(separator: "/").map(String.init)
        func place(_ namespace: String, _ pod: String, above: Int) -> PodPlace? {
            let known = pods[pod].flatMap { $0.namespace == namespace ? $0 : nil }
            if known?.isOnHost ?? false { return nil }
            return PodPlace(
                namespace: namespace, pod: pod, node: known?.node, above: parts[..<above].joined(separator: "/"))
        }
        for index in parts.indices where parts[index] == "pods" && index + 1 < parts.count {
            // `pods/NAMESPACE_POD`, as the kubelet names its folders.
            let names = parts[index + 1].split(separator: "_").map(String.init)
            if names.count > 1, pods[names[1]]?.namespace == names[0] {
                return place(names[0], names[1], above: index)
            }
            if index + 2 < parts.count { return place(parts[index + 1], parts[index + 2], above: index) }
        }
        guard let last = parts.last else { return nil }
        // `exec-POD-ip_route.txt`, `pod-POD`, `netns-POD`.
        let isMarked = ["exec-", "kubectl-exec-", "pod-", "netns-"].contains(where: last.hasPrefix)
        let name = pods[last] != nil ? last : isMarked ? pod(in: last)?.name ?? last : last
        guard let known = pods[name], known.isOnHost == false else { return nil }
        return place(known.namespace, name, above: parts.count - 1)
    }

    var onlyNode: String? { nodes.count == 1 ? nodes[0] : nil }

    /// The node a folder is named after: by its name, by `agent_NAME`, by one of its pods, or as part of a longer name.
    func node(named folder: String) -> String? {
        let known = Set(nodes)
        for part in folder.split(separator: "/").reversed() {
            let plain = part.hasPrefix("agent_") ? part.dropFirst(6) : part
            if known.contains(String(plain)) { return String(plain) }
            if let pod = pod(in: String(part)), let node = pods[pod.name]?.node { return node }
            let inside = nodes.filter { Self.contains(part, word: $0) }.max { $0.count < $1.count }
            if let inside { return inside }
        }
        return nil
    }

    /// The node of a host's name, whether one of them has a domain or not.
    func node(short name: String) -> String? {
        if nodes.contains(name) { return name }
        let short = name.prefix { $0 != "." }
        let fitting = nodes.filter { $0.prefix { $0 != "." } == short }
        return fitting.count == 1 ? fitting[0] : nil
    }

    /// Whole words only: `node-1` is not in `node-12`.
    private static func contains(_ text: Substring, word: String) -> Bool {
        guard let range = text.firstRange(of: word) else { return false }
        func isBorder(_ character: Character?) -> Bool {
            character.map { !$0.isLetter && !$0.isNumber } ?? true
        }
        let before = range.lowerBound == text.startIndex ? nil : text[text.index(before: range.lowerBound)]
        let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
        return isBorder(before) && isBorder(after)
    }

    /// The longest name of a pod that a name holds, between hyphens, and what stands behind it.
    private func pod(in name: String) -> (name: String, rest: String)? {
        var best: (name: String, rest: String)?
        for piece in name.split(whereSeparator: { "_ :@~".contains($0) }) {
            let parts = piece.split(separator: "-", omittingEmptySubsequences: false)
            for start in parts.indices {
                for end in (start..<parts.count).reversed() where end - start < 12 {
                    var candidate = parts[start...end].joined(separator: "-")
                    if pods[candidate] == nil {
                        for suffix in [".log", ".txt", ".previous.log", ".prom", ".metrics"]
                        where candidate.hasSuffix(suffix) {
                            candidate = String(candidate.dropLast(suffix.count))
                            break
                        }
                    }
                    if pods[candidate] != nil, candidate.count > best?.name.count ?? 0,
                        let range = name.firstRange(of: candidate)
                    {
                        best = (candidate, String(name[range.upperBound...]))
                    }
                }
            }
        }
        return best
    }

    /// Whose log a path names: `namespaces/NS/pods/POD/CONTAINER/CONTAINER/logs/previous.log`,
    /// `logs-POD-CONTAINER-20260306-025310-prev.log`, `NS_POD_CONTAINER.log`, `POD.log`.
    func container(
        ofLog path: String
    ) -> (namespace: String, pod: String, container: String, isPrevious: Bool)? {
        let parts = path.split(separator: "/").map(String.init)
        guard let file = parts.last else { return nil }
        let isPrevious = file.contains("previous") || file.contains("-prev") || file.contains("_prev")
        for (index, part) in parts.enumerated().reversed() {
            guard let found = pod(in: part), let pod = pods[found.name] else { continue }
            let rest = ([found.rest] + parts[(index + 1)...]).joined(separator: "/")
            let words = rest.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
            let named = pod.containers.filter { container in
                words.contains { $0 == container } || rest.contains("-\(container)-") || rest.contains("-\(container).")
                    || rest.contains("_\(container).") || rest.contains("_\(container)-")
                    || rest.contains("/\(container).") || rest.hasSuffix("-\(container)")
            }.max { $0.count < $1.count }
            // All containers of the pod in one: the last is the one it is there for.
            guard let container = named ?? pod.containers.last else { return nil }
            return (pod.namespace, found.name, container, isPrevious)
        }
        // `agent_NODE/logs/agent/antrea-agent.log`: a container of a pod of that node.
        let container = String(file.prefix { $0 != "." })
        guard let node = node(named: parts.dropLast().joined(separator: "/")) else { return nil }
        let owners = pods.filter { $0.value.node == node && $0.value.containers.contains(container) }
        guard owners.count == 1, let owner = owners.first else { return nil }
        return (owner.value.namespace, owner.key, container, isPrevious)
    }
}
