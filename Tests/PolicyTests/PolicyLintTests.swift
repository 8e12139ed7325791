import Findings
import JSONTree
import KubernetesModel
import Testing
import YAMLTree

@testable import Policy

/// Each code in the case that calls for it and in the nearest one that does not.
@Suite struct PolicyLintTests {
    static let cluster = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {team: red}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: kube-system}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
        status: {podIPs: [{ip: 10.0.0.1}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: db, namespace: shop, labels: {app: db-v2, tier: back}}
        spec: {containers: [{name: c}]}
        status: {podIPs: [{ip: 10.0.0.2}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: proxy, namespace: kube-system, labels: {app: proxy}}
        spec: {hostNetwork: true, nodeName: n1, containers: [{name: c}]}
        status: {podIPs: [{ip: 192.168.0.1}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
        spec: {containers: [{name: c, ports: [{name: dns, containerPort: 5353, protocol: UDP}]}]}
        status: {podIPs: [{ip: 10.0.0.3}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: kube-dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
        spec:
          clusterIP: 10.96.0.10
          selector: {k8s-app: kube-dns}
          ports: [{name: dns, port: 53, protocol: UDP, targetPort: 5353}]
        ---

        """

    static func lint(_ policies: String) -> [LintFinding] {
        let input = DialectParsingTests.read(cluster + policies)
        let (cluster, set, findings) = input.finish()
        #expect(findings.isEmpty, "\(findings)")
        return PolicyLint.findings(cluster, set)
    }

    private static func policy(_ spec: String, annotation: String = "") -> String {
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: p, namespace: shop\(annotation)}
        spec: \(spec)

        """
    }

    @Test(arguments: [
        ("{podSelector: {}, policyTypes: []}", "POL-06"),
        ("{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}", "POL-02"),
        ("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {name: kube-system}}}]}]}", "POL-05"),
        (
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}, {podSelector: {matchLabels: {app: web}}}]}]}",
            "POL-04"
        ),
        ("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.96.0.0/12}}]}]}", "POL-12"),
        ("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}", "POL-21"),
        ("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}", "POL-14"),
        (
            "{podSelector: {matchExpressions: [{key: a, operator: Exists}, {key: a, operator: DoesNotExist}]}, policyTypes: [Ingress]}",
            "POL-19"
        ),
        (
            "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/25, 192.0.2.128/25]}}]}]}",
            "POL-19"
        ),
        (
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: proxy}}}]}]}",
            "POL-22"
        ),
        ("{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: htttp}]}]}", "POL-23"),
        ("{podSelector: {}, policyTypes: [Egress], ingress: [{}], egress: [{}]}", "POL-25"),
        ("{podSelector: {}, egress: []}", "POL-25"),
        (
            "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}, {from: [{podSelector: {matchLabels: {app: web}}}]}]}",
            "POL-20"
        ),
        ("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: nobody}}}]}]}", "POL-26"),
    ])
    func finds(_ spec: String, _ code: String) {
        let codes = Self.lint(Self.policy(spec)).map(\.finding.code)
        #expect(codes.contains(code), "\(codes)")
    }

    @Test(arguments: [
        "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]}]}",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {app: web}}}]}]}",
        "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 5353, protocol: UDP}]}]}",
        "{podSelector: {}, policyTypes: [Ingress, Egress]}",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: http}]}]}",
        "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}, {from: [{podSelector: {matchLabels: {app: web}}}]}]}",
    ])
    func isQuietAbout(_ spec: String) {
        let found = Self.lint(Self.policy(spec))
        #expect(found.isEmpty, "\(found.map(\.finding.message))")
    }

    @Test func aRuleShadowedByTheUnionOfTwo() {
        let found = Self.lint(
            Self.policy(
                """
                {podSelector: {matchLabels: {app: web}}, ingress: [
                  {from: [{podSelector: {matchLabels: {app: web}}}]},
                  {from: [{podSelector: {matchLabels: {app: db-v2}}}]},
                  {from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [web, db-v2]}]}}]}]}
                """))
        // Each single one is covered by the third; the third by the two.
        #expect(found.filter { $0.finding.code == "POL-20" }.count >= 2)
    }

    @Test func suppressionNeedsAReason() {
        let spec = "{podSelector: {}, policyTypes: []}"
        let with = Self.lint(
            Self.policy(spec, annotation: ", annotations: {poplin.dev/lint-ignore: \"POL-06: on purpose\"}"))
        #expect(with.map(\.ignoredBecause) == ["on purpose"])
        let without = Self.lint(Self.policy(spec, annotation: ", annotations: {poplin.dev/lint-ignore: POL-06}"))
        #expect(without.map(\.finding.code).sorted() == ["POL-00", "POL-06"])
        #expect(without.allSatisfy { $0.ignoredBecause == nil })
    }

    @Test func placesAreExact() {
        let found = Self.lint(Self.policy("{podSelector: {}, policyTypes: []}"))
        let place = found[0].finding.place
        #expect(place?.position?.column == 38)
        #expect(place?.lines.contains { $0.contains("policyTypes: []") } == true)
    }

    @Test func nearMissesAreNamed() {
        let found = Self.lint(Self.policy("{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}"))
        #expect(found.first?.finding.reasons == ["nearly: pod shop/db has app: db-v2, not db"])
    }
}
