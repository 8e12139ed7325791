import Diagnosis
import JSONTree

extension PrintedTable {
    /// `app=web,tier=front`.
    static func pairs(_ text: String?) -> [JSONMember] {
        guard let text, text != "<none>" else { return [] }
        return text.split(separator: ",").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return parts.isEmpty ? nil : JSONMember(parts[0], .string(parts.count == 2 ? parts[1] : ""))
        }
    }

    private func metadata(_ row: [String: String], _ name: String, _ namespace: String?) -> JSONValue {
        var members = [JSONMember("name", .string(name))]
        if let namespace { members.append(JSONMember("namespace", .string(namespace))) }
        let labels = Self.pairs(row["LABELS"])
        if !labels.isEmpty { members.append(JSONMember("labels", .object(labels))) }
        if let age = Self.seconds(row["AGE"] ?? "") {
            members.append(JSONMember("creationTimestamp", Self.stamp(now - age)))
        }
        return .object(members)
    }

    // MARK: Services

    /// `80:31811/TCP,443/TCP`; the table tells neither their names nor where they lead.
    /// A row of `kubectl top pods`: what the metrics server says its containers use, together or each
    /// (`--containers`). That of a node has shares beside it and is left out.
    func usage(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.text(row, "POD") ?? Self.name(row), let used = Self.text(row, "MEMORY(bytes)"),
            row["MEMORY%"] == nil, row["MEMORY(%)"] == nil
        else { return nil }
        let container = row["POD"] == nil ? "" : Self.text(row, "NAME") ?? ""
        let namespace = Self.text(row, "NAMESPACE") ?? ""
        let value: JSONValue = [
            "printed": true,
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "containers": [
                [
                    "name": .string(container),
                    "usage": [
                        "cpu": .string(Self.text(row, "CPU(cores)") ?? "0"), "memory": .string(used),
                    ],
                ]
            ],
        ]
        return PrintedObject(
            apiVersion: "metrics.k8s.io/v1beta1", kind: "PodMetrics", namespace: namespace,
            name: container.isEmpty ? name : "\(name)/\(container)", value: value)
    }

    func service(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.name(row), let type = Self.text(row, "TYPE") else { return nil }
        let namespace = Self.text(row, "NAMESPACE") ?? "default"
        let ports = (Self.text(row, "PORT(S)") ?? "").split(separator: ",").compactMap { text -> JSONValue? in
            let parts = text.split(separator: "/")
            let numbers = parts[0].split(separator: ":").compactMap { Int64($0) }
            guard parts.count == 2, let port = numbers.first else { return nil }
            var members = [JSONMember("port", .int(port)), JSONMember("protocol", .string(String(parts[1])))]
            if numbers.count == 2 { members.append(JSONMember("nodePort", .int(numbers[1]))) }
            return .object(members)
        }
        var spec = [JSONMember("type", .string(type)), JSONMember("ports", .array(ports))]
        if let address = row["CLUSTER-IP"], !address.isEmpty, address != "<none>" {
            spec.append(JSONMember("clusterIP", .string(address)))
            spec.append(JSONMember("clusterIPs", [.string(address)]))
        }
        let selector = Self.pairs(row["SELECTOR"])
        if !selector.isEmpty { spec.append(JSONMember("selector", .object(selector))) }
        let outside = Self.text(row, "EXTERNAL-IP").flatMap { $0 == "<pending>" ? nil : $0 }
        if type == "ExternalName", let outside { spec.append(JSONMember("externalName", .string(outside))) }
        let ends = type == "LoadBalancer" ? (outside ?? "").split(separator: ",").map(String.init) : []
        let value: JSONValue = [
            "printed": true, "metadata": metadata(row, name, namespace), "spec": .object(spec),
            "status": ["loadBalancer": ["ingress": .array(ends.map { ["ip": .string($0)] })]],
        ]
        return PrintedObject(apiVersion: "v1", kind: "Service", namespace: namespace, name: name, value: value)
    }

    /// Of a list that was cut: 3 of `10.244.1.2:80 + 3 more...`.
    static func leftOut(_ text: some StringProtocol) -> Int64 {
        guard let plus = text.firstRange(of: " + "), text.contains("more...") else { return 0 }
        return Int64(text[plus.upperBound...].prefix { $0.isNumber }) ?? 1
    }

    /// The list itself.
    private static func told(_ text: String) -> Substring {
        text.firstRange(of: " + ").map { text[..<$0.lowerBound] } ?? text[...]
    }

    func slice(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.name(row), let ends = row["ENDPOINTS"] else { return nil }
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        // A Service's name, a hyphen, five letters of chance.
        let isNamedByChance = parts.count > 1 && parts[parts.count - 1].count == 5
        let service = isNamedByChance ? parts.dropLast().joined(separator: "-") : name
        let isEmpty = ends == "<unset>" || ends == "<none>"
        let addresses = isEmpty ? [] : Self.told(ends).split(separator: ",").map { String($0.filter { $0 != " " }) }
        let ports = (row["PORTS"] ?? "").split(separator: ",").compactMap { Int64($0.filter { $0 != " " }) }
        return .slice(
            of: service, Self.text(row, "NAMESPACE") ?? "default", addresses: addresses,
            ports: ports.map { ("", $0, "TCP") }, named: name, arePortsNamed: false, leftOut: Self.leftOut(ends))
    }

    /// Of `kubectl get endpoints`, which has one line of a Service.
    func endpoints(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.name(row), let ends = row["ENDPOINTS"] else { return nil }
        var addresses: [String] = []
        var ports: [Int64] = []
        for end in ends == "<none>" ? [] : Self.told(ends).split(separator: ",") {
            guard let colon = end.lastIndex(of: ":"), let port = Int64(end[end.index(after: colon)...]) else {
                continue
            }
            addresses.append(String(end[..<colon].filter { !"[] ".contains($0) }))
            if !ports.contains(port) { ports.append(port) }
        }
        return .slice(
            of: name, Self.text(row, "NAMESPACE") ?? "default", addresses: addresses,
            ports: ports.map { ("", $0, "TCP") }, named: "\(name)-printed", arePortsNamed: false,
            leftOut: Self.leftOut(ends))
    }

    // MARK: Workloads

    private static func number(_ row: [String: String], _ column: String) -> JSONValue {
        .int(Int64(row[column] ?? "") ?? 0)
    }

    /// `-o wide` tells containers, images and the selector.
    private func template(_ row: [String: String]) -> JSONValue {
        let names = (Self.text(row, "CONTAINERS") ?? "").split(separator: ",").map(String.init)
        let images = (Self.text(row, "IMAGES") ?? "").split(separator: ",").map(String.init)
        let containers = zip(names, images).map { name, image -> JSONValue in
            ["name": .string(name), "image": .string(image)]
        }
        return [
            "metadata": ["labels": .object(Self.pairs(row["SELECTOR"]))],
            "spec": ["containers": .array(containers), "nodeSelector": .object(Self.pairs(row["NODE SELECTOR"]))],
        ]
    }

    func daemonSet(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.name(row) else { return nil }
        let namespace = Self.text(row, "NAMESPACE") ?? "default"
        let value: JSONValue = [
            "metadata": metadata(row, name, namespace),
            "spec": [
                "selector": ["matchLabels": .object(Self.pairs(row["SELECTOR"]))], "template": template(row),
            ],
            "status": [
                "desiredNumberScheduled": Self.number(row, "DESIRED"),
                "currentNumberScheduled": Self.number(row, "CURRENT"), "numberReady": Self.number(row, "READY"),
                "updatedNumberScheduled": Self.number(row, "UP-TO-DATE"),
                "numberAvailable": Self.number(row, "AVAILABLE"),
            ],
        ]
        return PrintedObject(apiVersion: "apps/v1", kind: "DaemonSet", namespace: namespace, name: name, value: value)
    }

    /// `2/3`: those that are ready, and those that there should be.
    private static func replicas(_ row: [String: String]) -> (ready: Int64, wanted: Int64)? {
        let numbers = (row["READY"] ?? "").split(separator: "/").compactMap { Int64($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }

    func deployment(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.name(row) else { return nil }
        let namespace = Self.text(row, "NAMESPACE") ?? "default"
        guard let (ready, replicas) = Self.replicas(row) else { return nil }
        let value: JSONValue = [
            "metadata": metadata(row, name, namespace),
            "spec": [
                "replicas": .int(replicas), "selector": ["matchLabels": .object(Self.pairs(row["SELECTOR"]))],
                "template": template(row),
            ],
            "status": [
                "replicas": .int(replicas), "readyReplicas": .int(ready),
                "updatedReplicas": Self.number(row, "UP-TO-DATE"), "availableReplicas": Self.number(row, "AVAILABLE"),
            ],
        ]
        return PrintedObject(apiVersion: "apps/v1", kind: "Deployment", namespace: namespace, name: name, value: value)
    }

    func statefulSet(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.name(row) else { return nil }
        let namespace = Self.text(row, "NAMESPACE") ?? "default"
        guard let (ready, replicas) = Self.replicas(row) else { return nil }
        let value: JSONValue = [
            "metadata": metadata(row, name, namespace),
            "spec": ["replicas": .int(replicas), "template": template(row)],
            "status": ["replicas": .int(replicas), "readyReplicas": .int(ready)],
        ]
        return PrintedObject(apiVersion: "apps/v1", kind: "StatefulSet", namespace: namespace, name: name, value: value)
    }

    // MARK: Ingresses

    func ingress(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.name(row) else { return nil }
        let namespace = Self.text(row, "NAMESPACE") ?? "default"
        let hosts = (Self.text(row, "HOSTS") ?? "").split(separator: ",").map { $0 == "*" ? "" : String($0) }
        var spec = [JSONMember("rules", .array(hosts.map { ["host": .string($0)] }))]
        if let known = Self.text(row, "CLASS") { spec.append(JSONMember("ingressClassName", .string(known))) }
        let ends = (Self.text(row, "ADDRESS") ?? "").split(separator: ",").map {
            JSONValue.object([JSONMember("ip", .string(String($0)))])
        }
        let value: JSONValue = [
            "printed": true, "metadata": metadata(row, name, namespace), "spec": .object(spec),
            "status": ["loadBalancer": ["ingress": .array(ends)]],
        ]
        return PrintedObject(
            apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace: namespace, name: name, value: value)
    }

    func ingressClass(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.name(row), let controller = Self.text(row, "CONTROLLER") else { return nil }
        let value: JSONValue = [
            "metadata": metadata(row, name, nil), "spec": ["controller": .string(controller)],
        ]
        return PrintedObject(apiVersion: "networking.k8s.io/v1", kind: "IngressClass", name: name, value: value)
    }
}

extension PrintedObject {
    /// The EndpointSlice that a printed list of a Service's endpoints was made of.
    ///
    /// - Parameter leftOut: how many more the list has than were printed.
    static func slice(
        of service: String, _ namespace: String, addresses: [String],
        ports: [(name: String, number: Int64, transport: String)],
        named name: String? = nil, arePortsNamed: Bool = true, notReady: [String] = [], leftOut: Int64 = 0
    ) -> PrintedObject {
        var seen: Set<String> = []
        let own = name ?? "\(service)-described"
        func ends(_ addresses: [String], _ isReady: Bool) -> [JSONValue] {
            addresses.filter { seen.insert($0).inserted }.map {
                ["addresses": [.string($0)], "conditions": ["ready": .bool(isReady)]]
            }
        }
        let list = ports.map { port -> JSONValue in
            var members = [JSONMember("port", .int(port.number)), JSONMember("protocol", .string(port.transport))]
            if arePortsNamed { members.append(JSONMember("name", .string(port.name))) }
            return .object(members)
        }
        var value: JSONValue = [
            "metadata": [
                "name": .string(own), "namespace": .string(namespace),
                "labels": ["kubernetes.io/service-name": .string(service)],
            ],
            "addressType": .string((addresses + notReady).contains { $0.contains(":") } ? "IPv6" : "IPv4"),
            "endpoints": .array(ends(addresses, true) + ends(notReady, false)), "ports": .array(list),
        ]
        if leftOut > 0 { value = value.settingMember(APIObject.leftOut, to: .int(leftOut)) }
        return PrintedObject(
            apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", namespace: namespace, name: own, value: value)
    }
}

/// What a pod of a table belongs to: a table of pods tells neither containers nor labels.
struct PrintedWorkload {
    struct Container {
        var name: String
        var image: String

        var members: [JSONMember] { [JSONMember("name", .string(name)), JSONMember("image", .string(image))] }
    }

    var kind: String
    var name: String
    var labels: [JSONMember]
    var containers: [Container]

    var ownerKind: String { kind == "Deployment" ? "ReplicaSet" : kind }

    func owner(of pod: String) -> String {
        guard kind == "Deployment", let hyphen = pod.lastIndex(of: "-") else { return name }
        return String(pod[..<hyphen])
    }

    init?(_ object: JSONValue, kind: String) {
        guard let name = object["metadata"]?["name"]?.word else { return nil }
        self.kind = kind
        self.name = name
        if case .object(let labels)? = object["spec"]?["selector"]?["matchLabels"]?.unfolded {
            self.labels = labels
        } else {
            labels = []
        }
        if case .array(let containers)? = object["spec"]?["template"]?["spec"]?["containers"]?.unfolded {
            self.containers = containers.compactMap { one in
                guard let name = one["name"]?.word else { return nil }
                return Container(name: name, image: one["image"]?.word ?? "")
            }
        } else {
            containers = []
        }
    }

    /// DaemonSets add five letters of chance to their name, Deployments the hash of their template before those.
    func owns(_ pod: String) -> Bool {
        guard pod.hasPrefix(name + "-") else { return false }
        let rest = pod.dropFirst(name.count + 1).split(separator: "-", omittingEmptySubsequences: false)
        switch kind {
        case "DaemonSet": return rest.count == 1 && rest[0].count == 5
        case "Deployment": return rest.count == 2 && (6...10).contains(rest[0].count) && rest[1].count == 5
        default: return rest.count == 1 && rest[0].allSatisfy(\.isNumber)
        }
    }

    /// By the pod's name alone, of programs whose manifests have called them so for years. No image is known then, and no
    /// more is claimed than the label that goes with the name.
    init?(pod: String) {
        var parts = pod.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count > 1, parts[parts.count - 1].count == 5 else { return nil }
        parts.removeLast()
        let direct = parts.joined(separator: "-")
        let isHashed = parts.count > 1 && (8...10).contains(parts[parts.count - 1].count)
        let named = isHashed ? parts.dropLast().joined(separator: "-") : direct
        for component in NetworkComponent.all {
            for label in component.labels {
                let pair = label.split(separator: "=", maxSplits: 1).map(String.init)
                guard pair.count == 2 else { continue }
                for word in Set([component.name, pair[1]]) {
                    let names = [
                        word, "kube-\(word)", "kube-\(word)-ds", "rke2-\(word)", "rke2-\(word)-rke2-\(word)",
                        "\(word)-ds",
                    ]
                    guard let known = [direct, named].first(where: names.contains) else { continue }
                    kind =
                        known == direct && !(isHashed && known == named && known != direct) ? "DaemonSet" : "Deployment"
                    name = known
                    labels = [JSONMember(pair[0], .string(pair[1]))]
                    containers = []
                    return
                }
            }
        }
        return nil
    }
}

extension JSONValue {
    /// Of a string; nil for anything else.
    var word: String? {
        if case .string(let text) = unfolded { return text }
        return nil
    }
}
