import Addressing
import JSONTree

/// Ranges, room and versions of the whole cluster.
extension PreflightReader {
    var ranges: Preflight.Step {
        let question = PreflightQuestion(
            "Ranges of pods, Services, nodes and the outside are apart",
            command: "ip route show table all; kubectl cluster-info dump | grep -m1 cluster-cidr")
        let known = found(["IPM-05", "IPM-06", "IPM-07", "IPM-08", "IPM-09", "MCL-03", "GCP-03"])
        var overlaps = known.texts
        for (index, range) in planned.enumerated() {
            for other in planned[(index + 1)...] where range.overlaps(other) {
                overlaps.append("\(range) and \(other) are both planned and overlap")
            }
            let members = Set(facts.clusterMachines.map(\.name))
            for machine in machines {
                for route in (machine.routes ?? [])
                where !route.isDefault && route.kind == "unicast" && route.table == 254 {
                    // On a node of the cluster these are the range's own.
                    if members.contains(machine.name), range.contains(route.destination) { continue }
                    if range.overlaps(route.destination) {
                        overlaps.append("\(machine.name): \(range) overlaps with the route \(route.text)")
                    }
                }
            }
            for node in facts.objects("nodes") {
                for text in node.nodeAddresses() {
                    if let address = IPAddress(text), range.contains(address) {
                        overlaps.append("\(range) holds \(address), the address of \(node.name)")
                    }
                }
            }
        }
        if let failed = question.failed(overlaps, known, otherwise: "choose a range that nothing else uses") {
            return failed
        }
        if planned.isEmpty, facts.objects("nodes").isEmpty {
            return question.step(
                .notChecked(because: "say which ranges are planned: --range 10.244.0.0/16 --range 10.96.0.0/12"))
        }
        let seen = planned.isEmpty ? "" : "(\(planned.map { "\($0)" }.joined(separator: ", ")))"
        return question.step(.passed(seen))
    }

    var room: Preflight.Step {
        let question = PreflightQuestion(
            "There are addresses for the pods that move",
            command: "kubectl get nodes -o custom-columns=N:.metadata.name,R:.spec.podCIDRs")
        let known = found(codes(.addresses).union(["AWS-01", "AWS-02", "AWS-03", "AZR-02"]))
        var full = known.texts
        var counted = 0
        let pods = Dictionary(grouping: facts.pods.filter { !$0.isFinished && !$0.isOnHostNetwork }, by: \.node)
        for node in facts.objects("nodes") {
            guard NetworkProviders(facts).usesNodeRanges(facts) ?? false,
                let range = node.podRanges.compactMap({ IPPrefix($0) }).first(where: { $0.family == .v4 })
            else { continue }
            counted += 1
            // Network, gateway and broadcast.
            let size = (1 << (32 - range.length)) - 3
            let used = pods[node.name]?.count ?? 0
            if size > 0, used * 10 > size * 9 {
                full.append("\(node.name): \(used) of \(size) addresses of \(range) are used")
            }
        }
        if let failed = question.failed(full, known, otherwise: "add a node, or drain one first") { return failed }
        if facts.objects("nodes").isEmpty {
            return question.step(.notChecked(because: "no cluster was asked"))
        }
        return question.step(
            counted > 0 || ran(codes(.addresses))
                ? .passed("") : .notChecked(because: "no pool or range is known"))
    }

    private static func minor(_ version: String?) -> (Int, Int)? {
        let numbers = (version ?? "").drop { !$0.isNumber }.split(separator: ".").prefix(2).map {
            Int($0.prefix { $0.isNumber })
        }
        guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        return (major, minor)
    }

    /// A kubelet may be three minor versions older than the API server and never newer (Kubernetes version skew
    /// policy, since 1.28; two before).
    var versions: Preflight.Step {
        let question = PreflightQuestion("Versions go together", command: "kubectl version; kubectl get nodes -o wide")
        let known = found(["INS-09", "INS-12", "BPF-02", "CFG-07"])
        var skew = known.texts
        let nodes = facts.objects("nodes")
        let server = facts.evidence[EvidencePath.version].flatMap { document -> String? in
            let root = try? JSONTree(parsing: document.bytes).root
            return (root?.at("serverVersion", "gitVersion") ?? root?.member("gitVersion"))?.string
        }
        var seen = ""
        if let server, let (major, minor) = Self.minor(server) {
            seen = "(API server \(server))"
            for node in nodes {
                let kubelet = node.text("status", "nodeInfo", "kubeletVersion")
                guard let (own, ownMinor) = Self.minor(kubelet), own == major else { continue }
                let allowed = minor >= 28 ? 3 : 2
                if ownMinor > minor {
                    skew.append("\(node.name): kubelet \(kubelet ?? "") is newer than the API server \(server)")
                } else if minor - ownMinor > allowed {
                    skew.append(
                        "\(node.name): kubelet \(kubelet ?? "") is \(minor - ownMinor) versions older than \(server), \(allowed) are allowed"
                    )
                }
            }
        }
        if let failed = question.failed(
            skew, known, otherwise: "upgrade the API server first, then the kubelets, one version at a time")
        {
            return failed
        }
        if nodes.isEmpty {
            return question.step(.notChecked(because: "no cluster was asked"))
        }
        return question.step(.passed(seen))
    }

    var agents: Preflight.Step {
        let question = PreflightQuestion(
            "Nodes are ready and agents run", command: "kubectl get nodes; kubectl get daemonsets -A")
        let known = found(codes(.installation, .node, .configuration))
        let unready = facts.symptoms(.node).map(\.text)
        if facts.objects("nodes").isEmpty, known.texts.isEmpty {
            return question.step(.notChecked(because: "no cluster was asked"))
        }
        let against = known.texts.isEmpty ? unready : known.texts
        if let failed = question.failed(against, known, otherwise: "") { return failed }
        return question.step(.passed("(\(WrappedText.count(facts.objects("nodes").count, "node")))"))
    }

    var access: Preflight.Step {
        step(
            "Webhooks answer, tokens and certificates are valid", codes(.webhooks, .apiAccess).union(["ING-06"]),
            without: facts.objects("nodes").isEmpty ? "no cluster was asked" : nil,
            command: "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations")
    }
}
