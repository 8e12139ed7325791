import Addressing
import Findings
import Policy

/// A flow as people type it: `shop/web -> pay/db:5432`, `web db:53/udp`, `web 203.0.113.7:443`, `web svc/db:5432`.
struct FlowArguments {
    let cluster: Cluster
    /// Where names without one are looked for.
    let namespace: String

    struct Parsed {
        var flow: Flow
        /// What was chosen where the words left a choice.
        var remarks: [String]
    }

    func parse(_ words: [String]) throws(CommandFailure) -> Parsed {
        let joined = words.joined(separator: " ").replacing("->", with: " ").replacing("→", with: " ")
        let parts = joined.split(separator: " ").map(String.init)
        guard parts.count == 2 else {
            throw .usage(
                "a flow has two ends, this has \(parts.count)",
                next: "poplin policy explain -f DIR shop/web pay/db:5432")
        }
        let (destination, port) = Self.split(parts[1])
        var remarks: [String] = []
        var transport = TransportProtocol.tcp
        var portText = port ?? ""
        if let slash = portText.firstIndex(of: "/") {
            let name = String(portText[portText.index(after: slash)...])
            guard let found = TransportProtocol(name: name) else {
                throw .usage("there is no protocol \"\(name)\"", next: "tcp, udp, sctp, icmp or icmpv6")
            }
            transport = found
            portText = String(portText[..<slash])
        } else if let found = TransportProtocol(name: portText) {
            transport = found
            portText = ""
        }
        let source = try end(parts[0], &remarks)
        var target = try end(destination, &remarks)
        var number = UInt16(portText)
        if case .service(let service) = target {
            (target, number) = try backend(service, portText, transport, &remarks)
        }
        guard case .end(let to) = target, case .end(let from) = try pods(of: source, &remarks) else {
            throw .usage("the source of a flow is a pod, a node or an address")
        }
        if number == nil, !portText.isEmpty {
            guard case .pod(let name) = to,
                let named = cluster.pods[name]?.ports.first(where: { $0.name == portText })
            else { throw .usage("\(to) has no port named \"\(portText)\"", next: "give its number") }
            number = named.number
            transport = named.transport
        }
        if number == nil, transport.hasPorts {
            throw .usage("which port of \(to)?", next: "\(parts[1]):PORT, or \(parts[1]):PORT/udp")
        }
        return Parsed(
            flow: Flow(
                from: from, to: to, transport: transport, port: number ?? 0, family: family(from, to, transport)),
            remarks: remarks)
    }

    private enum Target {
        case end(FlowEnd)
        case service(ClusterService)
    }

    /// `name:port`, where an IPv6 address needs brackets to have a port.
    private static func split(_ text: String) -> (String, String?) {
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            let inner = String(text[text.index(after: text.startIndex)..<close])
            let rest = text[text.index(after: close)...]
            return (inner, rest.hasPrefix(":") ? String(rest.dropFirst()) : nil)
        }
        if IPv6Address(text) != nil { return (text, nil) }
        guard let colon = text.lastIndex(of: ":") else { return (text, nil) }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    private func end(_ text: String, _ remarks: inout [String]) throws(CommandFailure) -> Target {
        if let address = IPAddress(text) { return .end(.address(address)) }
        var parts = text.split(separator: "/").map(String.init)
        let kinds = [
            "node", "no", "pod", "po", "deploy", "deployment", "sts", "statefulset", "ds", "daemonset", "svc",
            "service",
        ]
        var kind = ""
        if parts.count > 1, let index = parts.firstIndex(where: { kinds.contains($0) }), index < parts.count - 1 {
            kind = parts.remove(at: index)
        }
        if kind == "node" || kind == "no" {
            let name = parts[0]
            guard cluster.nodes[name] != nil else {
                throw unknown("node \(name)", EditDistance.nearest(to: name, in: cluster.nodes.keys))
            }
            return .end(.node(name))
        }
        guard (1...2).contains(parts.count) else {
            throw .usage("\"\(text)\" is no end of a flow", next: "namespace/pod, node/NAME or an address")
        }
        let name = PodName(namespace: parts.count == 2 ? parts[0] : namespace, name: parts[parts.count - 1])
        if kind == "svc" || kind == "service" {
            guard let service = cluster.services[name] else {
                throw unknown(
                    "service \(name)", EditDistance.nearest(to: "\(name)", in: cluster.services.keys.map(\.description))
                )
            }
            return .service(service)
        }
        if cluster.pods[name] != nil { return .end(.pod(name)) }
        // A workload by its name: the first of its pods stands for all.
        let pods = cluster.pods.keys.filter { $0.namespace == name.namespace && $0.name.hasPrefix("\(name.name)-") }
            .sorted()
        if let first = pods.first {
            remarks.append("\(name) has \(pods.count) pod\(pods.count == 1 ? "" : "s"); \(first.name) is looked at")
            return .end(.pod(first))
        }
        if kind.isEmpty, let service = cluster.services[name] { return .service(service) }
        throw unknown("pod \(name)", EditDistance.nearest(to: "\(name)", in: cluster.pods.keys.map(\.description)))
    }

    private func unknown(_ what: String, _ nearest: String?) -> CommandFailure {
        CommandFailure(
            .undetermined,
            Finding(
                "there is no \(what) in what was read",
                next: nearest.map { "did you mean \($0)?" } ?? "give its manifest with -f"))
    }

    private func pods(of target: Target, _ remarks: inout [String]) throws(CommandFailure) -> Target {
        guard case .service(let service) = target else { return target }
        throw .usage("\(service.id) is a service; connections come from pods, nodes and addresses")
    }

    /// The pod and the port a connection to a service arrives at, which is what policies see.
    private func backend(
        _ service: ClusterService, _ portText: String, _ transport: TransportProtocol, _ remarks: inout [String]
    ) throws(CommandFailure) -> (Target, UInt16?) {
        let port = service.ports.first {
            ($0.name == portText || "\($0.number)" == portText) && $0.transport == transport
        }
        guard let port else {
            let known = service.ports.map { "\($0.number)/\($0.transport)" }.joined(separator: ", ")
            throw .usage("service \(service.id) has no port \(portText) of \(transport)", next: "it has \(known)")
        }
        let pods = cluster.pods.values.filter { pod in
            !pod.isFinished
                && (pod.addresses.contains(where: service.endpoints.contains)
                    || (pod.id.namespace == service.id.namespace && !service.selector.isEmpty
                        && service.selector.allSatisfy { pod.labels[$0.key] == $0.value }))
        }.sorted { $0.id < $1.id }
        guard let pod = pods.first else {
            throw CommandFailure(.undetermined, Finding("service \(service.id) has no pods behind it"))
        }
        var number: UInt16?
        switch port.target {
        case .number(let target): number = target
        case .name(let name): number = pod.ports.first { $0.name == name && $0.transport == transport }?.number
        }
        guard let number else {
            throw CommandFailure(.undetermined, Finding("pod \(pod.id) has no port for \(service.id):\(portText)"))
        }
        remarks.append(
            "service \(service.id):\(portText) leads to \(pods.count) pod\(pods.count == 1 ? "" : "s"); \(pod.id):\(number) is looked at"
        )
        return (.end(.pod(pod.id)), number)
    }

    /// The family both ends have; IPv4 when both have both.
    private func family(_ source: FlowEnd, _ destination: FlowEnd, _ transport: TransportProtocol) -> IPFamily {
        func families(_ end: FlowEnd) -> Set<IPFamily> {
            switch end {
            case .address(let address): [address.family]
            case .pod(let name): Set(cluster.pods[name]?.addresses.map(\.family) ?? [])
            case .node(let name): Set(cluster.nodes[name]?.addresses.map(\.family) ?? [])
            }
        }
        let one = families(source)
        let other = families(destination)
        if transport == .icmpv6 { return .v6 }
        let isV6 =
            !one.union(other).isEmpty
            && !(one.isEmpty ? other : one).intersection(other.isEmpty ? one : other).contains(.v4)
        return isV6 ? .v6 : .v4
    }
}
