import Diagnosis
import Findings

/// The files of a bundle before anybody looks into them: by path, in bounds.
public struct BundleFiles: Sendable {
    public struct File: Sendable {
        public var bytes: [UInt8] {
            didSet { reading = JSONReading() }
        }
        /// The end was cut off, by a limit or because the archive ends there.
        public var isTruncated: Bool
        /// Permission bits, the time of its last change in seconds since 1970, and bytes, as its folder or archive says.
        var mode: UInt32?
        var modified: Int64?
        var size: Int?
        /// Of the bytes, where they are objects of the API.
        private(set) var reading = JSONReading()

        init(bytes: [UInt8], isTruncated: Bool, mode: UInt32? = nil, modified: Int64? = nil, size: Int? = nil) {
            self.bytes = bytes
            self.isTruncated = isTruncated
            self.mode = mode
            self.modified = modified
            self.size = size
        }
    }

    /// What a folder or an archive says of a file beside its bytes.
    struct Status {
        var mode: UInt32
        var modified: Int64
        var size: Int
    }

    public private(set) var files: [String: File] = [:]
    public private(set) var problems: [Finding] = []
    /// Why a file is not there, by its path.
    public private(set) var refused: [String: String] = [:]
    let limits: BundleLimits
    private var total = 0
    private var values = 0
    private var outside = 0
    private var isToldFull = false
    /// Entries of a folder that were looked at.
    var visited = 0
    /// Whether a file was seen that looks as if a bundle could have it.
    var isPromising = false
    private var links = 0

    init(limits: BundleLimits) { self.limits = limits }

    public subscript(path: String) -> File? { files[path] }

    /// In the order of their names.
    public var paths: [String] { files.keys.sorted() }

    /// Whether more can be taken.
    var isFull: Bool { files.count >= limits.entries || total >= limits.totalBytes }

    /// How many bytes of a file of this name are worth reading.
    func limit(of path: String) -> Int {
        min(Self.isStructured(path) ? limits.documentBytes : limits.logBytes, limits.totalBytes - total)
    }

    /// Half a JSON or YAML document cannot be read; half a log can.
    static func isStructured(_ path: String) -> Bool {
        [".json", ".yaml", ".yml"].contains { path.hasSuffix($0) }
    }

    /// The path inside the bundle: without `.` and empty parts. Nil for what leads out of it.
    static func normal(_ name: String) -> String? {
        if name.hasPrefix("/") || name.utf8.contains(0) { return nil }
        var parts: [Substring] = []
        for part in name.split(separator: "/") where part != "." {
            if part == ".." { return nil }
            parts.append(part)
        }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    mutating func add(_ bytes: [UInt8], at path: String, isTruncated: Bool, _ status: Status? = nil) {
        if isTruncated, Self.isStructured(path), bytes.count >= limits.documentBytes {
            return refuseLarge(path)
        }
        if path.hasSuffix(".json") {
            let own = Self.values(in: bytes)
            if values + own > limits.values {
                return refuse(path, because: "there are more than \(limits.values) values in the bundle's JSON")
            }
            values += own
        }
        var bytes = bytes
        if !Self.isStructured(path) { Self.cutLines(&bytes, to: limits.lineBytes) }
        total += bytes.count
        let file = File(
            bytes: bytes, isTruncated: isTruncated, mode: status?.mode, modified: status?.modified, size: status?.size)
        files[path] = file
        // Another core reads the objects while the rest is unpacked.
        if EvidencePath.isObjects(path) { Workers.begin { _ = try? file.reading.tree(of: file.bytes) } }
    }

    mutating func forget(_ path: String) { files[path] = nil }

    /// Something that has its own report.
    mutating func miss(_ path: String, because reason: String) { refused[path] = reason }

    mutating func refuse(_ path: String, because reason: String) {
        refused[path] = reason
        report(Finding(.warning, code: "bundle", "\(path) was left out: \(reason)"))
    }

    mutating func refuseLarge(_ path: String) {
        refuse(path, because: "it is larger than \(limits.documentBytes >> 20) MiB")
    }

    mutating func refuseOutside(_ name: String) {
        outside += 1
        if outside <= 3 {
            report(
                Finding(
                    .warning, code: "bundle", "an entry leads out of the bundle and was left out: \(Self.shown(name))"))
        }
    }

    mutating func refuseLink(_ name: String) {
        links += 1
        if links == 1 {
            report(
                Finding(.note, code: "bundle", "links in the bundle were not followed, the first: \(Self.shown(name))"))
        }
    }

    mutating func report(_ finding: Finding) {
        // A hostile bundle must not fill the screen.
        if problems.count < 50 { problems.append(finding) }
    }

    mutating func reportFull() {
        // Every folder on the way back comes here.
        if isToldFull { return }
        isToldFull = true
        report(
            Finding(
                .warning, code: "bundle", "the bundle is larger than what is read of one; the rest was left out",
                because: [
                    visited >= limits.folderEntries
                        ? "\(visited) files and folders were looked at"
                        : "\(limits.entries) files, \(limits.totalBytes >> 20) MiB unpacked"
                ]))
    }

    /// A name without what could move a terminal's cursor, and not longer than a line.
    private static func shown(_ name: String) -> String {
        String(name.unicodeScalars.prefix(120).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
    }

    /// No less than there are in a document of JSON: each but the first stands behind one of these. By a table, which
    /// takes a fourteenth of the time that comparing takes: every byte of every document is looked at.
    private static func values(in bytes: [UInt8]) -> Int {
        borders.withUnsafeBufferPointer { borders in
            bytes.withUnsafeBufferPointer { bytes in
                var count = 0
                for byte in bytes { count &+= Int(borders[Int(byte)]) }
                return count
            }
        }
    }

    private static let borders: [UInt8] = (0...UInt8.max).map { ",:[{".utf8.contains($0) ? 1 : 0 }

    /// Cuts each line that is longer, so that no reader of lines meets one of a gigabyte.
    static func cutLines(_ bytes: inout [UInt8], to limit: Int) {
        if !hasLine(longerThan: limit, bytes) { return }
        var kept: [UInt8] = []
        var start = 0
        var isCut = false
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            if end - start > limit {
                if !isCut {
                    kept.reserveCapacity(bytes.count)
                    kept.append(contentsOf: bytes[..<start])
                    isCut = true
                }
                kept.append(contentsOf: bytes[start..<start + limit])
                kept.append(contentsOf: " ...".utf8)
            } else if isCut {
                kept.append(contentsOf: bytes[start..<end])
            }
            if isCut, end < bytes.count { kept.append(0x0A) }
            start = end + 1
        }
        if isCut { bytes = kept }
    }

    /// Looked for from behind, a limit at a time: most of a text with short lines is not touched.
    private static func hasLine(longerThan limit: Int, _ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            while bytes.count - start > limit {
                guard let end = bytes[start...start + limit].lastIndex(of: 0x0A) else { return true }
                start = end + 1
            }
            return false
        }
    }

    /// With `prefix` taken off every path that has it; the others are left out.
    func strippingPrefix(_ prefix: String) -> BundleFiles {
        var stripped = self
        stripped.files = [:]
        for (path, file) in files where path.hasPrefix(prefix) {
            stripped.files[String(path.dropFirst(prefix.count))] = file
        }
        stripped.refused = Dictionary(
            refused.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.value) },
            uniquingKeysWith: { first, _ in first })
        return stripped
    }

    /// With other files in the place of these; what was wrong with these stays known.
    func replacingFiles(_ files: [String: File]) -> BundleFiles {
        var replaced = self
        replaced.files = files
        return replaced
    }

    /// The one folder everything lies in, with its slash; nil when there is none.
    var commonFolder: String? {
        guard let first = files.keys.first, let slash = first.firstIndex(of: "/") else { return nil }
        let folder = String(first[...slash])
        return files.keys.allSatisfy { $0.hasPrefix(folder) } ? folder : nil
    }
}
