import Addressing
import JSONTree

/// One question that is put to the network by sending something. There are no others: a query for one name, a TCP
/// connection without a byte in it, and ICMP echoes.
public struct PlannedProbe: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A DNS query over UDP.
        case dns
        /// A TCP connection that is closed as soon as it is open.
        case tcp
        /// An ICMP echo of 64 bytes.
        case echo
        /// An ICMP echo that fills a packet of the interface's MTU.
        case large
    }

    /// What is asked.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case dnsServer = "dns-server"
        case dnsService = "dns-service"
        /// The Service of the Kubernetes API.
        case apiService = "api-service"
        /// A pod of another node.
        case pod
        /// A pod of the same node: what reaches it and nothing else fails between nodes.
        case neighbour
        /// What a person asks about: `doctor why`.
        case asked

        public var isService: Bool { self == .dnsService || self == .apiService }
    }

    public var kind: Kind
    public var role: Role
    public var address: IPAddress
    /// 0 for echoes.
    public var port: UInt16
    /// `kube-system/coredns-0`, `Service default/kubernetes`.
    public var target: String
    /// Where the target runs; empty for Services.
    public var node: String
    /// The name that a DNS query asks for.
    public var name: String

    public init(
        _ kind: Kind, _ role: Role, _ address: IPAddress, port: UInt16 = 0, target: String, node: String = "",
        name: String = ""
    ) {
        self.kind = kind
        self.role = role
        self.address = address
        self.port = port
        self.target = target
        self.node = node
        self.name = name
    }

    /// `10.96.0.10:53/udp`, `10.244.1.5:8080`, `10.244.1.5 (1472 bytes)`.
    public var text: String {
        let host = address.family == .v6 && port > 0 ? "[\(address)]" : "\(address)"
        switch kind {
        case .dns: return "\(host):\(port)/udp"
        case .tcp: return "\(host):\(port)"
        case .echo: return "\(host) (ping)"
        case .large: return "\(host) (ping of the MTU)"
        }
    }
}

/// Where probes are sent from: a pod, through exec, or this machine.
public struct ProbeSource: Sendable, Hashable {
    /// Empty for this machine.
    public var namespace: String
    public var pod: String
    public var container: String
    public var node: String
    public var addresses: [IPAddress]

    public init(namespace: String, pod: String, container: String, node: String, addresses: [IPAddress]) {
        self.namespace = namespace
        self.pod = pod
        self.container = container
        self.node = node
        self.addresses = addresses
    }

    public static func machine(_ node: String) -> ProbeSource {
        ProbeSource(namespace: "", pod: "", container: "", node: node, addresses: [])
    }

    public var isMachine: Bool { pod.isEmpty }

    /// `shop/web-0`; of this machine its name.
    public var text: String { isMachine ? node : "\(namespace)/\(pod)" }
}

/// What came of a probe.
public struct ProbeRecord: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        case answered
        /// Somebody answered that nobody listens there.
        case refused
        case timedOut = "timed-out"
        /// The kernel or a router said that there is no way.
        case failed
        /// The program for it is missing, or may not do it: it says nothing of the network.
        case couldNotRun = "could-not-run"
    }

    public var probe: PlannedProbe
    public var outcome: Outcome
    /// What the program said.
    public var detail: String
    /// What was run.
    public var command: String

    public init(_ probe: PlannedProbe, _ outcome: Outcome, detail: String = "", command: String = "") {
        self.probe = probe
        self.outcome = outcome
        self.detail = detail
        self.command = command
    }

    /// Whether it says that something is wrong. A pod that refuses was reached; a Service that does is not served.
    public var isLost: Bool {
        switch outcome {
        case .answered, .couldNotRun: false
        case .timedOut, .failed: true
        case .refused: probe.role.isService || probe.kind == .dns
        }
    }
}

// MARK: - As evidence

/// The probes of one place: a document under `probes/`.
public struct ProbeReport: Sendable {
    public var source: ProbeSource
    public var records: [ProbeRecord]
    /// Where the document says it was read.
    public var origin: FactSource

    public init(_ source: ProbeSource, _ records: [ProbeRecord], origin: FactSource = FactSource("probes")) {
        self.source = source
        self.records = records
        self.origin = origin
    }

    public var path: String {
        let name = source.text.map { $0.isLetter || $0.isNumber || "-._".contains($0) ? $0 : "-" }
        return "\(EvidencePath.probes)\(String(name)).json"
    }

    public var value: JSONValue {
        let results: [JSONValue] = records.map { record in
            [
                "kind": .string(record.probe.kind.rawValue), "role": .string(record.probe.role.rawValue),
                "address": .string("\(record.probe.address)"), "port": .int(Int64(record.probe.port)),
                "target": .string(record.probe.target), "targetNode": .string(record.probe.node),
                "name": .string(record.probe.name), "outcome": .string(record.outcome.rawValue),
                "detail": .string(record.detail), "command": .string(record.command),
            ]
        }
        return [
            "namespace": .string(source.namespace), "pod": .string(source.pod),
            "container": .string(source.container), "node": .string(source.node),
            "addresses": .array(source.addresses.map { .string("\($0)") }), "results": .array(results),
        ]
    }

    /// Entries that do not read as a probe are left out.
    init?(_ document: EvidenceTree.Document) {
        guard let root = try? JSONTree(parsing: document.bytes).root, root.member("results")?.kind == .array else {
            return nil
        }
        func text(_ node: JSONNode, _ key: String) -> String { node.member(key)?.string ?? "" }
        let addresses = root.member("addresses").map { Array($0.elements) } ?? []
        source = ProbeSource(
            namespace: text(root, "namespace"), pod: text(root, "pod"), container: text(root, "container"),
            node: text(root, "node"), addresses: addresses.compactMap { $0.string.flatMap { IPAddress($0) } })
        records = (root.member("results").map { Array($0.elements) } ?? []).compactMap { node in
            guard let kind = PlannedProbe.Kind(rawValue: text(node, "kind")),
                let role = PlannedProbe.Role(rawValue: text(node, "role")),
                let address = IPAddress(text(node, "address")),
                let port = node.member("port")?.int.flatMap({ UInt16(exactly: $0) }),
                let outcome = ProbeRecord.Outcome(rawValue: text(node, "outcome"))
            else { return nil }
            let probe = PlannedProbe(
                kind, role, address, port: port, target: text(node, "target"), node: text(node, "targetNode"),
                name: text(node, "name"))
            return ProbeRecord(probe, outcome, detail: text(node, "detail"), command: text(node, "command"))
        }
        origin = document.source
    }
}

extension FactBase {
    /// What was sent, and what came of it; empty where nothing was.
    public var probes: [ProbeReport] {
        evidence.documents(under: EvidencePath.probes).compactMap { ProbeReport($0.document) }
    }

    /// Why no probe was sent from some place: `node-3: no pod there has a shell`.
    public var unsentProbes: [String] {
        evidence.missing.filter { $0.key.hasPrefix(EvidencePath.probes) }.map { path, reason in
            let name = path.dropFirst(EvidencePath.probes.count)
            return name.isEmpty ? reason : "\(name.hasSuffix(".json") ? name.dropLast(5) : name): \(reason)"
        }.sorted()
    }
}
