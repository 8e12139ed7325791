import Addressing
import FuzzSupport
import JSONTree
import KubernetesModel
import Policy

/// Reads one JSON value as the spec of Cilium's policies, namespaced and clusterwide: it is read or reported, a second
/// copy of the policy changes no verdict, walk and entries agree with it, and a namespaced policy without rules of its
/// own for a direction never closes it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let spec: JSONNode
    do throws(JSONSyntaxError) { spec = try JSONTree(parsing: bytes).root } catch { return 0 }
    for kind in ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"] {
        let once = read(kind, spec, copies: 1)
        let twice = read(kind, spec, copies: 2)
        let engine = PolicyEngine(cluster: cluster, policies: once)
        let both = PolicyEngine(cluster: cluster, policies: twice)
        let compiler = PolicyCompiler(cluster: cluster, policies: once, scope: .everywhere)
        for flow in flows {
            do throws(FlowError) {
                let verdict = try engine.verdict(flow)
                expect(try both.verdict(flow).isAllowed == verdict.isAllowed, "a copy changes the verdict")
                let walk = try engine.walk(flow)
                expect(walk.egress.verdict == verdict.egress && walk.ingress.verdict == verdict.ingress, "the walk")
                let ends = (
                    try engine.resolve(flow.source, flow.family), try engine.resolve(flow.destination, flow.family)
                )
                for direction in Direction.allCases {
                    if let compiled = compiler.verdict(direction, flow, from: ends.0, to: ends.1) {
                        expect(compiled == verdict[direction], "the entries")
                    }
                    let closes = once.policies.values.contains { $0[direction] != nil }
                    expect(closes || verdict[direction].isAllowed, "closed without a rule")
                }
            } catch { fatalError("\(error)") }
        }
        for found in PolicyLint.findings(cluster, once) { expect(!found.finding.rendered().isEmpty) }
    }
    return 0
}

private func read(_ kind: String, _ spec: JSONNode, copies: Int) -> PolicySet {
    var input = PolicyInput()
    for copy in 0..<copies {
        var metadata = [JSONMember("name", .string("p\(copy)"))]
        if kind == "CiliumNetworkPolicy" { metadata.append(JSONMember("namespace", "default")) }
        let manifest: JSONValue = [
            "apiVersion": "cilium.io/v2", "kind": .string(kind), "metadata": .object(metadata), "spec": .node(spec),
        ]
        do throws(JSONSyntaxError) {
            input.read(
                PolicyDocument(
                    gvk: GroupVersionKind(apiVersion: "cilium.io/v2", kind: kind), node: try manifest.tree().root,
                    file: "p.json"))
        } catch { return PolicySet() }
    }
    let (_, policies, findings) = input.finish()
    for finding in findings { expect(!finding.rendered().isEmpty) }
    return policies
}

private let cluster: Cluster = {
    var cluster = Cluster()
    cluster.update(ClusterNamespace(name: "default", labels: ["team": "red"]))
    cluster.update(ClusterNode(name: "n0", labels: ["zone": "a"], addresses: [.v4(IPv4Address(192, 168, 0, 1))]))
    for (index, name) in ["a", "b"].enumerated() {
        cluster.update(
            ClusterPod(
                id: PodName(namespace: index == 0 ? "default" : "other", name: name), labels: ["app": name],
                addresses: [.v4(IPv4Address(10, 0, 0, UInt8(index + 1)))], node: "n\(index)",
                ports: [ContainerPort(name: "http", number: 80)]))
    }
    return cluster
}()

private let flows: [Flow] = {
    let a = FlowEnd.pod(PodName(namespace: "default", name: "a"))
    let b = FlowEnd.pod(PodName(namespace: "other", name: "b"))
    let outside = FlowEnd.address(.v4(IPv4Address(203, 0, 113, 7)))
    return [(a, b), (b, a), (a, outside), (outside, a), (a, .node("n0")), (.node("n0"), b)].flatMap { from, to in
        [Flow(from: from, to: to, port: 80), Flow(from: from, to: to, transport: .udp, port: 53)]
            + [Flow(from: from, to: to, transport: .icmp, port: 0, icmpType: 8)]
    }
}()
