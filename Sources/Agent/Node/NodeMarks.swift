import JSONTree
import KubernetesModel

/// What a ready agent writes on its Node: that the network is there, and that pods may come.
public enum NodeMarks {
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

    /// What is wrong, until it is worth telling: what passes by itself, as while an agent starts, is not.
    struct Trouble {
        /// Nanoseconds.
        static let patience: UInt64 = 3_000_000_000

        enum Outcome: Equatable {
            case tell
            /// It is new: it may be told after ``patience``.
            case lookAgain
            case wait
        }

        private var message: String?
        private var since: UInt64 = 0

        /// - Parameters:
        ///   - message: nil when nothing is wrong, which is told at once.
        ///   - now: nanoseconds of the monotonic clock.
        mutating func look(_ message: String?, now: UInt64) -> Outcome {
            if message == nil {
                self.message = nil
                return .tell
            }
            if message != self.message {
                self.message = message
                since = now
                return .lookAgain
            }
            return now - since >= Self.patience ? .tell : .wait
        }
    }

    /// A condition of our own: True while something about the pod network of this node is wrong, with what and where.
    public static let problemCondition = "PodNetworkProblem"

    /// A strategic merge patch of the status; nil when the condition says it already, or nothing ever was wrong.
    static func problem(
        _ node: Node, _ problem: (reason: String, message: String)?, now: Timestamp
    ) -> JSONValue? {
        let current = node.conditions.first { $0.type == problemCondition }
        let status = problem == nil ? "False" : "True"
        // The server takes 32 KiB; nobody reads that much of one condition.
        let message = String((problem?.message ?? "nothing is wrong").prefix(2000))
        if current?.status ?? "False" == status, problem == nil || current?.message == message { return nil }
        let time = JSONValue.string("\(now)")
        var condition: JSONValue = [
            "type": .string(problemCondition), "status": .string(status),
            "reason": .string(problem?.reason ?? "NoProblem"), "message": .string(message), "lastHeartbeatTime": time,
        ]
        if current?.status != status { condition = condition.settingMember("lastTransitionTime", to: time) }
        return ["status": ["conditions": .array([condition])]]
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
