import Findings
import JSONTree
import KubernetesModel
import Testing
import YAMLTree

@testable import Policy

/// What is particular about the dialects, read from YAML as people write it.
@Suite struct DialectParsingTests {
    static func read(_ yaml: String) -> PolicyInput {
        var input = PolicyInput()
        for document in YAMLReading(yaml).documents {
            let node = document.root
            input.read(
                PolicyDocument(
                    gvk: GroupVersionKind(
                        apiVersion: node.member("apiVersion")?.string ?? "", kind: node.member("kind")?.string ?? ""),
                    node: node, file: "policies.yaml"))
        }
        return input
    }

    @Test func storageNamesLoseTheDefaultTier() {
        let input = Self.read(
            """
            apiVersion: crd.projectcalico.org/v1
            kind: NetworkPolicy
            metadata: {name: default.allow-dns, namespace: shop}
            spec: {selector: all()}
            ---
            apiVersion: crd.projectcalico.org/v1
            kind: GlobalNetworkPolicy
            metadata: {name: security.block}
            spec: {tier: security}
            """)
        #expect(
            input.parsed.policies.map(\.reference.description) == [
                "NetworkPolicy shop/allow-dns", "GlobalNetworkPolicy security.block",
            ])
        #expect(input.parsed.policies.map(\.reference.group) == ["projectcalico.org", "projectcalico.org"])
        #expect(input.parsed.policies[1].tier == "security")
    }

    @Test func calicoEgressRulesAloneAreEgressOnly() {
        let input = Self.read(
            """
            apiVersion: projectcalico.org/v3
            kind: NetworkPolicy
            metadata: {name: a, namespace: shop}
            spec: {egress: [{action: Allow}]}
            """)
        #expect(input.parsed.policies[0].ingress == nil)
        #expect(input.parsed.policies[0].egress?.rules.count == 1)
    }

    @Test func mistakesInSelectorsSayTheCharacter() {
        let input = Self.read(
            """
            apiVersion: projectcalico.org/v3
            kind: NetworkPolicy
            metadata: {name: a, namespace: shop}
            spec:
              selector: app = 'web'
              ingress: [{action: Allow}]
            """)
        let finding = input.parsed.findings[0]
        #expect(
            finding.message
                == "NetworkPolicy shop/a: spec.selector: character 5 of the selector: comparison is ==, not =")
        #expect(finding.place?.position?.line == 5)
        // Closed: the policy stands for the whole namespace and allows nothing.
        #expect(
            input.parsed.policies[0].ingress?.rules[0].traffic?[0].terms.contains(
                .unenforceable("the policy's selector cannot be read")) == true)
    }

    @Test func stagedPoliciesDecideNothing() {
        let input = Self.read(
            """
            apiVersion: projectcalico.org/v3
            kind: StagedGlobalNetworkPolicy
            metadata: {name: a}
            spec: {stagedAction: Set, selector: all(), ingress: [{action: Deny}]}
            ---
            apiVersion: projectcalico.org/v3
            kind: StagedKubernetesNetworkPolicy
            metadata: {name: b, namespace: shop}
            spec: {stagedAction: Set, podSelector: {}, policyTypes: [Ingress]}
            """)
        #expect(input.parsed.findings.isEmpty, "\(input.parsed.findings)")
        #expect(input.parsed.policies.map(\.isStaged) == [true, true])
        #expect(PolicySet(input.parsed.policies).inOrder.isEmpty)
    }

    @Test func unknownFieldsCloseTheRule() {
        let input = Self.read(
            """
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: a, namespace: shop}
            spec:
              endpointSelector: {}
              ingress:
              - fromEndpoint: [{}]
            """)
        let finding = input.parsed.findings[0]
        #expect(
            finding.message
                == "CiliumNetworkPolicy shop/a: spec.ingress[0].fromEndpoint: there is no field fromEndpoint here")
        #expect(finding.next == "did you mean \"fromEndpoints\"?")
        #expect(input.parsed.policies[0].everythingUnenforceable.map(\.path) == ["spec.ingress[0].fromEndpoint"])
    }

    @Test func ciliumSectionsAreEachTheirOwn() {
        let input = Self.read(
            """
            apiVersion: cilium.io/v2
            kind: CiliumClusterwideNetworkPolicy
            metadata: {name: a}
            specs:
            - endpointSelector: {matchLabels: {app: web}}
              ingress: [{fromEntities: [cluster]}]
            - endpointSelector: {matchLabels: {app: db}}
              egress: [{}]
            """)
        #expect(input.parsed.policies.map(\.reference.name) == ["a#specs[0]", "a#specs[1]"])
        #expect(input.parsed.policies[1].egress?.rules[0].peers == [])
        #expect(input.parsed.policies[1].egress?.rules[0].reference.path == "specs[1].egress[0]")
    }

    @Test func twoKindsOfPeersAreRefused() {
        let input = Self.read(
            """
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: a, namespace: shop}
            spec:
              endpointSelector: {}
              ingress:
              - fromEndpoints: [{}]
                fromEntities: [world]
            """)
        #expect(
            input.parsed.findings.map(\.message) == [
                "CiliumNetworkPolicy shop/a: spec.ingress[0].fromEntities: fromEndpoints and fromEntities cannot be combined in one rule"
            ])
    }

    @Test func hostEndpointsArePeersByTheirAddresses() {
        let input = Self.read(
            """
            apiVersion: projectcalico.org/v3
            kind: HostEndpoint
            metadata: {name: h, labels: {role: gateway}}
            spec: {node: n, expectedIPs: [192.0.2.1]}
            """)
        #expect(input.parsed.networkSets.map(\.labels) == [["role": "gateway"]])
        #expect(input.parsed.findings.map(\.code) == ["POL-18"])
    }
}
