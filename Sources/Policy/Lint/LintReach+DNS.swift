import Addressing
import Findings

// Egress that is closed to the cluster's DNS.

extension LintReach {
    private struct DNSEndpoint {
        var end: Int
        /// Where the pods listen, and what the Service calls it.
        var port: UInt16
        var servicePort: UInt16
    }

    static func dnsServices(_ cluster: Cluster) -> [ClusterService] {
        cluster.services.values.filter { service in
            service.labels["k8s-app"] == "kube-dns"
                || (service.id.namespace == "kube-system" && service.id.name == "kube-dns")
                || service.id.description == "openshift-dns/dns-default"
        }.sorted { $0.id < $1.id }
    }

    static func assumeDNS(_ cluster: inout Cluster) {
        let name = PodName(namespace: "kube-system", name: "coredns")
        cluster.update(
            ClusterPod(
                id: name, labels: ["k8s-app": "kube-dns"],
                ports: [
                    ContainerPort(name: "dns", number: 53, transport: .udp), ContainerPort(name: "dns-tcp", number: 53),
                ]))
        cluster.update(
            ClusterService(
                id: PodName(namespace: "kube-system", name: "kube-dns"), selector: ["k8s-app": "kube-dns"],
                ports: [ServicePort(name: "dns", number: 53, transport: .udp)]))
    }

    func dnsFindings() -> [LintFinding] {
        let endpoints = dnsEndpoints()
        if endpoints.isEmpty { return [] }
        let name =
            assumesDNS
            ? "the cluster's DNS (assumed to be kube-system, k8s-app=kube-dns, port 53)" : "the cluster's DNS"
        var found: [LintFinding] = []
        var told: Set<PolicyReference> = []
        for (index, side) in (sides[.egress] ?? []).enumerated() {
            guard let side, !side.anything.isEmpty, !reachesDNS(side, endpoints) else { continue }
            let entry = classes[index].0
            let wrong = endpoints.first { side.allows(.udp, $0.servicePort, at: $0.end) }
            for policy in closing(index, .egress) where told.insert(policy.reference).inserted {
                if let wrong {
                    found.append(
                        PolicyLint.finding(
                            "POL-14", policy,
                            "\(entry.name) may reach \(name) on the service's port only; its pods listen on \(wrong.port)",
                            at: policy.subjectPlace, next: "allow port \(wrong.port) too"))
                } else {
                    let pods = entry.members.count
                    found.append(
                        PolicyLint.finding(
                            "POL-21", policy, "egress of \(entry.name) is closed and \(name) with it",
                            at: policy.subjectPlace,
                            because: ["names do not resolve for \(pods) pod\(pods == 1 ? "" : "s")"],
                            next: "allow UDP and TCP to the DNS pods"))
                }
            }
        }
        return found
    }

    /// NodeLocal DNS answers on a link-local address of every node where it runs; in a cluster whose DNS is not known,
    /// it may.
    private func reachesDNS(_ side: JudgedSide, _ endpoints: [DNSEndpoint]) -> Bool {
        if endpoints.contains(where: { side.allows(.udp, $0.port, at: $0.end) }) { return true }
        guard assumesDNS || cluster.pods.values.contains(where: { $0.labels["k8s-app"] == "node-local-dns" }) else {
            return false
        }
        return classes.indices.contains { index in
            guard case .external(let address) = classes[index].1.kind, address == IPAddress("169.254.20.10") else {
                return false
            }
            return side.allows(.udp, 53, at: index)
        }
    }

    /// Classes of DNS pods with the ports they listen on.
    private func dnsEndpoints() -> [DNSEndpoint] {
        var found: [DNSEndpoint] = []
        for service in Self.dnsServices(cluster) {
            for index in backends(of: service) {
                for port in service.ports where port.transport == .udp {
                    if let number = number(of: port, at: index) {
                        found.append(DNSEndpoint(end: index, port: number, servicePort: port.number))
                    }
                }
            }
        }
        return found
    }

    /// The classes whose pods are behind a service.
    func backends(of service: ClusterService) -> [Int] {
        let endpoints = Set(service.endpoints)
        return classes.indices.filter { index in
            guard case .pod(let pod) = classes[index].1.kind else { return false }
            if pod.addresses.contains(where: endpoints.contains) { return true }
            return pod.id.namespace == service.id.namespace && !service.selector.isEmpty
                && service.selector.allSatisfy { pod.labels[$0.key] == $0.value }
        }
    }

    /// Where a service's port arrives at the pods of a class.
    func number(of port: ServicePort, at index: Int) -> UInt16? {
        switch port.target {
        case .number(let number): number
        case .name(let name): classes[index].1.numbers(ofPort: name).first { $0.transport == port.transport }?.number
        }
    }
}
