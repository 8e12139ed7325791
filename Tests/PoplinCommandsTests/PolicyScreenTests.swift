import Foundation
import JSONTree
import LinuxHost
import Testing

@testable import PoplinCommands

/// Every screen of `poplin policy`, whole.
@Suite struct PolicyScreenTests {
    private let recorder: Recorder

    init() throws {
        recorder = try Recorder()
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/policy/screens")
        for name in ["cluster.yaml", "old.yaml", "new.yaml", "flows.jsonl"] {
            try recorder.write(name, String(contentsOf: fixtures.appending(path: name), encoding: .utf8))
        }
    }

    private func run(_ arguments: [String]) -> CommandStatus {
        let placed = arguments.map { $0.replacing("DIR", with: recorder.directory) }
        let console = recorder.console()
        return PoplinCommand.invoke(["policy"] + placed, on: console)
    }

    private static let given = ["-f", "DIR/cluster.yaml", "-f", "DIR/old.yaml"]

    @Test(
        arguments: [
            ("policy-explain-denied", ["explain"] + given + ["shop/cart", "->", "svc/pay/payments:8443"], .findings),
            ("policy-explain-typo", ["explain"] + given + ["pay/payments", "pay/db:5432"], .findings),
            ("policy-explain-allowed", ["explain"] + given + ["pay/payments", "shop/cart:http", "-v"], .healthy),
            ("policy-explain-outside", ["explain"] + given + ["shop/web", "203.0.113.7:443", "-o", "json"], .findings),
            ("policy-lint", ["lint"] + given, .findings),
            ("policy-lint-junit", ["lint"] + given + ["-o", "junit"], .findings),
            ("policy-lint-sarif", ["lint", "-f", "DIR/cluster.yaml", "-f", "DIR/new.yaml", "-o", "sarif"], .findings),
            (
                "policy-diff",
                ["diff", "DIR/old.yaml", "DIR/new.yaml", "-f", "DIR/cluster.yaml", "--flows", "DIR/flows.jsonl"],
                .findings
            ),
            ("policy-diff-none", ["diff", "DIR/old.yaml", "DIR/old.yaml", "-f", "DIR/cluster.yaml"], .healthy),
            ("policy-suggest", ["suggest", "-f", "DIR/cluster.yaml", "--flows", "DIR/flows.jsonl"], .healthy),
            ("policy-graph", ["graph"] + given, .healthy),
            ("policy-graph-mermaid", ["graph"] + given + ["-o", "mermaid", "--pods-only"], .healthy),
            ("policy-graph-dot", ["graph"] + given + ["-o", "dot"], .healthy),
            ("policy-graph-svg", ["graph"] + given + ["-o", "svg"], .healthy),
            ("policy-graph-yaml", ["graph"] + given + ["-o", "yaml", "--pods-only"], .healthy),
            (
                "policy-suggest-calico",
                [
                    "suggest", "-f", "DIR/cluster.yaml", "--flows", "DIR/flows.jsonl", "--dialect", "calico", "--only",
                    "pay",
                ], .healthy
            ),
        ] as [(String, [String], CommandStatus)])
    func screen(_ name: String, _ arguments: [String], _ status: CommandStatus) throws {
        let answer = run(arguments)
        #expect(answer == status, "\(recorder.errors)")
        try expectSnapshot(recorder.text(.output), name)
    }

    @Test(
        arguments: [
            (["explain", "-f", "DIR/cluster.yaml", "shop/web"], .usage, "a flow has two ends"),
            (
                ["explain", "-f", "DIR/cluster.yaml", "shop/wbe", "pay/db:5432"], .undetermined,
                "did you mean shop/web?"
            ),
            (["explain", "-f", "DIR/cluster.yaml", "shop/web", "pay/db"], .usage, "which port"),
            (["explain", "shop/web", "pay/db:5432"], .usage, "nothing to read"),
            (["lint", "-f", "DIR/nowhere.yaml"], .undetermined, "cannot read"),
            (["diff", "no-such-revision:x", "DIR/new.yaml"], .undetermined, "git cannot read"),
        ] as [([String], CommandStatus, String)])
    func mistakes(_ arguments: [String], _ status: CommandStatus, _ words: String) {
        let answer = run(arguments)
        #expect(answer == status, "\(recorder.output)")
        #expect(recorder.errors.contains(words), "\(recorder.errors)")
    }

    /// What is suggested is read again, and admits the flows it was made from.
    @Test func suggestionsAreManifests() throws {
        _ = run(["suggest", "-f", "DIR/cluster.yaml", "--flows", "DIR/flows.jsonl"])
        try recorder.write("suggested.yaml", recorder.output)
        let second = try Recorder()
        let status = PoplinCommand.invoke(
            [
                "policy", "diff", "\(recorder.directory)/cluster.yaml", "\(recorder.directory)/suggested.yaml",
                "-f", "\(recorder.directory)/cluster.yaml", "--flows", "\(recorder.directory)/flows.jsonl",
            ], on: second.console())
        #expect(status == .findings)
        #expect(second.output.contains("5 flows replayed, 0 would be dropped, 0 newly let through"), "\(second.output)")
    }
}
