import Bundles
import Diagnosis
import Findings
import Foundation
import JSONTree
import Testing

/// Every recorded cluster under Tests/Fixtures/doctor: the right cause first and as sure as expected; the healthy ones
/// and those that only look suspicious without a finding.
@Suite struct FixtureTests {
    struct Fixture: Sendable, CustomTestStringConvertible {
        var name: String
        var path: String
        /// Nil for healthy.
        var cause: String?
        var confidence: Confidence?
        var also: [String]

        var testDescription: String { name }
    }

    static let fixtures: [Fixture] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/doctor").path()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { name in
            let path = "\(folder)/\(name)"
            guard let bytes = FileManager.default.contents(atPath: "\(path)/expect.json"),
                let node = try? JSONTree(parsing: [UInt8](bytes)).root
            else { return nil }
            return Fixture(
                name: name, path: path, cause: node.member("cause")?.string,
                confidence: node.member("confidence")?.string.flatMap { Confidence(rawValue: $0) },
                also: node.member("also")?.elements.compactMap(\.string) ?? [])
        }
    }()

    private static func report(_ fixture: Fixture) throws -> DiagnosisReport {
        let reading = try Bundle.read(fixture.path)
        #expect(reading.problems.isEmpty, "\(reading.problems.map(\.message))")
        return DiagnosisReport(FactBase(reading: reading.evidence), CheckList.all)
    }

    @Test(arguments: fixtures)
    func fixture(_ fixture: Fixture) throws {
        let report = try Self.report(fixture)
        let found = report.entries.map { "\($0.root.code) \($0.root.confidence) \($0.root.places)" }
        guard let cause = fixture.cause else {
            #expect(report.entries.isEmpty, "\(found)")
            return
        }
        let first = report.entries.first?.root
        #expect(first?.code == cause, "\(found)")
        if let wanted = fixture.confidence { #expect(first?.confidence == wanted, "\(found)") }
        let all = Set(report.entries.flatMap { [$0.root] + $0.consequences }.map(\.code))
        for code in fixture.also { #expect(all.contains(code), "\(found)") }
        // Nothing else is claimed as certain.
        for entry in report.entries where entry.root.confidence == .certain {
            #expect(entry.root.code == cause || fixture.also.contains(entry.root.code), "\(found)")
        }
    }

    /// What destroys more than it mends is never advised: not by a finding, not by the catalogue.
    @Test func nothingDestructiveIsAdvised() throws {
        var texts = Cause.all.map { ($0.code, $0.fix) }
        for fixture in Self.fixtures {
            for entry in try Self.report(fixture).entries {
                for finding in [entry.root] + entry.consequences {
                    let fix = finding.fix
                    texts += ((fix?.steps ?? []) + [fix?.undo ?? "", finding.prevent]).map { (finding.code, $0) }
                }
            }
        }
        let forbidden = [
            "iptables -F", "iptables --flush", "nft flush ruleset", "--all -A", "delete networkpolicies --all",
            "delete networkpolicy --all", "delete netpol --all", "rm -rf /etc/cni", "rm -rf /opt/cni",
            "rm -rf /var/lib/cni", "/etc/cni/net.d/*", "/opt/cni/bin/*", "/var/lib/cni/networks/*", "ipset destroy\n",
            "conntrack -F",
        ]
        for (code, text) in texts {
            for words in forbidden { #expect(!text.contains(words), "\(code): \(text)") }
        }
    }
}
