import Testing

@testable import Diagnosis

/// Ranges of nodes, pods and Services against each other.
@Suite struct AddressCheckTests {
    static func node(
        _ name: String, range: String, ip: String = "192.168.0.1", created: String = "2026-03-01T00:00:00Z",
        ready: Bool = true, more: String = ""
    ) -> String {
        """
        {"metadata":{"name":"\(name)","creationTimestamp":"\(created)"\(more)},
         "spec":{\(range.isEmpty ? "" : "\"podCIDR\":\"\(range)\",\"podCIDRs\":[\"\(range)\"]")},
         "status":{"addresses":[{"type":"InternalIP","address":"\(ip)"}],
          "conditions":[{"type":"Ready","status":"\(ready ? "True" : "False")"}]}}
        """
    }

    static let flannel = """
        {"metadata":{"name":"kube-flannel-ds","namespace":"net"},"spec":{"template":{"spec":{"containers":[
         {"name":"x","image":"docker.io/flannel/flannel:v0.26.1"}]}}}}
        """

    private static func cluster(_ ranges: [String], ip: String = "192.168.0.") -> ClusterEvidence {
        var cluster = ClusterEvidence()
        for (index, range) in ranges.enumerated() {
            cluster.add(
                "nodes", node("node-\(index + 1)", range: range, ip: "\(ip)\(index + 1)", ready: !range.isEmpty))
        }
        cluster.add("daemonsets.apps", flannel)
        cluster.addService("web", selector: [:])
        return cluster
    }

    private static let checks: [any Check] = [NodeRangeCheck(), PodAddressCheck(), RangeOverlapCheck()]

    private func codes(_ cluster: ClusterEvidence) -> [String] {
        Self.checks.flatMap { cluster.findings(of: $0) }.map(\.code)
    }

    @Test func inOrder() {
        var cluster = Self.cluster(["10.244.0.0/24", "10.244.1.0/24"])
        cluster.addPod("a", ip: "10.244.0.5")
        cluster.addPod("done", ip: "10.244.0.6")
        cluster.addPod("proxy", ip: "192.168.0.1", hostNetwork: true)
        cluster.addPod("proxy2", ip: "192.168.0.1", hostNetwork: true)
        cluster.add(
            "[{\"dst\":\"172.17.0.0/16\",\"dev\":\"docker0\",\"flags\":[\"linkdown\"]},{\"dst\":\"10.244.1.0/24\",\"gateway\":\"10.244.1.0\",\"dev\":\"flannel.1\",\"flags\":[\"onlink\"]}]",
            at: "nodes/node-1/ip-route.json")
        #expect(codes(cluster) == [])
    }

    @Test func oneRangeTwice() {
        let found = Self.cluster(["10.244.0.0/24", "10.244.1.0/24", "10.244.1.0/24"]).findings(of: NodeRangeCheck())
        #expect(found.map(\.code) == ["IPM-08"] && found.first?.confidence == .certain)
    }

    @Test func noRange() {
        let found = Self.cluster(["10.244.0.0/24", ""]).findings(of: NodeRangeCheck())
        #expect(found.map(\.code) == ["IPM-01"])
        #expect(found.first?.explains == ["node node-2"])
    }

    @Test func noRangeLeft() {
        var cluster = Self.cluster(["10.244.0.0/24", "10.244.1.0/24", ""])
        cluster.add(
            "pods",
            """
            {"metadata":{"name":"kube-controller-manager-node-1","namespace":"kube-system"},"spec":{"containers":[
             {"name":"kube-controller-manager","command":["kube-controller-manager","--cluster-cidr=10.244.0.0/23"]}]},
             "status":{"phase":"Running"}}
            """)
        let found = cluster.findings(of: NodeRangeCheck())
        #expect(found.map(\.code) == ["IPM-11"])
        #expect(found.first?.because.first == "10.244.0.0/23 in ranges of /24 is 2 ranges, and there are 3 nodes")
    }

    @Test func oneAddressOfTwoPods() {
        var cluster = Self.cluster(["10.244.0.0/24"])
        cluster.addPod("a", ip: "10.244.0.5")
        cluster.addPod("b", ip: "10.244.0.5")
        let found = cluster.findings(of: PodAddressCheck())
        #expect(found.map(\.code) == ["IPM-06"] && found.first?.confidence == .certain)
    }

    @Test func podsInTheNodesRange() {
        let found = Self.cluster(["192.168.0.0/24"]).findings(of: RangeOverlapCheck())
        #expect(found.map(\.code) == ["IPM-07"])
    }

    /// Poplin's pools and ranges of Services are in its own ConfigMap and objects.
    @Test(arguments: [
        ("10.96.4.0/24", "cluster-pool", true), ("10.9.0.0/24", "cluster-pool", false),
        // Of another mode a pool is only an object.
        ("10.96.4.0/24", "kubernetes", false),
    ])
    func aPoolOverServices(_ range: String, _ mode: String, isFound: Bool) {
        var cluster = Self.cluster(["10.244.0.0/24"])
        cluster.add(
            "configmaps",
            #"""
            {"metadata":{"namespace":"poplin-system","name":"poplin-config"},"data":{
            "net-conf.json":"{\"Network\":\"10.244.0.0/16\"}",
            "poplin.json":"{\"ipam\":{\"mode\":\"\#(mode)\"},\"serviceCIDRs\":[\"10.96.0.0/16\"]}"}}
            """#)
        cluster.add("ippools.poplin.dev", #"{"metadata":{"name":"p"},"spec":{"cidrs":["10.245.0.0/16","\#(range)"]}}"#)
        #expect(cluster.findings(of: RangeOverlapCheck()).map(\.code) == (isFound ? ["IPM-07"] : []))
    }

    @Test func rangeOfAVPN() {
        var cluster = Self.cluster(["10.244.0.0/24", "10.244.1.0/24"])
        cluster.add("[{\"dst\":\"10.0.0.0/8\",\"dev\":\"tun0\"}]", at: "nodes/node-1/ip-route.json")
        #expect(codes(cluster).contains("IPM-07"))
        var named = Self.cluster(["10.244.0.0/24"])
        named.add("{\"externalRanges\":[\"10.240.0.0/12\"]}", at: "user.json")
        #expect(codes(named) == ["IPM-07"])
    }
}
