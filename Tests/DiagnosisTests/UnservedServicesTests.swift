import JSONTree
import Testing

@testable import Diagnosis

/// Services in clusters where nobody turns their addresses into pods'.
@Suite struct UnservedServicesTests {
    /// A cluster with one Service, an agent of a network, and no kube-proxy.
    private func cluster(
        agent image: String = "localhost/poplin:latest", kubelet: String = "v1.33.0",
        _ change: (inout ClusterEvidence) -> Void = { _ in }
    ) -> ClusterEvidence {
        var cluster = ClusterEvidence()
        cluster.add(
            "nodes",
            """
            {"metadata":{"name":"node-1"},"status":{"nodeInfo":{"kubeletVersion":"\(kubelet)"},
             "conditions":[{"type":"Ready","status":"True"}]}}
            """)
        cluster.add(
            "daemonsets.apps",
            """
            {"metadata":{"name":"agent","namespace":"net"},"spec":{"selector":{"matchLabels":{"app":"agent"}},
             "template":{"metadata":{"labels":{"app":"agent"}},"spec":{"hostNetwork":true,
              "containers":[{"name":"agent","image":"\(image)"}]}}},
             "status":{"desiredNumberScheduled":1,"numberReady":1}}
            """)
        cluster.addPod("web")
        cluster.addService("web", selector: ["app": "web"])
        cluster.addService("kubernetes", in: "default", ip: "10.96.0.1", selector: [:])
        cluster.addService("db", ip: "None", selector: ["app": "db"])
        change(&cluster)
        return cluster
    }

    private func nameServer(_ cluster: inout ClusterEvidence, ready: Bool, hostNetwork: Bool = false) {
        cluster.addPod(
            "coredns-1", in: "kube-system", labels: ["k8s-app": "kube-dns"], ready: ready, hostNetwork: hostNetwork)
    }

    @Test("it is said beside the verdict, in every form, and is no cause")
    func said() {
        let report = DiagnosisReport(cluster().facts, [ProxyCheck()])
        #expect(report.status == .healthy && report.entries.isEmpty)
        let sentence =
            "nobody serves the cluster address of Service shop/web: Poplin does not in this version, and no kube-proxy is "
            + "there. Pods are reached by their own addresses."
        #expect(report.unserved == [sentence])
        let screen = ReportScreen(report).text
        #expect(screen.contains("Unserved nobody serves the cluster address of Service shop/web:"))
        #expect(screen.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(report.value.member("unserved")?.elements.compactMap(\.stringValue) == [sentence])
        #expect(report.html.contains("<h2>Not served</h2>"))
        #expect(report.junit.contains("nobody serves"))
    }

    @Test("where somebody serves them, or may, nothing is said")
    func served() {
        let quiet: [(String, ClusterEvidence)] = [
            (
                "a proxy",
                cluster {
                    $0.addPod(
                        "kube-proxy-x", in: "kube-system", labels: ["k8s-app": "kube-proxy"], hostNetwork: true)
                }
            ),
            ("a name server that has reached the API", cluster { nameServer(&$0, ready: true) }),
            ("a network that may do it", cluster(agent: "quay.io/cilium/cilium:v1.17")),
            ("a proxy inside the kubelet's process", cluster(kubelet: "v1.31.4+k3s1")),
            (
                "a network in a mode that does it",
                cluster(agent: "docker.io/calico/node:v3.29") {
                    $0.add(
                        "felixconfigurations.crd.projectcalico.org",
                        #"{"metadata":{"name":"default"},"spec":{"bpfEnabled":true}}"#)
                }
            ),
        ]
        for (name, cluster) in quiet {
            let report = DiagnosisReport(cluster.facts, [ProxyCheck()])
            #expect(report.unserved == [] && report.entries.isEmpty, "\(name)")
        }
        var partial = ClusterEvidence()
        partial.addService("web", selector: ["app": "web"])
        #expect(UnservedServices(partial.facts) == nil)
    }

    @Test("name servers that run and wait for the API are a cause, whatever the network")
    func waiting() throws {
        for image in ["localhost/poplin:latest", "docker.io/flannel/flannel:v0.26.0"] {
            let found = cluster(agent: image) { nameServer(&$0, ready: false) }.findings(of: ProxyCheck())
            #expect(found.map(\.code) == ["SVC-03"])
            #expect(found.first?.confidence == .likely)
            #expect(found.first?.fix?.steps.first?.hasPrefix("kubeadm init phase addon kube-proxy") == true)
        }
        // On the host's network it asks by another way.
        let host = cluster { nameServer(&$0, ready: false, hostNetwork: true) }
        #expect(host.findings(of: ProxyCheck()).isEmpty)
    }
}
