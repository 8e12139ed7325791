import Addressing
import JSONTree
import KubernetesModel
import Policy

/// The policies and what they select, as the policy engine takes them.
struct PolicyFacts: Sendable {
    let cluster: Cluster
    /// Those that somebody may put into force: what others say happens to nobody.
    let policies: PolicySet
    /// All of them, for lint.
    let written: PolicySet
    let unenforced: Set<PolicyReference>
    /// Objects of the policies, to quote them.
    let objects: [PolicyReference: APIObject]

    /// Every kind the engine reads, by the resource it is listed as.
    private static let kinds: [(resource: String, group: String, version: String, kind: String)] = [
        ("namespaces", "", "v1", "Namespace"), ("nodes", "", "v1", "Node"), ("pods", "", "v1", "Pod"),
        ("services", "", "v1", "Service"), ("serviceaccounts", "", "v1", "ServiceAccount"),
        ("endpointslices.discovery.k8s.io", "discovery.k8s.io", "v1", "EndpointSlice"),
        ("networkpolicies.networking.k8s.io", "networking.k8s.io", "v1", "NetworkPolicy"),
        ("adminnetworkpolicies.policy.networking.k8s.io", "policy.networking.k8s.io", "v1alpha1", "AdminNetworkPolicy"),
        (
            "baselineadminnetworkpolicies.policy.networking.k8s.io", "policy.networking.k8s.io", "v1alpha1",
            "BaselineAdminNetworkPolicy"
        ),
        (
            "clusternetworkpolicies.policy.networking.k8s.io", "policy.networking.k8s.io", "v1alpha2",
            "ClusterNetworkPolicy"
        ),
        ("ciliumnetworkpolicies.cilium.io", "cilium.io", "v2", "CiliumNetworkPolicy"),
        ("ciliumclusterwidenetworkpolicies.cilium.io", "cilium.io", "v2", "CiliumClusterwideNetworkPolicy"),
        ("ciliumcidrgroups.cilium.io", "cilium.io", "v2", "CiliumCIDRGroup"),
        ("tiers.crd.projectcalico.org", "crd.projectcalico.org", "v1", "Tier"),
        ("networkpolicies.crd.projectcalico.org", "crd.projectcalico.org", "v1", "NetworkPolicy"),
        ("globalnetworkpolicies.crd.projectcalico.org", "crd.projectcalico.org", "v1", "GlobalNetworkPolicy"),
        ("networksets.crd.projectcalico.org", "crd.projectcalico.org", "v1", "NetworkSet"),
        ("globalnetworksets.crd.projectcalico.org", "crd.projectcalico.org", "v1", "GlobalNetworkSet"),
        ("tiers.projectcalico.org", "projectcalico.org", "v3", "Tier"),
        ("networkpolicies.projectcalico.org", "projectcalico.org", "v3", "NetworkPolicy"),
        ("globalnetworkpolicies.projectcalico.org", "projectcalico.org", "v3", "GlobalNetworkPolicy"),
        ("networksets.projectcalico.org", "projectcalico.org", "v3", "NetworkSet"),
        ("globalnetworksets.projectcalico.org", "projectcalico.org", "v3", "GlobalNetworkSet"),
    ]

    /// Whether the evidence has a policy of any dialect.
    static func hasPolicies(_ facts: FactBase) -> Bool {
        kinds.contains { $0.resource.contains("networkpolicies.") && !facts.objects($0.resource).isEmpty }
    }

    init(_ facts: FactBase) { self = facts.derived.value("policies") { Self(reading: facts) } }

    private init(reading facts: FactBase) {
        var input = PolicyInput()
        var objects: [PolicyReference: APIObject] = [:]
        for kind in Self.kinds {
            // Objects of the served API are shadows of those of the CRDs.
            if kind.group == "projectcalico.org",
                facts.has(.objects(kind.resource.replacingGroup("crd.projectcalico.org")))
            {
                continue
            }
            let gvk = GroupVersionKind(group: kind.group, version: kind.version, kind: kind.kind)
            for object in facts.objects(kind.resource) {
                input.read(PolicyDocument(gvk: gvk, node: object.node, file: nil))
                let group = kind.group == "crd.projectcalico.org" ? "projectcalico.org" : kind.group
                objects[
                    PolicyReference(group: group, kind: kind.kind, namespace: object.namespace, name: object.name)] =
                    object
            }
        }
        let read = input.finish()
        cluster = read.cluster
        written = read.policies
        unenforced = PolicyLint.unenforced(cluster, written)
        var policies = written
        for reference in unenforced { policies.remove(reference) }
        // Cilium's own agent has proxies for what stands above ports: the port of such a rule is open.
        for (_, policy) in policies.policies where policy.leavesToProxies { policies.update(policy.withProxies) }
        self.policies = policies
        self.objects = objects
    }

    /// The object behind a reference, however its group is written.
    func object(_ reference: PolicyReference) -> APIObject? {
        objects[reference]
            ?? objects.first {
                $0.key.kind == reference.kind && $0.key.namespace == reference.namespace
                    && ($0.key.name == reference.name || $0.key.name.hasSuffix(".\(reference.name)"))
            }?.value
    }
}

extension String {
    /// `tiers.projectcalico.org` with another group.
    fileprivate func replacingGroup(_ group: String) -> String {
        "\(split(separator: ".", maxSplits: 1).first ?? "").\(group)"
    }
}
