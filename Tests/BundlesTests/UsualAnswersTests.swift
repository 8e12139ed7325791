import Diagnosis
import JSONTree
import Testing

@testable import Bundles

/// Answers as people paste them together with the command that they typed.
@Suite struct UsualAnswersTests {
    @Test(arguments: [
        ("kubectl exec -n shop cart-7d9 -- ss -ltn", "cart-7d9", "ss -ltn"),
        ("kubectl -n shop exec -it pod/cart-7d9 -c app -- cat /etc/resolv.conf", "cart-7d9", "cat /etc/resolv.conf"),
        ("oc exec cart-7d9 --namespace shop -- ip route", "cart-7d9", "ip route"),
    ])
    func theyAskedInsideAPod(_ command: String, _ pod: String, _ inner: String) {
        let found = Transcript.Answer(host: nil, command: command, text: "").inPod
        #expect(found?.pod == pod && found?.command == inner)
    }

    @Test(arguments: ["kubectl exec deploy/cart -- ss -ltn", "kubectl get pods", "kubectl exec cart"])
    func theyDidNot(_ command: String) {
        #expect(Transcript.Answer(host: nil, command: command, text: "").inPod == nil)
    }

    @Test func theNamespaceOfACommandIsTheTables() {
        let answer = Transcript.Answer(host: nil, command: "kubectl -n shop get pods --show-labels", text: "")
        #expect(answer.namespace == "shop")
        #expect(Transcript.Answer(host: nil, command: "kubectl get pods -A", text: "").namespace == nil)
        let placed = PrintedTable.placed(
            "NAME     READY   STATUS    RESTARTS   AGE   LABELS\ncart-1   1/1     Running   0          5d    app=cart\n",
            in: "shop")
        let objects = placed.map { PrintedTable($0, now: 1_787_131_600).objects } ?? []
        #expect(objects.first?.namespace == "shop" && objects.first?.name == "cart-1")
        #expect(PrintedTable.placed("NAMESPACE   NAME   READY\nshop   cart-1   1/1\n", in: "shop") == nil)
    }

    @Test func routesOfGooglesNetworkAsATable() throws {
        let text = """
            NAME                 NETWORK  DEST_RANGE     NEXT_HOP                          PRIORITY
            default-route-1      shop     0.0.0.0/0      default-internet-gateway          1000
            vpn-route-1          shop     10.37.0.0/16   europe-west4/vpnTunnels/offices   1000

            """
        let bytes = try #require(CloudTable.routes(text))
        let rows = try JSONTree(parsing: bytes).root.elements.map { $0 }
        #expect(rows.count == 2 && rows[1].member("destRange")?.string == "10.37.0.0/16")
        #expect(rows[1].member("nextHopVpnTunnel") != nil && rows[0].member("nextHopGateway") != nil)
        #expect(CloudTable.routes("NAME   READY\na   1/1\n") == nil)
    }

    @Test func aLogWithTimesIsNoSysctl() {
        let log =
            "2026-08-19T09:20:31Z WARN carrier: GET https://maps.example/v2/route slow: total=0.41s namelookup=0.33s\n"
        #expect(TextForm.of(log, named: "gate.log") == nil)
        #expect(TextForm.of("net.ipv4.ip_forward = 1\nnet.core.somaxconn=4096\n", named: "sysctl.txt") == .sysctls)
    }

    @Test func queuesOfAMachine() {
        #expect(
            TextForm.of(
                "qdisc noqueue 0: dev lo root refcnt 2 \nqdisc tbf 1: dev veth1 root rate 10Mbit\n", named: "tc.txt")
                == .queues)
    }
}
