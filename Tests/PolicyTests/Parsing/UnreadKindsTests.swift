import Findings
import JSONTree
import Testing

@testable import Policy

/// Kinds that no policy is made of: what is said about them.
@Suite struct UnreadKindsTests {
    private func findings(_ objects: [(apiVersion: String, kind: String)]) -> [Finding] {
        let yaml = objects.map { "apiVersion: \($0.apiVersion)\nkind: \($0.kind)\nmetadata: {name: x}\n" }
        return DialectParsingTests.read(yaml.joined(separator: "---\n")).finish().findings
    }

    @Test(
        arguments: [
            ("networking.k8s.io/v1", "NetworkPolcy", "did you mean NetworkPolicy of networking.k8s.io?"),
            ("network.k8s.io/v1", "NetworkPolicy", nil),
            ("networkin.k8s.io/v1", "NetworkPolicy", "did you mean NetworkPolicy"),
            ("extensions/v1beta1", "NetworkPolicy", "did you mean NetworkPolicy of networking.k8s.io?"),
            ("cilium.io/v2", "CiliumNetworkPolicies", nil),
            ("cilium.io/v2", "CiliumNetworkPolic", "CiliumNetworkPolicy of cilium.io"),
            ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", nil), ("crd.antrea.io/v1beta1", "NetworkPolicy", nil),
        ] as [(String, String, String?)])
    func policiesThatAreNotReadAreSaid(_ apiVersion: String, _ kind: String, _ next: String?) {
        let found = findings([(apiVersion, kind)])
        #expect(found.count == 1)
        guard let one = found.first else { return }
        #expect(one.message.contains("not read"))
        #expect(one.place?.position?.line == 2)
        if let next {
            #expect(one.severity == .warning)
            #expect(one.next?.contains(next) == true, "\(one)")
        } else {
            #expect(one.next == nil, "\(one)")
        }
    }

    @Test func foreignKindsAreNamedOnceAndTheAPIsOwnAreNot() {
        let found = findings([
            ("v1", "ConfigMap"), ("rbac.authorization.k8s.io/v1", "Role"), ("apps/v1", "ControllerRevision"),
            ("example.com/v1", "Gizmo"), ("example.com/v1", "Gizmo"), ("other.example/v1", "Widget"),
        ])
        #expect(
            found.map(\.message) == [
                "not read, because nothing here is made of them: 2 Gizmo of example.com, 1 Widget of other.example"
            ])
        #expect(found.first?.severity == .note)
        #expect(found.first?.place?.position?.line == 14)
    }
}
