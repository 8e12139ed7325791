import JSONTree
import KubernetesModel

/// What a ready agent writes on its Node: that the network is there, and that pods may come.
enum NodeMarks {
    /// A node that should not get pods before its agent is there is given this taint by whoever makes it.
    static let taint = "node.poplin.dev/agent-not-ready"
    static let reason = "PoplinIsUp"

    /// A strategic merge patch of the status; nil when the condition says it already.
    static func condition(_ node: Node, now: Timestamp) -> JSONValue? {
        let current = node.conditions.first { $0.type == "NetworkUnavailable" }
        if current?.status == "False", current?.reason == reason { return nil }
        let time = JSONValue.string("\(now)")
        return [
            "status": [
                "conditions": [
                    [
                        "type": "NetworkUnavailable", "status": "False", "reason": .string(reason),
                        "message": "Poplin is running on this node", "lastHeartbeatTime": time,
                        "lastTransitionTime": time,
                    ]
                ]
            ]
        ]
    }

    /// A merge patch without our taint, for exactly this version of the object (409 when somebody wrote since); nil
    /// when it is not there.
    static func removingTaint(_ node: Node) -> JSONValue? {
        let rest = node.taints.filter { $0.key != taint }
        if rest.count == node.taints.count { return nil }
        let taints: [JSONValue] = rest.map { taint in
            var members = [JSONMember("key", .string(taint.key)), JSONMember("effect", .string(taint.effect))]
            if !taint.value.isEmpty { members.insert(JSONMember("value", .string(taint.value)), at: 1) }
            return .object(members)
        }
        return [
            "metadata": ["resourceVersion": .string(node.metadata.resourceVersion)],
            "spec": ["taints": rest.isEmpty ? .null : .array(taints)],
        ]
    }
}
