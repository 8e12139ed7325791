import Addressing
import JSONTree
import Policy

/// Two traps that lint cannot see in the objects as the API keeps them: empty policyTypes, which are filled in when they
/// are stored, and sidecars cut off from their control plane.
struct PolicyTraps {
    let facts: FactBase
    let input: PolicyFacts

    init(_ facts: FactBase, _ input: PolicyFacts) {
        self.facts = facts
        self.input = input
    }

    func findings() -> [Diagnosis] { filledIn() + meshes() }

    // MARK: Empty policyTypes

    private static let applied = "kubectl.kubernetes.io/last-applied-configuration"

    /// What was applied to a NetworkPolicy had an empty list, and what is stored locks ingress.
    static func isFilledIn(_ object: APIObject) -> Bool {
        guard let text = object.annotations[applied], let root = try? JSONTree(parsing: text).root,
            object.list("spec", "policyTypes").contains(where: { $0.string == "Ingress" }),
            object.list("spec", "ingress").isEmpty
        else { return false }
        if let types = root.at("spec", "policyTypes") {
            return types.kind == .array && types.count == 0
                && (root.at("spec", "ingress").map { $0.count == 0 } ?? true)
        }
        // Only the way out was written of, and no type: ingress is closed all the same.
        return root.at("spec", "egress").map { $0.count > 0 } ?? false && root.at("spec", "ingress") == nil
    }

    private func isEmpty(_ object: APIObject) -> Bool {
        object.annotations[Self.applied].flatMap { try? JSONTree(parsing: $0).root.at("spec", "policyTypes") } != nil
    }

    private func filledIn() -> [Diagnosis] {
        facts.objects("networkpolicies.networking.k8s.io").filter(Self.isFilledIn).compactMap { object in
            let reference = PolicyReference(
                group: "networking.k8s.io", kind: "NetworkPolicy", namespace: object.namespace, name: object.name)
            guard let policy = input.policies.policies[reference] else { return nil }
            let pods = facts.pods.filter { pod in
                input.cluster.pods[PodName(namespace: pod.namespace, name: pod.name)].map {
                    $0.isPolicyEndpoint && policy.subject.matches(input.cluster.labels(of: $0))
                } ?? false
            }
            guard let first = pods.first else { return nil }
            return .of(
                "POL-06",
                "\(reference) was written \(isEmpty(object) ? "with empty" : "without") policyTypes and locks ingress of \(first.id)",
                .certain, at: [object.place, first.object.place],
                evidence: [
                    isEmpty(object)
                        ? .init("last applied: policyTypes: []", marking: "[]", from: object.source)
                        : .init("last applied: egress, and no policyTypes", from: object.source),
                    .init("stored: policyTypes with Ingress, no ingress rule", marking: "Ingress", from: object.source),
                ],
                because: [
                    "the API server fills policyTypes in with Ingress; without an ingress rule that denies all "
                        + "ingress of \(counted(pods.count, "pod"))",
                    "policies only add permissions: none opens what another closes",
                ] + (object.lastWriter.map { ["last written by \($0)"] } ?? []),
                explains: pods.reduce(into: []) { $0.formUnion($1.symptoms) },
                fix: .init(
                    [
                        "kubectl -n \(object.namespace) patch networkpolicy \(object.name) --type merge -p "
                            + "'{\"spec\":{\"ingress\":[{}],\"egress\":[{}],\"policyTypes\":[\"Ingress\",\"Egress\"]}}'"
                    ],
                    undo: "kubectl -n \(object.namespace) patch networkpolicy \(object.name) --type merge -p "
                        + "'{\"spec\":{\"ingress\":[],\"egress\":[],\"policyTypes\":[\"Ingress\"]}}'",
                    risk: "opens these pods to everybody, which is what the empty list was meant to do", seconds: 5),
                deadEnds: ["policyTypes: []  # allow all: it is the opposite"])
        }
    }

    // MARK: Meshes

    private struct Mesh {
        var name: String
        /// Names of the sidecar's container.
        var sidecars: Set<String>
        /// Labels of the control plane's pods, and the ports proxies need there.
        var control: [(label: String, value: String)]
        var ports: [UInt16]
    }

    /// Ports used by proxies towards their control planes: istio.io "Ports used by Istio" (2026-08), linkerd.io
    /// "Architecture" (2026-08).
    private static let meshes = [
        Mesh(
            name: "Istio", sidecars: ["istio-proxy"], control: [("istio", "pilot"), ("app", "istiod")], ports: [15012]),
        Mesh(
            name: "Linkerd", sidecars: ["linkerd-proxy"],
            control: [("linkerd.io/control-plane-component", "destination")],
            ports: [8086]),
        Mesh(
            name: "Linkerd", sidecars: ["linkerd-proxy"], control: [("linkerd.io/control-plane-component", "identity")],
            ports: [8080]),
    ]

    private func meshes() -> [Diagnosis] {
        let pods = facts.pods.filter { !$0.isFinished && !$0.isTerminating }
        var engine: PolicyEngine?
        for mesh in Self.meshes {
            let control = pods.filter { pod in
                !pod.isOnHostNetwork && mesh.control.contains { pod.labels[$0.label] == $0.value }
            }
            let members = pods.filter { pod in
                !pod.isOnHostNetwork && !control.contains { $0.id == pod.id }
                    && pod.containers.contains { mesh.sidecars.contains($0.member("name")?.string ?? "") }
            }
            guard let master = control.first, !members.isEmpty else { continue }
            let judge = engine ?? PolicyEngine(cluster: input.cluster, policies: input.policies)
            engine = judge
            var seen: Set<[String: String]> = []
            for pod in members where seen.insert(pod.labels).inserted {
                for port in mesh.ports {
                    let flow = Flow(
                        from: .pod(PodName(namespace: pod.namespace, name: pod.name)),
                        to: .pod(PodName(namespace: master.namespace, name: master.name)), port: port,
                        family: master.addresses.first?.family ?? .v4)
                    guard let walks = try? judge.walk(flow) else { continue }
                    let closed = [walks.egress, walks.ingress].first { !$0.verdict.isAllowed }
                    guard let closed else { continue }
                    return [cutOff(mesh, members, pod, master, port, closed)]
                }
            }
        }
        return []
    }

    private func cutOff(
        _ mesh: Mesh, _ members: [PodView], _ pod: PodView, _ master: PodView, _ port: UInt16, _ walk: DirectionWalk
    ) -> Diagnosis {
        let blamed = walk.verdict.decidedBy.map { [$0.policy] } ?? walk.isolatedBy
        let objects = blamed.compactMap { input.object($0) }
        return .of(
            "POL-11", "policies keep the proxy of \(pod.id) from \(mesh.name)'s control plane", .certain,
            at: objects.map(\.place) + [pod.object.place],
            evidence: objects.prefix(2).map { .init("\($0.name): no rule for TCP \(port)", from: $0.source) }
                + [.init("\(master.id) serves proxies at \(port)", from: master.object.source)],
            because: [
                "\(listed(blamed.map(\.description))) \(blamed.count == 1 ? "closes" : "close") "
                    + "\(walk.direction.rawValue), and no rule lets \(pod.id) reach \(master.id) at TCP \(port)",
                "without it a proxy gets no configuration and no certificate: new pods do not become ready, old ones fail "
                    + "when their certificate ends",
            ],
            explains: members.reduce(into: []) { $0.formUnion($1.symptoms) },
            fix: objects.first.map {
                .init(
                    [
                        "kubectl -n \($0.namespace) edit \($0.resource) \($0.name)   # \(walk.direction.rawValue): TCP \(port) "
                            + "\(walk.direction == .egress ? "to namespace \(master.namespace)" : "from \(pod.namespace)")"
                    ], undo: "take the rule out again", risk: "opens that one port", seconds: 10)
            },
            deadEnds: ["allowing 15001, 15006 or 15090: these are inside the pod and never cross the network"])
    }
}
