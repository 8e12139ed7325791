import Addressing
import Findings
import Policy

/// One end of a path, as a person names it: `shop/cart-7d9`, `payments`, `payments.pay.svc`, `node/node-3`, an address.
public enum PathEnd: Sendable {
    case pod(PodPlace)
    case service(String)
    case node(String)
    case address(IPAddress)

    /// A pod and where it runs.
    public struct PodPlace: Sendable, Hashable {
        public var namespace: String
        public var name: String
        public var node: String
        public var addresses: [IPAddress]

        public var id: String { "\(namespace)/\(name)" }
    }

    public var text: String {
        switch self {
        case .pod(let pod): pod.id
        case .service(let id): id
        case .node(let name): "node/\(name)"
        case .address(let address): "\(address)"
        }
    }
}

/// What is asked, and cannot be answered as it stands.
public struct PathError: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String
    /// What to try instead; nil for nothing.
    public var next: String?
    /// Whether the words are wrong, and not what they name.
    public var isUsage: Bool

    init(_ description: String, next: String? = nil, isUsage: Bool = false) {
        self.description = description
        self.next = next
        self.isUsage = isUsage
    }
}

/// `shop/cart -> payments:8443/tcp`, read.
public struct PathRequest: Sendable, Hashable {
    public var from: String
    public var to: String
    /// A number, or the name of a Service's port.
    public var port: String
    public var transport: TransportProtocol
    /// For names without one.
    public var namespace: String

    public init(
        from: String, to: String, port: String, transport: TransportProtocol = .tcp, namespace: String = "default"
    ) {
        self.from = from
        self.to = to
        self.port = port
        self.transport = transport
        self.namespace = namespace
    }

    /// - Parameter words: both ends, an arrow or `to` between them or not; the second with its port.
    public init(parsing words: [String], namespace: String = "default") throws(PathError) {
        let ends = words.flatMap { $0.split(separator: " ").map(String.init) }
            .filter { !["->", "-", ">", "to", "→"].contains($0) }
        guard ends.count == 2 else {
            throw PathError(
                "two ends are asked for, and there are \(ends.count)",
                next: "poplin doctor why shop/web to payments:8443 (an arrow has to be quoted: '->')", isUsage: true)
        }
        var target = ends[1]
        var transport = TransportProtocol.tcp
        for (suffix, name) in [("/udp", TransportProtocol.udp), ("/tcp", .tcp), ("/sctp", .sctp)]
        where target.lowercased().hasSuffix(suffix) {
            transport = name
            target = String(target.dropLast(suffix.count))
        }
        guard let colon = target.lastIndex(of: ":"), colon != target.indices.last else {
            throw PathError(
                "\(ends[1]) has no port", next: "write it after a colon: \(ends[1]):443, \(ends[1]):53/udp",
                isUsage: true)
        }
        var host = String(target[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.init(
            from: ends[0], to: host, port: String(target[target.index(after: colon)...]), transport: transport,
            namespace: namespace)
    }
}

/// Finds what a name stands for among the pods, Services and nodes of the evidence.
struct PathResolver {
    let map: ServiceMap
    let nodes: [APIObject]
    let namespace: String
    private(set) var remarks: [String] = []

    init(_ map: ServiceMap, nodes: [APIObject], namespace: String) {
        self.map = map
        self.nodes = nodes
        self.namespace = namespace
    }

    mutating func source(_ text: String) throws(PathError) -> PathEnd {
        if let end = try node(text) { return end }
        if let end = address(text) { return end }
        if let end = pod(text) { return end }
        let names = map.pods.map(\.id)
        let near = EditDistance.nearest(to: qualified(text), in: names)
        throw PathError(
            "there is no pod or workload \(text) in namespace \(qualified(text).split(separator: "/")[0])",
            next: near.map { "did you mean \($0)?" } ?? elsewhere(text, names))
    }

    mutating func destination(_ text: String) throws(PathError) -> PathEnd {
        if let end = try node(text) { return end }
        if let end = address(text) {
            // An address of a Service stands for the Service.
            if case .address(let address) = end,
                let entry = map.entries.first(where: { $0.addresses.contains(address) })
            {
                return .service(entry.id)
            }
            return end
        }
        var plain = text
        var mustBeService = false
        for prefix in ["svc/", "service/"] where plain.hasPrefix(prefix) {
            plain = String(plain.dropFirst(prefix.count))
            mustBeService = true
        }
        for part in [".svc.", ".svc"] {
            if let found = plain.firstRange(of: part), part == ".svc." || found.upperBound == plain.endIndex {
                plain = String(plain[..<found.lowerBound])
                mustBeService = true
                break
            }
        }
        let id = serviceID(plain)
        if map.entries.contains(where: { $0.id == id }) { return .service(id) }
        if !mustBeService, let end = pod(plain) { return end }
        // A host outside has dots and is nobody's here.
        let near = EditDistance.nearest(to: id, in: map.entries.map(\.id))
        let others = map.entries.filter { $0.object.name == id.split(separator: "/").last.map(String.init) }.map(\.id)
        throw PathError(
            "there is no service or pod \(text) in namespace \(id.split(separator: "/")[0])",
            next: others.first.map { "did you mean \($0)?" } ?? near.map { "did you mean \($0)?" }
                ?? "for a host outside the cluster give its address")
    }

    private func node(_ text: String) throws(PathError) -> PathEnd? {
        guard text.hasPrefix("node/") else { return nil }
        let name = String(text.dropFirst(5))
        if nodes.contains(where: { $0.name == name }) { return .node(name) }
        throw PathError(
            "there is no node \(name)",
            next: EditDistance.nearest(to: name, in: nodes.map(\.name)).map { "did you mean node/\($0)?" })
    }

    private func address(_ text: String) -> PathEnd? {
        guard let address = IPAddress(text) else { return nil }
        if let pod = map.pods.first(where: { !$0.isFinished && !$0.isOnHostNetwork && $0.addresses.contains(address) })
        {
            return .pod(place(pod))
        }
        if let node = nodes.first(where: { $0.nodeAddresses().contains(text) }) { return .node(node.name) }
        return .address(address)
    }

    private func qualified(_ text: String) -> String { text.contains("/") ? text : "\(namespace)/\(text)" }

    /// `payments.pay` is `pay/payments`.
    private func serviceID(_ text: String) -> String {
        if text.contains("/") { return text }
        let parts = text.split(separator: ".", maxSplits: 1)
        return parts.count == 2 ? "\(parts[1])/\(parts[0])" : "\(namespace)/\(text)"
    }

    private mutating func pod(_ text: String) -> PathEnd? {
        var name = text
        for prefix in ["pod/", "pods/", "deploy/", "deployment/", "sts/", "statefulset/", "ds/", "daemonset/"]
        where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
        }
        let id = qualified(name)
        let alive = map.pods.filter { !$0.isFinished }
        if let pod = alive.first(where: { $0.id == id }) { return .pod(place(pod)) }
        // Of a workload any pod stands for all.
        let members = alive.filter { $0.id.hasPrefix("\(id)-") }.sorted {
            ($0.isReady ? 0 : 1, $0.id) < ($1.isReady ? 0 : 1, $1.id)
        }
        guard let first = members.first else { return nil }
        if members.count > 1 { remarks.append("\(id) has \(members.count) pods; \(first.name) is looked at") }
        return .pod(place(first))
    }

    private func elsewhere(_ text: String, _ names: [String]) -> String? {
        let last = text.split(separator: "/").last.map(String.init) ?? text
        return names.first {
            $0.hasSuffix("/\(last)") || ($0.split(separator: "/").last?.hasPrefix("\(last)-") ?? false)
        }
        .map { "did you mean \($0)?" }
    }

    private func place(_ pod: PodView) -> PathEnd.PodPlace {
        PathEnd.PodPlace(namespace: pod.namespace, name: pod.name, node: pod.node, addresses: pod.addresses)
    }
}
