import JSONTree
import Testing

@testable import Diagnosis

/// What a fifth set of clusters showed, of what the API knows: each fault beside the cluster next door that is well.
@Suite struct WitnessTests {
    private static let now = "2026-11-21T03:00:00Z"

    private static func codes(_ findings: [Diagnosis]) -> [String] { findings.map(\.code) }

    private static func pod(
        _ name: String, in namespace: String = "shop", node: String = "n1", address: String = "", image: String = "web",
        ready: Bool = true, more: String = ""
    ) -> String {
        let ip = address.isEmpty ? "" : #""podIP":"\#(address)","podIPs":[{"ip":"\#(address)"}],"#
        return
            #"{"kind":"Pod","metadata":{"name":"\#(name)","namespace":"\#(namespace)","labels":{"app":"\#(name)"},"creationTimestamp":"2026-11-21T01:00:00Z"\#(more)},"spec":{"nodeName":"\#(node)","containers":[{"name":"main","image":"\#(image)","ports":[{"containerPort":8080}]}]},"status":{\#(ip)"phase":"\#(address.isEmpty ? "Pending" : "Running")","conditions":[{"type":"Ready","status":"\#(ready ? "True" : "False")"}]}}"#
    }

    private static func event(_ reason: String, _ kind: String, _ name: String, _ message: String, ago: Int = 2)
        -> String
    {
        #"{"kind":"Event","metadata":{"name":"\#(name).\#(message.count)","namespace":"shop"},"reason":"\#(reason)","message":"\#(message)","lastTimestamp":"2026-11-21T02:\#(60 - ago):00Z","involvedObject":{"kind":"\#(kind)","name":"\#(name)","namespace":"shop"}}"#
    }

    // MARK: Installation and configuration

    @Test func anAgentThatAsksForAnUnknownKind() {
        func findings(_ definitions: [String], ready: Bool = false) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "pods",
                    Self.pod(
                        "calico-node-1", in: "kube-system", address: "10.0.0.1", image: "quay.io/calico/node:v3.31.0",
                        ready: ready))
                for name in definitions {
                    evidence.objects(
                        "customresourcedefinitions.apiextensions.k8s.io", #"{"metadata":{"name":"\#(name)"}}"#)
                }
                evidence.log(
                    "kube-system", "calico-node-1", "calico-node",
                    "2026-11-21 02:59:40.131 [ERROR][81] felix/watchercache.go 273: Failed to perform list of current data during resync error=the server could not find the requested resource (get tiers.crd.projectcalico.org)\n"
                )
            }.findings(DefinitionCheck())
        }
        let found = findings(["ippools.crd.projectcalico.org"])
        #expect(Self.codes(found) == ["INS-09"] && found.first?.confidence == .certain)
        #expect(findings([]).first?.confidence == .likely)
        #expect(findings(["tiers.crd.projectcalico.org"]).isEmpty)
        // Of before: it runs.
        #expect(findings(["ippools.crd.projectcalico.org"], ready: true).isEmpty)
    }

    @Test func thePluginOfANetworkThatIsGone() {
        func findings(_ plugin: String, former: Bool = false) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("nodes", #"{"metadata":{"name":"n1"}}"#)
                evidence.objects(
                    "pods", Self.pod("web"),
                    Self.pod(
                        "calico-node-1", in: "kube-system", address: "10.0.0.1", image: "quay.io/calico/node:v3.31.0"))
                if former {
                    evidence.objects(
                        "pods",
                        Self.pod(
                            "cilium-1", in: "kube-system", node: "n2", address: "10.0.0.2",
                            image: "quay.io/cilium/cilium:v1.18.1"))
                }
                evidence.objects(
                    "events",
                    Self.event(
                        "FailedCreatePodSandBox", "Pod", "web",
                        #"Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"0a\": plugin type=\"\#(plugin)\" failed (add): unable to connect to the daemon"#
                    ))
            }.findings(SandboxCheck())
        }
        let found = findings("cilium-cni")
        #expect(Self.codes(found) == ["CFG-04"] && found.first?.confidence == .likely)
        // Where both run, or where the plugin is the present one's, nothing is left over.
        #expect(!Self.codes(findings("cilium-cni", former: true)).contains("CFG-04"))
        #expect(!Self.codes(findings("calico")).contains("CFG-04"))
    }

    @Test func leasesWithoutADaemon() {
        func findings(_ ipam: String) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "pods", Self.pod("scan", more: #","annotations":{"k8s.v1.cni.cncf.io/networks":"wire"}"#))
                evidence.objects(
                    "network-attachment-definitions.k8s.cni.cncf.io",
                    #"{"kind":"NetworkAttachmentDefinition","metadata":{"name":"wire","namespace":"shop"},"spec":{"config":"{\"cniVersion\":\"1.0.0\",\"type\":\"macvlan\",\"master\":\"eth1\",\"ipam\":{\"type\":\"\#(ipam)\"}}"}}"#
                )
                evidence.objects(
                    "events",
                    Self.event(
                        "FailedCreatePodSandBox", "Pod", "scan",
                        "error dialing DHCP daemon: dial unix /run/cni/dhcp.sock: connect: no such file or directory"))
            }.findings(AttachmentCheck())
        }
        #expect(Self.codes(findings("dhcp")) == ["CFG-10"])
        #expect(!Self.codes(findings("static")).contains("CFG-10"))
    }

    // MARK: Addresses

    private static func departments(_ pods: [String], held: [String], free: Int = 0) -> [Diagnosis] {
        Evidence(at: now) { evidence in
            evidence.objects(
                "subnets.kubeovn.io",
                #"{"kind":"Subnet","metadata":{"name":"team"},"spec":{"cidrBlock":"10.18.4.0/29","namespaces":["shop"],"natOutgoing":true},"status":{"v4availableIPs":\#(free),"v4usingIPs":\#(held.count)}}"#
            )
            for (index, name) in pods.enumerated() {
                evidence.objects("pods", pod(name, address: "10.18.4.\(2 + index)"))
            }
            evidence.objects("pods", pod("late"))
            for (index, name) in held.enumerated() {
                evidence.objects(
                    "ips.kubeovn.io",
                    #"{"kind":"IP","metadata":{"name":"\#(name).shop"},"spec":{"subnet":"team","namespace":"shop","podName":"\#(name)","ipAddress":"10.18.4.\#(2 + index)"}}"#
                )
            }
            evidence.objects("events", event("AcquireAddressFailed", "Pod", "late", "NoAvailableAddress"))
        }.findings(KubeOVNSubnetCheck())
    }

    @Test func aSubnetOfKubeOVNThatIsFull() {
        let names = ["a", "b", "c", "d", "e"]
        #expect(Self.codes(Self.departments(names, held: names)) == ["IPM-02"])
        #expect(Self.codes(Self.departments(["a", "b"], held: names)) == ["IPM-03"])
        #expect(Self.departments(names, held: names, free: 3).isEmpty)
    }

    @Test func aSubnetOfKubeOVNThatNobodyTranslates() {
        func findings(_ more: String, asked: String = "198.51.100.7:443") -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("nodes", #"{"metadata":{"name":"n1"}}"#)
                evidence.objects(
                    "subnets.kubeovn.io",
                    #"{"kind":"Subnet","metadata":{"name":"team"},"spec":{"cidrBlock":"10.18.4.0/24","namespaces":["shop"]\#(more)},"status":{"v4availableIPs":200}}"#
                )
                evidence.objects("pods", Self.pod("a", address: "10.18.4.2"))
                evidence.log(
                    "shop", "a", "main",
                    String(repeating: "ERROR post https://x.test: dial tcp \(asked): i/o timeout\n", count: 3))
            }.findings(KubeOVNSubnetCheck())
        }
        #expect(Self.codes(findings("")) == ["RTE-14"])
        #expect(findings(#","natOutgoing":true"#).isEmpty)
        #expect(findings(#","vlan":"v7""#).isEmpty)
        // Another pod that does not answer is another matter.
        #expect(findings("", asked: "10.18.4.9:443").isEmpty)
    }

    @Test func aNameServerAmongTheServices() {
        func findings(_ server: String) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "servicecidrs.networking.k8s.io",
                    #"{"kind":"ServiceCIDR","metadata":{"name":"kubernetes"},"spec":{"cidrs":["172.20.0.0/16"]}}"#)
                evidence.objects(
                    "nodes", #"{"metadata":{"name":"n1"},"spec":{"podCIDR":"10.9.0.0/24","podCIDRs":["10.9.0.0/24"]}}"#)
                evidence.objects(
                    "configmaps",
                    #"{"kind":"ConfigMap","metadata":{"name":"coredns","namespace":"kube-system"},"data":{"Corefile":".:53 {\n    forward . \#(server)\n}\n"}}"#
                )
                evidence.objects(
                    "services",
                    #"{"kind":"Service","metadata":{"name":"dns","namespace":"kube-system"},"spec":{"clusterIP":"172.20.0.10"}}"#
                )
            }.findings(RangeOverlapCheck())
        }
        #expect(Self.codes(findings("172.20.9.53")) == ["IPM-07"])
        #expect(findings("172.21.9.53").isEmpty)
        // A Service that answers there is meant.
        #expect(findings("172.20.0.10").isEmpty)
    }

    // MARK: Doors

    private static func door(
        pool: String, service: String = "", given: [String] = [], extra: (inout Evidence) -> Void = { _ in }
    ) -> [Diagnosis] {
        Evidence(at: now) { evidence in
            evidence.objects(
                "services",
                #"{"kind":"Service","metadata":{"name":"web","namespace":"shop","creationTimestamp":"2026-11-21T01:00:00Z","annotations":{\#(service)}},"spec":{"type":"LoadBalancer","ports":[{"port":443}]},"status":{"loadBalancer":{}}}"#
            )
            for (index, address) in given.enumerated() {
                evidence.objects(
                    "services",
                    #"{"kind":"Service","metadata":{"name":"other-\#(index)","namespace":"shop"},"spec":{"type":"LoadBalancer","ports":[{"port":443}]},"status":{"loadBalancer":{"ingress":[{"ip":"\#(address)"}]}}}"#
                )
            }
            if !pool.isEmpty {
                evidence.objects(
                    "ipaddresspools.metallb.io",
                    #"{"kind":"IPAddressPool","metadata":{"name":"edge","namespace":"metallb-system"},"spec":{\#(pool)}}"#
                )
            }
            extra(&evidence)
        }.findings(AddressPoolCheck())
    }

    @Test func aPoolThatGivesNothingByItself() {
        let addresses = #""addresses":["203.0.113.8-203.0.113.9"]"#
        let found = Self.door(pool: addresses + #","autoAssign":false"#)
        #expect(Self.codes(found) == ["ING-01"] && found.first?.confidence == .certain)
        #expect(Self.door(pool: addresses).isEmpty)
        #expect(
            Self.door(pool: addresses + #","autoAssign":false"#, service: #""metallb.io/address-pool":"edge""#).isEmpty)
        #expect(Self.codes(Self.door(pool: addresses, given: ["203.0.113.8", "203.0.113.9"])) == ["ING-01"])
        #expect(Self.door(pool: addresses, given: ["203.0.113.8", "203.0.113.10"]).isEmpty)
        #expect(
            Self.codes(Self.door(pool: addresses + #","serviceAllocation":{"namespaces":["pay"]}"#)) == ["ING-01"])
    }

    @Test func aLittleBalancerWithoutAPort() {
        func findings(_ words: String) -> [Diagnosis] {
            Self.door(pool: "", given: ["192.0.2.10"]) { evidence in
                evidence.objects(
                    "pods",
                    #"{"kind":"Pod","metadata":{"name":"svclb-web-7f-x","namespace":"kube-system"},"spec":{},"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","message":"0/2 nodes are available: \#(words)"}]}}"#
                )
            }
        }
        #expect(
            Self.codes(findings("2 node(s) didn't have free ports for the requested pod ports.")) == ["ING-01"])
        #expect(findings("2 Insufficient memory.").isEmpty)
    }

    @Test func twoSpeakersOfOneAddress() {
        func findings(_ nodes: [(String, Int)]) -> [Diagnosis] {
            Self.door(pool: #""addresses":["203.0.113.8/30"]"#) { evidence in
                for (node, ago) in nodes {
                    evidence.objects(
                        "events",
                        Self.event(
                            "nodeAssigned", "Service", "web",
                            #"announcing from node \"\#(node)\" with protocol \"layer2\""#, ago: ago))
                }
            }
        }
        #expect(Self.codes(findings([("n1", 2), ("n22", 3)])) == ["ING-08"])
        // One after the other: it has moved.
        #expect(findings([("n1", 2), ("n22", 50)]).isEmpty)
        #expect(findings([("n1", 2)]).isEmpty)
    }

    // MARK: DNS

    @Test func lossesThatAreOver() {
        func findings(lost: Int, answered: Int) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "pods",
                    #"{"kind":"Pod","metadata":{"name":"coredns-1","namespace":"kube-system","labels":{"k8s-app":"kube-dns"}},"spec":{"nodeName":"n1","containers":[{"name":"coredns","image":"registry.k8s.io/coredns/coredns:v1.12.1"}]},"status":{"phase":"Running","podIP":"10.9.0.2","podIPs":[{"ip":"10.9.0.2"}],"conditions":[{"type":"Ready","status":"True"}]}}"#
                )
                evidence.objects(
                    "services",
                    #"{"kind":"Service","metadata":{"name":"kube-dns","namespace":"kube-system","labels":{"k8s-app":"kube-dns"}},"spec":{"clusterIP":"10.96.0.10","selector":{"k8s-app":"kube-dns"},"ports":[{"port":53,"protocol":"UDP"}]}}"#
                )
                evidence.log(
                    "kube-system", "coredns-1", "coredns",
                    String(
                        repeating:
                            "[ERROR] plugin/errors: 2 x.test. A: read udp 10.9.0.2:39000->192.0.2.53:53: i/o timeout\n",
                        count: lost)
                        + String(
                            repeating:
                                "[INFO] 10.9.0.7:41000 - 4400 \"A IN x.test. udp 40 false 1232\" NOERROR qr,rd,ra 80 0.012s\n",
                            count: answered))
            }.findings(DNSServerCheck())
        }
        #expect(Self.codes(findings(lost: 3, answered: 0)) == ["DNS-04"])
        #expect(findings(lost: 3, answered: 80).isEmpty)
        // So many are no passing loss, whatever came later.
        #expect(Self.codes(findings(lost: 9, answered: 400)) == ["DNS-04"])
    }

    // MARK: Meshes

    @Test func anInitContainerWithoutItsTables() {
        func findings(_ line: String) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "pods",
                    #"{"kind":"Pod","metadata":{"name":"a","namespace":"shop"},"spec":{"nodeName":"n1","initContainers":[{"name":"linkerd-init"}],"containers":[{"name":"a"},{"name":"linkerd-proxy"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"linkerd-init","ready":false,"restartCount":7,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1}}}]}}"#
                )
                evidence.log("shop", "a", "linkerd-init", line + "\n")
            }.findings(SidecarCheck())
        }
        let found = findings(
            "iptables-legacy-save v1.8.10: can't initialize iptables table `nat': Table does not exist (do you need to insmod?)"
        )
        #expect(Self.codes(found) == ["MSH-05"])
        #expect(!Self.codes(findings("error: port 4143 is not a number")).contains("MSH-05"))
    }
}
