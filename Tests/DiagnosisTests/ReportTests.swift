import JSONTree
import Testing

@testable import Diagnosis

/// Facts to findings to a report: what is folded, what is left over, and what was not looked at.
@Suite struct ReportTests {
    private static let addresses = FactKey<String>("pod addresses")
    private static let rules = FactKey<String>("packet filter rules")

    private struct Fixed: Check {
        var name: String
        var codes: [String] { found.map(\.code) }
        var needs: [FactName]
        var found: [Diagnosis]

        func findings(_ facts: FactBase) -> [Diagnosis] { found }
    }

    private static func finding(
        _ code: String, _ confidence: Confidence = .certain, explains: Set<String> = []
    ) -> Diagnosis {
        Diagnosis(code, "title of \(code)", confidence, explains: explains)
    }

    @Test func consequencesAreFoldedUnderTheirCause() {
        let graph = CauseGraph(["A": ["B"], "B": ["C"]])
        let folded = graph.folded([
            Self.finding("C"), Self.finding("A"), Self.finding("X", .possible), Self.finding("B"),
        ])
        #expect(folded.map(\.root.code) == ["A", "X"])
        #expect(folded[0].consequences.map(\.code) == ["C", "B"])
        #expect(folded[1].consequences.isEmpty)
    }

    /// A guess does not hide what is certain.
    @Test func aGuessExplainsNothingSure() {
        let folded = CauseGraph(["A": ["B"]]).folded([Self.finding("A", .possible), Self.finding("B")])
        #expect(folded.map(\.root.code) == ["B", "A"])
    }

    @Test func circlesLoseNothing() {
        let folded = CauseGraph(["A": ["B"], "B": ["A"]]).folded([Self.finding("B"), Self.finding("A")])
        #expect(folded.map(\.root.code) == ["A"])
        #expect(folded[0].consequences.map(\.code) == ["B"])
    }

    /// What happens on one machine does not follow from what happens on another; a chain over both keeps its end.
    @Test func machinesAreKeptApart() {
        func at(_ code: String, _ places: String...) -> Diagnosis {
            Diagnosis(code, code, .certain, at: places)
        }
        let graph = CauseGraph(["A": ["B"], "B": ["C"]])
        #expect(graph.folded([at("A", "Node/a"), at("B", "b: /etc/x")]).map(\.root.code) == ["A", "B"])
        #expect(graph.folded([at("A", "Node/a"), at("B", "DaemonSet/kube-system/x")]).map(\.root.code) == ["A"])
        let chain = graph.folded([at("A", "Node/a"), at("B", "Node/a", "Node/b"), at("C", "Node/b")])
        #expect(chain.map(\.root.code) == ["A"])
        #expect(chain[0].consequences.map(\.code) == ["B", "C"])
    }

    /// Whatever the graph and whatever is found, every finding is on the screen exactly where it belongs or more than
    /// once, never nowhere: random graphs with circles.
    @Test func nothingIsEverLost() {
        var state: UInt64 = 42
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let codes = ["A", "B", "C", "D", "E", "F"]
        for _ in 0..<300 {
            var edges: [String: Set<String>] = [:]
            for _ in 0..<random(12) { edges[codes[random(6)], default: []].insert(codes[random(6)]) }
            let findings = codes.filter { _ in random(3) > 0 }.map { code in
                Diagnosis(code, code, Confidence.allCases[random(3)], at: random(2) == 0 ? ["Node/\(random(3))"] : [])
            }
            let folded = CauseGraph(edges).folded(findings)
            let shown = Set(folded.flatMap { [$0.root] + $0.consequences }.map(\.code))
            #expect(shown == Set(findings.map(\.code)), "\(edges)")
        }
    }

    @Test func theSurestAndTheWidestFirst() {
        let folded = CauseGraph([:]).folded([
            Self.finding("A", .likely), Self.finding("B", explains: ["x"]), Self.finding("C", explains: ["x", "y"]),
        ])
        #expect(folded.map(\.root.code) == ["C", "B", "A"])
    }

    @Test func whatCannotBeCheckedIsNeitherGoodNorBad() {
        var facts = FactBase()
        facts.add(Fact("10.0.0.1", from: FactSource("Node/a")), as: Self.addresses)
        facts.addMissing(Self.rules.erased, because: "no root")
        let checks: [any Check] = [
            Fixed(name: "addresses", needs: [Self.addresses.erased], found: []),
            Fixed(name: "filter", needs: [Self.addresses.erased, Self.rules.erased], found: [Self.finding("A")]),
        ]
        let report = DiagnosisReport(facts, checks)
        #expect(report.entries.isEmpty)
        #expect(
            report.outcomes == [
                CheckOutcome(name: "addresses", state: .ran(findings: 0)),
                CheckOutcome(name: "filter", codes: ["A"], state: .notChecked(because: "no root")),
            ])
        #expect(report.status == .healthy)
        // Nothing that could be looked at is no health.
        #expect(DiagnosisReport(FactBase(), checks).status == .couldNotSay)
        // An empty list is a fact.
        facts.addNothing(of: Self.rules)
        #expect(DiagnosisReport(facts, checks).status == .findings)
    }

    @Test func symptomsNobodyExplainsAreKept() {
        let found = Self.finding("A", explains: [Symptom.pod("shop", "web", .ready)])
        let checks: [any Check] = [Fixed(name: "one", needs: [], found: [found])]
        let symptoms = [Symptom(.ready, "shop", "web"), Symptom(.restarts, "shop", "job")]
        let report = DiagnosisReport(FactBase(), checks, symptoms: symptoms)
        #expect(report.unexplained == [symptoms[1]])
    }

    // MARK: What was refused

    /// A viewer of pods and nodes alone: the rest is neither green nor red, and is named.
    @Test func whatTheServerRefusesIsNamed() throws {
        let evidence = Evidence(at: "2026-11-21T03:00:00Z") { evidence in
            evidence.objects(
                "nodes",
                #"{"metadata":{"name":"node-1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#)
            evidence.objects("pods", #"{"metadata":{"namespace":"shop","name":"a"},"status":{"phase":"Running"}}"#)
            for resource in ["services", "endpointslices.discovery.k8s.io"] {
                evidence.missing(
                    EvidencePath.resource(resource),
                    "list \(resource) was refused: User \"system:serviceaccount:default:few\" cannot list resource \"\(resource)\" in API group \"\" at the cluster scope (403 Forbidden)"
                )
            }
            evidence.document(
                EvidencePath.access,
                """
                [{"verb":"list","resource":"pods","namespace":"","allowed":true},
                {"verb":"list","resource":"services","namespace":"","allowed":false},
                {"verb":"list","resource":"endpointslices.discovery.k8s.io","namespace":"","allowed":false},
                {"verb":"create","resource":"pods/exec","namespace":"net","allowed":false}]
                """)
        }
        let report = DiagnosisReport(evidence.facts, CheckList.all)
        #expect(report.status == .couldNotSay)
        let screen = ReportScreen(report, ScreenStyle(isVerbose: true)).text
        #expect(
            screen.hasPrefix(
                """
                CANNOT SAY: listing services, endpointslices.discovery.k8s.io was refused to
                system:serviceaccount:default:few.
                """), "\(screen)")
        #expect(
            screen.contains(
                """
                Refused  list endpointslices.discovery.k8s.io, services
                         create pods/exec in net; to system:serviceaccount:default:few
                """), "\(screen)")
        // What that leaves unknown is said of each layer.
        let unchecked = report.outcomes.filter { if case .notChecked = $0.state { true } else { false } }
        #expect(Set(unchecked.compactMap(\.layer)).isSuperset(of: [.dns, .services]), "\(unchecked)")
        #expect(report.value.at("denied", "create") == .array(["pods/exec in net"]))
        for line in screen.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(report.html.contains("create pods/exec in net"))
    }

    /// A pod made to read a machine is no command in an agent's pod, and one that stayed is said.
    @Test(arguments: [true, false]) func podsThatWereMade(_ isDeleted: Bool) {
        let evidence = Evidence { evidence in
            evidence.document(
                EvidencePath.executed,
                """
                [{"namespace":"kube-system","pod":"poplin-doctor-x","container":"collect","node":"node-1",
                "command":["poplin","doctor","collect"],"exitCode":0,"created":true,"deleted":\(isDeleted)}]
                """)
        }
        let screen = ReportScreen(DiagnosisReport(evidence.facts, [])).text
        #expect(
            screen.contains(
                "Run      1 pod made to read its machine, " + (isDeleted ? "and deleted" : "1 of them NOT")),
            "\(screen)")
    }
}
