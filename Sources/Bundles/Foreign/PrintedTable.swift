import JSONTree
import KubernetesModel

/// An object as far as text for people tells it.
struct PrintedObject {
    var apiVersion: String
    var kind: String
    var namespace = ""
    var name: String
    var value: JSONValue
    /// Of a pod.
    var node: String?
    var containers: [String] = []
    var address: String?
    /// Of a node, and of the node a pod is on.
    var hostAddresses: [String] = []

    /// The same pod with `hostNetwork`.
    var onHostNetwork: JSONValue {
        guard case .object(var members) = value, let index = members.firstIndex(where: { $0.key == "spec" }),
            case .object(let spec) = members[index].value
        else { return value }
        members[index].value = .object(spec + [JSONMember("hostNetwork", true)])
        return .object(members)
    }
}

/// What `kubectl get nodes`, `get pods -o wide` and `get events` print.
struct PrintedTable {
    private(set) var objects: [PrintedObject] = []
    private let now: Int64

    init(_ text: String, now: Int64) {
        self.now = now
        guard let table = ColumnTable(text), let first = table.rows.first else { return }
        if first["REASON"] != nil, first["OBJECT"] != nil {
            objects = table.rows.enumerated().compactMap { event($1, $0) }
        } else if first["STATUS"] != nil, first["ROLES"] != nil, first["VERSION"] != nil {
            objects = table.rows.compactMap(node)
        } else if first["READY"] != nil, first["STATUS"] != nil, first["RESTARTS"] != nil {
            objects = table.rows.compactMap(pod)
        }
    }

    private static func text(_ row: [String: String], _ column: String) -> String? {
        row[column].flatMap { $0.isEmpty || $0 == "<none>" || $0 == "<unknown>" ? nil : $0 }
    }

    static func stamp(_ seconds: Int64) -> JSONValue { .string("\(Timestamp(seconds: seconds))") }

    // MARK: Rows

    private func node(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.text(row, "NAME"), let status = Self.text(row, "STATUS") else { return nil }
        let states = status.split(separator: ",")
        let isReady = states.contains("Ready")
        var addresses: [JSONValue] = [["type": "Hostname", "address": .string(name)]]
        for (column, type) in [("INTERNAL-IP", "InternalIP"), ("EXTERNAL-IP", "ExternalIP")] {
            if let address = Self.text(row, column) {
                addresses.append(["type": .string(type), "address": .string(address)])
            }
        }
        let age = Self.seconds(row["AGE"] ?? "") ?? 0
        var spec: [JSONMember] = []
        if states.contains("SchedulingDisabled") { spec.append(JSONMember("unschedulable", true)) }
        let value: JSONValue = [
            "metadata": [
                "name": .string(name), "creationTimestamp": Self.stamp(now - age),
                "labels": ["kubernetes.io/hostname": .string(name)],
            ],
            "spec": .object(spec),
            "status": [
                "addresses": .array(addresses),
                "conditions": [["type": "Ready", "status": .string(isReady ? "True" : "False")]],
                "nodeInfo": [
                    "kubeletVersion": .string(Self.text(row, "VERSION") ?? ""),
                    "osImage": .string(Self.text(row, "OS-IMAGE") ?? ""),
                    "kernelVersion": .string(Self.text(row, "KERNEL-VERSION") ?? ""),
                    "containerRuntimeVersion": .string(Self.text(row, "CONTAINER-RUNTIME") ?? ""),
                ],
            ],
        ]
        let own = ["INTERNAL-IP", "EXTERNAL-IP"].compactMap { Self.text(row, $0) }
        return PrintedObject(apiVersion: "v1", kind: "Node", name: name, value: value, hostAddresses: own)
    }

    private static let runningStates: Set<String> = ["Running", "CrashLoopBackOff", "Error", "OOMKilled"]

    private func pod(_ row: [String: String]) -> PrintedObject? {
        guard let name = Self.text(row, "NAME"), let state = Self.text(row, "STATUS") else { return nil }
        // Without -A nobody knows the namespace; without -o wide the node is not told.
        let namespace = Self.text(row, "NAMESPACE") ?? "default"
        let node = Self.text(row, "NODE")
        let ready = (row["READY"] ?? "").split(separator: "/").compactMap { Int($0) }
        let count = ready.count == 2 ? max(1, ready[1]) : 1
        let isReady = ready.count == 2 && ready[0] == ready[1] && state == "Running"
        let restarts = Int64((row["RESTARTS"] ?? "").prefix { $0.isNumber }) ?? 0
        let age = Self.seconds(row["AGE"] ?? "") ?? 0
        let phase =
            switch state {
            case "Completed", "Succeeded": "Succeeded"
            case "Evicted", "Failed": "Failed"
            default: Self.runningStates.contains(state) ? "Running" : "Pending"
            }
        let isWaiting =
            !["Running", "Completed", "Succeeded", "Failed", "Evicted", "Terminating", "Pending"]
            .contains(state) && !state.hasPrefix("Init:")
        let containers = (0..<count).map { count == 1 ? "container" : "container-\($0 + 1)" }
        let statuses = containers.enumerated().map { index, container -> JSONValue in
            var current: JSONValue = ["running": [:]]
            if isWaiting { current = ["waiting": ["reason": .string(state)]] }
            if phase == "Succeeded" { current = ["terminated": ["exitCode": 0, "reason": "Completed"]] }
            return [
                "name": .string(container), "ready": .bool(ready.first.map { index < $0 } ?? false),
                "restartCount": .int(index == 0 ? restarts : 0), "state": current,
            ]
        }
        var spec = [JSONMember("containers", .array(containers.map { ["name": .string($0)] }))]
        if let node { spec.append(JSONMember("nodeName", .string(node))) }
        var status = [
            JSONMember("phase", .string(phase)),
            JSONMember("conditions", [["type": "Ready", "status": .string(isReady ? "True" : "False")]]),
            JSONMember("containerStatuses", .array(statuses)),
        ]
        if let address = Self.text(row, "IP") {
            status.append(JSONMember("podIP", .string(address)))
            status.append(JSONMember("podIPs", [["ip": .string(address)]]))
        }
        let value: JSONValue = [
            "metadata": [
                "name": .string(name), "namespace": .string(namespace), "creationTimestamp": Self.stamp(now - age),
            ],
            "spec": .object(spec), "status": .object(status),
        ]
        return PrintedObject(
            apiVersion: "v1", kind: "Pod", namespace: namespace, name: name, value: value, node: node,
            containers: containers, address: Self.text(row, "IP"))
    }

    private func event(_ row: [String: String], _ number: Int) -> PrintedObject? {
        guard let reason = Self.text(row, "REASON"), let object = Self.text(row, "OBJECT") else { return nil }
        let parts = object.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        let seen = EventAge(row["LAST SEEN"] ?? "")
        return Self.event(
            namespace: Self.text(row, "NAMESPACE") ?? "default", kind: parts[0], name: parts[1], reason: reason,
            message: row["MESSAGE"] ?? "", type: row["TYPE"] ?? "", age: seen, now: now, number: number)
    }

    private static let kinds: [String: String] = [
        "pod": "Pod", "node": "Node", "daemonset": "DaemonSet", "deployment": "Deployment", "service": "Service",
        "ingress": "Ingress", "replicaset": "ReplicaSet", "statefulset": "StatefulSet", "job": "Job",
        "certificate": "Certificate", "challenge": "Challenge", "order": "Order", "endpoints": "Endpoints",
    ]

    static func event(
        namespace: String, kind: String, name: String, reason: String, message: String, type: String, age: EventAge,
        now: Int64, number: Int
    ) -> PrintedObject {
        let own = "\(name).\(String(reason.lowercased())).\(number)"
        let value: JSONValue = [
            "metadata": [
                "name": .string(own), "namespace": .string(namespace), "creationTimestamp": stamp(now - age.first),
            ],
            "involvedObject": [
                "kind": .string(kinds[kind.lowercased()] ?? kind), "name": .string(name),
                "namespace": .string(namespace),
            ],
            "reason": .string(reason), "message": .string(message), "type": .string(type), "count": .int(age.count),
            "firstTimestamp": stamp(now - age.first), "lastTimestamp": stamp(now - age.last),
        ]
        return PrintedObject(apiVersion: "v1", kind: "Event", namespace: namespace, name: own, value: value)
    }

    /// `3d4h`, `14m`, `20s` in seconds, as kubectl writes ages (k8s.io/apimachinery, duration.HumanDuration).
    static func seconds(_ text: some StringProtocol) -> Int64? {
        var total: Int64 = 0
        var digits: Int64?
        for character in text {
            if let digit = character.wholeNumberValue {
                digits = min((digits ?? 0) * 10 + Int64(digit), 1 << 40)
                continue
            }
            let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 31_536_000]
            guard let unit = units[character], let number = digits else { return nil }
            total += number * unit
            digits = nil
        }
        return digits == nil && !text.isEmpty ? total : nil
    }
}

/// `20s`, `20s (x40 over 15m)`.
struct EventAge {
    var last: Int64 = 0
    var first: Int64 = 0
    var count: Int64 = 1

    init(_ text: String) {
        let words = text.split(separator: " ")
        last = words.first.flatMap { PrintedTable.seconds($0) } ?? 0
        first = last
        if words.count >= 4, words[1].hasPrefix("(x"), let number = Int64(words[1].dropFirst(2)) {
            count = number
            first = PrintedTable.seconds(words[3].filter { $0 != ")" }) ?? last
        }
    }
}
