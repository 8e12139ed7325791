import Testing

@testable import Diagnosis

/// Sessions as FRR prints them, in its three ways.
@Suite struct FRRSessionTests {
    private static let summary = """

        IPv4 Unicast Summary (VRF default):
        BGP router identifier 10.0.0.11, local AS number 64512 vrf-id 0
        BGP table version 12
        Peers 5, using 3620 KiB of memory

        Neighbor        V         AS   MsgRcvd   MsgSent   TblVer  InQ OutQ  Up/Down State/PfxRcd   PfxSnt Desc
        10.0.0.1        4      64512      2044      2040        0    0    0 01:41:51            5        2 tor
        10.0.0.2        4      64999         0         7        0    0    0    never       Active        0 N/A
        leaf-3(10.0.0.3) 4     65003       311       310        0    0    0 00:15:02     (Policy) (Policy) N/A
        10.0.0.4        4      65004         9         9        0    0    0 00:00:41 Idle (PfxCt)        0 N/A
        fd00:5:6:7:8:9:10:11
                        4      64512         0         0        0    0    0    never      Connect        0 N/A

        Total number of neighbors 5
        """

    private func sessions(_ text: String, _ file: String) -> [BGPSession] {
        BGPSession.all(
            Evidence(at: "2026-11-22T12:00:00Z") {
                $0.tree.add(text, at: "nodes/n/exec/\(file)", from: FactSource("n: vtysh", age: 0))
            }.facts)
    }

    @Test func summaryAsItIsPrinted() {
        let found = sessions(Self.summary, "vtysh-show-bgp-summary.txt")
        #expect(
            found.map { "\($0.peer) \($0.state)" } == [
                "10.0.0.1 Established", "10.0.0.2 Active", "10.0.0.3 Established", "10.0.0.4 Idle",
                "fd00:5:6:7:8:9:10:11 Connect",
            ])
        #expect(found[3].info == "(PfxCt)")
    }

    @Test func neighboursBelowTheirVRF() {
        let text = """
            {"default":{"vrfId":0,"vrfName":"default",
              "10.0.0.2":{"remoteAs":64512,"localAs":64999,"bgpState":"Idle","lastResetDueTo":"BGP Notification received",
                "lastNotificationReason":"OPEN Message Error/Bad Peer AS"},
              "swp1":{"bgpNeighborAddr":"fe80::4","bgpState":"Established"}}}
            """
        let found = sessions(text, "vtysh-show-bgp-neighbors.json")
        #expect(found.map { "\($0.peer) \($0.state)" } == ["10.0.0.2 Idle", "fe80::4 Established"])
        #expect(found.first?.notification == "Bad peer AS")
    }

    /// Between two attempts nothing says why the last one ended; that each was refused, the counters say.
    @Test func attemptsThatWereRefused() throws {
        let text = """
            {"default":{"10.0.0.2":{"bgpState":"Active","connectionsEstablished":0,"lastResetDueTo":"Waiting for peer OPEN",
              "messageStats":{"opensSent":9,"notificationsSent":0,"notificationsRecv":8}}}}
            """
        let evidence = Evidence(at: "2026-11-22T12:00:00Z") {
            $0.tree.add(text, at: "nodes/n/exec/vtysh-show-bgp-neighbors.json", from: FactSource("n: vtysh", age: 0))
        }
        let found = evidence.findings(SessionCheck())
        #expect(found.map(\.code) == ["BGP-03"])
        #expect(found.first?.confidence == .likely)
    }

    @Test func summaryInJSONCountsASessionOnce() {
        let text = """
            {"ipv4Unicast":{"routerId":"10.0.0.11","as":64512,"peers":{"10.0.0.2":{"state":"Active"}}},
             "ipv6Unicast":{"routerId":"10.0.0.11","as":64512,"peers":{"10.0.0.2":{"state":"Active"}}}}
            """
        let found = sessions(text, "vtysh-show-bgp-summary.json")
        #expect(found.map { "\($0.peer) \($0.state)" } == ["10.0.0.2 Active"])
    }

    @Test(arguments: [("bash", 1), ("bgpd", 0)])
    func aDaemonThatWasKilled(_ program: String, _ count: Int) {
        let found = Evidence(at: "2026-11-22T12:00:00Z") { evidence in
            evidence.node("n", .processes, #"{"processes":[{"pid":1,"name":"\#(program)"}]}"#)
            evidence.tree.addMissing(
                "nodes/n/exec/vtysh-show-bgp-neighbors.json",
                because: "/run/frr/bgpd.vty: Connection refused (ECONNREFUSED)")
        }.findings(SessionCheck())
        #expect(found.map(\.code) == Array(repeating: "BGP-04", count: count))
    }
}
