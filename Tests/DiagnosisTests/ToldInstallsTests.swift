import Testing

@testable import Diagnosis

/// What people tell of what was installed and chosen, in words that no labelled set has.
@Suite struct ToldInstallsTests {
    private static func codes(_ text: String) -> [String] { LogReader.causes(of: text).map(\.code) }

    @Test(arguments: [
        ("the plugin binary is still running while the DaemonSet tries to overwrite it", "INS-04"),
        ("wireguard nodes stay isolated because the kernel was built without the wireguard module", "INS-07"),
        ("aws-node fails to start on m8g instances", "INS-09"),
        ("pods on our Oracle Cloud VM cannot reach each other", "RTE-07"),
        ("kube-proxy leaves behind ipvs virtual servers after a clean up of its mode", "SVC-04"),
        ("the private GKE cluster's operator webhook times out", "GCP-01"),
        ("node-local dns is on the host network and the ipBlock has to be allowed", "DNS-10"),
        ("right after I install weave my server goes offline and I lose SSH", "IPM-07"),
        ("ipam gives the same block to two nodes", "IPM-06"),
        ("macvlan pods: the ip address is not released when the machine is powered off", "IPM-03"),
        ("bridge plugin only supports CNI 0.4.0", "CFG-07"),
        ("hitting the verifier's complexity limit on kernel 5.10", "BPF-02"),
        ("TLS stalls over zerotier until the mtu is right", "MTU-03"),
        ("Wrong MAC address of the vxlan device on all peers after a boot", "RTE-02"),
        ("the gateway's MAC in the pod is stale, the host side veth has another hardware address", "RTE-13"),
        ("calico chose the management network instead of the private one for its tunnel", "RTE-10"),
        ("istio pods bypass the sidecar's iptables rules on every new node", "CFG-08"),
        ("kube-apiserver cannot connect to pods of the overlay", "WHK-01"),
        (
            "the pod range 10.32.0.0/11 was chosen years ago by somebody, while the API server listens on 10.40.1.7",
            "IPM-07"
        ),
        ("10-weave.conflist: the cni config file is empty after a power cut", "CFG-02"),
        ("ip-reconciler cleans up addresses of living pods and duplicates follow", "IPM-10"),
        ("bridge-nf-call-iptables is missing under /proc", "INS-07"),
        ("kube-vip: arping works from the same LAN but not ping", "ING-09"),
        ("Missing CNI config after the upgrade of containerd", "CFG-01"),
        ("pods start before the CNI has chained linkerd's iptables rules", "CFG-08"),
        ("the IP block of a deleted node is never released", "IPM-04"),
        ("flannel's tunnels ignore --node-ip", "RTE-10"),
        ("the coredns pod waits for the Kubernetes API forever", "DNS-11"),
        // What is to be done names what is wrong.
        ("Raise gc_thresh3 for large clusters", "NOD-03"),
        ("fix(images): set MACAddressPolicy=none for flannel", "RTE-02"),
        ("docs: disable tx checksum offload on vxlan devices", "RTE-05"),
        ("Increase nf_conntrack limits", "SVC-09"),
        ("Make networkd ignore foreign routes", "RTE-12"),
        ("net.netfilter.nf_conntrack_max to 1048576", "SVC-09"),
        ("Prevent kube-proxy from trying to set nf_conntrack_max", "SVC-11"),
    ])
    func sentences(_ text: String, _ code: String) {
        let codes = Self.codes(text)
        #expect(codes.first == code, "\(codes): \(text)")
    }

    @Test func chainedPluginIsGone() {
        let codes = Self.codes(
            "00:57:19 istio-cni was removed from /etc/cni/net.d/10-calico.conflist, plugin list rewritten")
        #expect(codes.first == "CFG-08", "\(codes)")
        let preempted = Self.codes(
            "Configured CNI config file \"/etc/cni/net.d/50-mesh.conf\" preempted by \"10-a.conflist\".")
        #expect(preempted.first == "CFG-04", "\(preempted)")
        let definition = Self.codes(
            "error in GetCNIConfigFromFile: No network available in the name sidecar in cni dir /etc/cni/net.d")
        #expect(definition.first == "CFG-10", "\(definition)")
    }

    @Test func listings() {
        let empty = Self.codes("-rw-r--r-- 1 root root 0 Jan 3 10:00 10-calico.conflist")
        #expect(empty.first == "CFG-02", "\(empty)")
        let full = Self.codes("-rw-r--r-- 1 root root 604 Jan 3 10:00 10-calico.conflist")
        #expect(!full.contains("CFG-02"), "\(full)")
        let folder = "-rwxr-xr-x 1 root root 4096 Jan 3 10:00 flannel\n-rwxr-xr-x 1 root root 4096 Jan 3 10:00 bridge\n"
        let list = "\"type\": \"flannel\", \"type\": \"portmap\""
        let missing = Self.codes(folder + list)
        #expect(missing.first == "INS-03", "\(missing)")
        let whole = Self.codes(folder + "-rwxr-xr-x 1 root root 4096 Jan 3 10:00 portmap\n" + list)
        #expect(!whole.contains("INS-03"), "\(whole)")
    }

    /// What programs do and did every day is no order to anybody.
    @Test(arguments: [
        "Setting nf_conntrack_max to 262144", "Set sysctl net/netfilter/nf_conntrack_max to 524288",
        "Installed /host/opt/cni/bin/portmap", "bird: BGP: listening on 0.0.0.0:179",
        "Enabled hairpin mode on the port", "instances: c5n m6i r5 available",
    ])
    func dayOfAProgram(_ line: String) {
        let likely = LogReader.causes(of: line).filter { $0.confidence > .possible }
        #expect(likely.isEmpty, "\(likely)")
    }
}
