import Addressing

/// Name servers of the world that have an address of the Services' range: kube-proxy takes what is sent there, and no
/// Service has it (IPM-07).
extension RangeOverlapCheck {
    func resolvers(_ services: [ClusterRanges.Range], _ facts: FactBase) -> [Diagnosis] {
        // A range that was only guessed from the Services there are is as wide as they are: told, it is exact.
        let told = services.filter { $0.prefix.length < $0.prefix.family.bitWidth }
        if told.isEmpty { return [] }
        let taken = Set(ServiceMap(facts).entries.flatMap(\.addresses))
        var found: [(server: IPAddress, range: ClusterRanges.Range, evidence: Diagnosis.Evidence, place: String)] = []
        for machine in facts.clusterMachines {
            for path in ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"] {
                guard let file = machine.file(path) else { continue }
                for line in file.text.split(whereSeparator: \.isNewline) {
                    let words = line.split(separator: " ")
                    guard words.count == 2, words[0] == "nameserver", let server = IPAddress(String(words[1])),
                        !taken.contains(server), let range = told.first(where: { $0.prefix.contains(server) })
                    else { continue }
                    found.append((server, range, machine.quote(String(line), file: path), machine.place))
                }
            }
        }
        for map in facts.objects("configmaps") {
            guard let text = map.text("data", "Corefile") else { continue }
            for line in text.split(whereSeparator: \.isNewline) {
                let words = line.split(separator: " ")
                guard words.first == "forward" else { continue }
                for word in words.dropFirst(2) {
                    guard let server = IPAddress(String(word)), !taken.contains(server),
                        let range = told.first(where: { $0.prefix.contains(server) })
                    else { continue }
                    let quoted = Diagnosis.Evidence(
                        String(line.trimmingBlanks), marking: String(word), from: map.source)
                    found.append((server, range, quoted, map.place))
                }
            }
        }
        guard let first = found.first else { return [] }
        let servers = Array(Set(found.map { "\($0.server)" })).sorted()
        return [
            .of(
                "IPM-07", "the name servers \(listed(servers)) have addresses of the Services' range", .certain,
                at: Array(Set(found.map(\.place))).sorted().prefix(4) + [first.range.name],
                evidence: [
                    first.evidence,
                    .init(
                        "\(first.range.name): \(first.range.prefix)", marking: "\(first.range.prefix)",
                        from: first.range.source),
                ],
                because: [
                    "\(first.range.prefix) is the Services' own: what nodes and pods send to \(first.server) is looked up among the Services, and none has that address",
                    "names that CoreDNS forwards there find nobody, while those of the cluster are answered",
                ],
                fix: .init(
                    [
                        "kubectl -n kube-system edit configmap coredns   # forward . to a server outside of \(first.range.prefix)",
                        "move the Services to a range of their own (Kubernetes 1.33: kubectl create servicecidr), smaller than a /12",
                    ], undo: "put the old server back", risk: "the Corefile is reloaded by itself", seconds: 60),
                prevent: "keep one list of all ranges: the company's resolvers belong on it")
        ]
    }
}
