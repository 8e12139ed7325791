import Foundation
import Testing

@testable import Diagnosis

/// docs/reference/causes is made from the catalogue: `POPLIN_WRITE_DOCS=1 swift test --filter CauseDocumentation`
/// writes it, the tests without it compare.
@Suite struct CauseDocumentationTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/reference/causes")

    private static let note =
        "<!-- Generated from the catalogue in Sources/Diagnosis/Catalogue, its checks and labelled messages. -->\n"

    private static func index(_ guides: [CausePage.Guide]) -> String {
        var text =
            note + """
                # Causes that `poplin doctor` knows

                A code never changes its meaning. `poplin explain CODE` prints a page, `poplin explain "ERROR TEXT"` says which of
                them a message may mean.

                """
        for layer in Cause.Layer.allCases {
            let causes = Cause.all.filter { $0.layer == layer }
            if causes.isEmpty { continue }
            text += "\n## \(layer.rawValue)\n\n| code | cause | at most |\n|---|---|---|\n"
            for cause in causes {
                let title = cause.title.replacing("|", with: "\\|")
                text +=
                    "| [\(cause.code)](\(cause.code).md) | \(title) | \(cause.isDecisive ? "certain" : "likely") |\n"
            }
        }
        // Those that are named by what somebody reads on the screen.
        let messages = guides.filter { $0.title.hasPrefix("\"") || $0.title.hasPrefix("'") }
        text += "\n## By message\n\n"
        for guide in messages { text += "- [\(guide.title)](../../how-to/\(guide.file))\n" }
        return text
    }

    @Test func everyCauseHasItsPage() throws {
        let guides = CausePage.Guide.all
        #expect(!guides.isEmpty, "docs/how-to is not there")
        var pages = Dictionary(
            uniqueKeysWithValues: Cause.all.map {
                ("\($0.code).md", Self.note + CausePage($0, guides: guides).text)
            })
        pages["README.md"] = Self.index(guides)
        if ProcessInfo.processInfo.environment["POPLIN_WRITE_DOCS"] != nil {
            try? FileManager.default.removeItem(at: Self.folder)
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            for (name, text) in pages { try Data(text.utf8).write(to: Self.folder.appending(path: name)) }
        }
        let present = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
        #expect(Set(present) == Set(pages.keys), "run it with POPLIN_WRITE_DOCS=1")
        let stale = try pages.filter { name, text in
            try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8) != text
        }
        #expect(stale.isEmpty, "stale: \(stale.keys.sorted()); run it with POPLIN_WRITE_DOCS=1")
    }
}
