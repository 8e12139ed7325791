import Addressing
import Findings
import JSONTree
import KubernetesModel
import Testing
import YAMLTree

@testable import Policy

/// Codes that need a cluster of their own around the policy: each where it is called for, and where one thing is
/// different.
@Suite struct PolicyLintClusterTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var code: String
        /// With a word @@ that is replaced.
        var manifests: String
        var wrong: String
        var right: String
        /// Of the finding's message or reasons.
        var words: String

        var testDescription: String { name }
    }

    private static func codes(_ manifests: String) -> [LintFinding] {
        let (cluster, set, findings) = DialectParsingTests.read(manifests).finish()
        #expect(findings.filter { $0.severity == .error }.isEmpty, "\(findings)")
        return PolicyLint.findings(cluster, set)
    }

    private static let web = """
        apiVersion: v1
        kind: Pod
        metadata: {name: web-0, namespace: shop, labels: {app: web}}
        spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
        status: {podIPs: [{ip: 10.0.0.1}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web-1, namespace: shop, labels: {app: web}}
        spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
        status: {podIPs: [{ip: 10.0.0.2}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: cart, namespace: shop, labels: {app: cart}}
        spec: {containers: [{name: c}]}
        status: {podIPs: [{ip: 10.0.1.1}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {clusterIP: 10.96.0.7, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
        ---

        """

    private static func network(_ spec: String, metadata: String = "", status: String = "") -> String {
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: p, namespace: shop\(metadata)}
        spec: \(spec)
        \(status)
        """
    }

    private static func pod(_ name: String, _ namespace: String, _ labels: String, address: Int) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), namespace: \(namespace), labels: {\(labels)}}
        spec: {containers: [{name: c}]}
        status: {podIPs: [{ip: 10.0.7.\(address)}]}
        ---

        """
    }

    private static func cilium(_ egress: String) -> String {
        """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: c, namespace: shop}
        spec:
          endpointSelector: {matchLabels: {app: web}}
          egress:
        \(egress)
        """
    }

    private static let openToAll = "{podSelector: {}, ingress: [{}]}"

    static let cases = [
        Case(
            name: "the allow names another port than the service's", code: "POL-01",
            manifests: web
                + network(
                    "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: @@}]}]}"
                ),
            wrong: "80", right: "8080",
            words: "nobody may reach TCP 8080 of shop/app=web, which service shop/web is for"),
        Case(
            name: "an agent that enforces nothing", code: "POL-07",
            manifests: web + pod("agent", "kube-flannel", "app: @@", address: 1) + network(openToAll),
            wrong: "flannel", right: "kube-network-policies", words: "the agents of Flannel run"),
        Case(
            name: "this version of Poplin, which enforces nothing", code: "POL-07",
            manifests: web + pod("agent", "poplin-system", "app.kubernetes.io/name: @@", address: 1)
                + network(openToAll),
            wrong: "poplin-agent", right: "something-else", words: "the agents of Poplin run"),
        Case(
            name: "flannel of one's own in k3s, which enforces by itself", code: "POL-07",
            manifests: """
                apiVersion: v1
                kind: Node
                metadata: {name: n1, labels: {node.kubernetes.io/instance-type: @@}}
                status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
                ---

                """ + web + pod("agent", "kube-flannel", "app: flannel", address: 1) + network(openToAll),
            wrong: "m5.large", right: "k3s", words: "the agents of Flannel run"),
        Case(
            name: "a name the DNS proxy never sees", code: "POL-08",
            manifests: web
                + cilium(
                    """
                        - toEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: kube-system}}]
                          toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "@@"}]}}]
                        - toFQDNs: [{matchName: api.example.com}]
                    """),
            wrong: "*.example.org", right: "*.example.com", words: "api.example.com never has an address"),
        Case(
            name: "a status of an older generation", code: "POL-09",
            manifests: web
                + network(
                    openToAll, metadata: ", generation: 4",
                    status: "status: {conditions: [{type: Accepted, status: \"True\", observedGeneration: @@}]}"),
            wrong: "3", right: "4", words: "its Accepted is about generation 3, and the policy is at 4"),
        Case(
            name: "a policy the agent refused", code: "POL-09",
            manifests: web
                + network(
                    openToAll,
                    status:
                        "status: {conditions: [{type: Valid, status: \"@@\", reason: Broken, message: no such field}]}"),
            wrong: "False", right: "True", words: "no such field"),
        Case(
            name: "a proxy without its control plane", code: "POL-11",
            manifests: web + pod("istiod", "istio-system", "app: istiod", address: 2)
                + pod("side", "shop", "app: side, security.istio.io/tlsMode: istio", address: 3)
                + network(
                    "{podSelector: {matchLabels: {app: side}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: @@}]}]}"
                ),
            wrong: "8080", right: "15012", words: "may not reach TCP 15012 of istio-system/app=istiod"),
        Case(
            name: "a webhook that only pods reach", code: "POL-11",
            manifests: web + pod("istiod", "istio-system", "app: istiod", address: 2)
                + pod("side", "shop", "app: side, security.istio.io/tlsMode: istio", address: 3)
                    + """
                    apiVersion: networking.k8s.io/v1
                    kind: NetworkPolicy
                    metadata: {name: p, namespace: istio-system}
                    spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}, {@@}]}
                    """,
            wrong: "from: [{podSelector: {}}]", right: "ports: [{port: 15017}]",
            words: "the API server may not reach TCP 15017 of istio-system/"),
        Case(
            name: "the tunnel of ambient mode", code: "POL-11",
            manifests: """
                apiVersion: v1
                kind: Namespace
                metadata: {name: shop, labels: {istio.io/dataplane-mode: @@}}
                ---

                """ + web
                    + network(
                        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: 8080}]}]}"
                    ),
            wrong: "ambient", right: "none", words: "over TCP 15008, which is closed"),
        Case(
            name: "requests are looked at, and let through by another rule", code: "POL-13",
            manifests: web
                + """
                apiVersion: cilium.io/v2
                kind: CiliumNetworkPolicy
                metadata: {name: c, namespace: shop}
                spec:
                  endpointSelector: {matchLabels: {app: web}}
                  ingress:
                    - fromEndpoints: [{matchLabels: {app: cart}}]
                      toPorts: [{ports: [{port: "8080", protocol: TCP}], rules: {http: [{method: GET}]}}]
                    - fromEndpoints: [{matchLabels: {app: @@}}]
                """, wrong: "cart", right: "web", words: "spec.ingress[1] of CiliumNetworkPolicy shop/c lets it through"
        ),
        Case(
            name: "a list of addresses from when there was one pod", code: "POL-15",
            manifests: web
                + network(
                    "{podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.@@}}]}]}"),
            wrong: "1/32", right: "0/30", words: "its blocks hold 1 of the 2 pods of shop/web"),
        Case(
            name: "a label of one roll-out", code: "POL-15",
            manifests: web
                + pod("old", "shop", "app: api, pod-template-hash: abc", address: 4)
                + network("{podSelector: {matchLabels: {@@}}, ingress: [{}]}"),
            wrong: "pod-template-hash: abc", right: "app: api", words: "it selects by pod-template-hash"),
        Case(
            name: "a chart that closes the whole namespace", code: "POL-16",
            manifests: web + pod("redis", "shop", "app.kubernetes.io/instance: cache", address: 5)
                + network(
                    "{podSelector: {@@}, ingress: [{}]}",
                    metadata:
                        ", labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: cache}"
                ),
            wrong: "", right: "matchLabels: {app.kubernetes.io/instance: cache}",
            words: "Helm release cache brought it along"),
    ]

    @Test(arguments: cases) func isFoundAndOnlyThere(_ one: Case) {
        let wrong = Self.codes(one.manifests.replacing("@@", with: one.wrong)).filter { $0.finding.code == one.code }
        let texts = wrong.flatMap { [$0.finding.message] + $0.finding.reasons }
        #expect(texts.contains { $0.contains(one.words) }, "\(texts)")
        let right = Self.codes(one.manifests.replacing("@@", with: one.right)).filter { $0.finding.code == one.code }
        #expect(right.isEmpty, "\(right.map(\.finding.message))")
    }

    /// A class of 400 identities, and as many ports as it takes.
    @Test(arguments: [(40, false), (41, true)]) func entriesOfAPolicyMap(_ ports: Int, _ isTooMany: Bool) throws {
        var cluster = Cluster()
        for index in 0..<400 {
            cluster.update(
                ClusterPod(
                    id: PodName(namespace: "shop", name: "job-\(index)"),
                    labels: ["app": "job", "run-id": "r\(index)"],
                    addresses: [.v4(IPv4Address(10, 0, UInt8(index / 250), UInt8(index % 250 + 1)))]))
        }
        // Odd numbers, so that no two ports make one block.
        let listed = (0..<ports).map { "{port: \(1001 + 2 * $0)}" }.joined(separator: ", ")
        let policy = Self.network(
            "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [\(listed)]}], policyTypes: [Ingress]}")
        let (_, set, _) = DialectParsingTests.read(policy).finish()
        let found = PolicyLint.findings(cluster, set).filter { $0.finding.code == "POL-10" }
        #expect(found.isEmpty != isTooMany, "\(found.map(\.finding.message))")
        if isTooMany { #expect(found[0].finding.message.contains("about 16400 entries")) }
    }

    @Test(arguments: [
        ("*", "anything.at.all", true), ("*.example.com", "a.example.com", true),
        ("*.example.com", "a.b.example.com", false), ("*.example.com", "example.com", false),
        ("**.example.com", "a.b.example.com", true), ("**.example.com", "example.com", false),
        ("api-*.example.com", "api-7.example.com", true), ("api-*.example.com", "api-7.x.example.com", false),
        ("API.example.com.", "api.example.com", true), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false),
    ]) func namesAndPatterns(_ pattern: String, _ name: String, _ matches: Bool) {
        #expect(DNSPattern(pattern).admits(DNSPattern(name)) == matches)
    }

    /// Every code the table explains is one the checks can give.
    @Test func theTableIsComplete() {
        let codes = LintCode.all.map(\.code)
        #expect(codes == codes.sorted() && Set(codes).count == codes.count)
        for one in Self.cases { #expect(LintCode.titled(one.code) != nil) }
    }
}
