import JSONTree
import KubernetesModel
import Testing

@testable import Diagnosis

/// Clocks of the collector, the API server and the nodes.
@Suite struct ClockTests {
    private static let second: UInt64 = 1_000_000_000
    private static let now: Int64 = 1_795_230_000

    /// The Date has whole seconds, and the answer was made somewhere on the way.
    @Test(
        arguments: [
            (0, 100, 100, 0, 1), (0, 100, 900, 0, 1), (420, 0, 10, 420, 1), (-420, 0, 10, -419, 1),
            (60, 0, 9000, 56, 5),
        ] as [(Int64, UInt64, UInt64, Int64, Int64)])
    func offsets(_ ahead: Int64, _ sent: UInt64, _ came: UInt64, _ seconds: Int64, _ within: Int64) {
        let base = UInt64(Self.now) * Self.second
        let offset = ClockOffset(
            date: Self.now + ahead, sent: base + sent * 1_000_000, came: base + came * 1_000_000)
        #expect(abs(offset.seconds - seconds) <= 1 && offset.within == within, "\(offset)")
        let truth = ahead
        #expect((offset.seconds - truth).magnitude <= UInt64(offset.within) + 1)
    }

    private static func record(_ ahead: Int64?) -> CollectionRecord {
        CollectionRecord(
            requests: 1, requestBudget: 600, seconds: 4, deadline: 25,
            clock: ahead.map { ClockOffset(seconds: $0, within: 1) })
    }

    @Test func agesAreToldByTheServersClock() throws {
        for (ahead, now, says) in [(420, Self.now + 420, true), (3, Self.now, false), (-7200, Self.now - 7200, true)] {
            var tree = EvidenceTree(collectedAt: Self.now)
            tree.add(Self.record(Int64(ahead)).value.text, at: EvidencePath.collection, from: FactSource("requests"))
            let facts = FactBase(reading: tree)
            #expect(facts.now == now)
            #expect(CollectionRecord(tree) == Self.record(Int64(ahead)))
            let screen = ReportScreen(DiagnosisReport(facts, [])).text
            #expect(screen.contains("the API server's clock is") == says, "\(screen)")
        }
    }

    // MARK: Nodes

    private static func time(_ seconds: Int64) -> String { "\(Timestamp(seconds: seconds))" }

    private static func evidence(
        _ nodes: [(name: String, ahead: Int64)], written: Int64 = -4, offset: Int64? = 0
    ) -> Evidence {
        Evidence(at: time(now)) { evidence in
            evidence.document(EvidencePath.collection, record(offset).value.text)
            for node in nodes {
                evidence.objects("nodes", #"{"metadata":{"name":"\#(node.name)"}}"#)
                evidence.objects(
                    "leases.coordination.k8s.io",
                    """
                    {"metadata":{"namespace":"kube-node-lease","name":"\(node.name)",
                    "managedFields":[{"manager":"kubelet","time":"\(time(now + written))"}]},
                    "spec":{"renewTime":"\(time(now + written + node.ahead))"}}
                    """)
            }
        }
    }

    @Test(arguments: [900, -900, 200, -7200] as [Int64]) func oneNodeIsOff(_ ahead: Int64) throws {
        let found = Self.evidence([("node-1", 0), ("node-2", ahead), ("node-3", -1)]).findings(ClockCheck())
        let finding = try #require(found.first)
        #expect(found.count == 1 && finding.code == "API-01" && finding.confidence == .likely)
        #expect(finding.places == ["Node/node-2"])
        #expect(finding.title.contains(ahead > 0 ? "ahead of" : "behind"), "\(finding.title)")
    }

    @Test func allAlikeIsTheServer() throws {
        let found = Self.evidence([("node-1", 600), ("node-2", 601), ("node-3", 599)]).findings(ClockCheck())
        let finding = try #require(found.first)
        #expect(found.count == 1 && finding.places == ["API server"])
        #expect(finding.title.hasPrefix("The API server's clock is 10 min behind"), "\(finding.title)")
    }

    /// A minute is nothing; a server that does not write down when a Lease was renewed says nothing of clocks; nor does
    /// a recorded cluster whose server's clock nobody saw.
    @Test func nothingIsSaidWithoutReason() {
        let slight = Self.evidence([("node-1", 60), ("node-2", -90)]).findings(ClockCheck())
        let stale = Self.evidence([("node-1", 3000), ("node-2", 3000)], written: -3000).findings(ClockCheck())
        let recorded = Self.evidence([("node-1", 0), ("node-2", 3000)], offset: nil).findings(ClockCheck())
        #expect(slight.isEmpty && stale.isEmpty && recorded.isEmpty)
    }

    /// Read in a pod: what the machine said, beside our clock when the answer came.
    @Test(arguments: [(0, true), (600, false), (-600, false), (-170, true)] as [(Int64, Bool)])
    func aMachineSaysItself(_ ahead: Int64, _ isWell: Bool) {
        var evidence = Self.evidence([])
        evidence.objects("nodes", #"{"metadata":{"name":"node-9"}}"#)
        evidence.objects("leases.coordination.k8s.io")
        let bytes = MachineClock.marked(
            Array("{\"wall\":\(Self.now + ahead)}".utf8), seen: UInt64(Self.now) * Self.second)
        evidence.node("node-9", .clock, String(decoding: bytes, as: UTF8.self))
        let found = evidence.findings(ClockCheck())
        #expect(found.isEmpty == isWell, "\(found.map(\.title))")
    }
}
