import Foundation
import Policy
import Testing

@testable import Diagnosis

/// Who can say what: of every cause the checks that compute it, the log rules that read of it, and the recorded
/// clusters that show it. docs/reference/coverage.md is written from it: `POPLIN_WRITE_DOCS=1 swift test --filter
/// CoverageTests`.
@Suite struct CoverageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private struct Row {
        var cause: Cause
        var checks: [String]
        var rules: Int
        var clusters: [String]
    }

    private static let rows: [Row] = {
        let clusters = recorded
        return Cause.all.map { cause in
            Row(
                cause: cause,
                checks: CheckList.all.filter { $0.codes.contains(cause.code) }.map { "\(type(of: $0))" },
                rules: LogRule.all.count { $0.codes.contains(cause.code) }, clusters: clusters[cause.code] ?? [])
        }
    }()

    /// Names of the clusters that scripts/fixtures/cases_*.py describe, by their cause.
    private static let recorded: [String: [String]] = {
        let folder = root.appending(path: "scripts/fixtures")
        var found: [String: [String]] = [:]
        for file in (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? [] {
            guard file.hasPrefix("cases_"), file.hasSuffix(".py"),
                let text = try? String(contentsOf: folder.appending(path: file), encoding: .utf8)
            else { continue }
            // What stands in quotes and begins with a code: `RTE-02-udev-rewrote-vtep`.
            for name in text.split(whereSeparator: { $0 == "\"" || $0 == "\n" }) {
                let code = String(name.prefix(6))
                guard Cause.coded(code) != nil, name.dropFirst(6).first == "-",
                    name.dropFirst(7).first?.isLowercase ?? name.dropFirst(7).first?.isNumber ?? false
                else { continue }
                found[code, default: []].append(String(name))
            }
        }
        return found.mapValues { $0.sorted() }
    }()

    /// What `poplin policy lint` alone advises on: valid objects that are no fault of a cluster.
    private static let advice = Set(LintCode.all.map(\.code)).subtracting(PolicyCheck().codes)

    /// Not a fault: a virtual address answers for its ports and not to ping. Only who asks about a message hears of it.
    private static let noFault: Set<String> = ["ING-09"]

    @Test func everyCauseCanBeSaid() {
        let silent = Self.rows.filter { $0.checks.isEmpty && $0.rules == 0 && !Self.advice.contains($0.cause.code) }
        let codes = silent.map(\.cause.code)
        #expect(codes.isEmpty, "neither a check nor a log rule")
    }

    /// What evidence decides is computed by a check: a log rule alone only repeats what somebody else noticed.
    @Test func whatEvidenceDecidesIsComputed() {
        let read = Self.rows.filter { row in
            row.cause.isDecisive && row.checks.isEmpty && !Self.advice.contains(row.cause.code)
                && !Self.noFault.contains(row.cause.code)
        }
        let codes = read.map(\.cause.code)
        #expect(codes.isEmpty, "no check computes it")
    }

    @Test func everyCauseHasARecordedCluster() throws {
        try #require(!Self.recorded.isEmpty, "scripts/fixtures is not there")
        let unseen = Self.rows.filter { row in
            row.clusters.isEmpty && !Self.advice.contains(row.cause.code) && !Self.noFault.contains(row.cause.code)
        }
        let codes = unseen.map(\.cause.code)
        #expect(codes.isEmpty, "no recorded cluster")
    }

    @Test func checksReportCausesThatExist() {
        for check in CheckList.all {
            for code in check.codes { #expect(Cause.coded(code) != nil, "\(check.name): \(code)") }
        }
    }

    private static var page: String {
        var text = """
            <!-- Generated from the checks, the log rules and scripts/fixtures. -->
            # Who can say what

            Of every cause of the catalogue: how sure the doctor can be at most, the checks that compute it, how many rules
            read of it in messages, and how many recorded clusters show it. A policy's advice that is no fault of a cluster
            is `poplin policy lint`'s.

            | code | at most | checks | log rules | recorded clusters |
            |---|---|---|---|---|

            """
        for row in rows {
            let checks =
                advice.contains(row.cause.code) ? ["policy lint"] : row.checks.isEmpty ? ["-"] : row.checks
            text +=
                "| [\(row.cause.code)](causes/\(row.cause.code).md) | \(row.cause.isDecisive ? "certain" : "likely") | "
                + "\(checks.joined(separator: ", ")) | \(row.rules) | \(row.clusters.count) |\n"
        }
        return text
    }

    /// Written on demand; what it says is asserted above, so that a new cluster does not make a page stale.
    @Test func theTableNamesEveryCause() throws {
        let file = Self.root.appending(path: "docs/reference/coverage.md")
        if ProcessInfo.processInfo.environment["POPLIN_WRITE_DOCS"] != nil {
            try Data(Self.page.utf8).write(to: file)
        }
        let text = try String(contentsOf: file, encoding: .utf8)
        let absent = Cause.all.filter { !text.contains("| [\($0.code)]") }.map(\.code)
        #expect(absent.isEmpty, "run it with POPLIN_WRITE_DOCS=1: \(absent)")
    }
}
