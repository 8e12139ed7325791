import Testing

@testable import Diagnosis

/// What the ordinary set showed, each beside what looks like it and is something else.
@Suite struct PlainTests {
    private static let notReady =
        #"{"type":"Ready","status":"False","reason":"KubeletNotReady","lastTransitionTime":"2026-03-06T11:00:00Z","message":"container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"}"#

    private static func node(_ name: String, version: String = "v1.34.1", conditions: String = Self.notReady) -> String
    {
        #"{"metadata":{"name":"\#(name)","creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{},"status":{"#
            + #""nodeInfo":{"kubeletVersion":"\#(version)"},"capacity":{"memory":"8Gi"},"conditions":[\#(conditions)]}}"#
    }

    private static func daemonSet(_ image: String, more: String = "", status: String = "{}") -> String {
        #"{"kind":"DaemonSet","metadata":{"namespace":"net","name":"sdn","generation":1,"creationTimestamp":"2026-03-06T12:00:00Z"},"#
            + #""spec":{"template":{"metadata":{},"spec":{"hostNetwork":true,"containers":[{"name":"agent","image":"\#(image)"\#(more)}]}}},"#
            + #""status":\#(status)}"#
    }

    private static let proxy = daemonSet("registry.k8s.io/kube-proxy:v1.34.1")

    @Test func nobodyInstalledANetwork() {
        func found(_ daemonSet: String, version: String = "v1.34.1", second: String = Self.notReady) -> Diagnosis? {
            var cluster = ClusterEvidence()
            cluster.add("nodes", Self.node("a", version: version))
            cluster.add("nodes", Self.node("b", version: version, conditions: second))
            cluster.add("daemonsets.apps", daemonSet)
            cluster.addNone("pods")
            return cluster.findings(of: NodeStateCheck()).first { $0.code == "CFG-01" }
        }
        #expect(found(Self.proxy)?.confidence == .certain)
        #expect(found(Self.proxy)?.title.contains("no pod network") == true)
        // One is there; k3s brings its own in its process; another node has a network.
        #expect(found(Self.daemonSet("docker.io/calico/node:v3.31.3"))?.confidence == .likely)
        #expect(found(Self.proxy, version: "v1.34.1+k3s1")?.confidence == .likely)
        let ready = #"{"type":"Ready","status":"True","lastTransitionTime":"2026-03-06T11:00:00Z"}"#
        #expect(found(Self.proxy, second: ready)?.confidence == .likely)
    }

    /// A table says that a node is not ready, and a line that somebody copied says why; of two nodes nobody knows which.
    @Test func aConditionWithoutItsNode() {
        func codes(_ nodes: String...) -> [String] {
            var cluster = ClusterEvidence()
            for name in nodes {
                cluster.add(
                    "nodes",
                    Self.node(
                        name,
                        conditions:
                            #"{"type":"Ready","status":"False","lastTransitionTime":"2026-03-06T11:00:00Z"}"#))
            }
            cluster.add(
                "  Ready  False  KubeletNotReady  container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:No CNI configuration file in /etc/cni/net.d/\n",
                at: EvidencePath.looseLogs + "notes.txt")
            return cluster.findings(of: NodeStateCheck()).map(\.code)
        }
        #expect(codes("a") == ["CFG-01"])
        #expect(codes("a", "b") == ["NOD-01"])
    }

    /// Name servers that no node takes before its network is there are not what broke.
    @Test func nameServersWaitForTheNetwork() {
        func confidence(_ message: String) -> Confidence? {
            var cluster = ClusterEvidence()
            cluster.addService("kube-dns", in: "kube-system", ip: "10.96.0.10", selector: ["k8s-app": "kube-dns"])
            cluster.add(
                "pods",
                """
                {"metadata":{"name":"coredns-0","namespace":"kube-system","labels":{"k8s-app":"kube-dns"},
                 "creationTimestamp":"2026-03-06T10:00:00Z"},"spec":{"containers":[{"name":"coredns"}]},
                 "status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","message":"\(message)"}]}}
                """)
            return cluster.findings(of: DNSServerCheck()).first { $0.code == "DNS-02" }?.confidence
        }
        #expect(
            confidence("0/3 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.")
                == .likely)
        #expect(confidence("0/3 nodes are available: 3 Insufficient cpu.") == .certain)
    }

    /// A list of DaemonSets alone tells no later time than its own: that all it wants is ready says that it is settled.
    @Test func aDaemonSetThatIsNotForANode() {
        func codes(ready: Int) -> [String] {
            var cluster = ClusterEvidence()
            cluster.add("nodes", Self.node("a"))
            cluster.add(
                "daemonsets.apps",
                Self.daemonSet(
                    "docker.io/calico/node:v3.31.3",
                    status: #"{"desiredNumberScheduled":3,"numberReady":\#(ready),"observedGeneration":1}"#))
            cluster.addPod("other", node: "b")
            return cluster.findings(of: AgentCheck()).map(\.code)
        }
        #expect(codes(ready: 2) == [])
        // No pod of it was handed over although it counts three: the list of pods is not the whole one.
        #expect(codes(ready: 3) == [])
        var cluster = ClusterEvidence()
        cluster.add("nodes", Self.node("a"))
        cluster.add(
            "daemonsets.apps",
            Self.daemonSet(
                "docker.io/calico/node:v3.31.3",
                status: #"{"desiredNumberScheduled":1,"numberReady":1,"observedGeneration":1}"#))
        cluster.add(
            "pods",
            #"{"metadata":{"namespace":"net","name":"sdn-b","ownerReferences":[{"kind":"DaemonSet","name":"sdn","controller":true}]},"spec":{"nodeName":"b","hostNetwork":true,"containers":[{"name":"agent","image":"x"}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"#
        )
        #expect(cluster.findings(of: AgentCheck()).map(\.code) == ["INS-01"])
    }

    /// What `kubectl top pods` prints counts as what the metrics server says.
    @Test func anAgentThatHoldsTheMemory() {
        func codes(used: String, pressure: String) -> [String] {
            var cluster = ClusterEvidence()
            cluster.add(
                "nodes",
                Self.node(
                    "a",
                    conditions:
                        #"{"type":"Ready","status":"True"},{"type":"MemoryPressure","status":"\#(pressure)"}"#))
            cluster.add("daemonsets.apps", Self.daemonSet("quay.io/cilium/cilium:v1.18.6"))
            cluster.add(
                "pods",
                #"{"metadata":{"namespace":"net","name":"sdn-a","ownerReferences":[{"kind":"DaemonSet","name":"sdn","controller":true}]},"spec":{"nodeName":"a","hostNetwork":true,"containers":[{"name":"agent","image":"x"}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"#
            )
            cluster.add(
                "pods.metrics.k8s.io",
                #"{"metadata":{"name":"sdn-a","namespace":""},"containers":[{"name":"","usage":{"cpu":"80m","memory":"\#(used)"}}]}"#
            )
            return cluster.findings(of: AgentMemoryCheck()).map(\.code)
        }
        #expect(codes(used: "4181Mi", pressure: "True") == ["NOD-04"])
        #expect(codes(used: "402Mi", pressure: "True") == [])
        #expect(codes(used: "4181Mi", pressure: "False") == [])
    }

    /// Events are all there is: no list of pods tells who still waits.
    @Test func eventsAndNothingElse() {
        let message =
            "failed to setup network for sandbox: plugin type=\\\"flannel\\\" failed (add): failed to load flannel 'subnet.env' file: open /run/flannel/subnet.env: no such file or directory"
        func codes(_ reason: String, last: String, pods: Bool) -> [String] {
            var cluster = ClusterEvidence()
            cluster.add(
                "events",
                #"{"metadata":{"name":"e","namespace":"shop"},"involvedObject":{"kind":"Pod","name":"web-0","namespace":"shop"},"type":"Warning","reason":"\#(reason)","message":"\#(message)","lastTimestamp":"\#(last)"}"#
            )
            if pods { cluster.addPod("web-1") }
            return DiagnosisReport(cluster.facts, [MessageCheck()]).entries.map(\.root.code)
        }
        #expect(codes("FailedCreatePodSandBox", last: "2026-03-06T11:59:40Z", pods: false) == ["INS-08"])
        #expect(codes("FailedCreatePodSandBox", last: "2026-03-06T08:00:00Z", pods: false) == [])
        // The list of pods says that this one does not wait any more.
        #expect(codes("FailedCreatePodSandBox", last: "2026-03-06T11:59:40Z", pods: true) == [])
        #expect(codes("Unhealthy", last: "2026-03-06T11:59:40Z", pods: false) == [])
    }

    // MARK: RTE-14

    private static func toTheWorld(_ build: (inout ClusterEvidence) -> Void, asking: String = "203.0.113.80:443")
        -> [String]
    {
        var cluster = ClusterEvidence()
        cluster.addPod("web-0", ip: "10.244.1.5")
        build(&cluster)
        cluster.add(
            "2026-03-06T11:59:00Z ERROR Get \"https://rates.example/\": dial tcp \(asking): i/o timeout\n",
            at: EvidencePath.log("shop", "web-0", "main"))
        return cluster.findings(of: MasqueradeSettingCheck()).map(\.code)
    }

    private static func pool(_ nat: String, mode: String = "Always", cidr: String = "10.244.0.0/16") -> String {
        #"{"metadata":{"name":"p"},"spec":{"cidr":"\#(cidr)","vxlanMode":"\#(mode)","natOutgoing":\#(nat)}}"#
    }

    @Test func aPoolThatDoesNotTranslate() {
        let resource = "ippools.crd.projectcalico.org"
        #expect(Self.toTheWorld { $0.add(resource, Self.pool("false")) } == ["RTE-14"])
        #expect(Self.toTheWorld { $0.add(resource, Self.pool("true")) } == [])
        // Without a tunnel, or with peers outside, others may know the range; another pool is another pool's business.
        #expect(Self.toTheWorld { $0.add(resource, Self.pool("false", mode: "Never")) } == [])
        #expect(Self.toTheWorld { $0.add(resource, Self.pool("false", cidr: "10.99.0.0/16")) } == [])
        let withPeer = Self.toTheWorld {
            $0.add(resource, Self.pool("false"))
            $0.add("bgppeers.crd.projectcalico.org", #"{"metadata":{"name":"tor"},"spec":{"peerIP":"192.0.2.1"}}"#)
        }
        #expect(withPeer == [])
        // Who is asked inside answers inside.
        #expect(Self.toTheWorld({ $0.add(resource, Self.pool("false")) }, asking: "10.9.8.7:443") == [])
    }

    @Test func othersThatDoNotTranslate() {
        func config(_ key: String, _ value: String, _ name: String) -> String {
            #"{"metadata":{"name":"\#(name)","namespace":"kube-system"},"data":{"\#(key)":"\#(value)"}}"#
        }
        #expect(
            Self.toTheWorld {
                $0.add("configmaps", config("enable-ipv4-masquerade", "false", "cilium-config"))
            } == ["RTE-14"])
        #expect(
            Self.toTheWorld {
                $0.add("configmaps", config("enable-ipv4-masquerade", "true", "cilium-config"))
            } == [])
        #expect(
            Self.toTheWorld {
                $0.add(
                    "configmaps",
                    config("antrea-agent.conf", "trafficEncapMode: encap\\nnoSNAT: true\\n", "antrea-config"))
            } == ["RTE-14"])
        func flannel(_ arguments: String) -> String {
            Self.daemonSet(
                "ghcr.io/flannel-io/flannel:v0.28.1", more: #","command":["/opt/bin/flanneld"],"args":\#(arguments)"#)
        }
        #expect(
            Self.toTheWorld { $0.add("daemonsets.apps", flannel(#"["--kube-subnet-mgr"]"#)) } == ["RTE-14"])
        #expect(
            Self.toTheWorld { $0.add("daemonsets.apps", flannel(#"["--ip-masq","--kube-subnet-mgr"]"#)) } == [])
    }

    /// The entry script of aws-node only waits; why, its daemon says on the machine's disk.
    @Test func theDaemonsOwnFile() {
        let evidence = Evidence(at: AgentCheckTests.now) { evidence in
            evidence.objects("nodes", AgentCheckTests.node("a"))
            evidence.objects(
                "daemonsets.apps",
                AgentCheckTests.daemonSet(
                    image: "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.7.5"))
            evidence.objects(
                "pods", AgentCheckTests.pod("sdn-a", on: "a", ready: false, state: AgentCheckTests.crashing))
            evidence.node(
                "a", NodeEvidence.Part("logs/ipamd.log"),
                #"{"level":"error","msg":"Failed to get eni limit due to unknown instance type m7i.large"}"# + "\n")
        }
        let report = DiagnosisReport(evidence.facts, [AgentCheck()])
        #expect(report.entries.map(\.root.code) == ["INS-09"])
        #expect(report.entries.first?.consequences.map(\.code) == ["INS-01"])
    }
}
