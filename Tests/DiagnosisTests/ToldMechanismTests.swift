import Testing

@testable import Diagnosis

/// What people tell of a mechanism: what helped, what was kept, what stands in what, and what is pasted in one line.
@Suite struct ToldMechanismTests {
    private static func codes(_ text: String) -> [String] { LogReader.causes(of: text).map(\.code) }

    /// What helped names what was wrong; what did not help names nothing.
    @Test(arguments: [
        ("Pods of two machines talk again since ethtool switched the offload off, that fixed it", "RTE-05"),
        ("Replies vanish until I set rp_filter to zero on that device", "RTE-08"),
        ("Nothing leaves the pods unless I set the policy of FORWARD to accept", "RTE-06"),
        ("Lookups take five seconds, which goes away with single-request-reopen", "DNS-06"),
        ("The tunnel's address differs from the announced one, MACAddressPolicy=none solved it", "RTE-02"),
        ("Uploads hang, it works after I lower the MTU to 1400", "MTU-01"),
        ("strictARP solved our moving addresses", "ING-08"),
    ])
    func remedies(_ text: String, _ code: String) {
        let said = Self.codes(text)
        #expect(said.first == code, "\(said)")
    }

    @Test(arguments: [
        "Pods do not reach the database, rp_filter=0 did not help",
        "Pods do not reach the database, switching the offload off made no difference",
    ])
    func whatDidNotHelp(_ text: String) {
        let said = LogReader.causes(of: text).filter { $0.code == "RTE-08" || $0.code == "RTE-05" }
        #expect(said.allSatisfy { $0.confidence == .possible }, "\(said)")
    }

    @Test(arguments: [
        // A range for pods with a machine's own address in it, and one without.
        ("kubeadm init --pod-network-cidr=10.20.0.0/16\neno1 UP 10.20.4.21/16", true),
        ("kubeadm init --pod-network-cidr=10.20.0.0/16\neno1 UP 10.30.4.21/16", false),
        // The bridge of the pods belongs there.
        ("--cluster-cidr=10.20.0.0/16\ncni0 UP 10.20.4.1/24", false),
        ("cni0 has inet addr:10.1.0.1, the VPN's route is 10.1.0.0/16 via utun3", true),
        ("cni0 has inet addr:10.2.0.1, the VPN's route is 10.1.0.0/16 via utun3", false),
    ])
    func rangesAndAddresses(_ text: String, _ isHeld: Bool) {
        let said = Self.codes(text)
        #expect(said.contains("IPM-07") == isHeld, "\(said)")
    }

    @Test(arguments: [
        ("$ kubectl exec web-7d9c-x -- curl http://web:80\n*   Trying 10.96.0.9...\n^C", true),
        ("$ kubectl exec api-7d9c-x -- curl http://web:80\n*   Trying 10.96.0.9...\n^C", false),
        (
            "$ kubectl exec web-7d9c-x -- nc -vz 10.96.0.9 80 nc: timed out $ kubectl get endpoints web 10.42.0.7:80 $ kubectl get pod web-7d9c-x 10.42.0.7",
            true
        ),
    ])
    func askingItself(_ text: String, _ isItself: Bool) {
        let said = Self.codes(text)
        #expect((said.first == "SVC-08") == isItself, "\(said)")
    }

    /// An entry of conntrack that was translated and got no answer, one that was not translated, one that was answered.
    @Test(arguments: [
        (
            "tcp 6 119 SYN_SENT src=10.1.0.2 dst=10.96.0.4 sport=6000 dport=80 [UNREPLIED] src=10.42.2.3 dst=10.1.0.2",
            true
        ),
        (
            "tcp 6 119 SYN_SENT src=10.1.0.2 dst=10.42.2.3 sport=6000 dport=80 [UNREPLIED] src=10.42.2.3 dst=10.1.0.2",
            false
        ),
        ("tcp 6 119 ESTABLISHED src=10.1.0.2 dst=10.96.0.4 sport=6000 dport=80 src=10.42.2.3 dst=10.1.0.2", false),
    ])
    func unansweredTranslations(_ text: String, _ isTranslated: Bool) {
        let said = Self.codes(text)
        #expect((said.first == "SVC-05") == isTranslated, "\(said)")
    }

    /// Ticks of a whole list in one line: what is in order says nothing, what is not does.
    @Test func ticksInOneLine() {
        let text = LogText(
            "\u{2713} CIDRs do not overlap \u{2717} There are no active connections on gateway \u{2713} pods run")
        #expect(!text.has("overlap") && text.has("no active connections") && !text.has("pods run"))
    }

    @Test(arguments: [
        ("wg0 has 1420 and the vxlan on it 1450, so that large answers hang", true),
        ("wg0 has 1420 and the vxlan on it 1370, large answers hang", false),
        ("the vxlan port 4789 is blocked towards the wireguard host since 2024", false),
    ])
    func sizesOfTunnels(_ text: String, _ isLarger: Bool) {
        let said = Self.codes(text)
        #expect((said.first == "MTU-01") == isLarger, "\(said)")
    }

    @Test func tablesAndWishes() {
        let table = LogText("NAME STATUS ROLES AGE w1 Ready control-plane 4d")
        #expect(!table.isSentence)
        let wish = Self.codes("we would like to try the new routing mode of the test cluster")
        #expect(wish.isEmpty, "\(wish)")
    }

    /// Files of two networks, and of one beside what every runtime brings.
    @Test(arguments: [
        ("# ls /etc/cni/net.d\n10-calico.conflist\n10-flannel.conflist", true),
        ("# ls /etc/cni/net.d\n10-calico.conflist\ncalico-kubeconfig\n99-loopback.conf", false),
    ])
    func listings(_ text: String, _ isSeveral: Bool) {
        let said = Self.codes(text)
        #expect((said.first == "CFG-04") == isSeveral, "\(said)")
    }

    /// What tcpdump shows of two sources that ask the same address.
    @Test(arguments: [
        (
            "tcpdump: IP 192.168.7.2 > 1.1.1.1: ICMP echo request IP 1.1.1.1 > 192.168.7.2: ICMP echo reply IP 10.42.6.9 > 1.1.1.1: ICMP echo request",
            true
        ),
        ("tcpdump: IP 192.168.7.2 > 1.1.1.1: ICMP echo request IP 1.1.1.1 > 192.168.7.2: ICMP echo reply", false),
    ])
    func sourcesThatAreAnswered(_ text: String, _ isUntranslated: Bool) {
        let said = Self.codes(text)
        #expect((said.first == "RTE-14") == isUntranslated, "\(said)")
    }

    @Test func meshesOfClusters() {
        #expect(Self.codes("ClusterMesh: 2/2 remote clusters ready, 14 global-services").isEmpty)
        #expect(Self.codes("ClusterMesh: 1/2 remote clusters ready, 14 global-services").first == "MCL-02")
    }

    /// Peers of WireGuard: one that never answered, one that nobody has an endpoint for, and one that is well.
    @Test(arguments: [
        ("peer: a= endpoint: 10.0.0.2:51820 allowed ips: 10.42.2.0/24 transfer: 0 B received, 4 KiB sent", "RTE-01"),
        ("peer: a= endpoint: 10.0.0.2:51820 allowed ips: 10.42.2.0/24 peer: b= allowed ips: 10.42.3.0/24", "RTE-10"),
        ("peer: a= endpoint: 10.0.0.2:51820 allowed ips: 10.42.2.0/24 transfer: 3 MiB received, 4 KiB sent", nil),
    ])
    func peers(_ text: String, _ code: String?) {
        let said = Self.codes(text)
        #expect(said.first == code, "\(said)")
    }

    /// One kind of packet gets through and the other does not; a name server on the same machine.
    @Test(arguments: [
        ("By UDP a lookup on another machine gets no answer, by TCP it does", "RTE-05"),
        ("Pods resolve nothing only when the DNS pod runs on the same node", "SVC-07"),
        ("The machine is behind a router with NAT, and pods there cannot reach pods of the others", "RTE-10"),
        ("A 504 comes whenever the backend is on another node", "RTE-01"),
    ])
    func halves(_ text: String, _ code: String) {
        let said = Self.codes(text)
        #expect(said.first == code, "\(said)")
    }

    /// Counts of none, the way to another node's pods, and what somebody wants to know.
    @Test(arguments: [
        "ClusterMesh: 2/2 remote clusters ready\neast: ready, 5 nodes, 0 failures (last: never)",
        "$ ip route get 10.42.3.9\n10.42.3.9 via 10.42.3.0 dev flannel.1 src 10.42.1.0 uid 0\n    cache",
        "How do I see which node announces an address?",
    ])
    func goodNews(_ text: String) {
        let said = Self.codes(text)
        #expect(said.isEmpty, "\(said)")
    }

    /// What ipamd has and gave, and EC2's sentence that is about addresses or about ranges of sixteen.
    @Test func addressesOfAmazon() {
        let all = "Total IPs/Prefixes = 32/2, AssignedIPs/CooldownIPs: 32/0 IP pool is too low: available (0)"
        let some = "Total IPs/Prefixes = 32/2, AssignedIPs/CooldownIPs: 11/0 IP pool is too low: available (0)"
        #expect(Self.codes(all).contains("AWS-03"))
        #expect(!Self.codes(some).contains("AWS-03"))
        let said = LogReader.causes(of: "There aren't sufficient free Ipv4 addresses or prefixes")
        #expect(said.first?.confidence == .likely)
        #expect(said.map(\.code).contains("AWS-03"))
    }
}
