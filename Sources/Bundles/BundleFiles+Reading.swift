import CLinux
import Findings
import LinuxHost
import SystemCalls

extension BundleFiles {
    /// Everything below a folder. Links are not followed: they could lead anywhere on this machine. Other file systems
    /// below it are left out for the same reason.
    mutating func readFolder(_ folder: String) throws(SystemCallError) {
        let device = try FileSystem.status(folder).device
        try readFolder(folder, under: "", depth: 0, on: device)
    }

    /// Whether a folder is the root of a machine that runs: its `proc` is the kernel's, and a copy's is not.
    static func isRunningMachine(_ folder: String) -> Bool {
        guard let own = try? FileSystem.status(folder), let proc = try? FileSystem.status("\(folder)/proc") else {
            return false
        }
        return proc.isDirectory && proc.device != own.device && (try? FileSystem.status("\(folder)/proc/self")) != nil
    }

    /// Folders inside each other.
    private static let depthLimit = 64

    private mutating func readFolder(
        _ folder: String, under prefix: String, depth: Int, on device: UInt64
    ) throws(SystemCallError) {
        for name in try Directories.sortedList(folder) {
            if isOver { return reportFull() }
            visited += 1
            let (inner, path) = ("\(folder)/\(name)", prefix + name)
            do throws(SystemCallError) {
                let status = try FileSystem.status(inner, followingLinks: false)
                if isFull { return reportFull() }
                if status.device != device {
                    refuse(path, because: "it is on another file system")
                } else if status.isSymbolicLink {
                    refuseLink(path)
                } else if status.isDirectory {
                    if depth < Self.depthLimit {
                        try readFolder(inner, under: path + "/", depth: depth + 1, on: device)
                    }
                } else if status.isRegularFile {
                    try readFile(
                        inner, at: path,
                        Status(
                            mode: status.mode & 0o7777, modified: status.modified / 1_000_000_000,
                            size: Int(clamping: status.size)))
                }
            } catch {
                refuse(path, because: "\(error.errno)")
            }
        }
    }

    private mutating func readFile(_ file: String, at path: String, _ status: Status) throws(SystemCallError) {
        let source = try FileSource(file)
        do {
            // Of programs and pictures the beginning is enough.
            let head = try source.chunk()
            let isBinary =
                head.prefix(512).contains(0) && !ForeignBundle.isOwn(path) && !TarReader.isHeader(head)
                && ![GzipSource.magic, [0xFF, 0xFE], [0xFE, 0xFF]].contains { head.starts(with: $0) }
            let (bytes, isTruncated) =
                isBinary
                ? (Array(head.prefix(4096)), true)
                : try Self.all(of: RewoundSource(head, then: source), limit: limit(of: path))
            if !isPromising { isPromising = ForeignBundle.isPromising(path, bytes) }
            add(bytes, at: path, isTruncated: isTruncated, status)
        } catch {
            refuse(path, because: error.reason)
        }
    }

    /// Whether looking further would be looking through somebody's disk.
    private var isOver: Bool {
        visited >= limits.folderEntries || (!isPromising && files.count >= limits.strangers)
    }

    private static func all(
        of source: any ByteSource, limit: Int
    ) throws(ArchiveDamage) -> (bytes: [UInt8], isTruncated: Bool) {
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            let chunk = try source.chunk()
            if chunk.isEmpty { return (bytes, false) }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        }
        bytes.removeLast(bytes.count - limit)
        return (bytes, true)
    }

    /// Archives that are not read here, by their first bytes.
    private static func packing(_ bytes: [UInt8]) -> String? {
        let known: [(magic: [UInt8], name: String)] = [
            ([0x50, 0x4B, 0x03, 0x04], "a zip archive"), ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive"),
            ([0x28, 0xB5, 0x2F, 0xFD], "packed with zstd"), ([0xFD, 0x37, 0x7A, 0x58], "packed with xz"),
            ([0x42, 0x5A, 0x68], "packed with bzip2"),
        ]
        return known.first { bytes.starts(with: $0.magic) }?.name
    }

    /// A file that is no archive: objects, or what a command printed.
    mutating func readSingle(_ source: any ByteSource, named name: String) throws(ArchiveDamage) {
        let (bytes, isTruncated) = try Self.all(of: source, limit: limit(of: "objects.yaml"))
        let head = bytes.prefix(64 << 10)
        let text = String(decoding: head, as: UTF8.self)
        if !head.contains(0), TextForm.of(text, named: name) != nil || Transcript(text) != nil {
            return add(bytes, at: "pasted.txt", isTruncated: isTruncated)
        }
        if let packing = Self.packing(bytes) {
            throw ArchiveDamage(reason: "it is \(packing): unpack it, and hand in the folder")
        }
        guard !head.contains(0), text.contains("apiVersion") else {
            throw ArchiveDamage(
                reason:
                    "it is neither a folder, a tar archive, nor Kubernetes objects or answers of a command that is read"
            )
        }
        add(bytes, at: "cluster/objects.yaml", isTruncated: isTruncated)
    }

    /// Every file of a tar archive. What stands before a damage is kept.
    mutating func readArchive(_ source: any ByteSource, named name: String, under prefix: String = "") {
        var reader = TarReader(BoundedSource(source, limits.passedBytes))
        var entries = 0
        do throws(ArchiveDamage) {
            while let entry = try reader.next() {
                entries += 1
                if isFull || entries > limits.headers { return reportFull() }
                switch entry.kind {
                case .link: refuseLink(entry.name)
                case .directory, .other: break
                case .file:
                    guard let inner = Self.normal(entry.name) else {
                        refuseOutside(entry.name)
                        continue
                    }
                    let path = prefix + inner
                    if Self.isStructured(path), entry.size > limits.documentBytes {
                        refuseLarge(path)
                        continue
                    }
                    let (bytes, isTruncated) = reader.content(of: entry, limit: limit(of: path))
                    add(
                        bytes, at: path, isTruncated: isTruncated,
                        Status(mode: entry.mode, modified: entry.modified, size: entry.size))
                }
            }
            if reader.isCutOff { throw TarReader.cut }
            try reader.readToEnd()
        } catch {
            report(
                Finding(
                    .warning, code: "bundle", "\(name) is not read to its end: \(error.reason)",
                    because: ["\(files.count) files before that were read"],
                    next: "copy it again, or make it anew with: poplin doctor collect -o FILE"))
        }
    }

    /// Archives that lie in the bundle, as support bundles have one for each node: what is in them, under their names.
    /// Archives in those are left as they are.
    mutating func readInnerArchives() {
        for path in paths {
            guard let suffix = [".tar.gz", ".tgz", ".tar"].first(where: path.hasSuffix), let file = self[path] else {
                continue
            }
            forget(path)
            do throws(ArchiveDamage) {
                let packed = MemorySource(file.bytes)
                let source: any ByteSource =
                    file.bytes.starts(with: GzipSource.magic) ? try GzipSource(packed, limits) : packed
                readArchive(source, named: path, under: path.dropLast(suffix.count) + "/")
            } catch {
                refuse(path, because: error.reason)
            }
        }
    }
}
