import JSONTree
import Testing

@testable import Diagnosis

/// Two nodes with one address in their Node objects, and what becomes of the tunnel's MACs then.
@Suite struct NodeIdentityTests {
    private func node(_ name: String, _ address: String, mac: String = "", ready: Bool = true) -> String {
        let annotations =
            mac.isEmpty
            ? ""
            : #","annotations":{"poplin.dev/backend-type":"vxlan","poplin.dev/backend-data":"{\"vni\":1,\"mac\":\"\#(mac)\"}"}"#
        return """
            {"metadata":{"name":"\(name)"\(annotations)},"spec":{},"status":{
             "addresses":[{"type":"InternalIP","address":"\(address)"}],
             "conditions":[{"type":"Ready","status":"\(ready)"}]}}
            """.replacing("\"true\"", with: "\"True\"").replacing("\"false\"", with: "\"False\"")
    }

    /// Three machines with a tunnel each; node-3 says that it has the address of node-2.
    private func tunnels(_ third: String) -> Evidence {
        Evidence(at: "2026-11-21T03:00:00Z") { evidence in
            evidence.objects(
                "nodes", node("node-1", "192.168.77.11", mac: "02:00:00:00:00:01"),
                node("node-2", "192.168.77.12", mac: "02:00:00:00:00:02"),
                node("node-3", third, mac: "02:00:00:00:00:03"))
            for number in 1...3 {
                evidence.node(
                    "node-\(number)", .links,
                    """
                    [{"ifindex":2,"ifname":"eth0","flags":["UP"],"mtu":1500,"address":"0a:00:00:00:00:0\(number)"},
                     {"ifindex":3,"ifname":"poplin.1","flags":["UP"],"mtu":1450,"address":"02:00:00:00:00:0\(number)",
                      "linkinfo":{"info_kind":"vxlan","info_data":{"id":1,"port":8472}}}]
                    """)
                evidence.node(
                    "node-\(number)", .addresses,
                    """
                    [{"ifindex":2,"ifname":"eth0","addr_info":[{"family":"inet","local":"192.168.77.1\(number)",
                     "prefixlen":24,"scope":"global"}]}]
                    """)
                // What the others send to the shared address goes to whom they took last.
                let entries = [1, 2, 3].filter { $0 != number }.map { peer in
                    let address = peer == 3 ? third : "192.168.77.1\(peer)"
                    return
                        #"{"mac":"02:00:00:00:00:0\#(peer)","ifname":"poplin.1","dst":"\#(address)","state":"permanent"}"#
                }
                evidence.node("node-\(number)", .forwarding, "[\(entries.joined(separator: ","))]")
            }
        }
    }

    @Test("no MAC is called wrong by entries for an address that is another node's")
    func sharedByOneThatHasItNot() throws {
        #expect(tunnels("192.168.77.13").findings(OverlayCheck()).isEmpty)
        // Told once, with what the machine has.
        #expect(tunnels("192.168.77.12").findings(SharedEndCheck()).isEmpty)
        let found = tunnels("192.168.77.12").findings(OverlayCheck())
        #expect(found.map(\.code) == ["RTE-10"])
        let first = try #require(found.first)
        #expect(first.title == "node-3 calls itself 192.168.77.12, and none of its interfaces has that address")
        #expect(first.because.contains("192.168.77.12 is node-2's"))
        #expect(first.fix?.steps.first?.contains("--node-ip") == true)
    }

    @Test("by the API alone two ready nodes with one address are a cause, and a node that was renamed is not")
    func sharedInTheAPI() throws {
        let evidence = Evidence { evidence in
            evidence.objects("nodes", node("a", "10.0.2.15"), node("b", "10.0.2.15"), node("c", "10.0.2.16"))
        }
        let found = evidence.findings(SharedEndCheck())
        #expect(found.map(\.code) == ["RTE-10"])
        #expect(found.first?.title == "a, b have one address, 10.0.2.15")
        // One of the two that was looked into has the address: the other may still be told of.
        var looked = evidence
        looked.node(
            "a", .addresses,
            #"[{"ifname":"eth0","addr_info":[{"family":"inet","local":"10.0.2.15","prefixlen":24,"scope":"global"}]}]"#)
        #expect(looked.findings(SharedEndCheck()).map(\.code) == ["RTE-10"])
        let renamed = Evidence { evidence in
            evidence.objects("nodes", node("old", "10.0.2.15", ready: false), node("new", "10.0.2.15"))
        }
        #expect(renamed.findings(SharedEndCheck()).isEmpty)
    }
}

/// Folders of plugins that nobody could look into.
@Suite struct PluginFolderTests {
    private func evidence(_ more: String = "", missing reason: String? = nil) -> Evidence {
        Evidence { evidence in
            evidence.objects("nodes", #"{"metadata":{"name":"node-1"},"status":{}}"#)
            evidence.file("node-1", "/etc/cni/net.d/10-p.conflist", #"{"name":"p","plugins":[{"type":"poplin"}]}"#)
            evidence.node(
                "node-1", .fileList,
                """
                [{"path":"/etc/cni/net.d","type":"directory","mode":"0755","size":0,"mtime":0},
                 {"path":"/etc/cni/net.d/10-p.conflist","type":"file","mode":"0644","size":40,"mtime":0}\(more)]
                """)
            if let reason { evidence.missing("nodes/node-1/files/opt/cni/bin/", reason) }
        }
    }

    private func outcome(_ evidence: Evidence) -> CheckOutcome.State? {
        DiagnosisReport(evidence.facts, [PluginCheck(), CNIFolderCheck()]).outcomes.first { $0.name == "CNI plugins" }?
            .state
    }

    @Test("a folder that is not mounted where somebody looked is not checked")
    func notMounted() {
        let reason = "/opt/cni/bin of the machine is not mounted"
        #expect(outcome(evidence(missing: reason)) == .notChecked(because: "node-1: \(reason)"))
        #expect(
            outcome(evidence()) == .notChecked(because: "node-1: /opt/cni/bin is not on the list of its files"))
        let report = DiagnosisReport(evidence(missing: reason).facts, [PluginCheck(), CNIFolderCheck()])
        // What the folders' paths tell is told without.
        #expect(report.outcomes.first { $0.name == "CNI folders" }?.state == .ran(findings: 0))
    }

    @Test("one that was looked into is")
    func listed() {
        let folder = #",{"path":"/opt/cni/bin","type":"directory","mode":"0755","size":0,"mtime":0}"#
        let found = DiagnosisReport(evidence(folder).facts, [PluginCheck()])
        #expect(found.entries.map(\.root.code) == ["INS-02"])
        let program = #",{"path":"/opt/cni/bin/poplin","type":"file","mode":"0755","size":9,"mtime":0,"machine":""}"#
        #expect(outcome(evidence(folder + program)) == .ran(findings: 0))
    }
}
