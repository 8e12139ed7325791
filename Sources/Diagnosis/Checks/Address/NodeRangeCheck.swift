import Addressing
import JSONTree

/// Node.spec.podCIDR: there, once, and enough of them.
struct NodeRangeCheck: Check {
    let name = "IPAM"
    let codes = ["IPM-01", "IPM-08", "IPM-11"]
    let needs: [FactName] = [.objects("nodes")]

    /// A node that has just joined gets its range within seconds.
    private static let patience: Int64 = 60

    func applies(to facts: FactBase) -> Bool { !facts.objects("nodes").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let providers = NetworkProviders(facts)
        let uses = providers.usesNodeRanges(facts)
        let nodes = facts.objects("nodes")
        var found = overlaps(nodes, uses)
        let without = nodes.filter { node in
            node.podRanges.isEmpty && !node.isPrinted && (facts.seconds(since: node.createdAt) ?? .max) > Self.patience
        }
        if without.isEmpty || uses == false { return found }
        let refused = refusals(facts, of: without)
        let room = ClusterRoom(facts, nodes)
        if !refused.isEmpty || (room.map { $0.blocks <= nodes.count - without.count } ?? false) {
            found.append(exhausted(without, refused, room, nodes, facts))
        } else if uses == true || nodes.count > without.count {
            found.append(unassigned(without, nodes, facts, isCertain: uses == true))
        }
        return found
    }

    // MARK: Twice

    private func overlaps(_ nodes: [APIObject], _ uses: Bool?) -> [Diagnosis] {
        if uses == false { return [] }
        let ranges = nodes.flatMap { node in
            node.podRanges.compactMap { text in IPPrefix(text).map { (node: node, prefix: $0) } }
        }.sorted { $0.prefix < $1.prefix }
        var found: [Diagnosis] = []
        for (left, right) in zip(ranges, ranges.dropFirst())
        where left.prefix.overlaps(right.prefix) && left.node.name != right.node.name {
            // The younger one is the copy.
            let younger = (left.node.createdAt ?? 0) > (right.node.createdAt ?? 0) ? left.node : right.node
            let older = younger.name == left.node.name ? right.node : left.node
            found.append(
                .of(
                    "IPM-08",
                    "nodes \(older.name) and \(younger.name) have "
                        + (left.prefix == right.prefix ? "one range: \(left.prefix)" : "overlapping ranges"),
                    uses == true ? .certain : .likely, at: [older.place, younger.place],
                    evidence: [
                        .init("podCIDR: \(left.prefix)", marking: "\(left.prefix)", from: left.node.source),
                        .init("podCIDR: \(right.prefix)", marking: "\(right.prefix)", from: right.node.source),
                    ],
                    because: [
                        "each node hands out addresses of its range by itself, so that pods of both get the same ones, "
                            + "and other nodes have one route for two places"
                    ],
                    fix: .init(
                        [
                            "kubectl drain \(younger.name) --ignore-daemonsets --delete-emptydir-data",
                            "kubectl delete node \(younger.name)",
                            "on \(younger.name): systemctl restart kubelet",
                        ],
                        undo: "kubectl uncordon \(younger.name)",
                        risk: "pods of \(younger.name) move; data in emptyDir volumes is lost", seconds: 300),
                    deadEnds: [
                        "kubectl patch node with another podCIDR: the API forbids changing it once it is set"
                    ],
                    needs: ["whether the pod network takes addresses from Node.spec.podCIDR"]))
        }
        return found
    }

    // MARK: None

    private func unassigned(
        _ without: [APIObject], _ nodes: [APIObject], _ facts: FactBase, isCertain: Bool
    ) -> Diagnosis {
        let names = without.map(\.name)
        let isEverybody = without.count == nodes.count
        return .of(
            "IPM-01", "\(listed(names)) \(names.count == 1 ? "has" : "have") no podCIDR",
            isCertain ? .certain : .likely, at: without.map(\.place),
            evidence: without.prefix(3).map { .init("spec.podCIDR is not set", from: $0.source) }
                + nodes.filter { !$0.podRanges.isEmpty }.prefix(1).map {
                    .init("podCIDR: \($0.podRanges[0])", from: $0.source)
                },
            because: [
                "the network of this cluster takes each node's range from its Node object, and waits for it",
                isEverybody
                    ? "no node has one: kube-controller-manager runs without --allocate-node-cidrs"
                    : "\(nodes.count - without.count) other nodes have one",
            ],
            explains: symptoms(of: without, facts),
            fix: isEverybody
                ? .init(
                    [
                        "on the control plane, in /etc/kubernetes/manifests/kube-controller-manager.yaml: add "
                            + "--allocate-node-cidrs=true and --cluster-cidr=<the network's range>"
                    ], undo: "take both flags out again", risk: "the controller manager restarts", seconds: 60)
                : .init(
                    names.flatMap {
                        ["kubectl -n kube-system logs -l component=kube-controller-manager --tail=200 | grep \($0)"]
                    }, risk: "none: it only reads"),
            deadEnds: [
                "kubectl patch node with a podCIDR made up: it cannot be changed later, and another node may get the "
                    + "same"
            ],
            needs: ["whether the pod network takes addresses from Node.spec.podCIDR"])
    }

    private func exhausted(
        _ without: [APIObject], _ events: [APIObject], _ room: ClusterRoom?, _ nodes: [APIObject], _ facts: FactBase
    ) -> Diagnosis {
        var because: [String] = []
        var evidence: [Diagnosis.Evidence] = events.prefix(1).map {
            .init($0.message.isEmpty ? "CIDRNotAvailable" : $0.message, from: $0.source)
        }
        if let room {
            because.append(
                "\(room.cluster) in ranges of /\(room.mask) is \(counted(room.blocks, "range")), and there are "
                    + "\(counted(nodes.count, "node"))")
            evidence.append(.init("--cluster-cidr=\(room.cluster)", marking: "\(room.cluster)", from: room.source))
        }
        evidence += without.prefix(2).map { .init("spec.podCIDR is not set", from: $0.source) }
        because.append("the allocator has no range left, so \(listed(without.map(\.name))) cannot run pods")
        return .of(
            "IPM-11", "there is no range left for \(listed(without.map(\.name)))", .certain,
            at: without.map(\.place), evidence: evidence, because: because, explains: symptoms(of: without, facts),
            fix: .init(
                [
                    "kubectl get nodes -o custom-columns=NAME:.metadata.name,RANGE:.spec.podCIDR",
                    "kubectl delete node <a machine that is gone>",
                ],
                undo: "a machine that still runs joins again when its kubelet restarts",
                risk: "only for machines that no longer exist"),
            prevent: "size the cluster's range for twice the nodes you expect: it cannot be widened in place",
            deadEnds: ["a smaller --node-cidr-mask-size now: ranges that were given out keep their size"])
    }

    private func refusals(_ facts: FactBase, of nodes: [APIObject]) -> [APIObject] {
        let names = Set(nodes.map(\.name))
        return facts.events.filter { event in
            event.text("reason") == "CIDRNotAvailable" && names.contains(event.subject?.name ?? "")
        }
    }

    private func symptoms(of nodes: [APIObject], _ facts: FactBase) -> Set<String> {
        let names = Set(nodes.map(\.name))
        var found = Set(nodes.filter { !$0.isNodeReady }.map { "node \($0.name)" })
        for pod in facts.pods where names.contains(pod.node) { found.formUnion(pod.symptoms) }
        return found
    }
}

/// How many ranges the cluster's network has for nodes, from the flags of kube-controller-manager.
struct ClusterRoom {
    var cluster: IPPrefix
    var mask: Int
    var source: FactSource

    /// As many as fit into an Int; more than anybody has nodes.
    var blocks: Int { 1 << min(30, max(0, mask - cluster.length)) }

    init?(_ facts: FactBase, _ nodes: [APIObject]) {
        for pod in facts.objects("pods") {
            for container in pod.list("spec", "containers") {
                let words = ["command", "args"].flatMap { container.member($0).map { Array($0.elements) } ?? [] }
                    .compactMap(\.string)
                guard
                    words.first?.hasSuffix("kube-controller-manager") ?? false
                        || container.member("name")?.string == "kube-controller-manager"
                else { continue }
                func flag(_ name: String) -> String? {
                    words.first { $0.hasPrefix("--\(name)=") }.map { String($0.dropFirst(name.count + 3)) }
                }
                guard let text = flag("cluster-cidr")?.split(separator: ",").first, let range = IPPrefix(String(text))
                else { continue }
                cluster = range
                let family = range.family == .v4 ? "node-cidr-mask-size-ipv4" : "node-cidr-mask-size-ipv6"
                let wanted = (flag(family) ?? flag("node-cidr-mask-size")).flatMap { Int($0) }
                mask = wanted ?? (range.family == .v4 ? 24 : 64)
                source = pod.source
                return
            }
        }
        return nil
    }
}
