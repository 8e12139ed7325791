import Addressing
import Findings
import JSONTree
import KubernetesModel
import Testing
import YAMLTree

@testable import Policy

/// Exact errors, and what is left of an object that has them.
@Suite struct NetworkPolicyParsingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What stands below `spec:`.
        var spec: String
        /// Parts of the findings' messages, in order.
        var messages: [String]
        /// Which of the probes get through: from a pod of the namespace, from another namespace, from outside.
        var isOpen: [Bool]

        init(_ rule: String, _ spec: String, _ messages: [String], open: [Bool]) {
            testDescription = rule
            self.spec = spec
            self.messages = messages
            isOpen = open
        }
    }

    static let cases: [Case] = [
        Case("an empty ingress list isolates", "{podSelector: {}, ingress: []}", [], open: [false, false, false]),
        Case("from: [] means everyone", "{podSelector: {}, ingress: [{from: []}]}", [], open: [true, true, true]),
        Case("an empty rule means everything", "{podSelector: {}, ingress: [{}]}", [], open: [true, true, true]),
        Case("no podSelector selects all", "{ingress: []}", [], open: [false, false, false]),
        Case(
            "null is absent", "{podSelector: null, policyTypes: null, ingress: null}", [], open: [false, false, false]),
        Case(
            "policyTypes Egress leaves ingress alone", "{podSelector: {}, policyTypes: [Egress], ingress: []}", [],
            open: [true, true, true]),
        Case(
            "a pod selector stays in its namespace", "{ingress: [{from: [{podSelector: {}}]}]}", [],
            open: [true, false, false]),
        Case(
            "two peers are OR", "{ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}]}]}", [],
            open: [true, true, false]),
        Case(
            "one peer is AND",
            "{ingress: [{from: [{namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {app: nobody}}}]}]}",
            [], open: [false, false, false]),
        Case(
            "a hole in a block", "{ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}", [],
            open: [false, false, true]),
        Case(
            "a misspelt field closes its rule", "{ingress: [{form: [{podSelector: {}}]}]}",
            ["spec.ingress[0].form: there is no such field"], open: [false, false, false]),
        Case(
            "a misspelt field of a peer closes the peer",
            "{ingress: [{from: [{podSelector: {matchLabel: {a: b}}}, {namespaceSelector: {}}]}]}",
            ["spec.ingress[0].from[0].podSelector.matchLabel: there is no such field"], open: [true, true, false]),
        Case(
            "an empty peer is refused", "{ingress: [{from: [{}]}]}", ["spec.ingress[0].from[0]: must specify a peer"],
            open: [false, false, false]),
        Case(
            "ipBlock stands alone", "{ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 0.0.0.0/0}}]}]}",
            ["spec.ingress[0].from[0]: ipBlock cannot stand beside podSelector or namespaceSelector"],
            open: [false, false, false]),
        Case(
            "an address is no prefix", "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.1}}]}]}",
            ["spec.ingress[0].from[0].ipBlock.cidr: \"10.0.0.1\" is not a prefix: it has no length"],
            open: [false, false, false]),
        Case(
            "a hole outside its block", "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/24]}}]}]}",
            ["except[0]: 11.0.0.0/24 must be a strict subset of the cidr 10.0.0.0/8"], open: [false, false, false]),
        Case(
            "address bits below the length are a warning", "{ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/8}}]}]}",
            ["it means 10.0.0.0/8"], open: [true, true, false]),
        Case(
            "case matters in protocols", "{ingress: [{ports: [{protocol: tcp, port: 80}]}]}",
            ["spec.ingress[0].ports[0].protocol: \"tcp\" is not one of the protocols TCP, UDP, SCTP"],
            open: [false, false, false]),
        Case(
            "a port in quotes", "{ingress: [{ports: [{port: '80'}]}]}", ["\"80\" cannot be a port's name"],
            open: [false, false, false]),
        Case(
            "a range backwards", "{ingress: [{ports: [{port: 90, endPort: 80}]}]}",
            ["endPort: must be greater than or equal to port, which is 90"], open: [false, false, false]),
        Case(
            "endPort needs a port", "{ingress: [{ports: [{endPort: 80}]}]}", ["endPort: needs a port to begin at"],
            open: [false, false, false]),
        Case(
            "port 0", "{ingress: [{ports: [{port: 0}, {port: 80}]}]}",
            ["ports[0].port: a port number 1...65535 is expected"], open: [true, true, true]),
        Case(
            "an unknown operator",
            "{ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: in, values: [a]}]}}]}]}",
            ["matchExpressions[0].operator: \"in\" is no operator"], open: [false, false, false]),
        Case(
            "In without values", "{ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In}]}}]}]}",
            ["values: required with operator In"], open: [false, false, false]),
        Case(
            "an unknown policy type closes both", "{policyTypes: [ingress]}",
            ["spec.policyTypes[0]: \"ingress\" is neither Ingress nor Egress"], open: [false, false, false]),
        Case(
            "an unreadable subject closes the namespace", "{podSelector: {matchLabels: {app: [x]}}, ingress: [{}]}",
            ["spec.podSelector.matchLabels[app]: a string is expected, this is an array"], open: [false, false, false]),
        Case(
            "ingress must be a list", "{ingress: {from: []}}",
            ["spec.ingress: an array is expected, this is an object"], open: [false, false, false]),
        Case(
            "a number is no label value", "{ingress: [{from: [{podSelector: {matchLabels: {app: 5}}}]}]}",
            ["matchLabels[app]: a string is expected, this is a number"], open: [false, false, false]),
    ]

    static let cluster: Cluster = {
        var cluster = Cluster()
        cluster.update(ClusterNamespace(name: "shop", labels: ["team": "red"]))
        for (namespace, name) in [("shop", "web"), ("shop", "cart"), ("pay", "db")] {
            cluster.update(
                ClusterPod(
                    id: PodName(namespace: namespace, name: name), labels: ["app": name],
                    addresses: [.v4(.init(10, 0, 0, UInt8(cluster.pods.count + 1)))]))
        }
        return cluster
    }()

    @Test(arguments: cases) func networkPolicy(_ one: Case) throws {
        let text = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: under-test, namespace: shop}
            spec: \(one.spec)
            """
        var input = PolicyInput()
        let node = try #require(YAMLReading(Array(text.utf8)).documents.first?.root)
        input.read(
            PolicyDocument(
                gvk: GroupVersionKind(group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy"), node: node,
                file: "policy.yaml"))
        let (_, policies, findings) = input.finish()
        #expect(findings.count == one.messages.count, "\(findings.map(\.message))")
        for (finding, message) in zip(findings, one.messages) {
            #expect(finding.message.contains(message))
            #expect(finding.message.hasPrefix("NetworkPolicy shop/under-test: spec"))
            #expect(finding.place?.position?.line == 4, "the place is in the file")
        }
        let engine = PolicyEngine(cluster: Self.cluster, policies: policies)
        let sources: [FlowEnd] = [
            .pod(PodName(namespace: "shop", name: "cart")), .pod(PodName(namespace: "pay", name: "db")),
            .address(.v4(.init(203, 0, 113, 7))),
        ]
        for (source, isOpen) in zip(sources, one.isOpen) {
            let flow = Flow(from: source, to: .pod(PodName(namespace: "shop", name: "web")), port: 80)
            let verdict = try engine.verdict(flow).ingress
            #expect(verdict.isAllowed == isOpen, "\(flow): \(verdict)")
        }
    }
}
