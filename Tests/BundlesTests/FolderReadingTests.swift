import Diagnosis
import Findings
import Foundation
import JSONTree
import Testing

@testable import Bundles

/// What people copy together without a tool: trees of machines, what was printed there, tables, one file of everything.
@Suite final class FolderReadingTests {
    private let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "poplin-folder-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func write(_ text: String, _ path: String, mode: Int = 0o644) throws {
        let file = URL(filePath: "\(directory)/\(path)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path())
    }

    /// Somebody's disk: the reading ends, and says why.
    @Test func foldersOfStrangers() throws {
        for number in 0..<30 { try write("text \(number)", "music/\(number).txt") }
        var limits = BundleLimits.standard
        limits.strangers = 20
        let error = #expect(throws: BundleError.self) { try Bundle.read(directory, limits: limits) }
        #expect(error?.reason.contains("nothing of a cluster is in the first 20 files") ?? false, "\(error as Any)")
        // One file of a cluster among the first, and all is read.
        try write("NAME     STATUS   ROLES    AGE   VERSION\nnode-1   Ready    <none>   9d    v1.30.1\n", "a/nodes.txt")
        let reading = try Bundle.read(directory, limits: limits)
        #expect(reading.evidence[EvidencePath.resource("nodes")] != nil)
        limits.folderEntries = 10
        let cut = try Bundle.read(directory, limits: limits)
        let said = cut.problems.map { "\($0.message) \($0.reasons)" }.joined()
        #expect(said.contains("10 files and folders were looked at"), "\(said)")
    }

    /// Programs and pictures are read at their beginning alone.
    @Test func binaries() throws {
        try write("NAME     STATUS   ROLES    AGE   VERSION\nnode-1   Ready    <none>   9d    v1.30.1\n", "nodes.txt")
        let program = [0x7F, 0x45, 0x4C, 0x46] + [UInt8](repeating: 0, count: 200_000)
        try FileManager.default.createDirectory(atPath: "\(directory)/opt/cni/bin", withIntermediateDirectories: true)
        try Data(program).write(to: URL(filePath: "\(directory)/opt/cni/bin/bridge"))
        let reading = try Bundle.read(directory)
        let list = reading.evidence.documents.first { $0.key.hasSuffix("files.json") }?.value.text ?? ""
        #expect(list.contains("200004"), "\(list)")
    }

    /// Tables of BGP daemons, in whatever file they were pasted.
    @Test func sessionsOfDaemons() throws {
        try write("node-1\n", "node-1/hostname")
        try write(
            """
            BIRD v0.3.3+birdv1.6.8 ready.
            name     proto    table    state  since       info
            static1  Static   master   up     2026-11-22
            Mesh_10_0_0_12 BGP master start 2026-11-22 Active Socket: Connection timed out

            """, "node-1/bird.txt")
        try write("node-2\n", "node-2/hostname")
        try write(
            """
            IPv4 Unicast Summary (VRF default):
            BGP router identifier 10.0.0.12, local AS number 64512 vrf-id 0

            Neighbor        V         AS   MsgRcvd   MsgSent   TblVer  InQ OutQ  Up/Down State/PfxRcd   PfxSnt Desc
            10.0.0.11       4      64512         0         7        0    0    0    never       Active        0 N/A

            """, "node-2/bgp.txt")
        try write("node-3\n", "node-3/hostname")
        try write(
            #"{"default":{"vrfId":0,"10.0.0.11":{"remoteAs":64512,"bgpState":"Connect"}}}"#, "node-3/neighbors.json")
        let evidence = try Bundle.read(directory).evidence
        for path in [
            "node-1/exec/birdcl-show-protocols.txt", "node-2/exec/vtysh-show-bgp-summary.txt",
            "node-3/exec/vtysh-show-bgp.json",
        ] { #expect(evidence["nodes/\(path)"] != nil, "\(path): \(evidence.documents.keys.sorted())") }
        let report = DiagnosisReport(FactBase(reading: evidence), CheckList.all)
        #expect(report.entries.first?.root.code == "BGP-01")
    }

    private static let addresses = """
        1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
            link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
            inet 127.0.0.1/8 scope host lo
               valid_lft forever preferred_lft forever
        2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
            link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff
            inet 10.0.0.12/24 brd 10.0.0.255 scope global eth0
               valid_lft forever preferred_lft forever
        5: veth1a2b3c4d@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue master cni0 state UP group default
            link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff link-netnsid 3

        """

    private static let details = """
        3: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT group default
            link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535
            vxlan id 1 local 10.0.0.12 dev eth0 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300 udpcsum
        5: veth1a2b3c4d@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue master cni0 state UP group default
            link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff link-netnsid 3 promiscuity 1
            veth numtxqueues 2 numrxqueues 2
            bridge_slave state forwarding priority 32 cost 2 hairpin on guard off

        """

    @Test func aTreeOfAMachine() throws {
        try write("{\"name\":\"cbr0\"}", "worker-3/etc/cni/net.d/10-flannel.conflist")
        try write("\u{7F}ELF\u{2}\u{1}\u{1}", "worker-3/opt/cni/bin/bridge", mode: 0o755)
        try write("\u{7F}ELF\u{2}\u{1}\u{1}", "worker-3/opt/cni/bin/portmap", mode: 0o644)
        try write(Self.addresses, "worker-3/ip_a.txt")
        try write(Self.details, "worker-3/cmds/ip-d-link")
        try write(
            "default via 10.0.0.1 dev eth0 proto static\n10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink\n",
            "worker-3/routes")
        try write("0:\tfrom all lookup local\n32766:\tfrom all lookup main\n", "worker-3/rules.txt")
        try write("02:00:00:00:00:09 dev flannel.1 dst 10.0.0.13 self permanent\n", "worker-3/fdb.txt")
        try write("Module                  Size  Used by\nvxlan                 94208  0\n", "worker-3/lsmod.out")
        try write("net.ipv4.ip_forward = 0\nnet.ipv4.conf.all.rp_filter = 1\n", "worker-3/sysctl-a")
        try write(
            "POD ID              CREATED             STATE               NAME                NAMESPACE\n"
                + "4dfa30b1c2d3e       2 hours ago         Ready               web-0               shop\n",
            "worker-3/crictl.txt")
        try write("[  812.118234] nf_conntrack: nf_conntrack: table full, dropping packet\n", "worker-3/dmesg.txt")
        let facts = FactBase(reading: try Bundle.read(directory).evidence)
        let machine = try #require(facts.machines.first)
        #expect(facts.machines.map(\.name) == ["worker-3"])
        let links = try #require(machine.links)
        let tunnel = try #require(links.first { $0.name == "flannel.1" })
        #expect(tunnel.kind == "vxlan" && tunnel.tunnel?.port == 8472 && tunnel.tunnel?.lower == "eth0")
        #expect(links.first { $0.name == "veth1a2b3c4d" }?.hairpin == true)
        #expect(machine.addresses?.contains { "\($0.address)" == "10.0.0.12/24" } == true)
        let local = machine.routes?.first { "\($0.destination)" == "10.0.0.12/32" }
        #expect(local?.table == 255, "ip route leaves the kernel's own table out")
        #expect(machine.json(.rules)?.count == 2)
        #expect(machine.forwarding?.first?.destination.map { "\($0)" } == "10.0.0.13")
        #expect(machine.text(.modules)?.hasPrefix("vxlan 94208 0") == true)
        #expect(machine.text(.sysctls)?.contains("net.ipv4.ip_forward = 0") == true)
        #expect(machine.runtimeSandboxes?.first?.pod == "web-0")
        #expect(machine.text(.kernelLog)?.contains("table full") == true)
        #expect(machine.file("/etc/cni/net.d/10-flannel.conflist") != nil)
        #expect(machine.fileList?["/opt/cni/bin/bridge"]?.isExecutable == true)
        #expect(machine.fileList?["/opt/cni/bin/portmap"]?.isExecutable == false)
    }

    @Test func whatKubectlPrints() throws {
        try write(
            """
            NAME     STATUS     ROLES           AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE             KERNEL-VERSION
            node-1   Ready      control-plane   30d   v1.31.4   10.0.0.11     <none>        Ubuntu 22.04.5 LTS   5.15.0-122-generic
            node-2   NotReady   <none>          30d   v1.31.4   10.0.0.12     <none>        Ubuntu 22.04.5 LTS   5.15.0-122-generic

            """, "nodes.txt")
        try write(
            """
            NAMESPACE     NAME               READY   STATUS              RESTARTS      AGE   IP           NODE
            kube-system   kube-proxy-57crh   1/1     Running             2 (3d ago)    30d   10.0.0.12    node-2
            shop          web-0              0/1     ContainerCreating   0             15m   <none>       node-2

            """, "pods.txt")
        try write(
            """
            NAMESPACE   LAST SEEN   TYPE      REASON                   OBJECT      MESSAGE
            shop        20s         Warning   FailedCreatePodSandBox   pod/web-0   no IP addresses available in range set: 10.244.2.1-10.244.2.254

            """, "events.txt")
        try write(
            """
            Name:             api-0
            Namespace:        shop
            Node:             node-2/10.0.0.12
            Labels:           app=api
                              tier=back
            Annotations:      k8s.v1.cni.cncf.io/networks: front
            Status:           Pending
            Containers:
              api:
                Image:          ghcr.io/acme/api:1
                State:          Waiting
                  Reason:       CreateContainerError
                  Message:      path is not a shared mount
                Ready:          False
                Restart Count:  4
            Conditions:
              Type              Status
              Ready             False
            Events:
              Type     Reason   Age                 From     Message
              ----     ------   ----                ----     -------
              Warning  Failed   20s (x40 over 15m)  kubelet  Error: it is not a shared mount

            """, "describe.txt")
        let reading = try Bundle.read(directory)
        let facts = FactBase(reading: reading.evidence)
        #expect(facts.objects("nodes").map(\.name) == ["node-1", "node-2"])
        let proxy = try #require(facts.object("pods", "kube-system", "kube-proxy-57crh"))
        #expect(proxy.bool("spec", "hostNetwork") == true, "it has its node's address")
        let web = try #require(facts.object("pods", "shop", "web-0"))
        #expect(web.text("spec", "nodeName") == "node-2" && web.text("status", "phase") == "Pending")
        let api = try #require(facts.object("pods", "shop", "api-0"))
        #expect(api.labels["tier"] == "back" && api.annotations["k8s.v1.cni.cncf.io/networks"] == "front")
        let events = facts.objects("events")
        #expect(Set(events.compactMap { $0.text("reason") }) == ["FailedCreatePodSandBox", "Failed"])
        #expect(events.first { $0.text("reason") == "Failed" }?.int("count") == 40)
    }

    @Test func oneFileOfEverythingAndAnAnswerOfACloud() throws {
        try write(
            """
            apiVersion: v1
            items:
            - apiVersion: v1
              kind: Pod
              metadata: {name: web-0, namespace: shop, creationTimestamp: "2026-03-06T02:53:10Z"}
              spec: {containers: [{name: web}]}
            kind: List
            """, "from-anna.yaml")
        try write("apiVersion: v1\nitems: []\nkind: List\nmetadata: {}\n", "networkpolicies.yaml")
        try write("{\"Subnets\":[{\"SubnetId\":\"subnet-1\",\"AvailableIpAddressCount\":0}]}", "answer.json")
        try write("it broke\n", "logs/shop_web-0_web-previous.log")
        let evidence = try Bundle.read(directory).evidence
        let facts = FactBase(reading: evidence)
        #expect(facts.objects("pods").map(\.name) == ["web-0"])
        #expect(facts.has(.objects("networkpolicies.networking.k8s.io")), "an empty list says that there are none")
        #expect(evidence["cloud/aws/describe-subnets.json"] != nil)
        #expect(evidence["cluster/logs/shop/web-0/web.previous.log"]?.text == "it broke\n")
        #expect(evidence.collectedAt == 1_772_765_590, "the newest moment of any object")
    }
}
