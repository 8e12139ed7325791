import Addressing
import Findings

// Ports a service mesh needs that policies were not written for.

/// What pods of a mesh must be able to reach, and what must be able to reach them. The port numbers are those of the
/// meshes' own "ports used" pages.
private struct Mesh: Sendable {
    struct Control: Sendable {
        /// The label of the control plane's pods.
        var label: (key: String, value: String)
        var ports: [UInt16]
        var purpose: String
    }

    /// Where the API server asks the mesh to change a pod that is being made.
    struct Webhook: Sendable {
        var label: (key: String, value: String)
        var port: UInt16
    }

    var name: String
    /// Of pods whose traffic goes through a proxy of the mesh.
    var member: @Sendable (LabelView) -> Bool
    var control: [Control]
    /// Where the far side's proxy takes what is meant for any port; nil when it takes it on the port itself.
    var tunnel: UInt16?
    var webhook: Webhook?

    static let all = [
        Mesh(
            name: "Istio", member: { $0.own["security.istio.io/tlsMode"] == "istio" },
            control: [
                Control(label: ("app", "istiod"), ports: [15012], purpose: "configuration and certificates")
            ], tunnel: nil, webhook: Webhook(label: ("app", "istiod"), port: 15017)),
        Mesh(
            name: "Istio's ambient mode",
            member: {
                ($0.own["istio.io/dataplane-mode"] ?? $0.namespace?["istio.io/dataplane-mode"]) == "ambient"
            }, control: [], tunnel: 15008),
        Mesh(
            name: "Linkerd", member: { $0.own["linkerd.io/control-plane-ns"] != nil && !isLinkerdControl($0) },
            control: [
                Control(
                    label: ("linkerd.io/control-plane-component", "identity"), ports: [8080], purpose: "certificates"),
                Control(
                    label: ("linkerd.io/control-plane-component", "destination"), ports: [8086, 8090],
                    purpose: "destinations and policy"),
            ], tunnel: nil,
            webhook: Webhook(label: ("linkerd.io/control-plane-component", "proxy-injector"), port: 8443)),
    ]

    private static func isLinkerdControl(_ labels: LabelView) -> Bool {
        labels.own["linkerd.io/control-plane-component"] != nil
    }
}

extension LintReach {
    func meshFindings() -> [LintFinding] {
        var found: [LintFinding] = []
        for mesh in Mesh.all {
            let members = classes.indices.filter { holds($0, mesh.member) }
            if members.isEmpty { continue }
            for control in mesh.control { found += controlFindings(mesh, control, members) }
            if let tunnel = mesh.tunnel { found += tunnelFindings(mesh, tunnel, members) }
            if let webhook = mesh.webhook { found += webhookFindings(mesh, webhook) }
        }
        return found
    }

    /// Whether any pod of the class has such labels. A class is told apart by the labels that policies ask for, and those of a
    /// mesh are seldom among them: its pods may share a class with others.
    private func holds(_ index: Int, _ test: (LabelView) -> Bool) -> Bool {
        guard classes[index].1.isPod, let namespace = classes[index].0.namespace else { return false }
        return classes[index].0.members.contains { name in
            cluster.pods[PodName(namespace: namespace, name: name)].map { test(cluster.labels(of: $0)) } ?? false
        }
    }

    /// Proxies that do not reach their control plane, or may not be let in there.
    private func controlFindings(_ mesh: Mesh, _ control: Mesh.Control, _ members: [Int]) -> [LintFinding] {
        let planes = classes.indices.filter { holds($0) { $0.own[control.label.key] == control.label.value } }
        var found: [LintFinding] = []
        var told: Set<PolicyReference> = []
        for plane in planes {
            for member in members where member != plane {
                for port in control.ports {
                    for (direction, subject, peer) in [(Direction.egress, member, plane), (.ingress, plane, member)] {
                        guard let side = sides[direction]?[subject], !side.allows(.tcp, port, at: peer),
                            let policy = toName(closing(subject, direction), direction),
                            told.insert(policy.reference).inserted
                        else { continue }
                        let (from, to) = (classes[member].0.name, classes[plane].0.name)
                        found.append(
                            PolicyLint.finding(
                                "POL-11", policy,
                                "the proxies of \(from) may not reach TCP \(port) of \(to), where \(mesh.name) has \(control.purpose)",
                                at: policy.subjectPlace,
                                because: [
                                    "closed on the \(direction == .egress ? "proxies'" : "control plane's") side"
                                ],
                                next: "allow TCP \(port) to the pods with \(control.label.key)=\(control.label.value)"))
                    }
                }
            }
        }
        return found
    }

    /// The API server asks from its node's network, or from outside where it is somebody else's: at least one of all ends
    /// that are no pods must be let in. That the node itself may always reach its own pods does not help: the webhook
    /// runs on some node.
    private func webhookFindings(_ mesh: Mesh, _ webhook: Mesh.Webhook) -> [LintFinding] {
        let outsiders = classes.indices.filter { !classes[$0].1.isPod }
        if outsiders.isEmpty { return [] }
        var found: [LintFinding] = []
        var told: Set<PolicyReference> = []
        for plane in classes.indices where holds(plane, { $0.own[webhook.label.key] == webhook.label.value }) {
            guard let side = sides[.ingress]?[plane],
                !outsiders.contains(where: { side.allows(.tcp, webhook.port, at: $0) }),
                let policy = toName(closing(plane, .ingress), .ingress), told.insert(policy.reference).inserted
            else { continue }
            found.append(
                PolicyLint.finding(
                    "POL-11", policy,
                    "the API server may not reach TCP \(webhook.port) of \(classes[plane].0.name), where \(mesh.name) gives new pods their proxies",
                    at: policy.subjectPlace, because: ["only pods are let in there"],
                    next: "allow TCP \(webhook.port) from the API server's addresses"))
        }
        return found
    }

    /// Traffic between members arrives at the tunnel's port, whatever port it is for.
    private func tunnelFindings(_ mesh: Mesh, _ tunnel: UInt16, _ members: [Int]) -> [LintFinding] {
        var found: [LintFinding] = []
        var told: Set<PolicyReference> = []
        for direction in Direction.allCases {
            for subject in members {
                guard let side = sides[direction]?[subject],
                    let peer = members.first(where: { peer in
                        let open = side.allowed[peer].intersection(TrafficSet(.tcp))
                        return !open.isEmpty && !open.contains(.tcp, port: tunnel)
                    }),
                    let policy = toName(closing(subject, direction), direction), told.insert(policy.reference).inserted
                else { continue }
                let (own, far) = (classes[subject].0.name, classes[peer].0.name)
                let ends = direction == .ingress ? "from \(far) to \(own)" : "from \(own) to \(far)"
                found.append(
                    PolicyLint.finding(
                        "POL-11", policy,
                        "\(mesh.name) carries what goes \(ends) over TCP \(tunnel), which is closed",
                        at: policy.subjectPlace,
                        because: ["open there: \(side.allowed[peer])"], next: "allow TCP \(tunnel) beside the ports"))
            }
        }
        return found
    }
}
