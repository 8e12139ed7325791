import Addressing
import JSONTree

/// Two programs that answer ARP for the same addresses.
extension AddressAnnouncementCheck {
    /// MetalLB's speakers and Cilium's agents each choose a machine of their own for an address that both are told to
    /// announce (ING-08): as after one was put in the other's place and left running.
    func twice(_ facts: FactBase) -> [Diagnosis] {
        let first = facts.objects("l2advertisements.metallb.io")
        let second = facts.objects("ciliuml2announcementpolicies.cilium.io").filter {
            $0.bool("spec", "loadBalancerIPs") == true
        }
        guard let metallb = first.first, let cilium = second.first,
            facts.components(.loadBalancer).contains(where: { $0.component.name == "metallb" && !$0.pods.isEmpty })
        else { return [] }
        let pools = facts.objects("ipaddresspools.metallb.io").flatMap { $0.list("spec", "addresses") }.compactMap(
            \.string)
        // A class says which of the two a Service is for; Cilium's policy may choose Services by their labels.
        let shared = facts.objects("services").filter { service in
            service.text("spec", "type") == "LoadBalancer" && service.text("spec", "loadBalancerClass") == nil
                && second.contains { $0["spec", "serviceSelector"] == nil }
                && service.list("status", "loadBalancer", "ingress").compactMap { $0.member("ip")?.string }
                    .compactMap { IPAddress($0) }.contains { address in pools.contains { Self.holds($0, address) } }
        }
        guard let service = shared.first else { return [] }
        let address =
            service.list("status", "loadBalancer", "ingress").compactMap { $0.member("ip")?.string }.first ?? ""
        return [
            .of(
                "ING-08", "MetalLB and Cilium both announce \(address) of \(service.namespace)/\(service.name)",
                .certain,
                at: [service.place, metallb.place, cilium.place],
                evidence: [
                    .init("L2Advertisement \(metallb.name)", from: metallb.source),
                    .init("loadBalancerIPs: true", marking: "true", from: cilium.source),
                    .init("EXTERNAL-IP \(address)", marking: address, from: service.source),
                ],
                because: [
                    "each chooses a machine of its own to answer ARP for it: neighbours learn now the one and now the other, and connections move between them"
                ],
                fix: .init(
                    [
                        "kubectl -n \(metallb.namespace) get l2advertisement \(metallb.name) -o yaml > \(metallb.name).yaml",
                        "kubectl -n \(metallb.namespace) delete l2advertisement \(metallb.name)   # or Cilium's policy: one of the two",
                    ], undo: "kubectl apply -f \(metallb.name).yaml",
                    risk: "addresses of other Services that only it announced are not answered any more", seconds: 30),
                prevent: "give every Service of type LoadBalancer a loadBalancerClass while two programs are installed",
                deadEnds: ["clearing ARP tables of the neighbours: both answer the next question again"])
        ]
    }

    /// `10.0.0.0/28` or `10.0.0.1-10.0.0.9`.
    static func holds(_ range: String, _ address: IPAddress) -> Bool {
        if let prefix = IPPrefix(range) { return prefix.contains(address) }
        let ends = range.split(separator: "-").compactMap { IPAddress(String($0)) }
        return ends.count == 2 && ends[0] <= address && address <= ends[1]
    }
}
