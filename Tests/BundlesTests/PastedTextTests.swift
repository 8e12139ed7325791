import Diagnosis
import JSONTree
import Testing

@testable import Bundles

/// What people paste: one table, or a terminal with its prompts.
@Suite struct PastedTextTests {
    private static let now: Int64 = 1_764_000_000

    private static func items(_ reading: BundleReading?, _ resource: String) -> [JSONNode] {
        guard let document = reading?.evidence[EvidencePath.resource(resource)],
            let root = try? JSONTree(parsing: document.bytes).root
        else { return [] }
        return root.member("items")?.elements.map { $0 } ?? []
    }

    @Test func endpointsTable() {
        let reading = Bundle.read(
            pasted: """
                NAMESPACE     NAME       ENDPOINTS                                   AGE
                shop          payments   <none>                                      3d
                shop          cart       10.244.1.5:8080,10.244.2.6:8080             3d
                dual          six        [fd00::5]:443,[fd00::6]:443                 3d
                kube-system   kube-dns   10.244.0.2:53,10.244.0.3:53 + 4 more...     30d
                """, now: Self.now)
        let slices = Self.items(reading, "endpointslices.discovery.k8s.io")
        let services = slices.compactMap { $0.at("metadata", "labels", "kubernetes.io/service-name")?.string }
        #expect(Set(services) == ["payments", "cart", "six", "kube-dns"])
        // Of a list that was cut nobody knows what is missing.
        let cut = slices.filter { $0.member(APIObject.leftOut) != nil }
        #expect(cut.count == 1)
        #expect(cut.first?.member(APIObject.leftOut)?.int == 4)
        func addresses(_ service: String) -> [String] {
            slices.filter { $0.at("metadata", "labels", "kubernetes.io/service-name")?.string == service }
                .flatMap { $0.member("endpoints")?.elements.map { $0 } ?? [] }
                .compactMap { $0.member("addresses")?[0]?.string }
        }
        #expect(addresses("payments").isEmpty)
        #expect(addresses("cart") == ["10.244.1.5", "10.244.2.6"])
        #expect(addresses("kube-dns") == ["10.244.0.2", "10.244.0.3"])
        #expect(addresses("six") == ["fd00::5", "fd00::6"])
    }

    /// Answers of one machine come to that machine, those of kubectl to the cluster.
    @Test func transcript() {
        let reading = Bundle.read(
            pasted: """
                Pods on one node reach nobody since this morning:

                $ kubectl get nodes -o wide
                NAME     STATUS   ROLES    AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE   KERNEL-VERSION   CONTAINER-RUNTIME
                node-1   Ready    <none>   9d    v1.30.1   10.0.0.11     <none>        Debian     6.1.0            containerd://1.7
                node-2   Ready    <none>   9d    v1.30.1   10.0.0.12     <none>        Debian     6.1.0            containerd://1.7
                $ kubectl get sts -n shop -o wide
                NAME   READY   AGE   CONTAINERS   IMAGES
                db     1/2     9d    postgres     postgres:16
                ```
                root@node-2:~# ip route
                default via 10.0.0.1 dev eth0
                10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.12
                10.244.2.0/24 dev cni0 proto kernel scope link src 10.244.2.1
                [root@node-2 ~]# sysctl net.ipv4.ip_forward net.ipv4.conf.all.rp_filter
                net.ipv4.ip_forward = 0
                net.ipv4.conf.all.rp_filter = 1
                """, now: Self.now)
        #expect(Self.items(reading, "nodes").compactMap { $0.at("metadata", "name")?.string } == ["node-1", "node-2"])
        #expect(Self.items(reading, "statefulsets.apps").count == 1)
        let routes = reading?.evidence["nodes/node-2/ip-route.json"]?.text ?? ""
        #expect(routes.contains("10.244.2.0/24"), "\(reading?.evidence.documents.keys.sorted() ?? [])")
        let settings = reading?.evidence["nodes/node-2/sysctl.txt"]?.text ?? ""
        #expect(settings.contains("net.ipv4.ip_forward = 0"))
    }

    /// Links, rules and a device that is named only in the command; the whole text looks like `ip link` and `iptables-save`.
    @Test func transcriptThatLooksLikeOneAnswer() {
        let reading = Bundle.read(
            pasted: """
                root@node-2:~# ip -d link
                2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP mode DEFAULT group default qlen 1000
                    link/ether 52:54:00:12:34:56 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535
                root@node-2:~# iptables-save -t nat
                *nat
                :POSTROUTING ACCEPT [0:0]
                COMMIT
                root@node-2:~# iptables -L -n -v
                Chain FORWARD (policy DROP 7 packets, 420 bytes)
                 pkts bytes target     prot opt in     out     source               destination
                root@node-2:~# bridge fdb show dev flannel.1
                a2:9e:12:77:0b:91 dst 10.0.0.11 self permanent
                root@node-2:~# ip neigh show dev flannel.1
                10.244.1.0 lladdr a2:9e:12:77:0b:91 PERMANENT
                """, now: Self.now)
        func text(_ name: String) -> String { reading?.evidence["nodes/node-2/\(name)"]?.text ?? "" }
        let rules = text("iptables-save.txt")
        #expect(rules.hasPrefix("# listed"))
        #expect(rules.contains("*nat\n:POSTROUTING ACCEPT"))
        #expect(rules.contains("*filter\n:FORWARD DROP"))
        #expect(text("ip-link.json").contains("eth0"))
        #expect(text("bridge-fdb.json").contains("\"ifname\":\"flannel.1\""), "\(text("bridge-fdb.json"))")
        #expect(text("ip-neigh.json").contains("\"dev\":\"flannel.1\""), "\(text("ip-neigh.json"))")
    }

    @Test(arguments: [
        "the price is $ kubectl get nothing", "E0101 10:00:00 reflector.go:1] # kubectl get pods failed with x",
        "# a heading about kubectl\n\nand text", "cost: 5 $ per node", "key=a$ kubectl get pods",
    ])
    func noPrompt(_ text: String) {
        let reading = Bundle.read(pasted: text, now: Self.now)
        #expect(reading?.evidence.documents.isEmpty ?? true)
    }

    /// Half of a terminal still is a terminal.
    @Test func ends() {
        #expect(Transcript("$ kubectl get pods") == nil)
        let cut = Transcript("bash-5.1# cilium-dbg status --verbose\nKVStore:   Ok   Disabled")
        #expect(cut?.answers.map(\.command) == ["cilium-dbg status --verbose"])
        #expect(cut?.answers.first?.host == nil)
    }
}
