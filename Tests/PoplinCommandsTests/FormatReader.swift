import Foundation
import Testing

/// What `scripts/doctor-formats.py`, which shares nothing with the program, has against a printed document.
enum FormatReader {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/doctor-formats.py").standardized.path()

    /// `ok`, or what is wrong.
    static func verdict(on text: String, as format: String) throws -> String {
        let reader = Foundation.Process()
        reader.executableURL = URL(filePath: "/usr/bin/env")
        reader.arguments = ["python3", script, format]
        let (input, output) = (Pipe(), Pipe())
        reader.standardInput = input
        reader.standardOutput = output
        reader.standardError = output
        try reader.run()
        // It reads to the end before it says a word.
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        reader.waitUntilExit()
        return String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// The second reader itself notices what is wrong.
@Suite struct FormatReaderTests {
    @Test(arguments: [
        ("junit", "<testsuite name=\"x\" tests=\"1\"><testcase name=\"a\"/></testsuite>", "no hostname"),
        ("sarif", "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{}}}]}", "lacks ['name']"),
        ("html", "<!DOCTYPE html><html><body><p><img src=\"http://x\"></body></html>", "<img>"),
        ("metrics", "a{b=\"c\"} 1\n", "no TYPE"),
    ])
    func mistakes(_ format: String, _ text: String, _ words: String) throws {
        let verdict = try FormatReader.verdict(on: text, as: format)
        #expect(verdict.contains(words), "\(verdict)")
    }
}
