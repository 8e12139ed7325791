import Addressing
import JSONTree

/// Which server kubelets tell pods to ask, and pods' own files, against the servers there are.
struct DNSNodeCheck: Check {
    let name = "DNS"
    let codes = ["DNS-02", "DNS-07"]
    let needs: [FactName] = [.objects("services")]

    func applies(to facts: FactBase) -> Bool {
        facts.objects("nodes").contains { KubeletDNS.servers(ofNode: $0.name, facts) != nil }
            || facts.machines.contains { machine in
                machine.podNames.contains { name in
                    let parts = name.split(separator: "/").map(String.init)
                    return parts.count == 2 && machine.pod(parts[0], parts[1])?.file("/etc/resolv.conf") != nil
                }
            }
    }

    private struct Wrong {
        var place: String
        /// Whose kubelet told it.
        var node: String
        var address: IPAddress
        var source: FactSource
    }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let dns = DNSView(facts)
        let known = dns.servers
        guard !known.isEmpty, let service = dns.services.first, let right = service.addresses.first else { return [] }
        var wrong: [Wrong] = []
        var down: [(wrong: Wrong, cache: PodView)] = []
        var inOrder: (name: String, address: IPAddress, source: FactSource)?
        // Where nodes differ from each other, that is said by comparing them; here is what all of them have wrong.
        let distinct = Set(facts.objects("nodes").compactMap { KubeletDNS.servers(ofNode: $0.name, facts)?.addresses })
        for node in facts.objects("nodes") where distinct.count == 1 {
            guard let told = KubeletDNS.servers(ofNode: node.name, facts), let first = told.addresses.first else {
                continue
            }
            let hasCache = dns.caches.contains { $0.node == node.name && $0.isReady }
            let isCache = first == DNSView.cacheAddress || dns.cacheAddresses.contains(first)
            if known.contains(first), !isCache || hasCache || !service.addresses.isDisjoint(with: [first]) {
                inOrder = inOrder ?? (node.name, first, told.source)
            } else if isCache, let cache = dns.caches.first(where: { $0.node == node.name && $0.isCrashing }) {
                // The address is right, and who has it does not run.
                down.append(
                    (Wrong(place: "Node/\(node.name)", node: node.name, address: first, source: told.source), cache))
            } else {
                wrong.append(Wrong(place: "Node/\(node.name)", node: node.name, address: first, source: told.source))
            }
        }
        for pod in dns.map.pods where !pod.isFinished && !pod.isOnHostNetwork {
            guard ["ClusterFirst", nil].contains(pod.object.text("spec", "dnsPolicy")),
                let file = KubeletDNS.resolver(of: pod, facts), let first = file.addresses.first,
                !known.contains(first),
                first != DNSView.cacheAddress, !wrong.contains(where: { $0.place == "Node/\(pod.node)" })
            else { continue }
            wrong.append(Wrong(place: pod.object.place, node: pod.node, address: first, source: file.source))
        }
        guard let first = wrong.first else { return down.isEmpty ? [] : [Self.silent(down, facts)] }
        let nodes = wrong.map(\.place)
        let affected = dns.map.pods.filter { nodes.contains("Node/\($0.node)") || nodes.contains($0.object.place) }
        return [
            .of(
                "DNS-07",
                "\(listed(nodes)) \(nodes.count == 1 ? "asks" : "ask") \(first.address), which is no DNS server here",
                .certain, at: nodes,
                evidence: wrong.prefix(2).map {
                    .init("clusterDNS: \($0.address)", marking: "\($0.address)", from: $0.source)
                } + (inOrder.map { [.init("clusterDNS: \($0.address) on \($0.name)", from: $0.source)] } ?? [])
                    + [.init("clusterIP: \(right)", marking: "\(right)", from: service.object.source)],
                because: [
                    "pods get the address from their node's kubelet when they start; service \(service.id) is at \(right)"
                        + (first.address == DNSView.cacheAddress ? ", and no cache runs on that node" : "")
                ],
                explains: affected.filter { NameFailure.first(of: $0, in: facts) != nil || !$0.isReady }
                    .reduce(into: []) { $0.formUnion($1.symptoms) },
                fix: .init(
                    [
                        "on \(listed(Set(wrong.map(\.node)).sorted())): set clusterDNS: [\(right)] in "
                            + "/var/lib/kubelet/config.yaml",
                        "systemctl restart kubelet",
                    ], undo: "set \(first.address) again and restart kubelet",
                    risk: "pods that run keep their resolv.conf: make those that fail anew", seconds: 30),
                deadEnds: ["restarting CoreDNS: it is not asked"])
        ]
    }

    // MARK: DNS-02

    /// Caches on the nodes that end again and again, where kubelets send their pods to them.
    private static func silent(_ down: [(wrong: Wrong, cache: PodView)], _ facts: FactBase) -> Diagnosis {
        let caches = down.map(\.cache)
        let said = caches.lazy.compactMap { pod in
            facts.logs(pod.namespace, pod.name).lazy.compactMap { document in
                document.lines.last { !$0.isEmpty }.map { Diagnosis.Evidence(String($0), from: document.source) }
            }.first
        }.first
        let pod = caches[0]
        return .of(
            "DNS-02", "the DNS cache of \(listed(caches.map(\.node))) does not run, and pods there ask nobody else",
            .certain, at: caches.map(\.object.place) + down.map(\.wrong.place),
            evidence: [
                .init("\(pod.name): \(DNSServerCheck.state(pod))", from: pod.object.source),
                .init("clusterDNS: \(down[0].wrong.address)", from: down[0].wrong.source),
            ] + (said.map { [$0] } ?? []),
            because: [
                "kubelets give pods \(down[0].wrong.address), which only the cache on the node has",
                "\(pod.id) is \(DNSServerCheck.state(pod)), and its last line tells why",
            ],
            explains: caches.reduce(into: []) { $0.formUnion($1.symptoms) },
            fix: .init(
                [
                    "kubectl -n \(pod.namespace) logs \(pod.name) --previous --tail=20",
                    "kubectl -n \(pod.namespace) edit configmap node-local-dns   # what that line names",
                ], undo: "put the former text back", risk: "each cache reads it anew by itself", seconds: 60),
            deadEnds: ["restarting CoreDNS: pods on these nodes do not ask it"])
    }
}

extension [IPAddress] {
    fileprivate func isDisjoint(with others: [IPAddress]) -> Bool { Set(self).isDisjoint(with: others) }
}
