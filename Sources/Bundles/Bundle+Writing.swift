import CLinux
import Diagnosis
import JSONTree
import LinuxHost
import SystemCalls

extension Bundle {
    /// Writes evidence as it is: what must not leave the machine is to be taken out before (``Redaction``). The form is
    /// that of the name: `.tar.gz` or `.tgz`, `.tar`, or a folder that is made.
    public static func write(_ evidence: EvidenceTree, to path: String) throws(BundleError) {
        do throws(SystemCallError) {
            if path.hasSuffix(".tar.gz") || path.hasSuffix(".tgz") {
                guard let packed = Gzip.compressed(archive(evidence)) else {
                    throw SystemCallError("compress", .EFBIG, on: path)
                }
                try AtomicFile.write(path, packed, mode: 0o600)
            } else if path.hasSuffix(".tar") {
                try AtomicFile.write(path, archive(evidence), mode: 0o600)
            } else {
                for (name, bytes) in contents(evidence) {
                    let file = "\(path)/\(name)"
                    try Directories.make(String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)]))
                    try AtomicFile.write(file, bytes, mode: 0o600)
                }
            }
        } catch {
            throw BundleError(path, "it cannot be written: \(error.errno)")
        }
    }

    /// What ``write(_:to:)`` puts into a `.tar.gz`.
    public static func packed(_ evidence: EvidenceTree) throws(BundleError) -> [UInt8] {
        guard let packed = Gzip.compressed(archive(evidence)) else { throw BundleError("-", "it cannot be compressed") }
        return packed
    }

    /// The archive, for standard output.
    public static func archive(_ evidence: EvidenceTree) -> [UInt8] {
        var writer = TarWriter(modified: evidence.collectedAt ?? 0)
        for (path, bytes) in contents(evidence) { writer.add(path, bytes) }
        return writer.finished()
    }

    /// The index first, so that the beginning of a cut-off archive says when it was made.
    private static func contents(_ evidence: EvidenceTree) -> [(path: String, bytes: [UInt8])] {
        [(BundleIndex.path, BundleIndex(of: evidence).value.serialized(indent: 1) + [0x0A])]
            + evidence.documents.sorted { $0.key < $1.key }
            .compactMap { path, document in BundleFiles.normal(path).map { ($0, document.bytes) } }
    }
}
