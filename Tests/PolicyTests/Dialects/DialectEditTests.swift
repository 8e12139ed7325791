import Addressing
import Findings
import JSONTree
import KubernetesModel
import Testing
import YAMLTree

@testable import Policy

/// What `explain` offers for policies that are no NetworkPolicies is written in their own words, and does what it says
/// when it is put into the manifest and read again.
@Suite struct DialectEditTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var policy: String
        var from: String
        var to: String
        var port: UInt16
        /// Of the instruction of the edit that is tried.
        var instruction: String
        /// A line of the snippet.
        var snippet: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "Calico, a rule for pods of another namespace",
            policy: """
                apiVersion: projectcalico.org/v3
                kind: NetworkPolicy
                metadata: {name: web, namespace: shop}
                spec: {selector: app == 'web', types: [Ingress]}
                """, from: "pay/p4", to: "shop/p0", port: 8080,
            instruction: "add this rule to spec.ingress of NetworkPolicy shop/web",
            snippet: "projectcalico.org/name == 'pay'"),
        Case(
            name: "Calico, one more port",
            policy: """
                apiVersion: projectcalico.org/v3
                kind: NetworkPolicy
                metadata: {name: web, namespace: shop}
                spec:
                  selector: app == 'web'
                  ingress: [{action: Allow, protocol: TCP, source: {selector: app == 'api'}, destination: {ports: [80]}}]
                """, from: "shop/p4", to: "shop/p0", port: 8080,
            instruction: "add this port to spec.ingress[0].destination.ports of NetworkPolicy shop/web", snippet: "8080"
        ),
        Case(
            name: "Calico, before a rule that denies",
            policy: """
                apiVersion: projectcalico.org/v3
                kind: GlobalNetworkPolicy
                metadata: {name: no-outside}
                spec:
                  types: [Egress]
                  egress: [{action: Allow, destination: {namespaceSelector: all()}}, {action: Deny, destination: {nets: [0.0.0.0/0]}}]
                """, from: "shop/p0", to: "203.0.113.7", port: 443,
            instruction: "add this rule before spec.egress[1] of GlobalNetworkPolicy no-outside",
            snippet: "203.0.113.7/32"),
        Case(
            name: "an AdminNetworkPolicy, before a rule that denies",
            policy: """
                apiVersion: policy.networking.k8s.io/v1alpha1
                kind: AdminNetworkPolicy
                metadata: {name: quarantine}
                spec:
                  priority: 7
                  subject: {namespaces: {matchLabels: {team: red}}}
                  ingress: [{action: Deny, from: [{namespaces: {}}]}]
                """, from: "pay/p0", to: "shop/p0", port: 8080,
            instruction: "add this rule before spec.ingress[0] of AdminNetworkPolicy quarantine", snippet: "portNumber"),
        Case(
            name: "a ClusterNetworkPolicy, before a rule that denies",
            policy: """
                apiVersion: policy.networking.k8s.io/v1alpha2
                kind: ClusterNetworkPolicy
                metadata: {name: no-outside}
                spec:
                  tier: Admin
                  priority: 7
                  subject: {namespaces: {}}
                  egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]
                """, from: "shop/p0", to: "203.0.113.7", port: 443,
            instruction: "add this rule before spec.egress[0] of ClusterNetworkPolicy no-outside",
            snippet: "destinationPort"),
        Case(
            name: "Cilium, a rule for an address",
            policy: """
                apiVersion: cilium.io/v2
                kind: CiliumNetworkPolicy
                metadata: {name: web, namespace: shop}
                spec: {endpointSelector: {matchLabels: {app: web}}, egress: [{toEndpoints: [{}]}]}
                """, from: "shop/p0", to: "203.0.113.7", port: 443,
            instruction: "add this rule to spec.egress of CiliumNetworkPolicy shop/web", snippet: "toCIDR"),
        Case(
            name: "Cilium, one more peer",
            policy: """
                apiVersion: cilium.io/v2
                kind: CiliumNetworkPolicy
                metadata: {name: web, namespace: shop}
                spec: {endpointSelector: {matchLabels: {app: web}}, ingress: [{fromEndpoints: [{matchLabels: {app: db}}]}]}
                """, from: "pay/p4", to: "shop/p0", port: 8080,
            instruction: "add this peer to spec.ingress[0].fromEndpoints of CiliumNetworkPolicy shop/web",
            snippet: "k8s:io.kubernetes.pod.namespace"),
        Case(
            name: "Cilium, one more port",
            policy: """
                apiVersion: cilium.io/v2
                kind: CiliumNetworkPolicy
                metadata: {name: web, namespace: shop}
                spec:
                  endpointSelector: {matchLabels: {app: web}}
                  ingress: [{fromEndpoints: [{matchLabels: {app: api}}], toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]
                """, from: "shop/p4", to: "shop/p0", port: 8080,
            instruction: "add this port to spec.ingress[0].toPorts of CiliumNetworkPolicy shop/web", snippet: "8080"),
    ]

    private static func engine(_ manifest: JSONNode) -> PolicyEngine {
        var input = PolicyInput()
        let gvk = GroupVersionKind(
            apiVersion: manifest.member("apiVersion")?.string ?? "", kind: manifest.member("kind")?.string ?? "")
        input.read(PolicyDocument(gvk: gvk, node: manifest))
        let (_, set, findings) = input.finish()
        #expect(findings.isEmpty, "\(findings)")
        return PolicyEngine(cluster: DialectWorld.cluster, policies: set)
    }

    @Test(arguments: cases) func theEditAsPrintedTurnsTheVerdict(_ one: Case) throws {
        let root = try #require(YAMLReading(one.policy).documents.first?.root)
        func end(_ text: String) throws -> FlowEnd {
            if let name = PodName(text) { return .pod(name) }
            return .address(try #require(IPAddress(text)))
        }
        let flow = Flow(from: try end(one.from), to: try end(one.to), port: one.port)
        let explanation = try Explanation(flow, in: Self.engine(root))
        #expect(!explanation.verdict.isAllowed)
        let edits = explanation.remedies.flatMap(\.edits)
        let edit = try #require(
            edits.first { $0.instruction.hasPrefix(one.instruction) }, "\(edits.map(\.instruction))")
        let snippet = try #require(edit.snippet)
        #expect(snippet.text.contains(one.snippet), "\(snippet.text)")
        let changed = try Self.inserted(snippet, edit.instruction, into: .node(root)).tree().root
        let after = try Self.engine(changed).verdict(flow)
        #expect(after.isAllowed, "\(changed.rawBytes.count) bytes, \(after)")
    }

    /// Does what the instruction says: "add this ... to PATH of ..." at the end of the list, "before PATH[i]" in front.
    private static func inserted(_ snippet: JSONValue, _ instruction: String, into manifest: JSONValue) throws
        -> JSONValue
    {
        let words = instruction.split(separator: " ").map(String.init)
        let place = try #require(words.firstIndex { ["to", "before"].contains($0) })
        var keys = words[place + 1].replacing("[", with: ".").replacing("]", with: "").split(separator: ".").map(
            String.init)
        var index: Int?
        if words[place] == "before" { index = Int(keys.removeLast()) }
        return insert(snippet.elements, at: keys[...], index, in: manifest)
    }

    private static func insert(
        _ items: [JSONValue], at keys: ArraySlice<String>, _ index: Int?, in value: JSONValue
    ) -> JSONValue {
        guard let key = keys.first else {
            var list = value.elements
            list.insert(contentsOf: items, at: index ?? list.count)
            return .array(list)
        }
        if let number = Int(key) {
            var list = value.elements
            list[number] = insert(items, at: keys.dropFirst(), index, in: list[number])
            return .array(list)
        }
        return value.settingMember(
            key, to: insert(items, at: keys.dropFirst(), index, in: value.member(key) ?? .array([])))
    }

    /// Policies of every dialect that were suggested let through what was observed, and nothing else to those pods.
    @Test(arguments: SuggestionDialect.allCases) func suggestionsInEveryDialect(_ dialect: SuggestionDialect) throws {
        let pods = ["shop/p0", "shop/p2", "pay/p4", "ops/p1"].compactMap { PodName($0) }
        let office = FlowEnd.address(try #require(IPAddress("203.0.113.7")))
        let seen = [
            Flow(from: .pod(pods[0]), to: .pod(pods[1]), port: 5432),
            Flow(from: .pod(pods[2]), to: .pod(pods[0]), port: 8080),
            Flow(from: .pod(pods[2]), to: .pod(pods[0]), transport: .udp, port: 53),
            Flow(from: .pod(pods[3]), to: office, port: 443), Flow(from: office, to: .pod(pods[0]), port: 8080),
        ]
        let suggestion = PolicySuggestion(from: seen, in: DialectWorld.cluster, dialect: dialect)
        #expect(suggestion.refused.isEmpty)
        let kinds = Set(suggestion.policies.compactMap { $0.manifest.member("apiVersion")?.stringValue })
        let expected = [
            "kubernetes": "networking.k8s.io/v1", "calico": "projectcalico.org/v3", "cilium": "cilium.io/v2",
        ]
        #expect(kinds == [expected[dialect.rawValue] ?? ""])
        // Printed and read again they are the same policies.
        var input = PolicyInput()
        for entry in suggestion.policies {
            let node = try entry.manifest.tree().root
            input.read(
                PolicyDocument(
                    gvk: GroupVersionKind(
                        apiVersion: node.member("apiVersion")?.string ?? "", kind: node.member("kind")?.string ?? ""),
                    node: node))
        }
        let (_, set, findings) = input.finish()
        #expect(findings.isEmpty, "\(findings)")
        let engine = PolicyEngine(cluster: DialectWorld.cluster, policies: set)
        for flow in seen { #expect(try engine.verdict(flow).isAllowed, "\(flow)") }
        let unseen = Flow(from: .pod(pods[3]), to: .pod(pods[1]), port: 5432)
        #expect(try !engine.verdict(unseen).isAllowed)
    }
}
