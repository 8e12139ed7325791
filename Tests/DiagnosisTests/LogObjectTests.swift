import Testing

@testable import Diagnosis

/// The same complaint about another object is another cause.
@Suite struct LogObjectTests {
    @Test(arguments: [
        ("Link not found while looking for the master: failed to lookup master \"ens9\"", "CFG-10"),
        ("error=\"creating ARP responder for \\\"ens9\\\": failed\"", "ING-08"),
        ("failed to set flannel.1 to UP state: address already in use", "RTE-18"),
        ("adding ARP entry for 10.9.8.7: no buffer space available", "NOD-03"),
        ("failed to detect devices, use --devices to name them", "RTE-10"),
        ("open /dev/net/tun: no such file or directory", "INS-07"),
        ("network configuration: unknown backend type \"vxlam\"", "CFG-09"),
        ("SubnetMax is not in the range of the network", "CFG-09"),
        ("subnet 10.9.0.0/16 of the flannel net config doesn't contain 10.8.3.0/24, PodCIDR of node w-7", "IPM-07"),
        ("E0101 01:01:01.000001 1 x.go:1] Failed to acquire subnet: 503 Service Unavailable", "API-03"),
        ("timed out: acquire host-wide IPAM lock", "IPM-04"),
        ("azure-vnet failed (add): unexpected end of JSON input", "AZR-03"),
        ("reconnect|WARN|tcp:192.0.2.7:6642: connection attempt timed out", "RTE-19"),
        ("AssignPodIPv4Address: no available IP/Prefix addresses", "AWS-01"),
        ("Get \"http://169.254.169.254/latest/meta-data/\": request canceled while waiting for connection", "AWS-07"),
        ("NMAgent: version of the network container is not programmed yet", "AZR-02"),
        ("Could not create route 77 10.9.3.0/24 for node w-7: quota", "RTE-15"),
        ("failed to sync: ippools.crd.projectcalico.org \"x\" is forbidden", "API-02"),
        ("dial tcp 10.9.0.1:5432: connect: cannot assign requested address", "SVC-13"),
        ("unbind address from dummy interface kube-ipvs0 failed: cannot assign requested address", "SVC-10"),
        ("%MAXPFX: prefix received from 192.0.2.1 reach 500, max 500", "BGP-03"),
        ("pluto[7]: STATE_PARENT_I1: retransmission; will wait 4 seconds for response", "MCL-02"),
        ("eth3: hw csum failure", "RTE-05"),
        ("client intended to send too large body: 99 bytes", "ING-04"),
    ])
    func causeOfAnObject(_ line: String, _ code: String) {
        let said = LogReader.causes(of: line).map(\.code)
        #expect(said.contains(code), "\(said)")
    }

    /// Nothing that an agent writes while all is well.
    @Test(arguments: [
        "2026-08-03 06:02:27.364 [WARNING][61] felix/l3_route_resolver.go 700: Unable to create route for IP; the node it belongs to was not recorded in IPAM IP=10.43.0.43",
        "I0101 01:01:01.000001 1 main.go:211] CLI flags config: {netConfPath:/etc/kube-flannel/net-conf.json}",
        "reconnect|INFO|tcp:192.0.2.7:6642: connected",
    ])
    func ordinaryLine(_ line: String) {
        let said = LogReader.mechanisms(of: line).map(\.code)
        #expect(said.isEmpty, "\(said)")
    }

    /// Who tells what helped has told the cause.
    @Test(arguments: [
        ("Cross node traffic of pods works since I moved vxlan to another port, the fix was that alone", "RTE-18"),
        ("Pods start again after I installed containernetworking-plugins, now it works", "INS-03"),
        ("Adding the IAM policy for the CNI to the node role solved it", "AWS-04"),
        ("A larger subnet for the pods solved it", "AWS-02"),
        ("A preStop sleep helped against resets during deployments", "MSH-06"),
    ])
    func remedyOfACause(_ sentence: String, _ code: String) {
        let said = LogReader.causes(of: sentence).map(\.code)
        #expect(said.contains(code), "\(said)")
    }
}
