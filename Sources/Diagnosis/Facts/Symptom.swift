/// Something a person sees that is wrong, whatever its cause: a pod that does not start, a node that is not ready. A
/// finding says which of them it explains; what nothing explains is listed last and never hidden.
public struct Symptom: Sendable, Hashable, Comparable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A pod whose sandbox (and with it the network) does not come up.
        case sandbox
        /// A pod that runs and is not ready.
        case ready
        /// A pod whose image cannot be had.
        case image
        /// Containers that end again and again.
        case restarts
        /// A pod that waits for a node whose network is ready.
        case schedule
        /// A pod whose sandbox cannot be taken down.
        case terminate
        case node
        case service
        /// Something that was sent, and got no answer.
        case probe
    }

    public let kind: Kind
    /// Empty for nodes.
    public let namespace: String
    public let name: String
    /// The machine it happens on; empty where that means nothing.
    public let node: String
    /// When it began, in seconds since 1970; nil where nothing says.
    public let since: Int64?
    /// What is seen, as the last words of a line: `does not start`, `restarted 3 times (exit 137)`.
    public let detail: String
    /// Whether the network is to be asked first. Containers that end, and images that a registry does not have or does
    /// not give, are somebody else's business.
    public let isOfNetwork: Bool

    public init(
        _ kind: Kind, _ namespace: String, _ name: String, on node: String = "", since: Int64? = nil,
        detail: String = "", isOfNetwork: Bool? = nil
    ) {
        self.isOfNetwork = isOfNetwork ?? (kind != .restarts)
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.node = node
        self.since = since
        self.detail = detail
    }

    /// What ``Diagnosis/explains`` holds: `pod shop/web-0 sandbox`, `node node-7`, `service shop/web`.
    public var id: String {
        switch kind {
        case .node: Self.node(name)
        case .service: Self.service(namespace, name)
        default: Self.pod(namespace, name, kind)
        }
    }

    public static func pod(_ namespace: String, _ name: String, _ kind: Kind) -> String {
        "pod \(namespace)/\(name) \(kind.rawValue)"
    }

    /// What a place asked and got no answer to.
    public init(_ record: ProbeRecord, from source: ProbeSource) {
        let target = "\(record.probe.target) at \(record.probe.text)"
        self.init(
            .probe, source.namespace, "\(source.isMachine ? source.node : source.pod) -> \(target)", on: source.node,
            detail: record.outcome == .refused ? "is refused" : "gets no answer")
    }

    public static func node(_ name: String) -> String { "node \(name)" }

    public static func service(_ namespace: String, _ name: String) -> String { "service \(namespace)/\(name)" }

    /// `shop/web-0`, `node-7`.
    public var subject: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    public var text: String { detail.isEmpty ? subject : "\(subject) \(detail)" }

    func isOf(_ pod: APIObject) -> Bool { namespace == pod.namespace && name == pod.name }

    public static func < (left: Symptom, right: Symptom) -> Bool { left.id < right.id }
}

extension FactBase {
    /// Symptoms of some kinds, of one machine or of all.
    public func symptoms(_ kinds: Symptom.Kind..., on node: String? = nil) -> [Symptom] {
        symptoms.filter { kinds.contains($0.kind) && (node == nil || $0.node == node) }
    }
}
