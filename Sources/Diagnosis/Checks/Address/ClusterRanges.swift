import Addressing
import JSONTree

/// Every range of addresses the evidence names, with what it is for.
struct ClusterRanges: Sendable {
    enum Use: String, Sendable { case pods, services, node, route, external }

    struct Range: Sendable {
        var use: Use
        var prefix: IPPrefix
        /// `pod range of IPPool default`, `address of node-1`.
        var name: String
        var source: FactSource
        /// Machine, for routes.
        var machine = ""
        var device = ""
    }

    private(set) var ranges: [Range] = []

    /// Devices of VPNs, container engines and hypervisors, by the beginning of their names.
    static let foreignDevices = [
        "docker", "br-", "virbr", "tun", "tap", "ppp", "tailscale", "zt", "wg", "lxdbr", "lxcbr", "podman",
        "cni-podman", "nebula", "ipsec", "vpn", "utun", "vmnet", "vboxnet",
    ]
    /// And devices of networks that begin the same.
    static let networkDevices = ["tunl0", "wireguard.cali", "br-int", "br-ex", "br-phy", "wg-kube"]

    func of(_ use: Use) -> [Range] { ranges.filter { $0.use == use } }

    init(_ facts: FactBase, _ providers: NetworkProviders) {
        addPods(facts, providers)
        addServices(facts)
        for node in facts.objects("nodes") {
            for text in node.nodeAddresses() {
                guard let address = IPAddress(text) else { continue }
                ranges.append(
                    Range(
                        use: .node, prefix: IPPrefix(containing: address, length: address.family.bitWidth),
                        name: "address of \(node.name)", source: node.source))
            }
        }
        for machine in facts.machines { addRoutes(of: machine) }
        addExternal(facts)
    }

    private mutating func add(_ use: Use, _ text: String, _ name: String, _ source: FactSource) {
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\n" }) {
            guard let prefix = IPPrefix(String(part)), !ranges.contains(where: { $0.use == use && $0.prefix == prefix })
            else { continue }
            ranges.append(Range(use: use, prefix: prefix, name: name, source: source))
        }
    }

    private mutating func addPods(_ facts: FactBase, _ providers: NetworkProviders) {
        for pool in facts.objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org")
        where pool.bool("spec", "disabled") != true {
            if let text = pool.text("spec", "cidr") { add(.pods, text, "pool \(pool.name)", pool.source) }
        }
        if providers.runs(.cilium), NetworkProviders.ciliumSetting("ipam", facts) != "eni" {
            for map in facts.objects("configmaps") where map.name == "cilium-config" {
                if ["cluster-pool", nil].contains(map.text("data", "ipam")),
                    let text = map.text("data", "cluster-pool-ipv4-cidr")
                {
                    add(.pods, text, "Cilium's cluster pool", map.source)
                }
            }
            for node in facts.objects("ciliumnodes.cilium.io") {
                for text in node.list("spec", "ipam", "podCIDRs").compactMap(\.string) {
                    add(.pods, text, "pod range of \(node.name)", node.source)
                }
            }
        }
        // GKE routes podCIDRs by itself, whichever agent is there.
        let isGoogle = facts.objects("nodes").contains { $0.text("spec", "providerID")?.hasPrefix("gce://") ?? false }
        if providers.usesNodeRanges(facts) ?? isGoogle {
            for node in facts.objects("nodes") {
                for text in node.podRanges { add(.pods, text, "pod range of \(node.name)", node.source) }
            }
            addWholeRange(facts)
            // What nodes to come will take theirs of.
            for map in facts.objects("configmaps") where map.namespace == "kube-system" {
                for (key, word) in [("config.conf", "clusterCIDR:"), ("ClusterConfiguration", "podSubnet:")] {
                    for line in (map.text("data", key) ?? "").split(whereSeparator: \.isNewline) {
                        let text = line.trimmingBlanks
                        guard text.hasPrefix(word) else { continue }
                        let value = text.dropFirst(word.count).filter { $0 != "\"" && $0 != " " }
                        add(.pods, value, "pod range of the cluster", map.source)
                    }
                }
            }
        }
        addPoplin(facts)
        // Nobody asked the API: what machines have of it in their own files and routes.
        for machine in facts.machines where facts.isMachineAlone {
            for range in facts.clusterPools(machine) {
                add(.pods, "\(range)", "pod range on \(machine.name)", machine.source(.routes, command: "ip route"))
            }
        }
    }

    /// Of this project's own network: what its ConfigMap says, and with pools what those say.
    private mutating func addPoplin(_ facts: FactBase) {
        guard let map = facts.objects("configmaps").first(where: { $0.name == "poplin-config" }) else { return }
        func tree(_ key: String) -> JSONTree? {
            map.text("data", key).flatMap { try? JSONTree(parsing: Array($0.utf8)) }
        }
        if let network = tree("net-conf.json")?.root {
            for key in ["Network", "IPv6Network"] {
                if let text = network.member(key)?.string {
                    add(.pods, text, "pod network of net-conf.json", map.source)
                }
            }
        }
        guard let settings = tree("poplin.json")?.root else { return }
        for text in settings.member("serviceCIDRs")?.elements.compactMap(\.string) ?? [] {
            add(.services, text, "service range of poplin.json", map.source)
        }
        guard settings.at("ipam", "mode")?.string == "cluster-pool" else { return }
        for pool in facts.objects("ippools.poplin.dev") where pool.bool("spec", "disabled") != true {
            for text in pool.list("spec", "cidrs").compactMap(\.string) {
                add(.pods, text, "pool \(pool.name)", pool.source)
            }
        }
    }

    /// The range that the nodes' are cut from, as the controllers' flags or Google's own list of clusters have it.
    private mutating func addWholeRange(_ facts: FactBase) {
        for pod in facts.objects("pods") where pod.namespace == "kube-system" {
            for container in pod.list("spec", "containers") {
                let words = ["command", "args"].flatMap { container.member($0).map { Array($0.elements) } ?? [] }
                for word in words.compactMap(\.string) where word.hasPrefix("--cluster-cidr=") {
                    for text in word.dropFirst("--cluster-cidr=".count).split(separator: ",") {
                        add(.pods, String(text), "pod range of the cluster", pod.source)
                    }
                }
            }
        }
        guard let answer = facts.cloudList("gcp", "container-clusters-list") else { return }
        // One of several clusters is not known to be this one.
        let blocks = answer.items.compactMap { $0.member("clusterIpv4Cidr")?.string }
        let nodes = facts.objects("nodes").flatMap(\.podRanges).compactMap { IPPrefix($0) }
        let own = blocks.filter { block in
            guard let whole = IPPrefix(block) else { return false }
            return nodes.contains { whole.contains($0) }
        }
        for block in own { add(.pods, block, "pod range of the cluster", answer.source) }
    }

    private mutating func addServices(_ facts: FactBase) {
        for range in facts.objects("servicecidrs.networking.k8s.io") {
            for text in range.list("spec", "cidrs").compactMap(\.string) {
                add(.services, text, "service range", range.source)
            }
        }
        for pod in facts.objects("pods") where pod.namespace == "kube-system" {
            for container in pod.list("spec", "containers") {
                let words = ["command", "args"].flatMap { container.member($0).map { Array($0.elements) } ?? [] }
                for word in words.compactMap(\.string) where word.hasPrefix("--service-cluster-ip-range=") {
                    add(.services, String(word.dropFirst(27)), "service range", pod.source)
                }
            }
        }
        for map in facts.objects("configmaps") where map.namespace == "kube-system" && map.name == "kubeadm-config" {
            guard let text = map.text("data", "ClusterConfiguration") else { continue }
            for line in text.split(whereSeparator: \.isNewline) {
                let words = line.split(separator: ":", maxSplits: 1)
                guard words.count == 2 else { continue }
                let value = String(words[1].filter { $0 != "\"" && $0 != " " })
                if words[0].filter({ $0 != " " }) == "serviceSubnet" {
                    add(.services, value, "service range", map.source)
                }
            }
        }
        for machine in facts.machines where facts.isMachineAlone {
            let tables = (machine.packetFilter?.tables ?? []).filter { $0.name == "nat" }
            let rules = tables.flatMap { $0.chains["KUBE-SERVICES"]?.rules ?? [] }
            for destination in rules.lazy.compactMap({ ServiceRulesCheck.destination($0.text) }).prefix(64) {
                add(
                    .services, "\(destination.prefix { $0 != ":" })/32", "a Service's address on \(machine.name)",
                    machine.source(.iptables, command: "iptables-save -t nat | grep KUBE-SERVICES"))
            }
        }
        if of(.services).isEmpty {
            // Nobody says the range: the addresses that are in use are certain to be in it.
            for service in facts.objects("services") {
                for address in ServiceMap.addresses(of: service) {
                    ranges.append(
                        Range(
                            use: .services, prefix: IPPrefix(containing: address, length: address.family.bitWidth),
                            name: "address of service \(service.namespace)/\(service.name)", source: service.source))
                }
            }
        }
    }

    private mutating func addRoutes(of machine: NodeEvidence) {
        for part in [NodeEvidence.Part.routes, .routes6] {
            guard let list = machine.json(part), list.kind == .array else { continue }
            for route in list.elements {
                guard let text = route.member("dst")?.string, text != "default",
                    let device = route.member("dev")?.string, Self.isForeign(device),
                    route.member("type")?.string ?? "unicast" == "unicast"
                else { continue }
                let prefix =
                    IPPrefix(text) ?? IPAddress(text).map { IPPrefix(containing: $0, length: $0.family.bitWidth) }
                guard let prefix, !prefix.network.isLinkLocal, !prefix.network.isMulticast, prefix.length > 0 else {
                    continue
                }
                if route.member("flags").map({ $0.elements.contains { $0.string == "linkdown" } }) ?? false,
                    route.member("protocol")?.string != "kernel"
                {
                    continue
                }
                ranges.append(
                    Range(
                        use: .route, prefix: prefix, name: "route of \(machine.name) to \(device)",
                        source: machine.source(part, command: "ip route show \(prefix)"), machine: machine.name,
                        device: device))
            }
        }
    }

    static func isForeign(_ device: String) -> Bool {
        !networkDevices.contains { device.hasPrefix($0) } && foreignDevices.contains { device.hasPrefix($0) }
    }

    /// Ranges that a cloud's network leads away: into a tunnel, to a peer, to a gateway of other networks. One that holds
    /// all of the pods is the wide road beside which they have their own.
    private mutating func addLedAway(_ facts: FactBase) {
        func items(_ provider: String, _ operation: String, _ member: String? = nil) -> [JSONNode] {
            guard let document = facts.evidence[EvidencePath.cloud(provider, operation)],
                let root = try? JSONTree(parsing: document.bytes).root
            else { return [] }
            return (member.flatMap { root.member($0) } ?? root).elements.map { $0 }
        }
        func lead(_ text: String?, _ name: String, _ provider: String, _ operation: String) {
            guard let text, let prefix = IPPrefix(text), prefix.length > 0,
                !of(.pods).contains(where: { prefix.contains($0.prefix) && prefix != $0.prefix })
            else { return }
            add(.external, text, name, EvidencePath.source(of: EvidencePath.cloud(provider, operation)))
        }
        for route in items("gcp", "compute-routes-list") {
            let isAway = ["nextHopVpnTunnel", "nextHopPeering", "nextHopHub", "nextHopInterconnectAttachment"]
                .contains { route.member($0) != nil }
            if isAway {
                lead(
                    route.member("destRange")?.string, "route \(route.member("name")?.string ?? "") of the network",
                    "gcp", "compute-routes-list")
            }
        }
        for table in items("aws", "describe-route-tables", "RouteTables") {
            for route in table.member("Routes").map({ $0.elements.map { $0 } }) ?? [] {
                let isAway =
                    route.member("VpcPeeringConnectionId") != nil || route.member("TransitGatewayId") != nil
                    || route.member("GatewayId")?.string?.hasPrefix("vgw-") ?? false
                if isAway {
                    lead(
                        route.member("DestinationCidrBlock")?.string,
                        "a route of \(table.member("RouteTableId")?.string ?? "the table")", "aws",
                        "describe-route-tables")
                }
            }
        }
    }

    /// `user.json`: what people said about networks beyond the cluster.
    private mutating func addExternal(_ facts: FactBase) {
        addLedAway(facts)
        guard let document = facts.evidence["user.json"], let root = try? JSONTree(parsing: document.bytes).root,
            let list = root.member("externalRanges"), list.kind == .array
        else { return }
        for text in list.elements.compactMap(\.string) {
            add(.external, text, "a range outside the cluster", document.source)
        }
    }
}
