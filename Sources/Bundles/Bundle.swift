import CLinux
import Diagnosis
import Findings
import JSONTree
import LinuxHost
import SystemCalls

/// Evidence on a disk: a folder, or a tar archive of one (`.tar.gz`, `.tar`), with the documents under their
/// paths and `evidence.json` beside them. A folder may hold objects as YAML under `cluster/` as well, and a single
/// file of objects (`kubectl get ... -o yaml`) is a bundle too.
public enum Bundle {
    /// Reads what can be read.
    ///
    /// - Throws: when there is nothing to read at all.
    public static func read(
        _ path: String, limits: BundleLimits = .standard
    ) throws(BundleError) -> BundleReading {
        let source: FileSource
        do {
            if try FileSystem.status(path).isDirectory {
                if BundleFiles.isRunningMachine(path) {
                    throw BundleError(
                        path, "it is the root of a machine that runs and no bundle: sudo poplin doctor node looks at it"
                    )
                }
                var files = BundleFiles(limits: limits)
                try files.readFolder(path)
                if !files.isPromising, files.files.count >= limits.strangers {
                    throw BundleError(path, "nothing of a cluster is in the first \(files.files.count) files of it")
                }
                return try reading(files, named: path)
            }
            source = try FileSource(path)
        } catch let error as SystemCallError {
            throw BundleError(path, error.errno == .ENOENT ? "there is no such file or folder" : "\(error.errno)")
        } catch let error as BundleError {
            throw error
        } catch {
            throw BundleError(path, "\(error)")
        }
        return try reading(try files(of: source, named: path, limits), named: path)
    }

    /// The same of bytes that came over a pipe.
    public static func read(
        bytes: [UInt8], named name: String, limits: BundleLimits = .standard
    ) throws(BundleError) -> BundleReading {
        try reading(try files(of: MemorySource(bytes), named: name, limits), named: name)
    }

    /// What a person pasted, where it is more than a log: tables and descriptions of kubectl, answers of commands on a
    /// machine, a terminal's prompts with what they printed. Nil for anything else.
    ///
    /// - Parameter now: when it was pasted, in seconds since 1970; ages in tables are relative to it.
    public static func read(pasted text: String, now: Int64) -> BundleReading? {
        guard TextForm.of(text, named: "") != nil || Transcript(text) != nil else { return nil }
        var files = BundleFiles(limits: .standard)
        files.add(
            Array(text.utf8), at: "pasted.txt", isTruncated: false,
            .init(mode: 0o644, modified: now, size: text.utf8.count))
        return try? reading(files, named: "what was pasted")
    }

    /// By what it begins with, not by its name.
    private static func files(
        of source: any ByteSource, named name: String, _ limits: BundleLimits
    ) throws(BundleError) -> BundleFiles {
        var files = BundleFiles(limits: limits)
        do throws(ArchiveDamage) {
            var source = try rewound(source)
            if source.head.isEmpty { throw ArchiveDamage(reason: "it is empty") }
            if source.head.starts(with: GzipSource.magic) { source = try rewound(GzipSource(source, limits)) }
            if TarReader.isHeader(source.head) {
                files.readArchive(source, named: name)
            } else {
                try files.readSingle(source, named: name)
            }
        } catch {
            throw BundleError(name, error.reason)
        }
        return files
    }

    /// With the first bytes known: a block of tar, if there are as many.
    private static func rewound(_ source: any ByteSource) throws(ArchiveDamage) -> RewoundSource {
        var head: [UInt8] = []
        while head.count < TarReader.block {
            let chunk = try source.chunk()
            if chunk.isEmpty { break }
            head += chunk
        }
        return RewoundSource(head, then: source)
    }

    // MARK: Layouts

    private static func reading(_ files: BundleFiles, named name: String) throws(BundleError) -> BundleReading {
        var files = files
        if files[BundleIndex.path] == nil, let folder = files.commonFolder {
            let inner = files.strippingPrefix(folder)
            if inner[BundleIndex.path] != nil || inner.files.keys.contains(where: ForeignBundle.isOwn) { files = inner }
        }
        if files[BundleIndex.path] != nil { return reading(files) }
        files.readInnerArchives()
        let foreign = ForeignBundle(files)
        guard !foreign.isEmpty else {
            throw BundleError(
                name,
                files.files.isEmpty
                    ? files.problems.first?.message ?? "there is nothing in it"
                    : "there is nothing of a cluster in it: poplin doctor collect -o FILE makes a bundle")
        }
        return reading(foreign.translated(files), collectedAt: foreign.collectedAt)
    }

    private static func reading(_ files: BundleFiles, collectedAt: Int64? = nil) -> BundleReading {
        var problems = files.problems
        var index = BundleIndex()
        if let file = files[BundleIndex.path] {
            do {
                index = BundleIndex(try JSONTree(parsing: file.bytes).root)
            } catch {
                let place = Finding.Place(file: BundleIndex.path, error)
                problems.append(Finding(.warning, code: "bundle", error.reason, at: place))
            }
        }
        var evidence = EvidenceTree(collectedAt: index.collectedAt ?? collectedAt)
        for (path, reason) in index.missing { evidence.addMissing(path, because: reason) }
        for (path, reason) in files.refused { evidence.addMissing(path, because: reason) }
        var objects = ObjectFiles()
        for path in files.paths where path != BundleIndex.path {
            guard let file = files[path] else { continue }
            if path.hasPrefix("cluster/"), path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
                objects.read(file.bytes, file: path)
                continue
            }
            evidence.add(
                EvidenceTree.Document(
                    file.bytes, from: index.source(of: path), isTruncated: file.isTruncated, reading: file.reading),
                at: path)
        }
        for (resource, reason) in objects.missing {
            evidence.addMissing(EvidencePath.resource(resource), because: reason)
        }
        for (resource, items) in objects.lists.sorted(by: { $0.key < $1.key }) {
            let path = EvidencePath.resource(resource)
            let list = ObjectFiles.list(items, after: evidence[path]?.bytes)
            evidence.add(EvidenceTree.Document(list, from: index.source(of: path)), at: path)
        }
        return BundleReading(evidence: evidence, problems: problems + objects.problems)
    }
}
