import Addressing
import JSONTree
import Testing

@testable import Conntest

@Suite struct MatrixTests {
    private func participants(_ nodes: Int, dual: Bool = false) -> [Participant] {
        (1...nodes).flatMap { number -> [Participant] in
            func addresses(_ last: Int, _ net: String) -> [IPAddress] {
                let v4 = IPAddress("\(net).\(number).\(last)")
                let v6 = dual ? IPAddress("fd00:\(net == "10.244" ? 1 : 2):\(number)::\(last)") : nil
                return [v4, v6].compactMap { $0 }
            }
            return [
                Participant(role: .client, pod: "c\(number)", node: "n\(number)", addresses: addresses(2, "10.244")),
                Participant(role: .peer, pod: "p\(number)", node: "n\(number)", addresses: addresses(3, "10.244")),
                Participant(role: .host, pod: "h\(number)", node: "n\(number)", addresses: addresses(1, "192.168")),
            ]
        }
    }

    @Test("a host port that pods have already is not taken")
    func hostPorts() throws {
        #expect(ConntestManifests.freeHostPort(besides: []) == 8088)
        let pods = try JSONTree(
            parsing: #"""
                [{"spec":{"containers":[{"ports":[{"containerPort":80,"hostPort":8088}]},{}]}},
                 {"spec":{"hostNetwork":true,"containers":[{"ports":[{"containerPort":8089}]}]}},
                 {"spec":{"containers":[{"ports":[{"containerPort":8090}]}]}}]
                """#
        ).root
        let free = ConntestManifests.freeHostPort(besides: pods.elements.map { $0 })
        #expect(free == 8090)
    }

    @Test func twoNodes() {
        let matrix = TestMatrix(participants(2))
        #expect(Set(matrix.actions.map(\.scenario)) == Set(Scenario.allCases))
        #expect(matrix.tests.count == 6 + 3 + 3 + 6 + 3 + 4 + 3 + 2)
        // Each test from both nodes.
        #expect(matrix.actions.count == matrix.tests.count * 2)
        #expect(matrix.actions.allSatisfy { $0.probe.address.family == .v4 })
        let hostPort = matrix.actions.first { $0.scenario == .podToHostPort }
        #expect(hostPort?.probe.description == "tcp,192.168.2.1,8088")
        #expect(hostPort?.target.pod == "p2")
    }

    @Test func dualStackDoublesAndOneNodeStandsAlone() {
        #expect(TestMatrix(participants(2, dual: true)).tests.count == TestMatrix(participants(2)).tests.count * 2)
        let alone = TestMatrix(participants(1))
        #expect(
            Set(alone.actions.map(\.scenario))
                == [.podToPodSameNode, .podToOwnHost, .hostToOwnPod, .podToHostPort])
    }

    @Test("the number of probes grows with the nodes, not with their square") func manyNodes() {
        let matrix = TestMatrix(participants(40))
        let cross = matrix.actions.filter { $0.scenario == .podToPodOtherNode && $0.probe.kind == .tcp }
        #expect(cross.count == 40 * TestMatrix.ringWidth)
        #expect(Set(cross.map(\.target.node)).count == 40)
    }

    @Test func filters() {
        var matrix = TestMatrix(participants(2))
        matrix.keep { $0.hasPrefix("pod-to-pod-same-node/udp") }
        #expect(
            matrix.tests == [
                "pod-to-pod-same-node/udp/ipv4", "pod-to-pod-same-node/udp-mtu/ipv4",
                "pod-to-pod-same-node/udp-over/ipv4",
            ])
    }

    // MARK: Why

    /// Everything passes but what `change` says otherwise of.
    private func results(
        _ nodes: Int = 2, _ change: (Action) -> ProbeResult?
    ) -> [ActionResult] {
        TestMatrix(participants(nodes)).actions.map { action in
            var reached = ProbeResult(.reached)
            reached.answerer = action.probe.kind == .icmp ? "" : action.target.pod
            reached.mtuBefore = 1450
            reached.mtuAfter = 1450
            return ActionResult(action, .probed(change(action) ?? reached))
        }
    }

    private func reasons(_ results: [ActionResult], _ facts: ConntestFacts = ConntestFacts()) -> Set<String> {
        let explanation = Explanation(results, facts)
        return Set(results.filter { !$0.isPassed }.flatMap { explanation.reasons(for: $0) })
    }

    @Test func theUnderlayComesFirst() {
        let found = reasons(
            results { action in
                action.source.node == "n1" && action.target.node == "n2" ? ProbeResult(.timedOut(.receive)) : nil
            })
        #expect(
            found.contains(
                "nodes n1 and n2 do not reach each other without the pod network either: look at the network between "
                    + "them first"))
        #expect(!found.contains { $0.hasPrefix("every probe of pod-to-pod") })
    }

    @Test func fullPacketsOnly() {
        var blackHole = ProbeResult(.timedOut(.receive))
        blackHole.mtuBefore = 1500
        blackHole.mtuAfter = 1500
        let found = reasons(
            results { action in
                action.scenario == .podToPodOtherNode && [.tcpBulk, .udpMTU].contains(action.probe.kind)
                    ? blackHole : nil
            })
        #expect(
            found == [
                "small packets arrive, full ones do not: an MTU on the way is smaller than the pod's (1500), and nobody "
                    + "says so (ICMP \"too big\" is dropped)"
            ])
        var told = blackHole
        told.mtuAfter = 1450
        let known = reasons(
            results { action in action.scenario == .podToPodOtherNode && action.probe.kind == .udpMTU ? told : nil })
        #expect(known.first?.hasPrefix("the path's MTU is 1450, the pod's interface says 1500") == true)
    }

    @Test func objectsAreNamed() throws {
        var facts = ConntestFacts()
        facts.policies = ["NetworkPolicy deny-all"]
        let range = try #require(IPPrefix("10.244.9.0/24"))
        facts.nodes["n2"] = .init(name: "n2", isReady: false, ranges: [range], backend: "vxlan")
        facts.nodes["n1"] = .init(name: "n1", backend: "host-gw")
        let found = reasons(
            results { action in
                action.scenario == .podToPodOtherNode && action.target.node == "n2"
                    ? ProbeResult(.timedOut(.connect)) : nil
            }, facts)
        #expect(found.contains("Node n2 is not Ready"))
        #expect(found.contains("policies may be about these pods: NetworkPolicy deny-all"))
        #expect(
            found.contains(
                "10.244.2.2 of c2 is in none of the ranges of node n2 (10.244.9.0/24): other nodes have no route to it")
        )
        #expect(found.contains("node n1 has backend host-gw, node n2 has vxlan"))
    }

    @Test func somebodyElseAnswers() {
        let all = results { action in
            guard action.scenario == .podToHostPort, action.probe.kind == .tcp else { return nil }
            var other = ProbeResult(.reached)
            other.answerer = "stranger"
            return other
        }
        let report = ConntestReport(all, order: TestMatrix(participants(2)).tests, ConntestFacts(), seconds: 1.5)
        #expect(report.failedTests == 1)
        #expect(!report.isUndetermined)
        let lines = report.tests.flatMap { $0.failed.flatMap { report.lines(of: $0) } }
        #expect(lines.first == "c1 (n1) -> p2 (n2) 192.168.2.1:8088: stranger answered in its place")
        #expect(report.verdict == "1 of 30 tests failed (2 of 60 probes)")
    }

    @Test func reportsForPrograms() throws {
        var all = results { _ in nil }
        all[0] = ActionResult(all[0].action, .unknown("exec in c1: <gone> & \"lost\""))
        let order = TestMatrix(participants(2)).tests
        let report = ConntestReport(all, order: order, ConntestFacts(), seconds: 2.0625)
        #expect(report.isUndetermined)
        #expect(report.verdict == "1 of 60 probes could not be tried")
        let junit = report.junit
        #expect(junit.contains(#"<testsuites name="poplin conntest" tests="60" failures="0" errors="1" time="2.063">"#))
        #expect(junit.contains("exec in c1: &lt;gone&gt; &amp; &quot;lost&quot;"))
        #expect(junit.components("<testcase") == 60)
        let tree = try JSONTree(parsing: report.value.text).root
        #expect(tree.member("passed")?.bool == false)
        #expect(tree.member("tests")?.count == 30)
        let probe = tree.member("tests")?[0]?.member("probes")?[0]
        #expect(probe?.member("unknown")?.string == "exec in c1: <gone> & \"lost\"")
    }
}

extension String {
    /// How often a text stands in it.
    fileprivate func components(_ text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
