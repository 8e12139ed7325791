/// What the ways that work and the ways that do not have in common, and what they have not.
extension LogAccount {
    /// What follows from it, the likeliest first. None of it is certain: people tell what they tried.
    var rules: [LogRule] {
        Self.matrix.compactMap { row in
            row.holds(self) ? LogRule(row.confidence, codes: row.codes, when: .all([]), needs: [row.needs]) : nil
        }
    }

    private struct Row: Sendable {
        var confidence: Confidence = .likely
        var codes: [String]
        var needs: String
        var holds: @Sendable (LogAccount) -> Bool
    }

    private static let matrix: [Row] = [
        Row(
            codes: ["SVC-08", "SVC-07", "SVC-03"], needs: "hairpin_mode of the pod's port on the bridge",
            holds: { $0.fails(.service, .itself) }),
        Row(
            codes: ["SVC-07", "SVC-08", "SVC-03"], needs: "net.bridge.bridge-nf-call-iptables of that node",
            holds: {
                $0.fails(.service, .sameNode) && !$0.fails(.itself) && $0.works(anyOf: .podAddress, .otherNode)
            }),
        Row(
            codes: ["SVC-07", "SVC-08", "DNS-02"], needs: "net.bridge.bridge-nf-call-iptables of that node",
            holds: {
                $0.fails(.name, .sameNode) && !$0.fails(.otherNode) && !$0.fails(.policy) && !$0.works(anyOf: .sameNode)
            }),
        Row(
            codes: ["RTE-05", "DNS-09", "DNS-06", "SVC-09"],
            needs: "checksum errors while it is tried (nstat -az), and once more with tx-checksumming off",
            holds: {
                $0.fails(.datagram) && !$0.fails(.policy) && $0.works(anyOf: .segment) && !$0.works(anyOf: .datagram)
            }),
        Row(
            confidence: .possible, codes: ["SVC-07", "RTE-17", "RTE-04", "SVC-08", "DNS-06"],
            needs: "whether the two reach each other by their own addresses, and bridge-nf-call-iptables of that node",
            holds: { $0.fails(.sameNode) && !$0.fails(.otherNode) && $0.works(anyOf: .otherNode) }),
        Row(
            codes: ["SVC-03", "SVC-04", "SVC-10", "SVC-07"],
            needs: "rules for that address on that node; kube-proxy's last sync",
            holds: {
                $0.fails(.service) && !$0.fails(.name) && !$0.fails(.sameNode) && !$0.fails(.itself)
                    && !$0.fails(.policy) && $0.works(anyOf: .podAddress) && !$0.works(anyOf: .sameNode)
            }),
        Row(
            codes: ["SVC-03", "SVC-07", "RTE-06", "SVC-04", "RTE-07"],
            needs: "rules for that address as a packet of a pod meets them (bridge-nf-call-iptables, FORWARD)",
            holds: { $0.fails(.service) && !$0.fails(.name) && $0.works.isSuperset(of: [.host, .service]) }),
        Row(
            codes: ["SVC-06", "SVC-02", "SVC-01", "POL-01"], needs: "the address the program listens on (ss -ltn)",
            holds: { $0.works(anyOf: .loopback) && !$0.fails(.loopback) && !$0.fails(.name) && $0.complaints > 0 }),
        Row(
            codes: ["MTU-01", "MTU-04", "MTU-03", "RTE-05"],
            needs: "the pod's MTU against the link's less the encapsulation",
            holds: {
                $0.fails(.large) && !$0.works(anyOf: .large)
                    && ($0.works(anyOf: .small) || ($0.fails(.otherNode) && $0.works(anyOf: .sameNode)))
            }),
        Row(
            codes: ["RTE-05", "MTU-01", "RTE-18", "RTE-01", "POL-01"],
            needs: "checksum errors while it is tried (nstat -az), and once more with tx-checksumming off",
            holds: { $0.fails(.stream, .otherNode) && !$0.fails(.ping) && $0.works(anyOf: .ping) }),
        Row(
            codes: ["DNS-04", "RTE-14", "DNS-01"], needs: "the upstream asked from CoreDNS's own network namespace",
            holds: {
                $0.fails(.name, .outer) && !$0.fails(.inner) && $0.works(anyOf: .inner) && !$0.fails(.policy)
            }),
        Row(
            codes: ["RTE-14", "RTE-06", "DNS-04", "RTE-09"],
            needs: "whether the node masquerades the pod's address (nat POSTROUTING), and its FORWARD chain",
            holds: {
                $0.fails(.outer) && !$0.fails(.name) && !$0.fails(.policy) && !$0.fails(.service)
                    && $0.works(anyOf: .podAddress, .inner, .service, .host) && !$0.works(anyOf: .loopback)
            }),
        Row(
            codes: ["RTE-01", "RTE-03", "RTE-04", "RTE-06", "RTE-05", "RTE-07"],
            needs: "a packet that leaves one node and whether the other sees it",
            holds: {
                $0.fails(.otherNode) && !$0.fails(.service) && !$0.fails(.nodePort) && !$0.fails(.name)
                    && $0.works(anyOf: .sameNode) && !$0.works(anyOf: .otherNode)
            }),
        Row(
            codes: ["IPM-02", "IPM-03", "IPM-04"], needs: "addresses given against living pods",
            holds: {
                $0.fails(.newPods, .address) && $0.works(anyOf: .oldPods) && !$0.works(anyOf: .newPods)
            }),
        Row(
            confidence: .possible, codes: ["IPM-02", "INS-01", "IPM-03", "CFG-01"],
            needs: "the event of a pod that waits (kubectl describe pod)",
            holds: { $0.fails(.newPods) && $0.works(anyOf: .oldPods) && !$0.works(anyOf: .newPods) }),
        Row(
            confidence: .possible, codes: ["DNS-02", "DNS-05", "DNS-01", "DNS-07"],
            needs: "a question asked of each CoreDNS pod's own address, and of its Service's",
            holds: {
                $0.fails(.name) && !$0.fails(.outer) && !$0.fails(.address) && $0.works(anyOf: .address, .podAddress)
            }),
    ]
}
