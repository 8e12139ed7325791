import Diagnosis
import Foundation
import JSONTree
import Testing

@testable import Bundles

/// Archives of other tools, in the shapes those tools write.
@Suite final class ForeignBundleTests {
    private let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "poplin-foreign-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func write(_ text: String, _ path: String) throws {
        let file = URL(filePath: "\(directory)/\(path)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private static func pods(_ namespace: String, _ pod: String, _ containers: String...) -> String {
        let list = containers.map { "{\"name\":\"\($0)\",\"image\":\"x\"}" }.joined(separator: ",")
        return """
            {"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"\(pod)","namespace":"\(namespace)"},\
            "spec":{"nodeName":"node-2","containers":[\(list)]}}]}
            """
    }

    @Test func clusterInfoDump() throws {
        try write(
            "{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"node-2\"}}]}",
            "nodes.json")
        try write(Self.pods("kube-system", "coredns-0", "coredns"), "kube-system/pods.json")
        try write(Self.pods("shop", "web-0", "web", "istio-proxy"), "shop/pods.json")
        try write("{\"kind\":\"DaemonSetList\",\"apiVersion\":\"apps/v1\",\"items\":[]}", "shop/daemonsets.json")
        try write(
            """
            ==== START logs for container web of pod shop/web-0 ====
            one
            two
            ==== END logs for container web of pod shop/web-0 ====
            ==== START logs for container istio-proxy of pod shop/web-0 ====
            three
            ==== END logs for container istio-proxy of pod shop/web-0 ====

            """, "shop/web-0/logs.txt")
        let reading = try Bundle.read(directory)
        let facts = FactBase(reading: reading.evidence)
        #expect(facts.objects("nodes").map(\.place) == ["Node/node-2"])
        #expect(Set(facts.objects("pods").map(\.place)) == ["Pod/kube-system/coredns-0", "Pod/shop/web-0"])
        #expect(reading.evidence["cluster/logs/shop/web-0/web.log"]?.text == "one\ntwo")
        #expect(reading.evidence["cluster/logs/shop/web-0/istio-proxy.log"]?.text == "three")
    }

    /// Names of pods and containers hold hyphens: only the pods tell where one ends.
    @Test func ciliumSysdump() throws {
        let top = "cilium-sysdump-20260306-025310"
        try write(
            """
            apiVersion: v1
            kind: List
            items:
            - apiVersion: v1
              kind: Pod
              metadata: {name: cilium-x7k2p, namespace: kube-system}
              spec: {containers: [{name: cilium-agent, image: x}]}
            """, "\(top)/k8s-pods-20260306-025310.yaml")
        try write("apiVersion: v1\nkind: List\nitems: []\n", "\(top)/k8s-nodes-20260306-025310.yaml")
        try write(
            """
            apiVersion: cilium.io/v2
            kind: CiliumNodeList
            items:
            - metadata: {name: kube-b}
            """, "\(top)/ciliumnodes-20260306-025310.yaml")
        try write("now", "\(top)/logs-cilium-x7k2p-cilium-agent-20260306-025310.log")
        try write("before", "\(top)/logs-cilium-x7k2p-cilium-agent-20260306-025310-prev.log")
        try write("who", "\(top)/logs-unknown-0-20260306-025310.log")
        let evidence = try Bundle.read(directory).evidence
        #expect(FactBase(reading: evidence).objects("ciliumnodes.cilium.io").map(\.place) == ["CiliumNode/kube-b"])
        #expect(evidence["cluster/logs/kube-system/cilium-x7k2p/cilium-agent.log"]?.text == "now")
        #expect(evidence["cluster/logs/kube-system/cilium-x7k2p/cilium-agent.previous.log"]?.text == "before")
        #expect(evidence.documents.keys.contains { $0.hasPrefix("logs/") && $0.contains("unknown-0") })
    }

    @Test func calicoDiagnostics() throws {
        let top = "calico-diagnostics-20260306_025310"
        try write(Self.pods("calico-system", "calico-node-x", "calico-node"), "\(top)/cluster/kubernetes/pods.yaml")
        try write(
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: crd.projectcalico.org/v1, kind: IPPool, metadata: {name: p}}\n",
            "\(top)/cluster/crd/ippools.crd.projectcalico.org.yaml")
        try write("NAME AGE\np 3d\n", "\(top)/cluster/crd/ippools.crd.projectcalico.org.txt")
        let node = "\(top)/nodes/node-2"
        try write("bird: up", "\(node)/calico-system/calico-node-x.log")
        try write(
            "*filter\n:FORWARD DROP [3:180]\n[12:840] -A FORWARD -j cali-FORWARD\nCOMMIT\n",
            "\(node)/iptables-nft-save.txt")
        try write(
            """
            default via 10.20.0.1 dev eth0 proto static metric 100
            blackhole 192.168.9.0/26 proto bird
            192.168.7.64/26 via 10.20.0.13 dev tunl0 proto bird onlink
            local 10.20.0.12 dev eth0 table local proto kernel scope host src 10.20.0.12

            """, "\(node)/ip-route.txt")
        try write(
            "0:\tfrom all lookup local\n512:\tfrom all to 10.0.1.9 fwmark 0x80/0x80 lookup main\n",
            "\(node)/ip-rule.txt")
        try write(
            "10.20.0.13 dev eth0 lladdr 0a:1b:2c:3d:4e:5f REACHABLE\n10.20.0.99 dev eth0 FAILED\n",
            "\(node)/ip-neigh.txt")
        let evidence = try Bundle.read(directory).evidence
        let facts = FactBase(reading: evidence)
        #expect(facts.objects("ippools.crd.projectcalico.org").map(\.name) == ["p"])
        let machine = try #require(facts.machines.first)
        #expect(machine.name == "node-2")
        #expect(machine.text(.iptables)?.contains("\n-A FORWARD -j cali-FORWARD\n") ?? false)
        let routes = try #require(machine.json(.routes)).elements.map { $0 }
        #expect(
            routes.map { $0.member("dst")?.string ?? "" } == [
                "default", "192.168.9.0/26", "192.168.7.64/26", "10.20.0.12",
            ])
        #expect(routes[1].member("type")?.string == "blackhole")
        #expect(routes[2].member("gateway")?.string == "10.20.0.13")
        #expect(routes[2].member("flags")?.elements.compactMap(\.string) == ["onlink"])
        #expect(routes[3].member("table")?.string == "local")
        let rules = try #require(machine.json(.rules)).elements.map { $0 }
        #expect(rules[1].member("dst")?.string == "10.0.1.9" && rules[1].member("fwmask")?.string == "0x80")
        let neighbours = try #require(machine.json(.neighbours)).elements.map { $0 }
        #expect(neighbours.map { $0.member("lladdr")?.string } == ["0a:1b:2c:3d:4e:5f", nil])
        #expect(evidence["cluster/logs/calico-system/calico-node-x/calico-node.log"]?.text == "bird: up")
    }

    @Test func antreaSupportBundle() throws {
        try write("name: k8s-1\n", "agent_k8s-1/agentinfo")
        try write("*nat\nCOMMIT\n", "agent_k8s-1/iptables")
        try write("create ANTREA-POD-IP hash:net\n", "agent_k8s-1/ipset")
        try write("cookie=0x1, table=0\n", "agent_k8s-1/flows")
        try write("10.10.2.0/24 via 10.10.2.1 dev antrea-gw0 onlink\n", "agent_k8s-1/route")
        try write("E0306 lost\n", "agent_k8s-1/logs/agent/antrea-agent.log")
        let evidence = try Bundle.read(directory).evidence
        let machine = try #require(FactBase(reading: evidence).machines.first)
        #expect(machine.name == "k8s-1" && machine.text(.ipsets) == "create ANTREA-POD-IP hash:net\n")
        #expect(machine.json(.routes)?.elements.map { $0 }.first?.member("dev")?.string == "antrea-gw0")
        #expect(evidence["logs/agent_k8s-1/logs/agent/antrea-agent.log"]?.text == "E0306 lost\n")
        #expect(evidence["nodes/k8s-1/exec/flows"] != nil)
    }

    /// Our own layout stays ours, even where a name looks like another tool's.
    @Test func oursIsNotTaken() throws {
        try write("{\"version\":1}", "evidence.json")
        try write("{\"items\":[]}", "cluster/kubernetes/pods.json")
        try write("a", "nodes/node-1/exec/agentinfo")
        let evidence = try Bundle.read(directory).evidence
        #expect(evidence["nodes/node-1/exec/agentinfo"]?.text == "a")
    }

    /// Of kinds that kubectl does not know it prints the fields as they are, in words.
    @Test func describedCustomObject() throws {
        let text = """
            Name:         shop-tls-1-88
            Namespace:    shop
            Labels:       <none>
            Annotations:  <none>
            API Version:  acme.cert-manager.io/v1
            Kind:         Challenge
            Metadata:
              Creation Timestamp:  2025-02-11T04:42:10Z
            Spec:
              Dns Name:  shop.example.test
              Solver:
                http01:
                  Ingress:
                    Class:  nginx
            Status:
              Presented:  true
              Reason:     Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'
              State:      pending
            Events:       <none>
            """
        let object = try #require(DescribedObjects(text, now: 1_739_256_130).objects.first)
        #expect(object.kind == "Challenge")
        #expect(object.value["spec"]?["dnsName"]?.word == "shop.example.test")
        #expect(object.value["status"]?["presented"] == true)
        #expect(object.value["status"]?["state"]?.word == "pending")
    }
}
