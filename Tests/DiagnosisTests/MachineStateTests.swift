import Testing

@testable import Diagnosis

/// What is read of a live machine and no tool's file has: maps of BPF, sandboxes of the runtime, control groups.
@Suite("State of a machine") struct MachineStateTests {
    static let now = "2026-03-06T03:00:00Z"

    private static func evidence(_ build: (inout Evidence) -> Void) -> Evidence {
        Evidence(at: now) { evidence in
            evidence.node("n", .processes, #"{"processes":[{"pid":812,"name":"kubelet"}]}"#)
            evidence.node("n", .links, "[]")
            evidence.node("n", .nftables, #"{"nftables":[]}"#)
            evidence.node("n", .sysctls, "net.ipv4.ip_forward = 1\n")
            evidence.node("n", .fileList, #"[{"path":"/run/netns","type":"directory"}]"#)
            build(&evidence)
        }
    }

    // MARK: BPF-03

    private static func map(_ type: String, _ name: String, _ entries: Int?, pinned: String? = nil) -> String {
        let count = entries.map { #","entries":\#($0)"# } ?? ""
        let paths = pinned.map { #","pinned":["\#($0)"]"# } ?? ""
        return #"{"maps":[{"id":7,"type":"\#(type)","name":"\#(name)","max_entries":1000\#(count)\#(paths)}]}"#
    }

    @Test(arguments: [
        // A policy map that refuses, named in full only where it is pinned.
        (map("hash", "cilium_policy_v", 1000, pinned: "/sys/fs/bpf/tc/globals/cilium_policy_v2_00184"), "certain"),
        (map("lpm_trie", "cali_v4_ip_sets", 1000), "certain"),
        (map("hash", "cali_v4_nat_be", 985), "likely"),
        // An LRU map is full when it is well.
        (map("lru_hash", "cilium_ct4_glob", 1000), nil),
        (map("hash", "cilium_policy_v", 700), nil),
        (map("hash", "cilium_policy_v", nil), nil),
        // systemd makes its maps as large as what is put into them.
        (map("lpm_trie", "4_sshd.service", 1000), nil),
        (map("hash", "sd_restrictif_i", 1000, pinned: "/sys/fs/bpf/systemd/sd_restrictif_i"), nil),
    ])
    func mapsThatRefuse(_ maps: String, _ confidence: String?) {
        let found = Self.evidence { $0.node("n", .bpf, maps) }.findings(KernelMapCheck())
        #expect(found.map(\.confidence.rawValue) == [confidence].compactMap { $0 })
        #expect(found.allSatisfy { $0.code == "BPF-03" })
    }

    @Test func theFixNamesTheSettingOfThatMap() {
        #expect(KernelMapCheck.ciliumOption("cilium_policy_v2_00184") == "bpf-policy-map-max")
        #expect(KernelMapCheck.ciliumOption("cilium_lb4_services_v2") == "bpf-lb-map-max")
        #expect(KernelMapCheck.ciliumOption("cilium_snat_v4_external") == "bpf-nat-global-max")
        #expect(KernelMapCheck.calicoField("cali_v4_nat_fe3") == "bpfMapSizeNATFrontend")
        #expect(KernelMapCheck.calicoField("cali_v4_ct3") == "bpfMapSizeConntrack")
        #expect(KernelMapCheck.calicoField("cali_state") == nil)
    }

    // MARK: Sandboxes

    private static func sandbox(
        _ id: String, _ pod: String, ip: String, netns: String, state: String = "SANDBOX_READY",
        labels: String = "{}", uid: String = "u"
    ) -> String {
        #"{"id":"\#(id)","metadata":{"namespace":"shop","name":"\#(pod)","uid":"\#(uid)"},"state":"\#(state)","#
            + #""createdAt":"1772765000000000000","labels":\#(labels),"network":{"ip":"\#(ip)"},"netns":"\#(netns)"}"#
    }

    private static func files(_ names: String...) -> String {
        "[" + (["/run/netns"] + names.map { "/run/netns/\($0)" }).map { #"{"path":"\#($0)"}"# }.joined(separator: ",")
            + "]"
    }

    private static func sandboxes(_ items: String...) -> String { #"{"items":[\#(items.joined(separator: ","))]}"# }

    @Test func aSandboxWhoseNamespaceIsGoneIsFound() {
        let found = Self.evidence { evidence in
            evidence.node("n", .fileList, Self.files("cni-a"))
            evidence.node(
                "n", .sandboxes,
                Self.sandboxes(
                    Self.sandbox("aa11", "web-0", ip: "10.1.0.4", netns: "/var/run/netns/cni-a"),
                    Self.sandbox("bb22", "web-1", ip: "10.1.0.5", netns: "/var/run/netns/cni-b"),
                    // What has ended has none, and needs none.
                    Self.sandbox("cc33", "job-1", ip: "", netns: "/run/netns/cni-c", state: "SANDBOX_NOTREADY")))
        }.findings(SandboxNamespaceCheck())
        #expect(found.map(\.code) == ["RTE-04"])
        #expect(found.first?.places.contains("Pod/shop/web-1") == true)
        #expect(found.first?.places.contains("Pod/shop/web-0") == false)
    }

    @Test func nobodyIsBlamedWhereNobodyLooked() {
        let found = Self.evidence { evidence in
            evidence.node("n", .fileList, #"[{"path":"/etc/cni/net.d"}]"#)
            evidence.node(
                "n", .sandboxes,
                Self.sandboxes(Self.sandbox("bb22", "web-1", ip: "10.1.0.5", netns: "/run/netns/cni-b")))
        }.findings(SandboxNamespaceCheck())
        #expect(found.isEmpty)
    }

    /// A namespace without a sandbox does harm only when it has another pod's address.
    @Test(arguments: [("10.1.0.4/24", ["IPM-06"]), ("10.1.0.9/24", [])])
    func aNamespaceThatStayedBehind(_ address: String, _ expected: [String]) {
        let found = Self.evidence { evidence in
            evidence.node("n", .fileList, Self.files("cni-a", "cni-old"))
            evidence.node(
                "n", .sandboxes,
                Self.sandboxes(Self.sandbox("aa11", "web-0", ip: "10.1.0.4", netns: "/run/netns/cni-a")))
            evidence.file(
                "n", "/var/lib/cni/results/pods-dead-eth0",
                #"{"kind":"cniCacheV1","containerId":"dead","ifName":"eth0","netns":"/var/run/netns/cni-old","#
                    + #""result":{"ips":[{"address":"\#(address)"}]}}"#)
        }.findings(SandboxNamespaceCheck())
        #expect(found.map(\.code) == expected)
    }

    // MARK: DNS-01

    @Test(arguments: [(400, 1000, ["DNS-01"]), (20, 1000, []), (40, 60, [])])
    func aThrottledNameServerIsFoundWithoutTheAPI(_ stopped: Int, _ all: Int, _ expected: [String]) {
        let found = Self.evidence { evidence in
            evidence.node(
                "n", .sandboxes,
                Self.sandboxes(
                    Self.sandbox(
                        "aa11", "coredns-1", ip: "10.1.0.4", netns: "/run/netns/cni-a",
                        labels: #"{"k8s-app":"kube-dns"}"#, uid: "0b7b0b6c-1a4f-4a51-9f4a-6a2d3c4b5e6f")))
            evidence.node(
                "n", .controlGroups,
                #"[{"cgroup":"/kubepods.slice/x","pod":"0b7b0b6c-1a4f-4a51-9f4a-6a2d3c4b5e6f","nr_periods":\#(all),"nr_throttled":\#(stopped)},"#
                    + #"{"cgroup":"/kubepods.slice/y","pod":"another","nr_periods":1000,"nr_throttled":900}]"#)
        }.findings(ThrottleCheck())
        #expect(found.map(\.code) == expected)
    }

    // MARK: NOD-02

    @Test(arguments: [(65_536, ["NOD-02"]), (65_000, [])])
    func watchesThatAreUsedUp(_ used: Int, _ expected: [String]) {
        let found = Self.evidence { evidence in
            evidence.node(
                "n", .sysctls, "fs.inotify.max_user_instances = 1024\nfs.inotify.max_user_watches = 65536\n")
            evidence.node(
                "n", .processes,
                #"{"processes":[{"pid":812,"name":"kubelet"}],"inotifyInstances":{"0":40},"inotifyWatches":{"0":\#(used)}}"#
            )
        }.findings(LimitCheck())
        #expect(found.map(\.code) == expected)
    }

    // MARK: NOD-03

    /// What an overlay writes for every node of a large cluster is permanent, and the kernel's limit leaves it out.
    @Test(
        arguments: [("PERMANENT", 1023, nil), ("STALE", 1024, .certain), ("STALE", 1000, .likely), ("STALE", 900, nil)]
            as [(String, Int, Confidence?)])
    func neighboursThatCount(_ state: String, _ count: Int, _ expected: Confidence?) {
        let entries = (0..<count).map {
            #"{"dst":"10.244.\#($0 / 250).\#($0 % 250)","dev":"flannel.1","lladdr":"0e:00:00:00:00:01","state":["\#(state)"]}"#
        }
        let found = Self.evidence { evidence in
            evidence.node("n", .sysctls, "net.ipv4.neigh.default.gc_thresh3 = 1024\n")
            evidence.node("n", .neighbours, "[\(entries.joined(separator: ","))]")
        }.findings(LimitCheck())
        #expect(found.first { $0.code == "NOD-03" }?.confidence == expected)
    }

    // MARK: A machine alone

    private static let containerdLine =
        #"2026-03-06T02:5%:00+0000 n containerd[600]: time="2026-03-06T02:5%:00Z" level=error msg="RunPodSandbox for "#
        + #"&PodSandboxMetadata{Name:web-1,Uid:u,Namespace:shop,Attempt:%,} failed, error" error="failed to setup network "#
        + #"for sandbox \"ab\": plugin type=\"bridge\" failed (add): failed to allocate for range 0: no IP addresses available "#
        + #"in range set: 10.1.0.1-10.1.0.14""#

    private static func log(_ minutes: Int...) -> String {
        minutes.map { containerdLine.replacing("%", with: "\($0)") }.joined(separator: "\n")
    }

    @Test func whatTheRuntimeCouldNotMakeIsASymptomAndItsWordsAreRead() {
        let evidence = Self.evidence { evidence in
            evidence.node("n", .runtimeLog, Self.log(5, 7, 9))
            evidence.node("n", .sandboxes, Self.sandboxes())
        }
        let report = DiagnosisReport(evidence.facts, CheckList.all)
        #expect(report.symptoms.map(\.id) == ["pod shop/web-1 sandbox"])
        #expect(report.entries.first?.root.explains.contains("pod shop/web-1 sandbox") == true)
        #expect(["IPM-02", "IPM-03"].contains(report.entries.first?.root.code ?? ""))
    }

    @Test func oneFailureAndWhatCameUpSinceAreNone() {
        let once = Self.evidence { $0.node("n", .runtimeLog, Self.log(9)) }
        #expect(once.facts.symptoms.isEmpty)
        let mended = Self.evidence { evidence in
            evidence.node("n", .runtimeLog, Self.log(5, 7, 9))
            evidence.node(
                "n", .sandboxes,
                Self.sandboxes(Self.sandbox("aa11", "web-1", ip: "10.1.0.4", netns: "/run/netns/cni-a")))
        }
        #expect(mended.facts.symptoms.isEmpty)
        let long = Self.evidence { $0.node("n", .runtimeLog, Self.log(1, 2).replacing("T02:5", with: "T01:5")) }
        #expect(long.facts.symptoms.isEmpty)
    }

    @Test func kubeletNamesThePodInItsOwnWay() {
        let line: Substring =
            #"2026-03-06T02:59:00+0000 n kubelet[1]: E0306 02:59:00.1 1 pod_workers.go:1298] "Error syncing pod, skipping" err="failed to \"CreatePodSandbox\" for \"web-1_shop(u)\" with CreatePodSandboxError: ..." pod="shop/web-1""#
        #expect(MachineSymptoms.failedPod(line) == "shop/web-1")
        #expect(MachineSymptoms.moment(line) == APIObject.seconds("2026-03-06T02:59:00Z"))
    }

    @Test func aRuntimeWithoutNetworkIsASymptom() {
        let evidence = Self.evidence {
            $0.node(
                "n", .runtime,
                #"{"status":{"conditions":[{"type":"RuntimeReady","status":true,"reason":"","message":""},"#
                    + #"{"type":"NetworkReady","status":false,"reason":"NetworkPluginNotReady","message":"Network plugin returns error: cni plugin not initialized"}]}}"#
            )
        }
        #expect(evidence.facts.symptoms.map(\.text) == ["n has no network"])
        let report = DiagnosisReport(evidence.facts, CheckList.all)
        #expect(report.status != .healthy)
    }

    @Test func aMachineThatIsNoNodeIsNotCalledHealthy() {
        let evidence = Evidence(at: Self.now) { evidence in
            evidence.node("build-7", .processes, #"{"processes":[{"pid":1,"name":"systemd"}]}"#)
            evidence.node("build-7", .links, "[]")
            evidence.node("build-7", .fileList, "[]")
            evidence.node("build-7", .sysctls, "net.ipv4.ip_forward = 0\n")
        }
        let report = DiagnosisReport(evidence.facts, CheckList.all)
        #expect(report.status == .couldNotSay)
        let text = ReportScreen(report).text.replacing("\n", with: " ")
        #expect(text.contains("build-7 is no node of a cluster as far as can be seen"))
        #expect(text.contains("no kubelet"))
        #expect(text.contains("no CNI"))
    }

    @Test func aNodeWithoutItsPacketFiltersIsNotCalledHealthy() {
        let whole = DiagnosisReport(Self.evidence { _ in }.facts, CheckList.all)
        #expect(whole.limits.isEmpty)
        let partial = Evidence(at: Self.now) { evidence in
            evidence.node("n", .processes, #"{"processes":[{"pid":812,"name":"kubelet"}]}"#)
            evidence.node("n", .links, "[]")
            evidence.node("n", .sysctls, "net.ipv4.ip_forward = 1\n")
            evidence.node("n", .fileList, "[]")
            evidence.missing(EvidencePath.node("n") + "nft.json", "only root may ask")
        }
        let report = DiagnosisReport(partial.facts, CheckList.all)
        #expect(report.limits == ["packet filters of n could not be read: only root may ask"])
    }
}
