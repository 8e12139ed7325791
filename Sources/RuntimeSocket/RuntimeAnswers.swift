import JSONTree

/// Answers of the CRI's RuntimeService in the forms of crictl. Field numbers are those of k8s.io/cri-api
/// pkg/apis/runtime/v1/api.proto, and the same in v1alpha2.
enum RuntimeAnswers {
    // MARK: Requests

    /// StatusRequest: verbose.
    static var status: [UInt8] {
        var writer = MessageWriter()
        writer.flag(1, true)
        return writer.bytes
    }

    /// PodSandboxStatusRequest: pod_sandbox_id, verbose.
    static func sandboxStatus(of id: String) -> [UInt8] {
        var writer = MessageWriter()
        writer.text(1, id)
        writer.flag(2, true)
        return writer.bytes
    }

    /// VersionRequest: the version of the kubelet's API.
    static var version: [UInt8] {
        var writer = MessageWriter()
        writer.text(1, "v1")
        return writer.bytes
    }

    // MARK: crictl info

    /// Of the runtime's own configuration only where it looks for CNI: the rest may hold passwords of registries.
    private static let told: Set<String> = ["cniconfig", "lastCNILoadStatus", "lastCNILoadStatus.default"]

    static func information(version: [UInt8]?, status: [UInt8], socket: String) -> JSONValue? {
        guard let answer = MessageFields(status[...]), let state = answer.message(1) else { return nil }
        let conditions = state.messages(1).map { condition -> JSONValue in
            [
                "type": .string(condition.text(1)), "status": .bool(condition.flag(2)),
                "reason": .string(condition.text(3)), "message": .string(condition.text(4)),
            ]
        }
        var members = [
            JSONMember("socket", .string(socket)),
            JSONMember("status", .object([JSONMember("conditions", .array(conditions))])),
        ]
        if let version, let fields = MessageFields(version[...]) {
            members.append(JSONMember("runtimeName", .string(fields.text(2))))
            members.append(JSONMember("runtimeVersion", .string(fields.text(3))))
            members.append(JSONMember("runtimeApiVersion", .string(fields.text(4))))
        }
        for (key, value) in answer.map(2) {
            let tree = (try? JSONTree(parsing: Array(value.utf8)).root).map { JSONValue($0) }
            if told.contains(key) {
                members.append(JSONMember(key, tree ?? .string(value)))
            } else if key == "config", let directories = tree?.at("cni") {
                members.append(JSONMember("config", .object([JSONMember("cni", directories)])))
            }
        }
        return .object(members)
    }

    // MARK: crictl pods, crictl inspectp

    struct Sandbox {
        var id: String
        var isReady: Bool
        var members: [JSONMember]

        /// With what PodSandboxStatus says of it.
        func value(_ status: [UInt8]?) -> JSONValue {
            guard let answer = status.flatMap({ MessageFields($0[...]) }), let state = answer.message(1) else {
                return .object(members)
            }
            var members = members
            if let network = state.message(5) {
                let others = network.messages(2).map { JSONValue.object([JSONMember("ip", .string($0.text(1)))]) }
                members.append(
                    JSONMember("network", ["ip": .string(network.text(1)), "additionalIps": .array(others)]))
            }
            // linux.namespaces.options.network: POD 0, CONTAINER 1, NODE 2, TARGET 3.
            if state.message(6)?.message(1)?.message(2)?.number(1) == 2 {
                members.append(JSONMember("hostNetwork", true))
            }
            let info = answer.map(2).first { $0.key == "info" }?.value
            if let info, let tree = try? JSONTree(parsing: Array(info.utf8)).root {
                if let pid = tree.member("pid")?.int, pid > 0 { members.append(JSONMember("pid", .int(pid))) }
                if let path = RuntimeAnswers.networkNamespace(tree) {
                    members.append(JSONMember("netns", .string(path)))
                }
            }
            return .object(members)
        }
    }

    /// ListPodSandboxResponse; nil when it is none.
    static func sandboxes(_ answer: [UInt8]) -> [Sandbox]? {
        guard let list = MessageFields(answer[...]) else { return nil }
        return list.messages(1).map { item in
            let metadata = item.message(2)
            func map(_ field: Int) -> JSONValue {
                .object(item.map(field).map { JSONMember($0.key, .string($0.value)) })
            }
            let isReady = item.number(3) == 0
            return Sandbox(
                id: item.text(1), isReady: isReady,
                members: [
                    JSONMember("id", .string(item.text(1))),
                    JSONMember(
                        "metadata",
                        [
                            "name": .string(metadata?.text(1) ?? ""), "uid": .string(metadata?.text(2) ?? ""),
                            "namespace": .string(metadata?.text(3) ?? ""),
                            "attempt": .uint(metadata?.number(4) ?? 0),
                        ]),
                    JSONMember("state", .string(isReady ? "SANDBOX_READY" : "SANDBOX_NOTREADY")),
                    JSONMember("createdAt", .string("\(item.number(4))")), JSONMember("labels", map(5)),
                    JSONMember("runtimeHandler", .string(item.text(7))),
                ])
        }
    }

    /// What containerd (`runtimeSpec`) and CRI-O (`runtimeSpec` as well) tell of the sandbox's container.
    private static func networkNamespace(_ info: JSONNode) -> String? {
        for space in info.at("runtimeSpec", "linux", "namespaces").map({ Array($0.elements) }) ?? []
        where space.member("type")?.string == "network" {
            if let path = space.member("path")?.string, !path.isEmpty { return path }
        }
        return nil
    }
}
