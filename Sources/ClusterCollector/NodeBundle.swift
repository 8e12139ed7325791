import Bundles
import Diagnosis
import Foundation
import LinuxHost

/// What `poplin doctor collect --node -o -` printed on a node: a bundle in base64.
struct NodeBundle: Sendable {
    /// Of the node, and logs of containers there; nothing else is believed.
    let documents: [(path: String, document: EvidenceTree.Document)]
    let missing: [(path: String, reason: String)]

    /// - Parameter text: lines before the first of base64 (a shell's, a runtime's) are left out.
    init(_ text: [UInt8], node: String) throws(Refusal) {
        guard let bytes = Self.packed(text) else {
            let first = String(decoding: text.prefix(200).prefix { $0 != 0x0A }, as: UTF8.self)
            throw Refusal("what came back is no bundle: \(first)")
        }
        let reading: BundleReading
        do throws(BundleError) {
            reading = try Bundle.read(bytes: bytes, named: "the bundle of \(node)")
        } catch {
            throw Refusal("\(error.path): \(error.reason)")
        }
        func isOwn(_ path: String) -> Bool {
            path.hasPrefix(EvidencePath.node(node)) || path.hasPrefix(EvidencePath.logs)
        }
        documents = reading.evidence.documents.filter { isOwn($0.key) }.map { ($0.key, $0.value) }
            .sorted { $0.path < $1.path }
        missing = reading.evidence.missing.filter { isOwn($0.key) }.map { ($0.key, $0.value) }
            .sorted { $0.path < $1.path }
        guard documents.contains(where: { $0.path.hasPrefix(EvidencePath.node(node)) }) else {
            throw Refusal("the bundle of \(node) has nothing of \(node)")
        }
    }

    /// gzip begins with `H4sI` in base64.
    private static func packed(_ text: [UInt8]) -> [UInt8]? {
        let lines = text.split(separator: 0x0A)
        guard let start = lines.firstIndex(where: { $0.starts(with: "H4sI".utf8) }) else { return nil }
        let letters = Data(lines[start...].joined())
        return Data(base64Encoded: letters, options: .ignoreUnknownCharacters).map { Array($0) }
    }

    /// Into the evidence of a collection.
    func add(to run: CollectionRun, via command: String) {
        for (path, document) in documents {
            var source = document.source
            source.age = 0
            let isClock = path.hasPrefix(EvidencePath.nodes) && path.hasSuffix("/" + NodeEvidence.Part.clock.path)
            let bytes = isClock ? MachineClock.marked(document.bytes, seen: Clock.now()) : document.bytes
            run.add(bytes, at: path, source, isTruncated: document.isTruncated)
        }
        for (path, reason) in missing { run.addMissing(path, "\(reason) (\(command))") }
    }
}
