import Addressing
import Findings
import JSONTree
import KubernetesModel
import Testing
import YAMLTree

@testable import Policy

/// AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy: exact errors, and failing closed.
@Suite struct ClusterNetworkPolicyParsingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var kind: String
        /// Of the spec, besides what every case has: priority, tier and a subject of all namespaces.
        var ingress: String
        var messages: [String]
        /// Whether shop/cart reaches shop/web:80; no policy of another kind is there.
        var isOpen: Bool

        init(_ rule: String, _ kind: String, _ ingress: String, _ messages: [String], open: Bool) {
            testDescription = rule
            self.kind = kind
            self.ingress = ingress
            self.messages = messages
            isOpen = open
        }
    }

    static let cases: [Case] = [
        Case("deny", "ClusterNetworkPolicy", "{action: Deny, from: [{namespaces: {}}]}", [], open: false),
        Case(
            "no match has no effect", "ClusterNetworkPolicy",
            "{action: Deny, from: [{namespaces: {matchLabels: {team: blue}}}]}", [], open: true),
        Case(
            "Accept is the new word", "ClusterNetworkPolicy", "{action: Allow, from: [{namespaces: {}}]}",
            ["spec.ingress[0].action: must be one of Accept, Deny, Pass; it is taken as Deny"], open: false),
        Case(
            "Allow is the old word", "AdminNetworkPolicy", "{action: Accept, from: [{namespaces: {}}]}",
            ["spec.ingress[0].action: must be one of Allow, Deny, Pass; it is taken as Deny"], open: false),
        Case(
            "a baseline cannot pass", "BaselineAdminNetworkPolicy", "{action: Pass, from: [{namespaces: {}}]}",
            ["spec.ingress[0].action: must be one of Allow, Deny; it is taken as Deny"], open: false),
        Case(
            "an unknown peer of a denial denies everyone", "ClusterNetworkPolicy",
            "{action: Deny, from: [{services: {}}]}",
            [
                "spec.ingress[0].from[0].services: there is no such field",
                "spec.ingress[0].from[0]: exactly one of namespaces, pods must be given",
            ], open: false),
        Case(
            "an unknown peer of a pass denies", "ClusterNetworkPolicy", "{action: Pass, from: [{services: {}}]}",
            ["spec.ingress[0].from[0].services: there is no such field", "spec.ingress[0].from[0]: exactly one of"],
            open: false),
        Case(
            "what a pass matches for certain passes", "ClusterNetworkPolicy",
            "{action: Pass, from: [{namespaces: {}}, {services: {}}]}",
            ["from[1].services: there is no such field", "from[1]: exactly one of"], open: true),
        Case(
            "an unknown peer of an acceptance accepts nobody", "ClusterNetworkPolicy",
            "{action: Accept, from: [{services: {}}]}, {action: Deny, from: [{namespaces: {}}]}",
            ["from[0].services: there is no such field", "from[0]: exactly one of"], open: false),
        Case(
            "a rule needs peers", "ClusterNetworkPolicy", "{action: Deny, from: []}",
            ["spec.ingress[0].from: required: at least one peer"], open: false),
        Case(
            "networks are for egress", "ClusterNetworkPolicy",
            "{action: Accept, from: [{networks: [10.0.0.0/8]}]}, {action: Deny, from: [{namespaces: {}}]}",
            ["from[0].networks: there is no such field", "from[0]: exactly one of"], open: false),
        Case(
            "another port is not denied", "ClusterNetworkPolicy",
            "{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 81}}}]}", [],
            open: true),
        Case(
            "a protocol without a port", "ClusterNetworkPolicy",
            "{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {}}]}",
            ["spec.ingress[0].protocols[0].tcp: must have at least one property"], open: false),
        Case(
            "a range of one port", "ClusterNetworkPolicy",
            "{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {range: {start: 80, end: 80}}}}]}",
            ["range.end: must be greater than start, which is 80"], open: false),
        Case(
            "old ports in a new policy", "ClusterNetworkPolicy",
            "{action: Accept, from: [{namespaces: {}}], ports: [{portNumber: {port: 80}}]}, {action: Deny, from: [{namespaces: {}}]}",
            ["spec.ingress[0].ports: there is no such field"], open: false),
        Case(
            "a range of the old kind", "AdminNetworkPolicy",
            "{action: Deny, from: [{pods: {namespaceSelector: {}, podSelector: {}}}], ports: [{portRange: {protocol: TCP, start: 80, end: 80}}]}",
            [], open: false),
        Case(
            "both selectors of pods are required", "AdminNetworkPolicy",
            "{action: Deny, from: [{pods: {podSelector: {}}}]}",
            ["spec.ingress[0].from[0].pods.namespaceSelector: required"], open: false),
    ]

    private func manifest(_ one: Case, name: String = "default", priority: Int = 5) -> String {
        let version = one.kind == "ClusterNetworkPolicy" ? "v1alpha2" : "v1alpha1"
        let place =
            one.kind == "BaselineAdminNetworkPolicy"
            ? "" : "priority: \(priority), " + (one.kind == "ClusterNetworkPolicy" ? "tier: Admin, " : "")
        return """
            apiVersion: policy.networking.k8s.io/\(version)
            kind: \(one.kind)
            metadata: {name: \(name)}
            spec: {\(place)subject: {namespaces: {}}, ingress: [\(one.ingress)]}
            """
    }

    private func input(_ texts: String...) throws -> PolicyInput {
        var input = PolicyInput()
        for text in texts {
            let node = try #require(YAMLReading(Array(text.utf8)).documents.first?.root)
            let gvk = GroupVersionKind(apiVersion: node.text("apiVersion"), kind: node.text("kind"))
            input.read(PolicyDocument(gvk: gvk, node: node, file: "policy.yaml"))
        }
        return input
    }

    @Test(arguments: cases) func ingress(_ one: Case) throws {
        let (_, policies, findings) = try input(manifest(one)).finish()
        #expect(findings.count == one.messages.count, "\(findings.map(\.message))")
        for (finding, message) in zip(findings, one.messages) { #expect(finding.message.contains(message)) }
        let engine = PolicyEngine(cluster: NetworkPolicyParsingTests.cluster, policies: policies)
        let flow = Flow(
            from: .pod(PodName(namespace: "shop", name: "cart")), to: .pod(PodName(namespace: "shop", name: "web")),
            port: 80)
        let verdict = try engine.verdict(flow).ingress
        #expect(verdict.isAllowed == one.isOpen, "\(verdict)")
    }

    @Test func equalPrioritiesAreReportedAndHaveOneOrder() throws {
        let accept = Case("", "ClusterNetworkPolicy", "{action: Accept, from: [{namespaces: {}}]}", [], open: true)
        let deny = Case("", "ClusterNetworkPolicy", "{action: Deny, from: [{namespaces: {}}]}", [], open: false)
        let texts = [manifest(accept, name: "b"), manifest(deny, name: "a")]
        let flow = Flow(
            from: .pod(PodName(namespace: "shop", name: "cart")), to: .pod(PodName(namespace: "shop", name: "web")),
            port: 80)
        for order in [texts, texts.reversed()] {
            let (_, policies, findings) = try input(order[0], order[1]).finish()
            #expect(
                findings.map(\.message) == [
                    "ClusterNetworkPolicy a and ClusterNetworkPolicy b share priority 5 in tier kube-admin"
                ])
            let engine = PolicyEngine(cluster: NetworkPolicyParsingTests.cluster, policies: policies)
            let verdict = try engine.verdict(flow).ingress
            #expect(verdict.decidedBy?.policy.name == "a")
        }
    }

    @Test func domainNamesAreReportedAndAllowNothing() throws {
        let text = """
            apiVersion: policy.networking.k8s.io/v1alpha2
            kind: ClusterNetworkPolicy
            metadata: {name: names}
            spec:
              tier: Admin
              priority: 1
              subject: {namespaces: {}}
              egress:
                - {action: Accept, to: [{domainNames: ["*.example.org"]}]}
                - {action: Deny, to: [{networks: [0.0.0.0/0]}]}
            """
        let (_, policies, findings) = try input(text).finish()
        #expect(findings.isEmpty)
        let policy = try #require(policies.policies.values.first)
        #expect(policy.everythingUnenforceable.map(\.path) == ["spec.egress[0].to[0].domainNames"])
        let engine = PolicyEngine(cluster: NetworkPolicyParsingTests.cluster, policies: policies)
        let flow = Flow(
            from: .pod(PodName(namespace: "shop", name: "cart")), to: .address(.v4(.init(203, 0, 113, 7))), port: 443)
        let verdict = try engine.verdict(flow).egress
        #expect(verdict.reason == .deniedByRule && verdict.decidedBy?.index == 1)
    }
}
