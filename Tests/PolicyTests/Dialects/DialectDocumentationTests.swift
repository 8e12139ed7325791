import Findings
import Foundation
import JSONTree
import KubernetesModel
import Testing

@testable import Policy

/// docs/reference/policy-dialects.md and lint-codes.md are made from tables in the code: `POPLIN_WRITE_DOCS=1 swift
/// test --filter DialectDocumentation` writes them, the tests without it compare.
@Suite struct DialectDocumentationTests {
    private func check(_ name: String, _ document: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/reference/\(name)")
        if ProcessInfo.processInfo.environment["POPLIN_WRITE_DOCS"] != nil {
            try Data(document.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == document, "\(name) is stale")
    }

    @Test func theDialectDocumentIsTheTable() throws {
        var text = """
            <!-- Generated from the tables in Sources/Policy/Dialects; see Tests/PolicyTests/Dialects. -->
            # What becomes of every field of every policy dialect

            *enforced* fields take part in every verdict. *refused* fields are understood and not enforced: every command \
            reports them with their path, an allow that depends on one allows nothing, and a deny that depends on one denies. \
            A field that stands in no table is an error, and closes the rule it stands in.

            """
        for table in DialectTable.all {
            text +=
                "\n## \(table.title)\n\n`\(table.apiVersion)`. \(table.introduction)\n\n| field | support | remark |\n|---|---|---|\n"
            for field in table.fields {
                text += "| `\(field.path.replacing("|", with: "\\|"))` | \(field.support.rawValue) | \(field.note) |\n"
            }
        }
        try check("policy-dialects.md", text)
    }

    @Test func theLintDocumentIsTheTable() throws {
        var text = """
            <!-- Generated from the table in Sources/Policy/Lint/LintCode.swift. -->
            # Codes of `poplin policy lint`

            Findings without a code are mistakes of the object itself: what the API server would refuse.
            A policy ignores a code with an annotation that says why: `poplin.dev/lint-ignore: "POL-06: opened on purpose"`; several
            are separated by semicolons.

            """
        for code in LintCode.all { text += "\n## \(code.code): \(code.title)\n\n\(code.explanation)\n" }
        try check("lint-codes.md", text)
    }

    /// Each row's example does what the row says.
    @Test(arguments: DialectTable.all.flatMap { table in table.fields.map { (table.kind, table.apiVersion, $0.path) } })
    func theRowIsTrue(_ kind: String, _ apiVersion: String, _ path: String) throws {
        let table = try #require(DialectTable.all.first { $0.kind == kind && $0.apiVersion == apiVersion })
        let field = try #require(table.fields.first { $0.path == path })
        let spec = try JSONTree(parsing: Array(field.example.utf8)).root
        let object: JSONValue = [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "metadata": ["name": "x", "namespace": "shop"],
            "spec": .node(spec),
        ]
        var input = PolicyInput()
        input.read(
            PolicyDocument(
                gvk: GroupVersionKind(apiVersion: apiVersion, kind: kind), node: try object.tree().root, file: "x.yaml")
        )
        let findings = input.parsed.findings
        #expect(findings.allSatisfy { $0.severity != .error }, "\(findings)")
        let refused = input.parsed.policies.flatMap(\.everythingUnenforceable)
        // An object that is no policy can only report.
        let isReported = !refused.isEmpty || (input.parsed.policies.isEmpty && !findings.isEmpty)
        let isPolicy = !["HostEndpoint"].contains(kind)
        if isPolicy { #expect(isReported == (field.support == .refused), "\(refused) \(findings)") }
        if field.support == .refused, isPolicy {
            let last = try #require(
                path.replacing("[]", with: "").split(separator: ".").last?.split(separator: " ").first)
            #expect(refused.contains { $0.path.contains(last) }, "\(refused)")
        }
    }

    /// Every field that a parser knows stands in a table, and the fields it reads are those of the tables.
    @Test func nothingIsLeftOut() {
        func names(_ table: DialectTable) -> Set<String> {
            Set(
                table.fields.flatMap { field in
                    field.path.replacing("[]", with: "").split(separator: " ")[0].split(separator: ".").map(String.init)
                })
        }
        let cilium = names(.cilium)
        for field in CiliumPolicyParser.fields + CiliumRuleParser.portRuleFields {
            #expect(cilium.contains(field), "\(field)")
        }
        for field in CiliumRuleParser.ruleFields {
            #expect(cilium.contains(field) || cilium.contains(field.mirrored), "\(field)")
        }
        let calico = names(.calico)
        for field in CalicoPolicyParser.fields + CalicoPolicyParser.ruleFields + CalicoEntityParser.fields {
            #expect(calico.contains(field), "\(field)")
        }
        let global = names(.calicoGlobal)
        for field in CalicoPolicyParser.globalFields where !CalicoPolicyParser.fields.contains(field) {
            #expect(global.contains(field), "\(field)")
        }
    }
}

extension String {
    /// `toCIDR` is documented as `fromCIDR`.
    fileprivate var mirrored: String { hasPrefix("to") ? "from" + dropFirst(2) : self }
}
