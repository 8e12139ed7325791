import Findings
import JSONTree

// DNS names in Cilium's rules: an address is known under a name only after the agent's proxy has seen the answer.

extension PolicyLint {
    /// Names that no DNS rule for the same pods lets through.
    mutating func checkDNSNames(_ policies: [Policy]) {
        let named = policies.filter { $0.reference.group == "cilium.io" && !Self.names(of: $0).isEmpty }
        if named.isEmpty { return }
        let speaking = policies.compactMap { policy -> (Policy, [DNSPattern])? in
            let patterns = Self.queries(of: policy)
            return patterns.isEmpty ? nil : (policy, patterns)
        }
        for policy in named {
            for group in known.matching(policy.subject) where !group.isOnHostNetwork {
                let patterns = speaking.filter { $0.0.subject.matches(group.labels) }.flatMap(\.1)
                let missing = Self.names(of: policy).filter { name in !patterns.contains { $0.admits(name.pattern) } }
                guard let first = missing.first else { continue }
                add(
                    "POL-08", policy,
                    "\(first.path): \(first.pattern.text) never has an address for \(LintCluster.counted(group.pods.count, group.example.id))",
                    at: first.place,
                    because: [
                        patterns.isEmpty
                            ? "no rule for these pods has rules.dns, so the agent does not see DNS answers"
                            : "their DNS rules let through \(patterns.prefix(4).map(\.text).joined(separator: ", "))"
                    ],
                    next: "allow port 53 to the DNS pods with rules: {dns: [{matchPattern: \"\(first.pattern.text)\"}]}"
                )
                break
            }
        }
    }

    private struct NamedPeer {
        var pattern: DNSPattern
        var path: String
        var place: SourcePlace
    }

    private static func names(of policy: Policy) -> [NamedPeer] {
        (policy.egress?.rules ?? []).flatMap { rule in
            (rule.place.node?.member("toFQDNs")?.elements.map { $0 } ?? []).enumerated().compactMap { index, item in
                DNSPattern(item).map {
                    NamedPeer(pattern: $0, path: "\(rule.reference.path).toFQDNs[\(index)]", place: SourcePlace(item))
                }
            }
        }
    }

    private static func queries(of policy: Policy) -> [DNSPattern] {
        guard policy.reference.group == "cilium.io" else { return [] }
        return (policy.egress?.rules ?? []).flatMap { rule in
            (rule.place.node?.member("toPorts")?.elements.map { $0 } ?? []).flatMap { port in
                (port.at("rules", "dns")?.elements.map { $0 } ?? []).compactMap { DNSPattern($0) }
            }
        }
    }
}

/// `matchName` or `matchPattern` (pkg/fqdn/matchpattern): `*` alone is every name, `**.` in front is any number of
/// labels, any other `*` stays inside one label.
struct DNSPattern: Sendable {
    let text: String

    init(_ text: String) {
        var text = text.lowercased()
        if text.hasSuffix("."), text.count > 1 { text.removeLast() }
        self.text = text
    }

    init?(_ node: JSONNode) {
        guard let text = node.member("matchPattern")?.string ?? node.member("matchName")?.string, !text.isEmpty else {
            return nil
        }
        self.init(text)
    }

    /// Whether every name that `other` stands for is one of these, tried with a name of its form.
    func admits(_ other: DNSPattern) -> Bool {
        if text == "*" || text == "**" || text == other.text { return true }
        var example = other.text
        if example.hasPrefix("**.") { example = "a.b." + example.dropFirst(3) }
        example = example.replacing("*", with: "a")
        return matches(Array(example.utf8))
    }

    func matches(_ name: some Sequence<UInt8>) -> Bool {
        var pattern = Substring(text)
        let name = Array(name)
        if pattern.hasPrefix("**.") {
            pattern = pattern.dropFirst(3)
            // At least one label in front.
            return name.indices.contains { index in
                name[index] == UInt8(ascii: ".") && index > 0
                    && Self.matches(Array(pattern.utf8)[...], name[(index + 1)...])
            }
        }
        return Self.matches(Array(pattern.utf8)[...], name[...])
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var name = name
        // The last star and where it was tried, to go back to: names are short and stars few.
        var star: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
        while true {
            if let wanted = pattern.first, wanted == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                star = (pattern, name)
            } else if let wanted = pattern.first, wanted == name.first {
                pattern = pattern.dropFirst()
                name = name.dropFirst()
            } else if pattern.isEmpty, name.isEmpty {
                return true
            } else if let last = star, let skipped = last.name.first, skipped != UInt8(ascii: ".") {
                name = last.name.dropFirst()
                pattern = last.pattern
                star = (pattern, name)
            } else {
                return false
            }
        }
    }
}
