import Testing

@testable import Diagnosis

/// Lines of status commands, as they print them: counts say what no word says.
@Suite struct PrintedLineTests {
    private static func codes(_ line: String) -> [String] { LogReader.causes(of: line).map(\.code) }

    @Test(arguments: [
        ("IPAM:                    IPv4: 254/254 allocated from 10.0.1.0/24,", "IPM-02"),
        ("IPv4 address pool:      255/255 allocated from 10.10.0.0/24", "IPM-02"),
        ("Cluster health:          1/3 reachable   (2023-08-29T15:34:44Z)", "RTE-01"),
        (
            "DaemonSet              cilium             Desired: 3, Ready: 2/3, Available: 2/3, Unavailable: 1/3",
            "INS-01"
        ),
        ("| IP Pool  | 10.244.0.0/24 |       256 | 256 (100%) | 0 (0%)       |", "IPM-04"),
        ("| Pool default | 10.244.0.0/24 |   256 | 254 (99%) |    2 |    0 |", "IPM-04"),
        ("  10.244.1.15 leaked; attrs Main:k8s-pod-network.3f9a namespace=ci pod=job-2931", "IPM-04"),
        ("Found 181 IPs that are allocated in IPAM but not actually in use.", "IPM-04"),
        ("Found 2 in-use IPs that are in active IP pools but have no corresponding IPAM allocation.", "IPM-06"),
        ("Found 3 in-use IPs that are not in active IP pools.", "IPM-12"),
    ])
    func broken(_ line: String, _ code: String) {
        let found = Self.codes(line)
        #expect(found.first == code, "\(found)")
    }

    /// kube-controller-manager, of a range that no node's fits into (cmd/kube-controller-manager/app/core.go).
    @Test(arguments: [
        (
            "Controller: Invalid --cluster-cidr, mask size of cluster CIDR must be less than or equal to "
                + "--node-cidr-mask-size configured for CIDR family", Confidence.certain
        ), ("New CIDR set failed; the node CIDR size is too big", .certain),
        ("E1122 10:00:00.1 1 controllermanager.go:1] Invalid --cluster-cidr", .likely),
        (
            "invalid argument \"10.244.0.0/33\" for \"--cluster-cidr\" flag: invalid CIDR address: 10.244.0.0/33",
            .likely
        ),
    ])
    func clusterRange(line: String, confidence: Confidence) {
        let found = LogReader.causes(of: line)
        #expect(found.first?.code == "IPM-11" && found.first?.confidence == confidence, "\(found)")
    }

    @Test func scenarioOfAConnectivityTest() {
        let line = "  ❌ [no-policies/pod-to-pod] Action failed: command \"curl\" failed: exit code 28"
        #expect(Self.codes(line).contains("RTE-01"))
    }

    /// The same lines of what is well.
    @Test(arguments: [
        "IPAM:                    IPv4: 15/254 allocated from 10.0.1.0/24,",
        "Cluster health:          3/3 reachable   (2023-08-29T15:34:44Z)",
        "DaemonSet              cilium             Desired: 3, Ready: 3/3, Available: 3/3",
        "| IP Pool  | 10.244.0.0/16 |     65536 | 13 (0%)    | 65523 (100%) |",
        "| Block    | 10.244.1.0/26 |        64 | 64 (100%)  | 0 (0%)       |",
        "| Pool default | 10.244.0.0/16 | 65536 | 3 (0%) |    0 | 65533 |",
        "|   node-1     | 10.244.1.0/26 |    64 | 64 (100%) |    0 |    0 |",
        "Found 0 IPs that are allocated in IPAM but not actually in use.",
        "Found 0 in-use IPs that are not in active IP pools.",
        "Found 0 in-use IPs that are in active IP pools but have no corresponding IPAM allocation.",
        "Controller Status:       56/56 healthy", "Check complete; found 0 problems.",
    ])
    func well(_ line: String) {
        // What a line is about it may still say.
        let found = LogReader.mechanisms(of: line).map(\.code)
        #expect(found.isEmpty, "\(found)")
    }
}
