import Addressing
import Findings
import Testing

@testable import Diagnosis

/// What is asked before an install or an upgrade.
@Suite struct PreflightTests {
    private static func preflight(
        planned: [String] = [], _ build: (inout Evidence) -> Void
    ) -> (Preflight, [String: Preflight.State]) {
        let facts = Evidence(at: "2026-11-21T03:00:00Z", build).facts
        let report = DiagnosisReport(facts, CheckList.all)
        let preflight = Preflight(facts, report, planned: planned.compactMap { IPPrefix($0) })
        return (preflight, Dictionary(preflight.steps.map { ($0.question, $0.state) }) { first, _ in first })
    }

    private static let kernel = [
        "VETH", "NET_NS", "NF_CONNTRACK", "NETFILTER", "INET", "BRIDGE", "VXLAN", "NF_TABLES", "NF_NAT", "IP_SET",
        "NETFILTER_XT_MATCH_COMMENT", "NETFILTER_XT_MATCH_MULTIPORT", "BPF_SYSCALL", "CGROUPS",
    ].map { "CONFIG_\($0)=y\n" }.joined()

    private static let ownRoute = #"{"dst":"10.20.0.0/16","dev":"eth0","table":"main","type":"unicast"}"#

    private static func bare(_ evidence: inout Evidence) {
        evidence.node("new-1", .kernelConfiguration, kernel)
        evidence.node("new-1", .listeners, "tcp   LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n")
        evidence.node("new-1", .links, #"[{"ifindex":2,"ifname":"eth0","flags":["UP"],"mtu":1500}]"#)
        evidence.node("new-1", .routes, "[\(ownRoute)]")
    }

    private static func failure(_ state: Preflight.State?) -> [String] {
        if case .failed(let texts, _, _)? = state { texts } else { [] }
    }

    @Test func aBareMachineIsReady() {
        let (preflight, states) = Self.preflight(planned: ["10.244.0.0/16", "10.96.0.0/12"], Self.bare)
        #expect(preflight.status == .healthy, "\(preflight.screen())")
        #expect(states["The ports of pod networks are free"] == .passed(""))
        #expect(preflight.headline.hasPrefix("READY"))
    }

    /// What is to become a node is asked what kubeadm asks it.
    @Test(arguments: [(0, true), (1, false)]) func forwardingOfAMachineThatIsNoNode(_ value: Int, fails: Bool) {
        let (preflight, states) = Self.preflight { evidence in
            Self.bare(&evidence)
            evidence.node("new-1", .processes, "[]")
            evidence.node("new-1", .sysctls, "net.ipv4.ip_forward = \(value)\n")
        }
        let state = states["Packets may be forwarded"]
        #expect(Self.failure(state).isEmpty == !fails, "\(preflight.screen())")
        if !fails { #expect(state == .passed("(net.ipv4.ip_forward = 1)")) }
    }

    /// A kubelet that was set up on the machine listens where kubelets do, whatever its program is called.
    @Test(arguments: ["/var/lib/kubelet/config.yaml", "/var/lib/poplin/kubelet", ""])
    func theMachinesOwnKubelet(mark: String) {
        let (_, states) = Self.preflight { evidence in
            Self.bare(&evidence)
            evidence.node("new-1", .listeners, "tcp LISTEN 0 128 0.0.0.0:10250 0.0.0.0:*\n")
            evidence.node(
                "new-1", .fileList, mark.isEmpty ? "[]" : #"[{"path":"\#(mark)","type":"file","mode":"0644","size":1}]"#
            )
        }
        let state = states["The ports of pod networks are free"]
        if mark.isEmpty {
            #expect(Self.failure(state).first?.contains("10250/tcp") ?? false)
        } else {
            #expect(state == .passed(""))
        }
    }

    @Test func whatStandsAgainstIt() {
        let (preflight, states) = Self.preflight(planned: ["10.20.128.0/17", "10.20.0.0/17", "10.20.0.0/24"]) {
            evidence in
            Self.bare(&evidence)
            evidence.node("new-1", .kernelConfiguration, Self.kernel.replacing("CONFIG_VETH=y\n", with: ""))
            evidence.node(
                "new-1", .listeners, "udp UNCONN 0 0 0.0.0.0:8472 0.0.0.0:*\ntcp LISTEN 0 1 127.0.0.1:179 0.0.0.0:*\n")
            evidence.node(
                "new-1", .links,
                #"[{"ifindex":2,"ifname":"eth0","flags":["UP"],"mtu":1500},{"ifindex":3,"ifname":"vxlan.calico","flags":[],"mtu":1450}]"#
            )
        }
        #expect(preflight.status == .findings)
        #expect(
            Self.failure(states["The kernels have what pod networks need"]) == [
                "new-1: no network works without CONFIG_VETH"
            ])
        #expect(
            Self.failure(states["The ports of pod networks are free"]) == [
                "new-1: 8472/udp (VXLAN of Flannel, Cilium) is taken by somebody"
            ])
        let ranges = Self.failure(states["Ranges of pods, Services, nodes and the outside are apart"])
        #expect(ranges.contains("10.20.0.0/17 and 10.20.0.0/24 are both planned and overlap"), "\(ranges)")
        #expect(
            ranges.contains { $0.hasPrefix("new-1: 10.20.128.0/17 overlaps with the route 10.20.0.0/16") }, "\(ranges)")
        let left = Self.failure(states["Nothing of another network is left over"])
        #expect(left == ["new-1: link vxlan.calico is one of calico, which has no configuration there"])
        for line in preflight.screen().split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    /// Kubernetes' policy of version skew: three minor versions behind since 1.28, never ahead.
    @Test(arguments: [("v1.30.1", true), ("v1.29.0", true), ("v1.28.9", false), ("v1.33.0", false), ("v1.32.1", true)])
    func versions(_ kubelet: String, _ isFine: Bool) {
        let (_, states) = Self.preflight { evidence in
            evidence.document("cluster/version.json", #"{"serverVersion":{"gitVersion":"v1.32.1"}}"#)
            evidence.objects(
                "nodes",
                #"{"metadata":{"name":"node-1"},"status":{"nodeInfo":{"kubeletVersion":"\#(kubelet)"},"conditions":[{"type":"Ready","status":"True"}]}}"#
            )
        }
        #expect(Self.failure(states["Versions go together"]).isEmpty == isFine)
    }

    @Test func nothingToLookAt() {
        let (preflight, _) = Self.preflight { _ in }
        #expect(preflight.status == .couldNotSay)
    }
}
