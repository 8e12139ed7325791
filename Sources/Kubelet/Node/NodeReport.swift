import JSONTree
import KubernetesModel

/// The node's own object as its kubelet writes it. Pure.
struct NodeReport: Sendable {
    var name: String
    var addresses: [String]
    var port: Int
    var version: String
    var labels: [String: String]
    var capacity: [String: String]
    var machineID: String
    var bootID: String
    var kernel: String
    var systemName: String
    var architecture: String
    /// Why the network cannot take pods; nil when it can.
    var networkObjection: String?

    static let notReadyTaint = "node.kubernetes.io/not-ready"

    var isReady: Bool { networkObjection == nil }

    var allLabels: [String: String] {
        [
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": architecture,
            "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": architecture,
        ].merging(labels) { _, ours in ours }
    }

    /// For the first registration: not ready, and said so to the scheduler.
    func object(now: Timestamp) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Node",
            "metadata": [
                "name": .string(name), "labels": .object(Self.members(allLabels)),
                "annotations": ["volumes.kubernetes.io/controller-managed-attach-detach": "true"],
            ],
            "spec": ["taints": [Self.taint]], "status": status(before: [], now: now),
        ]
    }

    static var taint: JSONValue { ["key": .string(notReadyTaint), "effect": "NoSchedule"] }

    private static func members(_ map: [String: String]) -> [JSONMember] {
        map.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) }
    }

    /// - Parameter before: the conditions as they are; transitions keep their time, conditions of others stay.
    func status(before: [Condition], now: Timestamp) -> JSONValue {
        let ready: (Bool, String, String) =
            networkObjection.map {
                (
                    false, "KubeletNotReady",
                    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
                        + "message:Network plugin returns error: \($0)"
                )
            } ?? (true, "KubeletReady", "kubelet is posting ready status")
        let own: [(String, (Bool, String, String))] = [
            ("MemoryPressure", (false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available")),
            ("DiskPressure", (false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure")),
            ("PIDPressure", (false, "KubeletHasSufficientPID", "kubelet has sufficient PID available")),
            ("Ready", ready),
        ]
        let names = own.map(\.0)
        var conditions = before.filter { !names.contains($0.type) }.map { condition -> JSONValue in
            var members = [
                JSONMember("type", .string(condition.type)), JSONMember("status", .string(condition.status)),
                JSONMember("reason", .string(condition.reason)), JSONMember("message", .string(condition.message)),
                JSONMember("lastHeartbeatTime", .string("\(now)")),
            ]
            if let time = condition.lastTransitionTime {
                members.append(JSONMember("lastTransitionTime", .string("\(time)")))
            }
            return .object(members)
        }
        for (type, (isTrue, reason, message)) in own {
            let status = isTrue ? "True" : "False"
            let old = before.first { $0.type == type }
            let since = old?.status == status ? old?.lastTransitionTime ?? now : now
            conditions.append([
                "type": .string(type), "status": .string(status), "lastHeartbeatTime": .string("\(now)"),
                "lastTransitionTime": .string("\(since)"), "reason": .string(reason), "message": .string(message),
            ])
        }
        return [
            "addresses": .array(
                addresses.map { ["type": "InternalIP", "address": .string($0)] }
                    + [["type": "Hostname", "address": .string(name)]]),
            "capacity": .object(Self.members(capacity)), "allocatable": .object(Self.members(capacity)),
            "conditions": .array(conditions),
            "daemonEndpoints": ["kubeletEndpoint": ["Port": .int(Int64(port))]],
            "nodeInfo": [
                "machineID": .string(machineID), "systemUUID": .string(machineID), "bootID": .string(bootID),
                "kernelVersion": .string(kernel), "osImage": .string(systemName),
                "containerRuntimeVersion": "poplin://\(version.dropFirst())", "kubeletVersion": .string(version),
                "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": .string(architecture),
            ],
        ]
    }
}
