import Findings
import KubernetesClient
import KubernetesModel
import Policy

/// `--live`: everything policies are and select, asked of the API server.
struct LivePolicies: Sendable {
    private(set) var documents: [PolicyDocument] = []
    private(set) var findings: [Finding] = []

    /// Kinds by the collection they are listed from. A collection the server does not have is none of its kinds.
    static let kinds: [(resource: GroupVersionResource, kind: String)] = {
        func core(_ resource: String, _ kind: String) -> (GroupVersionResource, String) {
            (GroupVersionResource(version: "v1", resource: resource), kind)
        }
        func of(_ group: String, _ version: String, _ names: [(String, String)]) -> [(GroupVersionResource, String)] {
            names.map { (GroupVersionResource(group: group, version: version, resource: $0.0), $0.1) }
        }
        return [
            core("namespaces", "Namespace"), core("nodes", "Node"), core("pods", "Pod"), core("services", "Service"),
            core("serviceaccounts", "ServiceAccount"),
        ]
            + of("discovery.k8s.io", "v1", [("endpointslices", "EndpointSlice")])
            + of("networking.k8s.io", "v1", [("networkpolicies", "NetworkPolicy")])
            + of(
                "policy.networking.k8s.io", "v1alpha1",
                [
                    ("adminnetworkpolicies", "AdminNetworkPolicy"),
                    ("baselineadminnetworkpolicies", "BaselineAdminNetworkPolicy"),
                ])
            + of("policy.networking.k8s.io", "v1alpha2", [("clusternetworkpolicies", "ClusterNetworkPolicy")])
            + of(
                "cilium.io", "v2",
                [
                    ("ciliumnetworkpolicies", "CiliumNetworkPolicy"),
                    ("ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy"),
                    ("ciliumcidrgroups", "CiliumCIDRGroup"),
                ])
            + of(
                "crd.projectcalico.org", "v1",
                [
                    ("tiers", "Tier"), ("networkpolicies", "NetworkPolicy"),
                    ("globalnetworkpolicies", "GlobalNetworkPolicy"),
                    ("networksets", "NetworkSet"), ("globalnetworksets", "GlobalNetworkSet"),
                    ("hostendpoints", "HostEndpoint"), ("stagednetworkpolicies", "StagedNetworkPolicy"),
                    ("stagedglobalnetworkpolicies", "StagedGlobalNetworkPolicy"),
                    ("stagedkubernetesnetworkpolicies", "StagedKubernetesNetworkPolicy"),
                ])
    }()

    /// What may not be listed is a finding, and leaves the answer undetermined; a server that does not answer is a
    /// failure.
    init(_ client: ClusterClient) async throws(KubernetesFailure) {
        for (resource, kind) in Self.kinds {
            let gvk = GroupVersionKind(group: resource.group, version: resource.version, kind: kind)
            do throws(KubernetesFailure) {
                for item in try await client.collection(resource).all().items {
                    documents.append(PolicyDocument(gvk: gvk, node: item))
                }
            } catch {
                guard let status = error.status else { throw error }
                // Every API server has the core kinds; the others may be missing.
                if !status.isNotFound || resource.group.isEmpty { findings.append(error.finding) }
            }
        }
    }
}

extension ClusterOptions {
    func livePolicies(_ console: Console) throws(CommandFailure) -> LivePolicies {
        try run(on: console, component: "policy") { client async throws(KubernetesFailure) in
            try await LivePolicies(client)
        }
    }
}
