import JSONTree

/// A NetworkPolicy out of the sentences that `kubectl describe networkpolicy` makes of it.
struct DescribedPolicy {
    private struct Rule {
        var ports: [JSONValue] = []
        var peers: [[JSONMember]] = []
    }

    private var subject: JSONValue?
    private var rules: [String: [Rule]] = [:]
    private var types: [JSONValue] = []
    /// Of a selector in words that stand for no labels (`tier in (a,b)`): then nothing is said of the policy.
    private var isUnclear = false

    /// The object's `spec`; nil where not every word of it was understood.
    static func spec(_ lines: [Substring]) -> JSONValue? {
        var policy = DescribedPolicy()
        var direction = ""
        var isNewRule = true
        for line in lines {
            let text = DescribedObjects.trimmed(line)
            let indent = line.prefix { $0 == " " }.count
            let value = text.firstIndex(of: ":").map { DescribedObjects.trimmed(text[text.index(after: $0)...]) } ?? ""
            if indent <= 2, text.hasPrefix("PodSelector:") {
                policy.subject = policy.selector(value)
            } else if text.hasPrefix("Allowing ingress traffic") || text.hasPrefix("Allowing egress traffic") {
                direction = text.contains("ingress") ? "ingress" : "egress"
                policy.rules[direction] = []
                isNewRule = true
            } else if text.hasPrefix("Policy Types:") {
                policy.types = value.split(separator: ",").map { .string(DescribedObjects.trimmed($0)) }
            } else if text.hasPrefix("----------") {
                isNewRule = true
            } else if !direction.isEmpty, indent >= 4, !text.hasPrefix("<none>"), !text.isEmpty {
                if isNewRule { policy.rules[direction]?.append(Rule()) }
                isNewRule = false
                policy.read(text, value, direction)
            }
        }
        return policy.spec
    }

    private mutating func read(_ text: String, _ value: String, _ direction: String) {
        guard var list = rules[direction], var rule = list.last else { return }
        let isAny = value.hasPrefix("<any>")
        if text.hasPrefix("To Port:") {
            if !isAny { rule.ports.append(Self.port(value)) }
        } else if text.hasPrefix("From:") || text.hasPrefix("To:") {
            if !isAny { rule.peers.append([]) }
        } else if !rule.peers.isEmpty {
            let last = rule.peers.count - 1
            if text.hasPrefix("NamespaceSelector:") {
                rule.peers[last].append(JSONMember("namespaceSelector", selector(value)))
            } else if text.hasPrefix("PodSelector:") {
                rule.peers[last].append(JSONMember("podSelector", selector(value)))
            } else if text.hasPrefix("CIDR:") {
                rule.peers[last].append(JSONMember("ipBlock", ["cidr": .string(value)]))
            } else if text.hasPrefix("Except:"), !value.isEmpty {
                let except = value.split(separator: ",").map { JSONValue.string(DescribedObjects.trimmed($0)) }
                let block = rule.peers[last].last?.value["cidr"] ?? .null
                rule.peers[last] = [JSONMember("ipBlock", ["cidr": block, "except": .array(except)])]
            }
        }
        list[list.count - 1] = rule
        rules[direction] = list
    }

    private static func port(_ text: String) -> JSONValue {
        let parts = text.split(separator: "/").map(String.init)
        let port = parts.first ?? ""
        return [
            "port": Int64(port).map { .int($0) } ?? .string(port),
            "protocol": .string(parts.count == 2 ? parts[1] : "TCP"),
        ]
    }

    /// `app=db,tier=back`; `<none>` selects everything.
    private mutating func selector(_ text: String) -> JSONValue {
        if text.isEmpty || text.hasPrefix("<none>") { return [:] }
        let pairs = text.split(separator: ",").map { $0.split(separator: "=", omittingEmptySubsequences: false) }
        if text.contains(" ") || text.contains("!") || !pairs.allSatisfy({ $0.count == 2 }) { isUnclear = true }
        let labels = pairs.filter { $0.count == 2 }.map { JSONMember(String($0[0]), .string(String($0[1]))) }
        return ["matchLabels": .object(labels)]
    }

    private var spec: JSONValue? {
        guard let subject, !isUnclear, !types.isEmpty else { return nil }
        var members = [JSONMember("podSelector", subject), JSONMember("policyTypes", .array(types))]
        for (direction, side) in [("ingress", "from"), ("egress", "to")] {
            guard let list = rules[direction] else { continue }
            let written = list.map { rule -> JSONValue in
                var own: [JSONMember] = []
                if !rule.ports.isEmpty { own.append(JSONMember("ports", .array(rule.ports))) }
                if !rule.peers.isEmpty { own.append(JSONMember(side, .array(rule.peers.map { .object($0) }))) }
                return .object(own)
            }
            members.append(JSONMember(direction, .array(written)))
        }
        return .object(members)
    }
}
