import Bundles
import Foundation
import Testing

@Test func aBundleErrorNamesItsFile() {
    #expect(BundleError("a.tar.gz", "it is empty").description == "a.tar.gz: it is empty")
}

/// Who has an archive that is not read here is told which, and what to do.
@Test(arguments: [([0x50, 0x4B, 0x03, 0x04, 0x14], "a zip archive"), ([0x28, 0xB5, 0x2F, 0xFD, 0x24], "zstd")])
func otherArchivesAreNamed(_ head: [UInt8], _ name: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "poplin-packed-\(UUID())")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(head + [UInt8](repeating: 7, count: 600)).write(to: file)
    let error = #expect(throws: BundleError.self) { try Bundle.read(file.path()) }
    let text = try #require(error).description
    #expect(text.contains(name) && text.contains("unpack it"), "\(text)")
}
