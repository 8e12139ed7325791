import JSONTree

/// A pod's sandbox as the runtime keeps it (`crictl pods`, `crictl inspectp`).
public struct RuntimeSandbox: Sendable, Hashable {
    public var id: String
    public var namespace: String
    public var pod: String
    public var uid: String
    public var isReady: Bool
    /// Seconds since 1970.
    public var createdAt: Int64?
    public var labels: [String: String]
    /// Empty where the runtime did not tell.
    public var addresses: [String]
    /// Of its network namespace; nil on the machine's own network, or where the runtime did not tell.
    public var networkNamespace: String?
    /// Of its first process, in the machine's numbers; nil where the runtime did not tell.
    public var process: Int64?
    /// It has the machine's own network.
    public var isOnHostNetwork: Bool

    init?(_ node: JSONNode) {
        guard let id = node.member("id")?.string else { return nil }
        self.id = id
        namespace = node.at("metadata", "namespace")?.string ?? ""
        pod = node.at("metadata", "name")?.string ?? ""
        uid = node.at("metadata", "uid")?.string ?? ""
        isReady = node.member("state")?.string == "SANDBOX_READY"
        // Nanoseconds, as text or as a number.
        createdAt = node.member("createdAt").flatMap { $0.string.flatMap { Int64($0) } ?? $0.int }
            .map { $0 / 1_000_000_000 }
        labels = Dictionary(
            node.member("labels")?.members.compactMap { member in member.value.string.map { (member.key, $0) } } ?? []
        ) { first, _ in first }
        let network = node.member("network")
        addresses =
            [network?.member("ip")?.string].compactMap { $0 }.filter { !$0.isEmpty }
            + (network?.member("additionalIps")?.elements.compactMap { $0.member("ip")?.string } ?? [])
        networkNamespace = node.member("netns")?.string.map(Self.canonical)
        process = node.member("pid")?.int
        isOnHostNetwork = node.member("hostNetwork")?.bool ?? false
    }

    /// /var/run is /run.
    static func canonical(_ path: String) -> String { path.hasPrefix("/var/run/") ? String(path.dropFirst(4)) : path }
}

extension NodeEvidence {
    /// Nil when the runtime was not asked.
    public var runtimeSandboxes: [RuntimeSandbox]? {
        decoded.value("runtime sandboxes") { () -> [RuntimeSandbox]? in
            guard let list = json(.sandboxes)?.member("items"), list.kind == .array else { return nil }
            return list.elements.compactMap { RuntimeSandbox($0) }
        }
    }

    /// What the runtime says is not as it should be: `RuntimeReady` or `NetworkReady`, and why.
    public var runtimeComplaints: [(type: String, message: String)] {
        (json(.runtime)?.at("status", "conditions").map { Array($0.elements) } ?? []).compactMap { condition in
            guard condition.member("status")?.bool == false, let type = condition.member("type")?.string else {
                return nil
            }
            let words = [condition.member("reason")?.string, condition.member("message")?.string]
            return (type, words.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": "))
        }
    }
}
