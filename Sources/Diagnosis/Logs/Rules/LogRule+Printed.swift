import Addressing

/// Lines that status commands print: how many there are of how many, where nobody complains in words.
extension LogRule {
    static let printed = [
        // `IPAM: IPv4: 254/254 allocated from 10.0.1.0/24`
        LogRule(
            .likely, "IPM-02", "IPM-03",
            when: .all([
                .words("allocated from"), .words("ipam:", "address pool:"),
                .check { text in PrintedCount.all(in: text).contains { $0.part == $0.whole } },
            ]), needs: "whether each of these addresses is of a pod that runs (cilium-dbg status --all-addresses)"),
        // `Cluster health: 1/3 reachable`, and its table of nodes.
        LogRule(
            .likely, "RTE-01", "RTE-03", "INS-01",
            when: .all([
                .words("cluster health:"), .words("reachable"),
                .check { text in PrintedCount.all(in: text).contains { $0.part < $0.whole } },
            ]), needs: "which node is not reached, and whether by ICMP or by HTTP (cilium-health status --probe)"),
        LogRule(
            .likely, "INS-01",
            when: .all([
                .words("daemonset"), .words("desired:"), .words("unavailable:"),
                .check { text in PrintedCount.all(in: text).contains { $0.part < $0.whole } },
            ]), needs: "the pods of that DaemonSet, and why they are not ready"),
        // `cilium daemonsets.apps "cilium" not found`, of the command that looks for it in one namespace.
        LogRule(
            .possible, "INS-01",
            when: .all([.words("errors:"), .words("daemonsets.apps"), .words("not found")]),
            needs: "the namespace of the agent's DaemonSet"),
        // `| IP Pool | 10.244.0.0/24 | 256 | 256 (100%) | 0 (0%) |`
        LogRule(
            .likely, "IPM-04", "IPM-02",
            when: .any([
                .all([.words("| ip pool |"), .words("| 0 (0%) |")]),
                // `| Pool default | 10.244.0.0/24 | 256 | 254 (99%) | 2 | 0 |`, as `poplin ipam show` prints it.
                .all([
                    .words("| pool "), .words("%) |"),
                    .check { text in
                        let cells = text.normal.split(separator: "|").map(\.trimmingBlanks).filter { !$0.isEmpty }
                        return cells.count == 6 && cells[5] == "0"
                    },
                ]),
            ]),
            needs: "whether pods that run have all of these addresses (ipam check of calicoctl or poplin)"),
        LogRule(
            .likely, "IPM-04", "IPM-03",
            when: .any([
                .words("leaked; attrs"),
                .all([
                    .words("allocated in ipam but not actually in use"),
                    .check { text in (PrintedCount.found(in: text) ?? 0) > 0 },
                ]),
            ]), needs: "calicoctl ipam check --show-problem-ips: of which pods these were"),
        LogRule(
            .likely, "IPM-06", "IPM-04",
            when: .any([
                .all([
                    .words("in active ip pools but have no corresponding ipam allocation"),
                    .check { text in (PrintedCount.found(in: text) ?? 0) > 0 },
                ]),
                .words("has multiple owners."),
            ]), needs: "the pods that have the same address (kubectl get pods -A -o wide)"),
        LogRule(
            .likely, "IPM-12", "IPM-07",
            when: .any([
                .words("is not in any active ip pool"),
                .all([
                    .words("in-use ips that are not in active ip pools"),
                    .check { text in (PrintedCount.found(in: text) ?? 0) > 0 },
                ]),
            ]), needs: "the pools there are, and whether one was deleted or disabled under pods that run"),
        // Scenarios of a connectivity test, named by what cannot be reached.
        LogRule(
            .possible, "DNS-02", "DNS-05", "DNS-04",
            when: .all([scenario, .words("/dns", "dns-only", "to-fqdns")]),
            needs: "the answer of the DNS servers to that name, from that pod"),
        LogRule(
            .possible, "RTE-14", "RTE-07", "DNS-04",
            when: .all([scenario, .words("pod-to-world", "pod-to-cidr", "pod-to-external")]),
            needs: "whether the node masquerades the pod's address, and whether the node itself reaches the target"),
        LogRule(
            .possible, "SVC-03", "SVC-04", "RTE-01",
            when: .all([scenario, .words("nodeport", "-to-service", "loadbalancer")]),
            needs: "the same request to the endpoint's own address"),
        LogRule(
            .possible, "RTE-01", "RTE-03", "MTU-01",
            when: .all([scenario, .words("no-policies/pod-to-pod", "no-policies/pod-to-host", "no-policies/host-to")]),
            needs: "whether it fails between nodes alone, and whether small packets pass"),
    ]

    /// A failed action or scenario of `cilium connectivity test`.
    private static let scenario = LogPattern.all([
        .words("[no-policies", "[allow-all", "[to-", "[client-", "[echo-", "[dns", "[north-south", "scenario ["),
        .words("failed", "❌", "exit code", "unexpected"),
    ])
}

/// `1/3` of a line: how many of how many.
struct PrintedCount: Sendable {
    var part: Int
    var whole: Int

    /// Ranges such as `10.0.0.0/24` are none.
    static func all(in text: LogText) -> [PrintedCount] {
        text.normal.split(whereSeparator: { " ,;()".contains($0) || $0.isNewline }).compactMap { word in
            let parts = word.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let part = Int(parts[0]), let whole = Int(parts[1]), part >= 0, whole > 0 else {
                return nil
            }
            return PrintedCount(part: part, whole: whole)
        }
    }

    /// `found 4 ips that ...`
    static func found(in text: LogText) -> Int? {
        guard let start = text.normal.firstRange(of: "found ")?.upperBound else { return nil }
        return Int(text.normal[start...].prefix { $0.isNumber })
    }
}

/// What `ip route get` answers: `10.42.3.9 via 10.42.3.0 dev flannel.1 src 10.42.1.0`.
enum PrintedRoute {
    /// Whether the way leads through the first address of the /24 that the target is of, which is the other node's
    /// end of the tunnel.
    static func leadsToAPeersRange(_ text: LogText) -> Bool {
        let words = text.normal.split { $0 == " " || $0.isNewline }
        return words.indices.dropFirst().dropLast().contains { place in
            guard words[place] == "via", let target = IPv4Address(String(words[place - 1])),
                let gateway = IPv4Address(String(words[place + 1]))
            else { return false }
            return gateway.rawValue & 0xFF == 0 && gateway.rawValue >> 8 == target.rawValue >> 8
        }
    }
}
