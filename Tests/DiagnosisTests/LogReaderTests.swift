import Foundation
import JSONTree
import Testing

@testable import Diagnosis

/// What is read out of messages: labelled cases, wrappings that change nothing, and lines that mean nothing.
@Suite struct LogReaderTests {
    private static func lines(_ name: String) -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/diagnosis/\(name)")
        return (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
    }

    /// Messages with the cause that somebody found, and how many there are at least: own wordings, messages of public
    /// threads and of other components, and a later set that no rule was written after.
    @Test(arguments: [
        ("cases.jsonl", 70), ("heldout.jsonl", 150), ("heldout-second.jsonl", 60), ("heldout-third.jsonl", 200),
        ("heldout-fourth.jsonl", 60), ("heldout-fifth.jsonl", 60), ("heldout-sixth.jsonl", 60),
    ])
    func labelledCases(_ file: String, _ count: Int) {
        let cases = Self.lines(file).compactMap { line in
            (try? JSONTree(parsing: Array(line.utf8)).root).flatMap { LogScore.Case($0) }
        }
        let score = LogScore(cases)
        print(
            "\(file): contains \(score.contained)/\(score.cases), first \(score.first)/\(score.deciding),",
            "confidently wrong \(score.confidentlyWrong)")
        for miss in score.misses { print("  \(miss.name): wanted \(miss.wanted), said \(miss.said)") }
        #expect(score.cases >= count)
        let misses = score.misses.map { "\($0.name): wanted \($0.wanted), said \($0.said)" }
        #expect(score.contained * 100 >= score.cases * 95, "\(misses)")
        #expect(score.first * 100 >= score.deciding * 90, "\(misses)")
        #expect(score.confidentlyWrong * 100 <= score.cases, "\(misses)")
    }

    /// The same message through kubelet, an event and JSON.
    @Test(arguments: [
        "%@", "E0931 02:11:54.1 kubelet.go:2855] \"Container runtime network not ready\" err=\"%@\"",
        "Warning  FailedCreatePodSandBox  3s (x4 over 9s)  kubelet  Failed to create pod sandbox: rpc error: code = Unknown desc = %@",
        "{\"level\":\"error\",\"msg\":\"%@\"}",
    ])
    func wrappingsChangeNothing(_ wrapping: String) {
        let message = "plugin type=\"bridge\" failed (add): failed to find plugin \"portmap\" in path [/opt/cni/bin]"
        for text in [message, message.replacing("\"", with: "\\\""), message.uppercased()] {
            let said = LogReader.causes(of: wrapping.replacing("%@", with: text))
            #expect(said.first?.code == "INS-03", "\(text): \(said)")
        }
    }

    @Test(arguments: [
        "Started container web", "Successfully assigned shop/web-0 to node-3",
        "level=info msg=\"Initialised CNI configuration\"", "GET /healthz 200 1ms", "", "   \n ",
        "Pulling image \"nginx:1.27\"", "Node node-3 status is now: NodeReady",
    ])
    func whatMeansNothing(_ line: String) {
        let said = LogReader.causes(of: line)
        #expect(said.isEmpty, "\(said)")
    }

    /// What agents, runtimes and kernels write on a good day.
    @Test func ordinaryLines() {
        let ordinary = Self.lines("ordinary.txt") + Self.lines("ordinary-third.txt")
        #expect(ordinary.count >= 100)
        let read = ordinary.map { (line: $0, said: LogReader.causes(of: $0).map(\.code)) }
        for (line, said) in read where !said.isEmpty { Issue.record("\(said): \(line)") }
    }

    /// Lines that several causes can lie behind leave nothing certain.
    @Test func openLines() {
        let open = Self.lines("open.txt")
        #expect(open.count >= 15)
        for line in open {
            let certain = LogReader.causes(of: line).filter { $0.confidence == .certain }.map(\.code)
            #expect(certain.isEmpty, "\(certain): \(line)")
        }
    }

    /// Two mechanisms in one text, of which neither explains the other, leave nothing certain.
    @Test func twoCertaintiesAreNone() {
        let said = LogReader.causes(of: "arp_cache: neighbor table overflow!\nText file busy")
        #expect(Set(said.map(\.code)).isSuperset(of: ["NOD-03", "INS-04"]))
        #expect(said.allSatisfy { $0.confidence < .certain })
    }

    @Test func aCauseIsBeforeItsConsequence() {
        let said = LogReader.causes(
            of:
                "cni plugin not initialized: error parsing configuration list /etc/cni/net.d/10-a.conflist: unexpected end of JSON input"
        )
        #expect(said.first?.code == "CFG-02" && said.first?.confidence == .certain, "\(said)")
        #expect(said.contains { $0.code == "CFG-01" && $0.confidence < .certain })
    }
}
