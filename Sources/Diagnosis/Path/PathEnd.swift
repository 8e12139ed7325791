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
        let joined = ["-->", "==>", "->", "=>", "→", "──▶"].reduce(words.joined(separator: " ")) {
            $0.replacing($1, with: " ")
        }
        var ends = joined.split(separator: " ").map(String.init)
            .filter { !["-", ">", "from", "to", "port"].contains($0.lowercased()) }
        // `web db 5432`: the port as a word of its own.
        if ends.count == 3, let port = ends.last, !port.contains("/") || port.first?.isNumber ?? false,
            !ends[1].contains(":")
        {
            ends = [ends[0], "\(ends[1]):\(port)"]
        }
        guard ends.count == 2 else {
            throw PathError(
                "two ends are asked for, and there are \(ends.count)",
                next: "poplin doctor why shop/web to payments:8443 (an arrow has to be quoted: '->')", isUsage: true)
        }
        var target = Self.withoutScheme(ends[1])
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
        let port = String(target[target.index(after: colon)...])
        // A port's name has a letter in it (RFC 6335, section 5.1).
        if port.contains("/") || (port.allSatisfy(\.isNumber) && !(Int(port).map { (1...65535).contains($0) } ?? false))
        {
            throw PathError(
                "\(port) is no port", next: "a number from 1 to 65535 or a port's name, and /udp or /sctp behind it",
                isUsage: true)
        }
        var host = String(target[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.init(
            from: ends[0], to: host, port: port, transport: transport,
            namespace: namespace)
    }
}

extension PathRequest {
    /// `https://payments.pay/v1?x=1` is `payments.pay:443`.
    private static func withoutScheme(_ text: String) -> String {
        guard let mark = text.firstRange(of: "://") else { return text }
        let scheme = text[..<mark.lowerBound].lowercased()
        let host = String(text[mark.upperBound...].prefix { !"/?#".contains($0) })
        let rest = host.hasPrefix("[") ? host[(host.firstIndex(of: "]") ?? host.startIndex)...] : host[...]
        if !rest.contains(":"), let port = ["http": 80, "https": 443, "grpc": 443][scheme] { return "\(host):\(port)" }
        return host + (scheme == "udp" || scheme == "sctp" ? "/\(scheme)" : "")
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
        // A node's name by itself, and `web.shop` as Services are written.
        if nodes.contains(where: { $0.name == text }) { return .node(text) }
        if !text.contains("/"), let dot = text.lastIndex(of: "."),
            let end = pod("\(text[text.index(after: dot)...])/\(text[..<dot])")
        {
            return end
        }
        let names = map.pods.map(\.id)
        let near = EditDistance.nearest(to: qualified(text), in: names + workloads)
        throw PathError(
            "there is no pod or workload \(qualified(text).split(separator: "/").last ?? "") in namespace \(qualified(text).split(separator: "/")[0])",
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
        // `svc/payments`, `svc/pay/payments`, `pay/svc/payments`.
        var parts = plain.split(separator: "/")
        if let index = parts.dropLast().firstIndex(where: { ["svc", "service", "services"].contains($0) }),
            index == 0 || parts.count == 3
        {
            parts.remove(at: index)
            plain = parts.joined(separator: "/")
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
        if nodes.contains(where: { $0.name == text }) { return .node(text) }
        // A host outside has dots and is nobody's here.
        let near = EditDistance.nearest(to: id, in: map.entries.map(\.id))
        let others = map.entries.filter { $0.object.name == id.split(separator: "/").last.map(String.init) }.map(\.id)
        // `example.com`: what stands after the dot is no namespace of this cluster.
        if !text.contains("/"), text.contains("."), near == nil, others.isEmpty,
            !map.pods.contains(where: { $0.namespace == id.split(separator: "/").first.map(String.init) })
        {
            throw PathError(
                "\(text) is no pod or service of this cluster",
                next: "a host outside is asked for by its address: getent hosts \(text)")
        }
        throw PathError(
            "there is no service or pod \(id.split(separator: "/").last ?? "") in namespace \(id.split(separator: "/")[0])",
            next: others.first.map { "did you mean \($0)?" } ?? near.map { "did you mean \($0)?" }
                ?? "for a host outside the cluster give its address")
    }

    private func node(_ text: String) throws(PathError) -> PathEnd? {
        guard let prefix = ["node/", "nodes/", "no/"].first(where: text.hasPrefix) else { return nil }
        let name = String(text.dropFirst(prefix.count))
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

    private static let kinds: Set<Substring> = [
        "pod", "pods", "po", "deploy", "deployment", "deployments", "sts", "statefulset", "ds", "daemonset", "rs",
        "replicaset", "job",
    ]

    /// `deploy/cart` is `cart`; `shop/pod/cart-0` and `pod/shop/cart-0` are `shop/cart-0`.
    private static func withoutKind(_ text: String) -> String {
        var parts = text.split(separator: "/")
        if parts.count > 1, let index = parts.dropLast().firstIndex(where: kinds.contains), index < 2,
            parts.count == 3 || index == 0
        {
            parts.remove(at: index)
        }
        return parts.joined(separator: "/")
    }

    /// As it stands first: a namespace may be called `job`.
    private mutating func pod(_ text: String) -> PathEnd? {
        found(qualified(text)) ?? found(qualified(Self.withoutKind(text)))
    }

    private mutating func found(_ id: String) -> PathEnd? {
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

    /// Of pods without what controllers add to a workload's name.
    private var workloads: [String] {
        let all = map.pods.flatMap { pod -> [String] in
            let parts = pod.id.split(separator: "-")
            return (1...2).filter { $0 < parts.count }.map { parts.dropLast($0).joined(separator: "-") }
        }
        return Array(Set(all)).sorted()
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
