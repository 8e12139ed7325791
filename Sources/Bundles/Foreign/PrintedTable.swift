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
    /// Of a pod in a table: what it is made of is told by its workload, if anything tells it.
    var row: [String: String]?

    /// The same pod with `hostNetwork`.
    var onHostNetwork: JSONValue {
        guard case .object(var members) = value, let index = members.firstIndex(where: { $0.key == "spec" }),
            case .object(let spec) = members[index].value
        else { return value }
        members[index].value = .object(spec + [JSONMember("hostNetwork", true)])
        return .object(members)
    }
}

/// What `kubectl get` prints: nodes, pods, events, Services, workloads and what stands between them.
struct PrintedTable {
    private(set) var objects: [PrintedObject] = []
    let now: Int64

    /// `kubectl get all` prints one table after the other.
    init(_ text: String, now: Int64) {
        self.now = now
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            // Each kind of `kubectl get svc,endpoints` has a head of its own.
            if line.hasPrefix("NAME"), !lines.isEmpty {
                read(lines.joined(separator: "\n"))
                lines = []
            }
            if line.contains(where: { !$0.isWhitespace }) { lines.append(line) }
        }
        read(lines.joined(separator: "\n"))
    }

    /// A table that was asked of one namespace, with the column that one of all namespaces has; nil for another text.
    static func placed(_ text: String, in namespace: String) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let head = lines.firstIndex(where: { !$0.isEmpty }), lines[head].hasPrefix("NAME "),
            ["READY", "CLUSTER-IP", "ENDPOINTS", "SELECTOR"].contains(where: lines[head].contains)
        else { return events(lines, in: namespace) }
        let width = max(namespace.count, "NAMESPACE".count) + 3
        func padded(_ word: String) -> String { word + String(repeating: " ", count: width - word.count) }
        // Each kind of `kubectl get svc,endpointslices` has a head of its own.
        return lines.map { line in
            line.isEmpty ? "" : padded(line.hasPrefix("NAME ") ? "NAMESPACE" : namespace) + line
        }.joined(separator: "\n")
    }

    private static func events(_ lines: [Substring], in namespace: String) -> String? {
        guard let head = lines.firstIndex(where: { !$0.isEmpty }), lines[head].hasPrefix("LAST SEEN "),
            lines[head].contains("MESSAGE")
        else { return nil }
        let width = max(namespace.count, "NAMESPACE".count) + 3
        return lines.enumerated().map { number, line in
            let word = number == head ? "NAMESPACE" : namespace
            return line.isEmpty ? "" : word + String(repeating: " ", count: width - word.count) + line
        }.joined(separator: "\n")
    }

    private mutating func read(_ text: String) {
        guard let table = ColumnTable(text), let first = table.rows.first else { return }
        func has(_ columns: String...) -> Bool { columns.allSatisfy { first[$0] != nil } }
        let rows = table.rows
        if has("REASON", "OBJECT") {
            objects += rows.enumerated().compactMap { event($1, $0) }
        } else if has("STATUS", "ROLES", "VERSION") {
            objects += rows.compactMap(node)
        } else if has("CPU(cores)", "MEMORY(bytes)") {
            objects += rows.compactMap(usage)
        } else if has("READY", "STATUS", "RESTARTS") {
            objects += rows.compactMap { pod($0) }
        } else if has("CLUSTER-IP", "PORT(S)") {
            objects += rows.compactMap(service)
        } else if has("ADDRESSTYPE", "ENDPOINTS") {
            objects += rows.compactMap(slice)
        } else if has("ENDPOINTS", "AGE") {
            objects += rows.compactMap(endpoints)
        } else if has("DESIRED", "UP-TO-DATE", "NODE SELECTOR") {
            objects += rows.compactMap(daemonSet)
        } else if has("READY", "UP-TO-DATE", "AVAILABLE") {
            objects += rows.compactMap(deployment)
        } else if has("READY", "CONTAINERS", "IMAGES") {
            objects += rows.compactMap(statefulSet)
        } else if has("CLASS", "HOSTS") {
            objects += rows.compactMap(ingress)
        } else if has("CONTROLLER", "PARAMETERS") {
            objects += rows.compactMap(ingressClass)
        }
    }

    /// `pod/web-1` of `kubectl get all` is `web-1`.
    static func name(_ row: [String: String]) -> String? {
        text(row, "NAME").map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    }

    static func text(_ row: [String: String], _ column: String) -> String? {
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
            "printed": true,
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

    func pod(_ row: [String: String], of workload: PrintedWorkload? = nil) -> PrintedObject? {
        guard let name = Self.name(row), let state = Self.text(row, "STATUS") else { return nil }
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
        let known = workload.flatMap { $0.containers.count == count ? $0.containers : nil }
        let containers = known?.map(\.name) ?? (0..<count).map { count == 1 ? "container" : "container-\($0 + 1)" }
        let statuses = containers.enumerated().map { index, container -> JSONValue in
            var current: JSONValue = ["running": [:]]
            if isWaiting { current = ["waiting": ["reason": .string(state)]] }
            if phase == "Succeeded" { current = ["terminated": ["exitCode": 0, "reason": "Completed"]] }
            return [
                // Which of them is not ready the table does not say: what the pod is there for comes first.
                "name": .string(container), "ready": .bool(ready.first.map { index >= count - $0 } ?? false),
                "restartCount": .int(index == 0 ? restarts : 0), "state": current,
            ]
        }
        let made = known?.map { JSONValue.object($0.members) } ?? containers.map { ["name": .string($0)] }
        var spec = [JSONMember("containers", .array(made))]
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
        var metadata = [
            JSONMember("name", .string(name)), JSONMember("namespace", .string(namespace)),
            JSONMember("creationTimestamp", Self.stamp(now - age)),
        ]
        let labels = Self.pairs(row["LABELS"])
        metadata.append(JSONMember("labels", .object(labels.isEmpty ? workload?.labels ?? [] : labels)))
        if let workload {
            metadata.append(
                JSONMember(
                    "ownerReferences",
                    [
                        [
                            "kind": .string(workload.ownerKind), "name": .string(workload.owner(of: name)),
                            "controller": true,
                        ]
                    ]))
        }
        let value: JSONValue = [
            "printed": true, "metadata": .object(metadata), "spec": .object(spec), "status": .object(status),
        ]
        return PrintedObject(
            apiVersion: "v1", kind: "Pod", namespace: namespace, name: name, value: value, node: node,
            containers: containers, address: Self.text(row, "IP"), row: workload == nil ? row : nil)
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
