import Diagnosis
import Foundation
import JSONTree
import KubernetesClient
import KubernetesModel
import KubernetesServer
import LinuxHost

/// An API server of our own with a small cluster in it: two nodes, an agent on each, CoreDNS, a TLS Secret.
final class CollectorRig: Sendable {
    /// A certificate for `shop.example` and `*.shop.example`, in PEM and base64 as a Secret holds it.
    static let certificate =
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJyekNDQVZTZ0F3SUJBZ0lVWnNGMGxrcVUwSjRMUW1UdDh6TmkweE83WDU0"
        + "d0NnWUlLb1pJemowRUF3SXcKRnpFVk1CTUdBMVVFQXd3TWMyaHZjQzVsZUdGdGNHeGxNQ0FYRFRJMk1URXlNVEV6TVRFMU1Gb1lE"
        + "ekl3T0RFdwpPREkwTVRNeE1UVXdXakFYTVJVd0V3WURWUVFEREF4emFHOXdMbVY0WVcxd2JHVXdXVEFUQmdjcWhrak9QUUlCCkJn"
        + "Z3Foa2pPUFFNQkJ3TkNBQVNObzZwdTg5RjJpYXpqU1l6M3ZvYktiU1VpdG03T3VmSWlXbTFyNXUxZjM4NEUKWDdnU2RpZVRtME5B"
        + "Tlhpaks4UFpxajArQS9nSnNlTlQ4Z2Q0Skc3WW8zd3dlakFkQmdOVkhRNEVGZ1FVQU42UAo0YWNpcmRGRnU0T2NGZ1Raak9WZ2Jw"
        + "RXdId1lEVlIwakJCZ3dGb0FVQU42UDRhY2lyZEZGdTRPY0ZnVFpqT1ZnCmJwRXdEd1lEVlIwVEFRSC9CQVV3QXdFQi96QW5CZ05W"
        + "SFJFRUlEQWVnZ3h6YUc5d0xtVjRZVzF3YkdXQ0Rpb3UKYzJodmNDNWxlR0Z0Y0d4bE1Bb0dDQ3FHU000OUJBTUNBMGtBTUVZQ0lR"
        + "Q0RvTHgyMEtSaEZYc1hPSGdEMmliYgpVaGdHTTJXU1JZUXZsV2lMdFVtdDJ3SWhBTlFVbVI1Vjk5djJKM0Rud05VNWpvNkFaUHp2"
        + "SC9HU3Z4SkdjVm1NCmQ3VjEKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="
    /// What stands in place of the key.
    static let key = "bm90IGEga2V5LCBidXQgYXMgc2VjcmV0"
    static let viewerToken = "viewer-0123456789"

    private let directory: String
    private let server: APIServer
    private let transports: [HTTPTransport]
    /// May do everything.
    let administrator: ClusterClient
    /// May list nodes and pods, and nothing else.
    let viewer: ClusterClient

    init() async throws {
        directory = NSTemporaryDirectory() + "poplin-collector-\(UUID().uuidString)"
        var configuration = APIServer.Configuration(directory: directory, port: 0)
        configuration.tokens = [Self.viewerToken: UserInfo(name: "viewer", groups: ["system:authenticated"])]
        server = try await APIServer.start(configuration)
        let file = directory + ".kubeconfig"
        try server.kubeconfig.write(to: file)
        defer { _ = try? AtomicFile.remove(file) }
        var overrides = ConnectionOverrides()
        overrides.kubeconfig = file
        var connection = try ClusterConnection.resolve(overrides, environment: Environment())
        let all = HTTPTransport(connection)
        connection.clientCertificate = nil
        connection.credentials = .token(Self.viewerToken)
        let few = HTTPTransport(connection)
        transports = [all, few]
        administrator = ClusterClient(all, requestTimeout: .seconds(300))
        viewer = ClusterClient(few, requestTimeout: .seconds(300))
        try await fill()
    }

    func stop() async {
        for transport in transports { await transport.close() }
        await server.shutdown()
        try? FileTree.remove(directory)
    }

    /// A client whose requests go through `rule` first.
    func client(_ rule: @escaping @Sendable (KubernetesRequest, Int) -> FaultyTransport.Fault?) -> ClusterClient {
        ClusterClient(FaultyTransport(transports[0], rule))
    }

    private func create(_ resource: String, group: String = "", namespace: String = "", _ object: JSONValue)
        async throws
    {
        let gvr = GroupVersionResource(group: group, version: "v1", resource: resource)
        _ = try await administrator.collection(gvr, namespace: namespace).create(object)
    }

    private func fill() async throws {
        for node in ["node-a", "node-b"] {
            try await create(
                "nodes", ["apiVersion": "v1", "kind": "Node", "metadata": ["name": .string(node)]])
            try await create(
                "pods", namespace: "kube-system",
                [
                    "apiVersion": "v1", "kind": "Pod",
                    "metadata": ["name": .string("flannel-" + node), "labels": ["app": "flannel"]],
                    "spec": [
                        "nodeName": .string(node), "hostNetwork": true,
                        "containers": [["name": "kube-flannel", "image": "example.test/flannel/flannel:v0.26.1"]],
                    ],
                ])
        }
        try await create(
            "secrets", namespace: "default",
            [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "shop-tls"], "type": "kubernetes.io/tls",
                "data": ["tls.crt": .string(Self.certificate), "tls.key": .string(Self.key)],
            ])
        try await create(
            "secrets", namespace: "default",
            [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "other"],
                "data": ["word": .string(Self.key)],
            ])
        try await create(
            "configmaps", namespace: "kube-system",
            ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "coredns"], "data": ["Corefile": ".:53 {}"]])
        let networking = "networking.k8s.io"
        try await create(
            "ingresses", group: networking, namespace: "default",
            [
                "apiVersion": .string(networking + "/v1"), "kind": "Ingress", "metadata": ["name": "shop"],
                "spec": [
                    "defaultBackend": ["service": ["name": "shop", "port": ["number": 80]]],
                    "tls": [["secretName": "shop-tls"], ["secretName": "gone"]],
                ],
            ])
        let rbac = "rbac.authorization.k8s.io"
        try await create(
            "clusterroles", group: rbac,
            [
                "apiVersion": .string(rbac + "/v1"), "kind": "ClusterRole", "metadata": ["name": "few"],
                "rules": [["apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["list"]]],
            ])
        try await create(
            "clusterrolebindings", group: rbac,
            [
                "apiVersion": .string(rbac + "/v1"), "kind": "ClusterRoleBinding", "metadata": ["name": "few"],
                "roleRef": ["apiGroup": .string(rbac), "kind": "ClusterRole", "name": "few"],
                "subjects": [["apiGroup": .string(rbac), "kind": "User", "name": "viewer"]],
            ])
    }
}
