import JSONTree

/// Services with cluster addresses in a cluster where nobody turns these into pods' addresses: no kube-proxy, and a
/// network that leaves that to one.
///
/// That is no fault by itself. Poplin does not serve them in this version, its agents say so on each Service, and
/// `poplin status` counts it as a warning: the report says it beside its verdict and not as a cause, or it would stand
/// before whatever else is wrong for as long as there is a Service. Where somebody suffers from it, ``ProxyCheck``
/// finds SVC-03.
struct UnservedServices: Sendable {
    /// Without the API server's own.
    let services: [APIObject]
    /// `poplin`, `flannel`.
    let networks: [String]

    /// Networks that do nothing about Services. Calico does in one of its modes; what is not named here may in all.
    private static let withoutServices: Set<String> = ["poplin", "flannel", "weave", "kindnet", "calico"]

    /// Nil where somebody serves them, or may: what was not looked at, and what is not known, counts as a proxy.
    init?(_ facts: FactBase) {
        let needed: [FactName] = [
            .objects("services"), .objects("pods"), .objects("nodes"), .objects("daemonsets.apps"),
        ]
        guard needed.allSatisfy(facts.has), facts.components(.proxy).isEmpty else { return nil }
        networks = Set(facts.components(.agent).map(\.component.name)).sorted()
        guard !networks.isEmpty, Self.withoutServices.isSuperset(of: networks), !Self.hasOwnProxy(facts),
            !Self.isServed(facts)
        else { return nil }
        services = facts.objects("services").filter { service in
            let address = service.text("spec", "clusterIP") ?? ""
            return !address.isEmpty && address != "None"
                && (service.namespace, service.name) != ("default", "kubernetes")
        }
    }

    /// Distributions that run the proxy inside another process, and those who start it as a service of the machine.
    private static func hasOwnProxy(_ facts: FactBase) -> Bool {
        let isInside = facts.objects("nodes").contains { node in
            let version = node.text("status", "nodeInfo", "kubeletVersion") ?? ""
            return ["+k3s", "+rke2", "+k0s"].contains(where: version.contains)
                || node.labels["microk8s.io/cluster"] != nil || node.labels["eks.amazonaws.com/compute-type"] == "auto"
        }
        let felix = facts.objects("felixconfigurations.crd.projectcalico.org", "felixconfigurations.projectcalico.org")
        return isInside || felix.contains { $0.bool("spec", "bpfEnabled") == true }
            || facts.machines.contains { $0.runs("kube-proxy") == true }
    }

    /// A name server on the pods' network becomes ready when it has spoken to the API server, by the address of its
    /// Service.
    private static func isServed(_ facts: FactBase) -> Bool { nameServers(facts).contains(where: \.isReady) }

    static func nameServers(_ facts: FactBase) -> [PodView] {
        facts.components(.dns).flatMap(\.pods).map { PodView($0) }.filter { !$0.isFinished && !$0.isOnHostNetwork }
    }

    /// For the screen; nil where there is no Service.
    var sentence: String? {
        guard let first = services.first else { return nil }
        let names = services.prefix(2).map { "\($0.namespace)/\($0.name)" }.joined(separator: ", ")
        let rest = services.count > 2 ? " and \(services.count - 2) more" : ""
        let what = services.count == 1 ? "Service \(first.namespace)/\(first.name)" : "Services \(names)\(rest)"
        let own =
            networks.contains("poplin")
            ? "Poplin does not in this version" : "\(networks.joined(separator: ", ")) does not"
        return "nobody serves the cluster \(services.count == 1 ? "address" : "addresses") of \(what): \(own), and no "
            + "kube-proxy is there. Pods are reached by their own addresses."
    }
}
