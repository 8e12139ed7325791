import JSONTree

/// A command that is run in an agent's pod: it only reads, and this list is all there is.
///
/// Agents live in the network of their node, so what these show is the node's own state, in the forms in which machine
/// checks read it. An image that lacks the program answers so, and the part stays missing.
struct AgentCommand: Sendable, Hashable {
    enum Form: Sendable, Hashable {
        case asItIs
        /// `grep -r ""` over /proc/sys: lines of `path:value`, kept as `sysctl -a` prints them.
        case settings
    }

    let words: [String]
    /// Below `nodes/NODE/`.
    let path: String
    var form = Form.asItIs
    /// Names of ``NetworkComponent``; empty for every agent.
    var providers: Set<String> = []

    static let all: [AgentCommand] = ofMachines + ofProviders

    private static let ofMachines = [
        AgentCommand(words: ["ip", "-d", "-j", "link"], path: "ip-link.json"),
        AgentCommand(words: ["ip", "-j", "addr"], path: "ip-addr.json"),
        AgentCommand(words: ["ip", "-j", "route", "show", "table", "all"], path: "ip-route.json"),
        AgentCommand(words: ["ip", "-6", "-j", "route", "show", "table", "all"], path: "ip-6-route.json"),
        AgentCommand(words: ["ip", "-j", "rule"], path: "ip-rule.json"),
        AgentCommand(words: ["ip", "-6", "-j", "rule"], path: "ip-6-rule.json"),
        AgentCommand(words: ["ip", "-j", "neigh"], path: "ip-neigh.json"),
        AgentCommand(words: ["bridge", "-j", "fdb"], path: "bridge-fdb.json"),
        AgentCommand(words: ["nft", "-j", "list", "ruleset"], path: "nft.json"),
        AgentCommand(words: ["iptables-nft-save"], path: "iptables-save.txt"),
        AgentCommand(words: ["iptables-legacy-save"], path: "iptables-legacy-save.txt"),
        AgentCommand(
            words: [
                "grep", "-rs", "", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf",
                "/proc/sys/net/ipv6/conf/all", "/proc/sys/net/bridge", "/proc/sys/net/netfilter/nf_conntrack_max",
                "/proc/sys/net/netfilter/nf_conntrack_count", "/proc/sys/net/ipv4/neigh/default",
                "/proc/sys/fs/inotify",
            ], path: "sysctl.txt", form: .settings),
        AgentCommand(words: ["cat", "/proc/net/netstat"], path: "proc/net/netstat"),
        AgentCommand(words: ["cat", "/proc/net/snmp"], path: "proc/net/snmp"),
        AgentCommand(words: ["cat", "/proc/net/dev"], path: "proc/net/dev"),
        AgentCommand(words: ["cat", "/proc/modules"], path: "proc/modules"),
    ]

    private static let ofProviders = [
        AgentCommand(
            words: ["birdcl", "-s", "/var/run/calico/bird.ctl", "show", "protocols"],
            path: "exec/birdcl-show-protocols.txt", providers: ["calico"]),
        AgentCommand(
            words: ["birdcl", "-s", "/var/run/calico/bird.ctl", "show", "route"], path: "exec/birdcl-show-route.txt",
            providers: ["calico"]),
        AgentCommand(
            words: ["cilium-dbg", "status", "-o", "json"], path: "exec/cilium-dbg-status.json", providers: ["cilium"]),
        AgentCommand(
            words: ["cilium-dbg", "endpoint", "list", "-o", "json"], path: "exec/cilium-dbg-endpoint-list.json",
            providers: ["cilium"]),
        AgentCommand(
            words: ["cilium-dbg", "service", "list", "-o", "json"], path: "exec/cilium-dbg-service-list.json",
            providers: ["cilium"]),
        AgentCommand(
            words: ["cilium-dbg", "bpf", "metrics", "list", "-o", "json"],
            path: "exec/cilium-dbg-bpf-metrics-list.json", providers: ["cilium"]),
        AgentCommand(
            words: ["antctl", "get", "agentinfo", "-o", "json"], path: "exec/antctl-get-agentinfo.json",
            providers: ["antrea"]),
        AgentCommand(
            words: ["ovs-vsctl", "show"], path: "exec/ovs-vsctl-show.txt",
            providers: ["antrea", "ovn-kubernetes", "kube-ovn"]),
        AgentCommand(
            words: ["cat", "/run/flannel/subnet.env"], path: "files/run/flannel/subnet.env", providers: ["flannel"]),
    ]

    static func of(_ provider: String) -> [AgentCommand] {
        all.filter { $0.providers.isEmpty || $0.providers.contains(provider) }
    }

    /// The output as it is kept.
    func kept(_ output: [UInt8]) -> [UInt8] {
        switch form {
        case .asItIs: return output
        case .settings: return Array(Self.settings(String(decoding: output, as: UTF8.self)).utf8)
        }
    }

    /// `/proc/sys/net/ipv4/conf/eth0.100/rp_filter:1` as `net.ipv4.conf.eth0/100.rp_filter = 1` (sysctl(8): dots in
    /// names become slashes).
    static func settings(_ text: String) -> String {
        var lines: [String] = []
        for line in text.split(separator: "\n") {
            let root = "/proc/sys/"
            guard line.hasPrefix(root), let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].dropFirst(root.count).split(separator: "/").map { part in
                String(part.map { $0 == "." ? "/" : $0 })
            }.joined(separator: ".")
            lines.append("\(name) = \(line[line.index(after: colon)...])")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
