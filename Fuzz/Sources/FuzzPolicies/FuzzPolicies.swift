import Addressing
import FuzzSupport
import JSONTree
import KubernetesModel
import Policy

/// Reads one object as every policy kind, compiles what came of it and judges a few flows: whatever stands in the
/// object, it is read or reported, and verdict, walk and entries agree.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let root: JSONNode
    do throws(JSONSyntaxError) { root = try JSONTree(parsing: bytes).root } catch { return 0 }
    if root.kind != .object { return 0 }
    do throws(FieldError) { _ = try Flow(decoding: root) } catch { expect(!error.description.isEmpty) }
    for gvk in kinds {
        var input = PolicyInput()
        input.read(PolicyDocument(gvk: gvk, node: root, file: "input.json"))
        let (_, policies, findings) = input.finish()
        for finding in findings { expect(!finding.rendered().isEmpty) }
        judge(policies)
    }
    return 0
}

private let kinds: [GroupVersionKind] = [
    ("networking.k8s.io/v1", "NetworkPolicy"), ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"),
    ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"), ("cilium.io/v2", "CiliumNetworkPolicy"),
    ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"), ("projectcalico.org/v3", "NetworkPolicy"),
    ("projectcalico.org/v3", "GlobalNetworkPolicy"), ("projectcalico.org/v3", "Tier"),
    ("projectcalico.org/v3", "GlobalNetworkSet"), ("v1", "Pod"), ("v1", "Service"),
].map { GroupVersionKind(apiVersion: $0.0, kind: $0.1) }

private let cluster: Cluster = {
    var cluster = Cluster()
    cluster.update(ClusterNamespace(name: "default", labels: ["team": "red"]))
    for (index, name) in ["a", "b"].enumerated() {
        cluster.update(
            ClusterPod(
                id: PodName(namespace: "default", name: name), labels: ["app": name],
                addresses: [.v4(IPv4Address(10, 0, 0, UInt8(index + 1)))], node: "n\(index)",
                ports: [ContainerPort(name: "http", number: 80)]))
    }
    return cluster
}()

private func judge(_ policies: PolicySet) {
    let compiler = PolicyCompiler(cluster: cluster, policies: policies, scope: .everywhere)
    let a = FlowEnd.pod(PodName(namespace: "default", name: "a"))
    let b = FlowEnd.pod(PodName(namespace: "default", name: "b"))
    let outside = FlowEnd.address(.v4(IPv4Address(203, 0, 113, 7)))
    for (from, to) in [(a, b), (b, a), (a, outside), (outside, b), (a, .node("n0"))] {
        for port in [80, 443] as [UInt16] {
            let flow = Flow(from: from, to: to, port: port)
            do throws(FlowError) {
                let source = try compiler.engine.resolve(from, .v4)
                let destination = try compiler.engine.resolve(to, .v4)
                let verdict = try compiler.engine.verdict(flow)
                for direction in Direction.allCases {
                    let walk = compiler.engine.walk(direction, flow, from: source, to: destination)
                    expect(walk.verdict == verdict[direction], "the walk ends elsewhere")
                    if let compiled = compiler.verdict(direction, flow, from: source, to: destination) {
                        expect(compiled == verdict[direction], "the entries say something else")
                    }
                }
            } catch {
                fatalError("\(error)")
            }
        }
    }
}
