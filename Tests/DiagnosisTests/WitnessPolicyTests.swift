import JSONTree
import Testing

@testable import Diagnosis

/// What a fifth set of clusters showed, of policies and of machines.
@Suite struct WitnessPolicyTests {
    private static let now = "2026-11-21T03:00:00Z"

    private static func codes(_ findings: [Diagnosis]) -> [String] { findings.map(\.code) }

    private static func pod(_ name: String, _ namespace: String, _ address: String) -> String {
        #"{"kind":"Pod","metadata":{"name":"\#(name)","namespace":"\#(namespace)","labels":{"app":"\#(name)"}},"spec":{"nodeName":"n1","containers":[{"name":"main","image":"web","ports":[{"containerPort":8080}]}]},"status":{"phase":"Running","podIP":"\#(address)","podIPs":[{"ip":"\#(address)"}],"conditions":[{"type":"Ready","status":"True"}]}}"#
    }

    // MARK: Policies

    @Test func whatAProgramSaysIsAskedOfThePolicies() {
        func findings(_ asked: String, from allowed: String = "lab") -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                for name in ["shop", "lab"] {
                    evidence.objects(
                        "namespaces",
                        #"{"kind":"Namespace","metadata":{"name":"\#(name)","labels":{"kubernetes.io/metadata.name":"\#(name)"}}}"#
                    )
                }
                evidence.objects("pods", Self.pod("cart", "shop", "10.9.0.2"), Self.pod("store", "lab", "10.9.0.3"))
                evidence.objects(
                    "networkpolicies.networking.k8s.io",
                    #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"store","namespace":"lab"},"spec":{"podSelector":{"matchLabels":{"app":"store"}},"policyTypes":["Ingress"],"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"\#(allowed)"}}}]}]}}"#
                )
                evidence.log(
                    "shop", "cart", "main",
                    String(repeating: "WARN store: connect to \(asked) timed out\n", count: 3))
            }.findings(FailedConnectionCheck())
        }
        let found = findings("10.9.0.3:8080")
        #expect(Self.codes(found) == ["POL-01"] && found.first?.confidence == .likely)
        #expect(findings("10.9.0.3:8080", from: "shop").isEmpty)
        #expect(findings("198.51.100.3:8080").isEmpty)
    }

    @Test(arguments: [
        ("dial tcp 10.9.0.3:8080: i/o timeout", "10.9.0.3", 8080),
        ("read udp 10.9.0.2:41000->192.0.2.53:53: i/o timeout", "192.0.2.53", 53),
        ("connect to [2001:db8::7]:5432 timed out", "2001:db8::7", 5432),
    ])
    func theEndOfALine(_ line: String, _ address: String, _ port: UInt16) {
        let target = FailedConnection.target(of: line)
        #expect(target.map { "\($0.address)" } == address && target?.port == port)
    }

    @Test(arguments: ["at 12:40:11 the job timed out", "version 1.2.3.4 is refused", "timeout"])
    func linesWithoutAnEnd(_ line: String) { #expect(FailedConnection.target(of: line) == nil) }

    @Test func aServerThatEnforcesNoPolicies() {
        func findings(_ arguments: String, policy: Bool = true) -> [Diagnosis] {
            let facts = Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "nodes",
                    #"{"kind":"Node","metadata":{"name":"n1","annotations":{"k3s.io/node-args":"[\"server\"\#(arguments)]"}}}"#
                )
                evidence.objects("pods", Self.pod("cart", "shop", "10.9.0.2"))
                evidence.objects("daemonsets.apps")
                evidence.objects("networkpolicies.networking.k8s.io")
                if policy {
                    evidence.objects(
                        "networkpolicies.networking.k8s.io",
                        #"{"kind":"NetworkPolicy","metadata":{"name":"closed","namespace":"shop"},"spec":{"podSelector":{}}}"#
                    )
                }
            }.facts
            return PolicyEnforcement(facts).findings()
        }
        let off = #",\"--disable-network-policy\""#
        #expect(Self.codes(findings(off)) == ["POL-07"])
        #expect(findings("").isEmpty)
        #expect(findings(off, policy: false).isEmpty)
    }

    @Test func aBlockThatIsANode() {
        func findings(_ block: String, mode: String = "") -> [Diagnosis] {
            let facts = Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "nodes",
                    #"{"kind":"Node","metadata":{"name":"n1"},"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"}]}}"#
                )
                evidence.objects(
                    "daemonsets.apps",
                    #"{"kind":"DaemonSet","metadata":{"name":"cilium","namespace":"kube-system","labels":{"k8s-app":"cilium"}},"spec":{"template":{"spec":{"containers":[{"name":"cilium-agent","image":"quay.io/cilium/cilium:v1.18.1"}]}}}}"#
                )
                evidence.objects(
                    "configmaps",
                    #"{"kind":"ConfigMap","metadata":{"name":"cilium-config","namespace":"kube-system"},"data":{\#(mode)}}"#
                )
                evidence.objects("namespaces", #"{"kind":"Namespace","metadata":{"name":"shop"}}"#)
                evidence.objects("pods", Self.pod("cart", "shop", "10.9.0.2"))
                evidence.objects(
                    "networkpolicies.networking.k8s.io",
                    #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"api","namespace":"shop"},"spec":{"podSelector":{},"policyTypes":["Egress"],"egress":[{"to":[{"ipBlock":{"cidr":"\#(block)"}}]}]}}"#
                )
            }.facts
            return PolicyNodeBlocks(facts, PolicyFacts(facts)).findings()
        }
        #expect(Self.codes(findings("10.0.0.1/32")) == ["POL-12"])
        #expect(findings("10.0.0.9/32").isEmpty)
        #expect(findings("10.0.0.1/32", mode: #""policy-cidr-match-mode":"nodes""#).isEmpty)
    }

    // MARK: Machines

    @Test func signaturesThatDoNotMatch() {
        func findings(_ line: String, count: Int = 4) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.node("n1", .kernelLog, String(repeating: line + "\n", count: count))
            }.findings(BGPPasswordCheck())
        }
        let line = "[88011.201] TCP: MD5 Hash failed for (192.0.2.1, 179)->(192.0.2.9, 40122) L3 index 0"
        #expect(Self.codes(findings(line)) == ["BGP-03"])
        // A password that is being changed.
        #expect(findings(line, count: 1).isEmpty)
        #expect(findings(line.replacing(" 179)", with: " 8443)")).isEmpty)
    }

    @Test func endsThatAreLargerThanTheCard() {
        func findings(_ end: Int, card: Int) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("nodes", #"{"metadata":{"name":"n1"}}"#)
                evidence.node(
                    "n1", .links,
                    #"[{"ifindex":2,"ifname":"eth0","flags":["UP","LOWER_UP"],"mtu":\#(card),"operstate":"UP"},{"ifindex":3,"ifname":"cali01","flags":["UP","LOWER_UP"],"mtu":\#(end),"operstate":"UP","linkinfo":{"info_kind":"veth"}}]"#
                )
                evidence.node("n1", .routes, #"[{"dst":"default","gateway":"10.0.0.254","dev":"eth0"}]"#)
                evidence.node("n1", .rules, #"[{"priority":32766,"src":"all","table":"main"}]"#)
            }.findings(MTUCheck())
        }
        let found = findings(1500, card: 1400)
        #expect(Self.codes(found) == ["MTU-01"] && found.first?.confidence == .likely)
        #expect(findings(1400, card: 1400).isEmpty)
    }

    @Test func whatTheReceiverThrewAway() {
        func findings(_ port: Int, count: Int = 5) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("nodes", #"{"metadata":{"name":"n1"}}"#)
                evidence.node(
                    "n1", .kernelLog,
                    String(
                        repeating:
                            "[4410.1] UDP: bad checksum. From 10.0.0.2:51022 to 10.0.0.1:\(port) ulen 98\n",
                        count: count))
            }.findings(LimitCheck())
        }
        #expect(Self.codes(findings(8472)) == ["RTE-05"])
        // What the world sends is the world's.
        #expect(findings(53).isEmpty)
        #expect(findings(8472, count: 1).isEmpty)
    }

    @Test func portsOfOpenStack() {
        func findings(security: Bool, pairs: String) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                for index in [1, 2] {
                    evidence.objects(
                        "nodes",
                        #"{"kind":"Node","metadata":{"name":"n\#(index)"},"spec":{"podCIDR":"10.9.\#(index).0/24","podCIDRs":["10.9.\#(index).0/24"]},"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.\#(index)"}]}}"#
                    )
                }
                evidence.objects(
                    "daemonsets.apps",
                    #"{"kind":"DaemonSet","metadata":{"name":"calico-node","namespace":"kube-system","labels":{"k8s-app":"calico-node"}},"spec":{"template":{"spec":{"containers":[{"name":"calico-node","image":"quay.io/calico/node:v3.31.0"}]}}}}"#
                )
                evidence.objects(
                    "ippools.crd.projectcalico.org",
                    #"{"kind":"IPPool","metadata":{"name":"default"},"spec":{"cidr":"10.9.0.0/16","ipipMode":"Never","vxlanMode":"Never"}}"#
                )
                evidence.document(
                    "cloud/openstack/port-show.json",
                    #"[{"id":"7a","port_security_enabled":\#(security),"fixed_ips":[{"subnet_id":"s","ip_address":"10.0.0.1"}],"allowed_address_pairs":[\#(pairs)]}]"#
                )
            }.findings(OpenStackUnderlayCheck())
        }
        #expect(Self.codes(findings(security: true, pairs: "")) == ["RTE-15"])
        #expect(findings(security: true, pairs: #"{"ip_address":"10.9.0.0/16"}"#).isEmpty)
        #expect(findings(security: false, pairs: "").isEmpty)
    }

    @Test(arguments: [("kube-ovn-cni", "docker.io/kubeovn/kube-ovn:v1.14.0", 6081)])
    func theOverlayOfASwitch(_ name: String, _ image: String, _ port: Int) {
        let facts = Evidence(at: Self.now) { evidence in
            evidence.objects(
                "daemonsets.apps",
                #"{"kind":"DaemonSet","metadata":{"name":"\#(name)","namespace":"kube-system"},"spec":{"template":{"spec":{"containers":[{"name":"cni","image":"\#(image)"}]}}}}"#
            )
        }.facts
        #expect(UnderlayEncapsulation.ofSwitch(facts)?.port == port)
        #expect(UnderlayEncapsulation.ofSwitch(Evidence(at: Self.now).facts) == nil)
    }
}
