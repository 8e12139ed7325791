import Foundation
import Testing

/// The repository the tests were built from, for documents that must agree with the code.
enum Repository {
    /// Its root, from this file's place in it.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Every Swift file under a folder.
    static func sources(under path: String) throws -> [(path: String, text: String)] {
        let folder = root.appendingPathComponent(path)
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { ("\(path)/\($0)", try text("\(path)/\($0)")) }
    }

    /// Fails unless the committed document is `expected`. POPLIN_WRITE_DOCS=1 writes it instead.
    static func expect(_ path: String, toBe expected: String) throws {
        if ProcessInfo.processInfo.environment["POPLIN_WRITE_DOCS"] != nil {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try expected.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let committed = (try? text(path)) ?? ""
        if committed == expected { return }
        let old = committed.split(separator: "\n", omittingEmptySubsequences: false)
        let new = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let line =
            zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
        Issue.record(
            """
            \(path) is not what the tests generate; from line \(line + 1):
            committed: \(line < old.count ? String(old[line]) : "(end)")
            generated: \(line < new.count ? String(new[line]) : "(end)")
            POPLIN_WRITE_DOCS=1 swift test --filter <this test> writes it anew.
            """)
    }
}
