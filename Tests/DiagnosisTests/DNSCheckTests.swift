import Testing

@testable import Diagnosis

@Suite struct DNSCheckTests {
    static let ports = """
        [{"name":"dns","containerPort":53,"protocol":"UDP"},{"name":"dns-tcp","containerPort":53,"protocol":"TCP"}]
        """

    /// CoreDNS with two pods.
    static func cluster(ready: Bool = true, state: String = "") -> ClusterEvidence {
        var cluster = ClusterEvidence()
        for index in 0...1 {
            cluster.addPod(
                "coredns-\(index)", in: "kube-system", labels: ["k8s-app": "kube-dns"], ip: "10.244.0.\(index + 2)",
                node: "node-1", ports: ports, ready: ready, state: state)
        }
        cluster.addService(
            "kube-dns", in: "kube-system", ip: "10.96.0.10", selector: ["k8s-app": "kube-dns"],
            ports: """
                [{"name":"dns","port":53,"targetPort":53,"protocol":"UDP"},
                 {"name":"dns-tcp","port":53,"targetPort":53,"protocol":"TCP"}]
                """, labels: "{\"k8s-app\":\"kube-dns\"}")
        cluster.addSlice(
            of: "kube-dns", in: "kube-system",
            endpoints: [("10.244.0.2", "coredns-0", ready), ("10.244.0.3", "coredns-1", ready)],
            ports: "[{\"name\":\"dns\",\"port\":53,\"protocol\":\"UDP\"}]")
        return cluster
    }

    private static let log = "cluster/logs/kube-system/coredns-0/coredns.log"

    @Test func inOrder() {
        var cluster = Self.cluster()
        cluster.add(
            """
            .:53
            [INFO] plugin/reload: Running configuration SHA512 = 591cf328
            CoreDNS-1.11.1
            [ERROR] plugin/errors: 2 example.com. A: read udp 10.244.0.2:41234->8.8.8.8:53: i/o timeout
            """, at: Self.log)
        #expect(cluster.findings(of: DNSServerCheck()) == [])
    }

    @Test func nobodyReady() {
        let found = Self.cluster(ready: false).findings(of: DNSServerCheck())
        #expect(found.map(\.code) == ["DNS-02"])
        #expect(found.first?.explains.contains("service kube-system/kube-dns") ?? false)
        #expect(found.first?.explains.contains("pod kube-system/coredns-0 ready") ?? false)
    }

    @Test func forwardLoop() {
        var cluster = Self.cluster(
            ready: false,
            state: """
                "containerStatuses":[{"name":"main","restartCount":7,
                 "state":{"waiting":{"reason":"CrashLoopBackOff"}}}]
                """)
        cluster.add(
            "[FATAL] plugin/loop: Loop (127.0.0.1:53003 -> :53) detected for zone \".\", see https://coredns.io/plugins/loop\n",
            at: Self.log)
        cluster.add("nameserver 127.0.0.53\noptions edns0\n", at: "nodes/node-1/files/etc/resolv.conf")
        let report = DiagnosisReport(cluster.facts, [DNSServerCheck()])
        #expect(report.entries.map(\.root.code) == ["DNS-03"])
        #expect(report.entries.first?.consequences.map(\.code) == ["DNS-02"])
        #expect(report.entries.first?.root.evidence.last?.text == "nameserver 127.0.0.53")
    }

    @Test func withoutAPI() {
        var cluster = Self.cluster(ready: false)
        cluster.add(
            """
            [INFO] plugin/ready: Still waiting on: "kubernetes"
            [ERROR] plugin/kubernetes: Failed to watch *v1.Service: failed to list *v1.Service: Get "https://10.96.0.1:443/api/v1/services?limit=500": dial tcp 10.96.0.1:443: i/o timeout
            """, at: Self.log)
        let report = DiagnosisReport(cluster.facts, [DNSServerCheck()])
        #expect(report.entries.map(\.root.code) == ["DNS-11"])
    }

    @Test func silentUpstream() {
        var cluster = Self.cluster()
        let lines = (0..<6).map {
            "[ERROR] plugin/errors: 2 a\($0).example.com. AAAA: read udp 10.244.0.2:4\($0)234->8.8.8.8:53: i/o timeout"
        }
        cluster.add(lines.joined(separator: "\n"), at: Self.log)
        let found = cluster.findings(of: DNSServerCheck())
        #expect(found.map(\.code) == ["DNS-04"] && found.first?.confidence == .certain)
        #expect(found.first?.title.contains("8.8.8.8") ?? false)
    }
}
