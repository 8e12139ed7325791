import Foundation
import Testing

@testable import CNI

/// docs/reference/error-codes.md is made from the table in the code: `POPLIN_WRITE_DOCS=1 swift test --filter
/// ErrorCodeDocumentation` writes it, the test without it compares.
@Suite struct ErrorCodeDocumentationTests {
    @Test func theDocumentIsTheTable() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/reference/error-codes.md")
        if ProcessInfo.processInfo.environment["POPLIN_WRITE_DOCS"] != nil {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(Self.document.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == Self.document)
    }

    static var document: String {
        var text = """
            # Error codes of the plugins

            A plugin that fails prints one object on standard output and exits with 1:

            ```json
            {
                "cniVersion": "1.1.0",
                "code": 7,
                "msg": "ipam.subnet: must be a string, not a number",
                "details": "line 4, column 16: ipam.subnet must be a string, not a number\\n    \\"subnet\\": 7\\n              ^"
            }
            ```

            `msg` is one sentence: what was tried, and why it could not be. `details` is what a person needs to act, on as
            many lines as it takes. Codes below 100 are the specification's; those from 100 are Poplin's. 999, which the
            reference plugins answer for nearly everything, is never used.

            | code | name | meaning |
            |---|---|---|

            """
        for row in CNIError.Code.table { text += "| \(row.code) | \(row.name) | \(row.meaning) |\n" }
        return text
    }
}
