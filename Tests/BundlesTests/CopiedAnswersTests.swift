import Diagnosis
import Foundation
import JSONTree
import Testing

@testable import Bundles

/// Answers as people copy them off a machine, each against what its program prints for machines.
@Suite struct CopiedAnswersTests {
    private static func json(_ bytes: [UInt8]) throws -> JSONNode { try JSONTree(parsing: bytes).root }

    /// `ls -l` of coreutils 9.1 with and without SELinux, `--full-time`, and busybox.
    @Test func foldersThatWereListed() throws {
        let text = """
            root@n1:~# ls -la /opt/cni/bin
            total 14404
            drwxr-xr-x 2 root root    4096 Nov  2 09:14 .
            drwxr-xr-x. 3 root root   4096 Nov  2  2024 ..
            -rwxr-xr-x 1 root root 4016001 Nov  2 09:14 bridge
            -rw-r--r--. 1 root root system_u:object_r:bin_t:s0 0 Nov  2 09:14 calico
            lrwxrwxrwx 1 root root      18 2024-11-02 09:14:01.000000000 +0000 flannel -> /opt/flannel/plugin

            """
        let listing = try #require(FolderListing.all(text, named: "x.txt").first)
        #expect(listing.folder == "/opt/cni/bin")
        #expect(listing.lines.map(\.name) == ["bridge", "calico", "flannel"])
        #expect(listing.lines.map(\.mode) == [0o755, 0o644, 0o777])
        #expect(listing.lines.map(\.size) == [4_016_001, 0, 18])
        #expect(listing.lines[2].type == "link" && listing.lines[2].target == "/opt/flannel/plugin")
    }

    @Test func theFilesNameSaysTheFolder() {
        #expect(FolderListing.all("total 0\n", named: "ls_-l_opt_cni_bin").map(\.folder) == ["/opt/cni/bin"])
        #expect(FolderListing.all("total 0\n", named: "etc-cni-net.d.txt").map(\.folder) == ["/etc/cni/net.d"])
        // Whose folder it is nobody says.
        #expect(FolderListing.all("total 0\n", named: "listing.txt").isEmpty)
        #expect(FolderListing.all("total failures: 3\n", named: "opt-cni-bin.txt").isEmpty)
    }

    /// Where one of the configurations was not copied nobody knows which one wins.
    @Test func aListThatNamesMoreThanWasCopied() throws {
        let line = FolderListing.Line(name: "10-a.conflist", type: "file", mode: 0o644, size: 300)
        let folder = FolderListing(folder: "/etc/cni/net.d", lines: [line])
        #expect(MachineFolders.list([], [folder]) == nil)
        let copy = BundleFiles.File(bytes: Array("{}".utf8), isTruncated: false)
        let list = try #require(MachineFolders.list([("/etc/cni/net.d/10-a.conflist", copy)], [folder]))
        let paths = try Self.json(list.bytes).elements.compactMap { $0.member("path")?.string }
        #expect(paths == ["/etc/cni/net.d/10-a.conflist", "/etc/cni/net.d"])
    }

    @Test func offloads() {
        let text = """
            Features for flannel.1:
            rx-checksumming: on
            tx-checksumming: off
            \ttx-checksum-ip-generic: off
            \ttx-checksum-ipv4: off [fixed]

            """
        let devices = MachineText.offloads(text)
        #expect(devices["flannel.1"]?["tx-checksum-ip-generic"] == "off")
        #expect(devices["flannel.1"]?["tx-checksum-ipv4"] == "off")
        #expect(devices["flannel.1"]?["rx-checksumming"] == "on")
    }

    /// `ethtool -i` does not name its device: the file does.
    @Test func drivers() {
        let text = "driver: vmxnet3\nversion: 1.7.0.0-k-NAPI\nfirmware-version: \nbus-info: 0000:0b:00.0\n"
        #expect(TextForm.of(text, named: "ethtool_-i_ens192") == .driver)
        let known = MachineText.driver(text, named: "node-1/ethtool_-i_ens192.txt")
        #expect(known?.device == "ens192")
        #expect(known?.driver == "vmxnet3")
        #expect(MachineText.driver(text, named: "node-1/ethtool_-i") == nil)
    }

    /// netstat has a title above its columns.
    @Test func socketsOfNetstat() {
        let text = """
            Active Internet connections (only servers)
            Proto Recv-Q Send-Q Local Address           Foreign Address         State
            tcp        0      0 127.0.0.1:2525          0.0.0.0:*               LISTEN

            """
        #expect(TextForm.of(text, named: "netstat.txt") == .sockets)
        let sockets = String(decoding: MachineText.sockets(text), as: UTF8.self)
        #expect(sockets == "tcp LISTEN 0 0 127.0.0.1:2525 0.0.0.0:*\n")
    }

    /// `ipvsadm -Ln` and `ipvsadm -Sn` of ipvsadm 1.31 with the same services.
    @Test func virtualServers() {
        let listed = """
            IP Virtual Server version 1.2.1 (size=4096)
            Prot LocalAddress:Port Scheduler Flags
              -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
            TCP  10.96.0.1:443 rr
              -> 172.16.0.2:6443              Masq    1      3          0
            UDP  10.96.0.10:53 rr
              -> 10.244.0.2:53                Masq    1      0          4

            """
        let saved = """
            -A -t 10.96.0.1:443 -s rr
            -a -t 10.96.0.1:443 -r 172.16.0.2:6443 -m -w 1
            -A -u 10.96.0.10:53 -s rr
            -a -u 10.96.0.10:53 -r 10.244.0.2:53 -m -w 1

            """
        #expect(String(decoding: MachineText.virtualServers(listed), as: UTF8.self) == saved)
    }

    /// `ip -s link` against /proc/net/dev of the same moment.
    @Test func counters() throws {
        let text = """
            2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT group default qlen 1000
                link/ether 52:54:00:12:34:56 brd ff:ff:ff:ff:ff:ff
                RX:  bytes packets errors dropped  missed   mcast
                 812233110  901122      0       3       0      11
                TX:  bytes packets errors dropped carrier collsns
                  91022331  701133      0       0       0       0
            4: vxlan.calico@NONE: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN
                link/ether 66:0a:11:22:33:44 brd ff:ff:ff:ff:ff:ff
                RX: bytes  packets  errors  dropped overrun mcast
                0          0        0       0       0       0
                TX: bytes  packets  errors  dropped carrier collsns
                8122031    101221   0       9       0       0

            """
        let made = String(decoding: try #require(MachineText.deviceCounters(text)), as: UTF8.self)
        let rows = made.split(separator: "\n").dropFirst(2).map { $0.split(separator: " ").map(String.init) }
        // Received packets stand second, sent ones tenth (fs/proc, net/core/net-procfs.c).
        #expect(rows.map { $0[0] } == ["eth0:", "vxlan.calico:"])
        #expect(rows.map { $0[2] } == ["901122", "0"])
        #expect(rows.map { $0[10] } == ["701133", "101221"])
        #expect(MachineText.deviceCounters("2: eth0: <UP> mtu 1500\n    link/ether 52:54:00:12:34:56\n") == nil)
    }

    @Test func countersOfProtocols() throws {
        let text =
            "#kernel\nIpInReceives 12 0.0\nUdpInDatagrams 900 0.0\nUdpInCsumErrors 7 0.0\nTcpExtListenDrops 1 0.0\n"
        let made = String(decoding: try #require(MachineText.protocolCounters(text)), as: UTF8.self)
        #expect(made.contains("Udp: InDatagrams InCsumErrors\nUdp: 900 7\n"))
        #expect(made.contains("Ip: InReceives\nIp: 12\n"))
        #expect(!made.contains("ListenDrops"))
    }

    @Test func statisticsOfAProxy() throws {
        let text = """
            cluster.outbound|80||prices.store.svc.cluster.local.upstream_rq_total: 211002
            cluster.outbound|80||prices.store.svc.cluster.local.upstream_cx_length_ms: P0(nan,1.0)
            server.live: 1

            """
        let made = String(decoding: try #require(MachineText.proxyStatistics(text)), as: UTF8.self)
        #expect(
            made
                == "envoy_cluster_upstream_rq_total{cluster_name=\"outbound|80||prices.store.svc.cluster.local\"} 211002\n"
        )
        #expect(MachineText.proxyStatistics("server.live: 1\n") == nil)
    }

    @Test(arguments: [
        (
            "/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podaa11bb22_1111_4222_8333_000000000001.slice",
            "aa11bb22-1111-4222-8333-000000000001"
        ),
        (
            "/sys/fs/cgroup/cpu,cpuacct/kubepods/burstable/podaa11bb22-1111-4222-8333-000000000001/9c",
            "aa11bb22-1111-4222-8333-000000000001"
        ),
        ("/sys/fs/cgroup/kubepods.slice", nil), ("/sys/fs/cgroup/system.slice/podman.service", nil),
    ])
    func podsOfControlGroups(_ path: String, _ pod: String?) {
        #expect(MachineText.podOfControlGroup(path) == pod)
    }
}

/// Where answers belong that lie below a pod's name.
@Suite final class PodFolderTests {
    private let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "poplin-pods-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func write(_ text: String, _ path: String) throws {
        let file = URL(filePath: "\(directory)/\(path)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    private static let routes = "default via 10.1.0.1 dev eth0 \n10.1.0.0/24 dev eth0 scope link src 10.1.0.9 \n"

    @Test func aPodsOwnRoutesAreNotItsMachines() throws {
        let pods = """
            {"kind":"PodList","apiVersion":"v1","items":[
            {"metadata":{"name":"web-0","namespace":"shop"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"x"}]}},
            {"metadata":{"name":"agent-7","namespace":"kube-system"},"spec":{"nodeName":"n1","hostNetwork":true,"containers":[{"name":"a","image":"x"}]}}]}
            """
        try write(pods, "pods.json")
        try write(
            "{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"n1\"}}]}", "nodes.json")
        try write(Self.routes, "nodes/n1/pods/shop/web-0/ip_route.txt")
        try write(Self.routes, "exec/web-0/ip-route")
        try write(Self.routes.replacing("10.1.0", with: "192.168.7"), "exec/agent-7/ip-route")
        let evidence = try Bundle.read(directory).evidence
        #expect(evidence["nodes/n1/pods/shop/web-0/ip-route.json"] != nil)
        let own = try #require(evidence["nodes/n1/ip-route.json"])
        #expect(own.text.contains("192.168.7.1") && !own.text.contains("10.1.0.1"))
    }

    @Test func settingsOfProc() throws {
        try write(
            "{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"items\":[{\"metadata\":{\"name\":\"n1\"}}]}", "nodes.json")
        try write("0\n", "n1/proc/sys/net/ipv4/conf/flannel.1/rp_filter")
        try write("4096\t131072\t6291456\n", "n1/proc/sys/net/ipv4/tcp_rmem")
        let facts = FactBase(reading: try Bundle.read(directory).evidence)
        let settings = try #require(facts.machines.first?.sysctls)
        #expect(settings.conf("ipv4", "flannel.1", "rp_filter") == 0)
        #expect(settings["net.ipv4.tcp_rmem"] == "4096 131072 6291456")
    }
}
