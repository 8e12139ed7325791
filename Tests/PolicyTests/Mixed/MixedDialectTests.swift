import Addressing
import Findings
import JSONTree
import KubernetesModel
import Testing
import YAMLTree

@testable import Policy

/// NetworkPolicy, Calico, Cilium and the cluster policies in one cluster: one walk through the tiers for all of them.
@Suite struct MixedDialectTests {
    // MARK: Judged by the naive evaluators

    /// Calico's tier only denies or passes, and NetworkPolicies and Cilium's policies select pods of different
    /// namespaces: then a flow is allowed when all three naive evaluators, each with its own manifests, allow it.
    private static let calico = """
        apiVersion: projectcalico.org/v3
        kind: Tier
        metadata: {name: security}
        spec: {order: 100, defaultAction: Pass}
        ---
        apiVersion: projectcalico.org/v3
        kind: GlobalNetworkPolicy
        metadata: {name: security.no-office}
        spec:
          tier: security
          order: 10
          selector: has(tier)
          types: [Egress]
          egress:
          - {action: Log, protocol: TCP}
          - {action: Deny, destination: {nets: [203.0.113.0/24]}}
          - {action: Pass}
        ---
        apiVersion: projectcalico.org/v3
        kind: GlobalNetworkPolicy
        metadata: {name: security.pay-stays-out}
        spec:
          tier: security
          order: 20
          namespaceSelector: team == 'red'
          types: [Ingress]
          ingress:
          - {action: Deny, protocol: TCP, source: {namespaceSelector: projectcalico.org/name == 'pay'}, destination: {ports: [443]}}
        """

    private static let kubernetes = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: default-deny, namespace: shop}
        spec: {podSelector: {}, policyTypes: [Ingress]}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web-in, namespace: shop}
        spec:
          podSelector: {matchLabels: {app: web}}
          ingress:
          - {from: [{namespaceSelector: {matchLabels: {team: red}}}, {namespaceSelector: {matchLabels: {env: prod}}}], ports: [{port: http}, {port: 443}]}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: db-out, namespace: shop}
        spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Egress]}
        """

    private static let cilium = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: web, namespace: pay}
        spec:
          endpointSelector: {matchLabels: {app: web}}
          ingress:
          - fromEntities: [cluster]
            toPorts: [{ports: [{port: "80", protocol: TCP}, {port: "8080", protocol: TCP}]}]
          ingressDeny:
          - fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: shop, app: api}}]
          egress:
          - toEntities: [world]
        """

    private static func manifests(_ text: String) throws -> [JSONValue] {
        YAMLReading(text).documents.map { .node($0.root) }
    }

    @Test func fourThousandFlowsAgainstThreeEvaluators() throws {
        let (_, set, findings) = DialectParsingTests.read(
            [Self.calico, Self.kubernetes, Self.cilium].joined(separator: "\n---\n")
        ).finish()
        #expect(findings.isEmpty, "\(findings)")
        let engine = PolicyEngine(cluster: DialectWorld.cluster, policies: set)
        let calico = NaiveCalico(manifests: try Self.manifests(Self.calico))
        let kubernetes = NaiveKubernetes(manifests: try Self.manifests(Self.kubernetes))
        let cilium = NaiveCilium(manifests: try Self.manifests(Self.cilium))
        var random = SeededRandom(seed: 77)
        var refusedBy = [0, 0, 0]
        for _ in 0..<4000 {
            let flow = NaiveFlow.random(&random)
            let answers = [calico.allows(flow), kubernetes.allows(flow), cilium.allows(flow)]
            for (index, answer) in answers.enumerated() where !answer { refusedBy[index] += 1 }
            let verdict = try engine.verdict(flow.flow)
            #expect(verdict.isAllowed == answers.allSatisfy { $0 }, "\(flow): \(answers), the engine says \(verdict)")
        }
        // Each of the three has a say.
        #expect(refusedBy.allSatisfy { $0 > 100 }, "\(refusedBy)")
    }

    // MARK: Reasoned by hand

    /// All dialects about the same pods. In order: tier platform (200, denies at its end), kube-admin (1,000), default
    /// (1,000,000; Cilium's denials first, then Calico's policy of order 500, then NetworkPolicy and Cilium of order
    /// 1,000), kube-baseline.
    private static let all = """
        apiVersion: projectcalico.org/v3
        kind: Tier
        metadata: {name: platform}
        spec: {order: 200, defaultAction: Deny}
        ---
        apiVersion: projectcalico.org/v3
        kind: GlobalNetworkPolicy
        metadata: {name: platform.web-out}
        spec:
          tier: platform
          selector: app == 'web'
          types: [Egress]
          egress:
          - {action: Allow, protocol: UDP, destination: {ports: [53]}}
          - {action: Pass, destination: {namespaceSelector: all()}}
        ---
        apiVersion: policy.networking.k8s.io/v1alpha1
        kind: AdminNetworkPolicy
        metadata: {name: quarantine}
        spec:
          priority: 10
          subject: {namespaces: {}}
          egress:
          - {action: Deny, to: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}}], ports: [{portNumber: {protocol: TCP, port: 443}}]}
        ---
        apiVersion: policy.networking.k8s.io/v1alpha1
        kind: BaselineAdminNetworkPolicy
        metadata: {name: default}
        spec:
          subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}
          ingress:
          - {action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP, port: 81}}]}
        ---
        apiVersion: projectcalico.org/v3
        kind: NetworkPolicy
        metadata: {name: web-to-web, namespace: shop}
        spec:
          order: 500
          selector: app == 'web'
          types: [Egress]
          egress:
          - {action: Deny, protocol: TCP, destination: {selector: app == 'db', ports: [443]}}
          - {action: Allow, protocol: TCP, destination: {selector: app == 'web', ports: [80]}}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web-to-db, namespace: shop}
        spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}
        ---
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: web-to-api, namespace: shop}
        spec:
          endpointSelector: {matchLabels: {app: web}}
          egress:
          - toEndpoints: [{matchLabels: {app: api}}]
            toPorts: [{ports: [{port: "80", protocol: TCP}]}]
          egressDeny:
          - toEndpoints: [{matchLabels: {tier: front}}]
        """

    @Test(
        arguments: [
            // Passed by the platform tier, nothing of kube-admin, then the NetworkPolicy.
            ("shop/p0", "shop/p2", "TCP", 80, true, "NetworkPolicy shop/web-to-db", "default"),
            ("shop/p0", "shop/p4", "TCP", 80, true, "CiliumNetworkPolicy shop/web-to-api", "default"),
            // Isolated in the default tier, and no rule of any dialect matches.
            ("shop/p0", "shop/p4", "TCP", 81, false, "", "default"),
            // Calico's order 500 goes before NetworkPolicy's 1,000.
            ("shop/p0", "shop/p2", "TCP", 443, false, "NetworkPolicy shop/web-to-web", "default"),
            // Calico would allow, and Cilium's denials beat every allow of the tier.
            ("shop/p0", "shop/p1", "TCP", 80, false, "CiliumNetworkPolicy shop/web-to-api", "default"),
            // An allow of an earlier tier is final: that denial is not asked.
            ("shop/p0", "shop/p1", "UDP", 53, true, "GlobalNetworkPolicy platform.web-out", "platform"),
            ("shop/p1", "shop/p0", "TCP", 80, true, "NetworkPolicy shop/web-to-web", "default"),
            // Selectors of namespaced policies stay in their namespace, whatever the dialect.
            ("shop/p0", "pay/p1", "TCP", 80, false, "", "default"),
            ("shop/p0", "pay/p2", "TCP", 80, false, "", "default"),
            // Outside no rule of the platform tier matches, and it denies at its end.
            ("shop/p0", "203.0.113.7", "TCP", 443, false, "", "platform"),
            ("shop/p0", "203.0.113.7", "UDP", 53, true, "GlobalNetworkPolicy platform.web-out", "platform"),
            // What the platform tier passes, kube-admin may still deny; and so for pods the platform tier says nothing of.
            ("shop/p0", "shop/p4", "TCP", 443, false, "AdminNetworkPolicy quarantine", "kube-admin"),
            ("shop/p5", "ops/p4", "TCP", 443, false, "AdminNetworkPolicy quarantine", "kube-admin"),
            // Nothing isolates p5: the baseline decides on the other side, and only of what it names.
            ("shop/p5", "shop/p2", "TCP", 81, false, "BaselineAdminNetworkPolicy default", "kube-baseline"),
            ("shop/p5", "shop/p2", "TCP", 80, true, "", ""),
            ("203.0.113.7", "shop/p2", "TCP", 81, true, "", ""),
            ("shop/p0", "shop/p0", "TCP", 81, true, "", ""),
        ] as [(String, String, String, Int, Bool, String, String)])
    func oneWalkForAll(
        _ from: String, _ to: String, _ transport: String, _ port: Int, _ isAllowed: Bool, _ decidedBy: String,
        _ tier: String
    ) throws {
        let (_, set, findings) = DialectParsingTests.read(Self.all).finish()
        #expect(findings.isEmpty, "\(findings)")
        let engine = PolicyEngine(cluster: DialectWorld.cluster, policies: set)
        func end(_ text: String) throws -> FlowEnd {
            if let name = PodName(text) { return .pod(name) }
            return .address(try #require(IPAddress(text)))
        }
        let flow = Flow(
            from: try end(from), to: try end(to), transport: try #require(TransportProtocol(name: transport)),
            port: UInt16(port))
        let verdict = try engine.verdict(flow)
        #expect(verdict.isAllowed == isAllowed, "\(verdict)")
        // The side that refused, or that a rule let through.
        let sides = [verdict.egress, verdict.ingress]
        let side = sides.first { !$0.isAllowed } ?? sides.first { $0.decidedBy != nil } ?? verdict.egress
        #expect((side.decidedBy?.policy.description ?? "") == decidedBy)
        #expect((side.tier ?? "") == tier)
        // The walk and the compiled entries say the same.
        let walk = try engine.walk(flow)
        #expect(walk.egress.verdict == verdict.egress && walk.ingress.verdict == verdict.ingress)
        let compiler = PolicyCompiler(cluster: DialectWorld.cluster, policies: set, scope: .everywhere)
        let ends = (try engine.resolve(flow.source, .v4), try engine.resolve(flow.destination, .v4))
        for direction in Direction.allCases {
            if let compiled = compiler.verdict(direction, flow, from: ends.0, to: ends.1) {
                #expect(compiled == verdict[direction])
            }
        }
    }
}
