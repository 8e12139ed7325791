import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// A directory of network configurations, as runtimes read it: `*.conflist`, `*.conf` and `*.json`, in the order of
/// their names, with the plugins of `<directory>/<network>/*.conf` appended to a list.
///
/// Every file is read, whatever is wrong with the others.
public struct ConfigurationDirectory: Sendable {
    public let path: String
    /// In the order of their names (bytes, not characters).
    public let files: [ConfigurationFile]

    /// - Throws: when the directory itself cannot be read; code `CFG-01` when it is not there.
    public init(loading path: String) throws(ConfigurationProblem) {
        self.path = path
        let names: [String]
        do throws(SystemCallError) {
            names = try FileSystem.list(path).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            throw error.errno == .ENOENT
                ? ConfigurationProblem(
                    ConfigurationProblem.Code.none, "there is no directory \(path)", file: path,
                    next: "name the directory with --conf-dir or NETCONFPATH")
                : ConfigurationProblem(
                    ConfigurationProblem.Code.unreadable, "the directory cannot be read: \(error.errno)", file: path)
        }
        var files: [ConfigurationFile] = []
        for name in names {
            guard let form = ConfigurationFile.Form(fileName: name) else { continue }
            files.append(Self.read("\(path)/\(name)", form, in: path))
        }
        self.files = Self.markingShadowed(files)
    }

    init(path: String, files: [ConfigurationFile]) {
        self.path = path
        self.files = files
    }

    /// Reads one file wherever it is; drop-ins are looked for beside it.
    public init(file: String) {
        let directory = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        self.init(
            path: directory,
            files: [Self.read(file, ConfigurationFile.Form(fileName: file.lastComponent) ?? .list, in: directory)])
    }

    private static func read(_ path: String, _ form: ConfigurationFile.Form, in directory: String) -> ConfigurationFile
    {
        switch content(of: path) {
        case .failure(let problem): ConfigurationFile(path: path, form: form, problem: problem)
        case .success(let source):
            ConfigurationFile(path: path, form: form, source: source) { network in
                dropIns(in: "\(directory)/\(network)")
            }
        }
    }

    private static func content(of path: String) -> Result<[UInt8], ConfigurationProblem> {
        let problem: ConfigurationProblem
        do throws(SystemCallError) {
            // A directory or a device called x.conflist must not be opened: a FIFO would wait for ever.
            let status = try FileSystem.status(path)
            if status.isRegularFile, let bytes = try AtomicFile.read(path, limit: 16 << 20) { return .success(bytes) }
            problem = ConfigurationProblem(
                ConfigurationProblem.Code.unreadable, "this is not a regular file", file: path)
        } catch {
            problem = ConfigurationProblem(
                ConfigurationProblem.Code.unreadable, "the file cannot be read: \(error.errno)", file: path)
        }
        return .failure(problem)
    }

    private static func dropIns(in folder: String) -> [ConfigurationFile.DropIn] {
        do throws(SystemCallError) {
            guard try FileSystem.exists(folder) else { return [] }
            return try FileSystem.list(folder)
                .filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                .map { ConfigurationFile.DropIn(path: "\(folder)/\($0)", content: content(of: "\(folder)/\($0)")) }
        } catch  where error.errno == .ENOTDIR {
            return []
        } catch {
            let problem = ConfigurationProblem(
                ConfigurationProblem.Code.unreadable, "the drop-in folder cannot be read: \(error.errno)", file: folder)
            return [ConfigurationFile.DropIn(path: folder, content: .failure(problem))]
        }
    }

    private static func markingShadowed(_ files: [ConfigurationFile]) -> [ConfigurationFile] {
        let directory = ConfigurationDirectory(path: "", files: files)
        return files.map { file in
            guard file.list != nil, let name = file.name, let winner = directory.file(named: name),
                winner.path != file.path
            else { return file }
            return file.adding(
                ConfigurationProblem(
                    ConfigurationProblem.Code.shadowed,
                    "\(name) is also the name of the network in \(winner.path), which is the one used",
                    severity: .warning, file: file.path,
                    next: "rename one of the two networks, or remove this file"))
        }
    }
}

extension ConfigurationDirectory {
    /// The file that has a network of this name: lists before single configurations, then by file name.
    func file(named name: String) -> ConfigurationFile? {
        let candidates = files.filter { $0.list?.name == name }
        return candidates.first { $0.form == .list } ?? candidates.first
    }

    /// The network of a name.
    ///
    /// - Throws: the first problem of the file that should have it, or that there is none, and what there is.
    public func network(named name: String) throws(ConfigurationProblem) -> NetworkList {
        if let list = file(named: name)?.list { return list }
        for file in files where file.name == name {
            if let problem = file.problems.first(where: \.isError) { throw problem }
        }
        let names = files.compactMap(\.list?.name)
        let broken = files.filter { $0.list == nil }.count
        var next = names.isEmpty ? "put a .conflist file there" : "networks there: \(names.joined(separator: ", "))"
        if let meant = Self.nearest(to: name, in: names) { next += "; did you mean \(meant)?" }
        if broken > 0 { next += "; \(broken) \(broken == 1 ? "file is" : "files are") broken: poplin cni validate" }
        throw ConfigurationProblem(
            ConfigurationProblem.Code.none, "no network \"\(name)\" in \(path)", file: path, next: next)
    }

    /// What a container runtime takes: the network of the first file. A broken first file is no reason to take the
    /// second, which may be another vendor's.
    public func defaultNetwork() throws(ConfigurationProblem) -> NetworkList {
        guard let first = files.first else {
            throw ConfigurationProblem(
                ConfigurationProblem.Code.none, "no network configuration in \(path)", file: path,
                next: "put a .conflist file there, or name the directory with --conf-dir or NETCONFPATH")
        }
        if let list = first.list { return list }
        throw first.problems.first { $0.isError }
            ?? ConfigurationProblem(ConfigurationProblem.Code.malformed, "the file is not usable", file: first.path)
    }

    /// The one name at most two edits away.
    private static func nearest(to name: String, in names: [String]) -> String? {
        let near = names.filter { editDistance(Array($0.utf8), Array(name.utf8)) <= min(2, name.utf8.count / 2) }
        return near.count == 1 ? near.first : nil
    }

    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let substitution = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substitution, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}

extension String {
    fileprivate var lastComponent: String {
        lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self
    }
}
