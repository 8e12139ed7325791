import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// A directory of network configurations, such as /etc/cni/net.d, read as container runtimes read it: files ending in
/// `.conflist`, `.conf` and `.json` in the order of their names, with the plugins of `<directory>/<network>/*.conf`
/// appended to a list.
///
/// A broken file is a ``Problem`` beside the networks of the others; libcni stops at the first.
public struct ConfigurationDirectory: Sendable {
    public let path: String

    /// Where runtimes look unless told otherwise.
    public static let standardPath = "/etc/cni/net.d"

    public init(_ path: String = ConfigurationDirectory.standardPath) { self.path = path }

    /// A file that could not be used.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        public let file: String
        public let error: CNIError

        /// `file:line:column: message`, as compilers write it; without a position `file: message`.
        public var headline: String {
            guard let position = error.position else { return "\(file): \(error.message)" }
            return "\(file):\(position.line):\(position.column): \(error.message)"
        }

        public var description: String { error.details.isEmpty ? headline : "\(headline)\n\(error.details)" }
    }

    /// Everything in the directory, in the order of the file names (bytes, not characters).
    public struct Contents: Sendable {
        /// Every file: its path, and what became of it.
        public var files: [(path: String, network: Result<NetworkConfigurationList, Problem>)] = []

        /// The usable networks.
        public var networks: [NetworkConfigurationList] { files.compactMap { try? $0.network.get() } }

        public var problems: [Problem] {
            files.compactMap { file in
                if case .failure(let problem) = file.network { problem } else { nil }
            }
        }
    }

    /// - Throws: when the directory itself cannot be read. One that does not exist is empty.
    public func load() throws(CNIError) -> Contents {
        var contents = Contents()
        for name in try fileNames() {
            let file = "\(path)/\(name)"
            do throws(Problem) {
                contents.files.append((file, .success(try Self.load(file: file))))
            } catch {
                contents.files.append((file, .failure(error)))
            }
        }
        return contents
    }

    private func fileNames() throws(CNIError) -> [String] {
        do throws(SystemCallError) {
            return try Directories.sortedList(path).filter { name in
                // Hidden files are what editors and atomic writers leave for a moment.
                !name.hasPrefix(".")
                    && (name.hasSuffix(".conflist") || name.hasSuffix(".conf") || name.hasSuffix(".json"))
            }
        } catch {
            throw CNIError(.inputOutput, "cannot read the configuration directory: \(error)")
        }
    }
}

// MARK: - Choosing a network

extension ConfigurationDirectory {
    /// The network with this name: of lists the first, else of single plugins the first, as libcni looks for it. A
    /// broken file does not hide a network that another file has, but is told when there is none.
    public func network(named name: String) throws(CNIError) -> NetworkConfigurationList {
        let contents = try load()
        if let list = contents.network(named: name) { return list }
        var lines: [String] = []
        let names = contents.networks.map(\.name)
        if names.isEmpty {
            lines.append("\(path) has no usable configuration (*.conflist, *.conf, *.json)")
        } else {
            lines.append("networks in \(path): \(names.joined(separator: ", "))")
        }
        if let meant = Self.nearest(to: name, in: names) { lines.append("did you mean \"\(meant)\"?") }
        for problem in contents.problems { lines.append("not usable: \(problem)") }
        throw CNIError(
            .invalidConfiguration, "no network named \"\(name)\" in \(path)", details: lines.joined(separator: "\n"))
    }

    /// What a container runtime takes when nobody names a network: that of the first file. A broken first file is an
    /// error and no reason to take the second, which may be another vendor's.
    public func defaultNetwork() throws(CNIError) -> NetworkConfigurationList {
        guard let first = try load().files.first else {
            throw CNIError(
                .invalidConfiguration, "no network configuration in \(path)",
                details: "files ending in .conflist, .conf and .json are read")
        }
        do throws(Problem) {
            return try first.network.get()
        } catch {
            throw CNIError(error.error.code, error.headline, details: error.error.details)
        }
    }

    /// The one name that is at most two edits away.
    private static func nearest(to name: String, in names: [String]) -> String? {
        let near = names.filter { editDistance(Array($0.utf8), Array(name.utf8)) <= min(2, name.utf8.count / 2) }
        return near.count == 1 ? near.first : nil
    }

    /// Levenshtein's distance, one row at a time.
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

extension ConfigurationDirectory.Contents {
    /// The network that a name means: lists before single plugins, then by file name. The others of the name are
    /// never used.
    public func network(named name: String) -> NetworkConfigurationList? {
        let named = networks.filter { $0.name == name }
        return named.first { $0.file?.hasSuffix(".conflist") ?? false } ?? named.first
    }

    /// The file whose network is used in place of this one's, because it has the same name; nil when this one is.
    public func shadowing(_ list: NetworkConfigurationList) -> String? {
        guard let winner = network(named: list.name)?.file, winner != list.file else { return nil }
        return winner
    }
}

// MARK: - Files

extension ConfigurationDirectory {
    /// One file, with the plugins of the network's folder beside it.
    public static func load(file: String) throws(Problem) -> NetworkConfigurationList {
        var list: NetworkConfigurationList
        do throws(CNIError) {
            list = try NetworkConfigurationList(parsing: try read(file), form: form(of: file), file: file)
        } catch {
            throw Problem(file: file, error: error)
        }
        if !list.loadOnlyInlinedPlugins { try addDropIns(to: &list, beside: file) }
        if list.plugins.isEmpty {
            let folder = folder(of: list, beside: file)
            throw Problem(
                file: file,
                error: CNIError(
                    .invalidConfiguration, "the list has no plugins",
                    details: "there is no \"plugins\" in it, and no *.conf in \(folder)"))
        }
        return list
    }

    /// 1.1.0: `<directory>/<network>/*.conf` are further plugins, in the order of their names.
    private static func addDropIns(
        to list: inout NetworkConfigurationList, beside file: String
    ) throws(Problem) {
        let folder = folder(of: list, beside: file)
        let names: [String]
        do throws(SystemCallError) {
            names = try Directories.sortedList(folder).filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }
        } catch {
            // A file of that name is somebody else's business.
            if error.errno == .ENOTDIR { return }
            throw Problem(file: folder, error: CNIError(.inputOutput, "\(error)"))
        }
        for name in names {
            let path = "\(folder)/\(name)"
            do throws(CNIError) {
                list.append(try NetworkConfigurationList.Entry(parsing: try read(path), file: path))
            } catch {
                throw Problem(file: path, error: error)
            }
        }
    }

    private static func folder(of list: NetworkConfigurationList, beside file: String) -> String {
        let directory = file.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(file[..<$0]) } ?? "."
        return "\(directory)/\(list.name)"
    }

    private static func form(of file: String) -> NetworkConfigurationList.Form {
        if file.hasSuffix(".conflist") { return .list }
        return file.hasSuffix(".conf") ? .plugin : .either
    }

    private static func read(_ path: String) throws(CNIError) -> [UInt8] {
        var bytes: [UInt8]?
        do throws(SystemCallError) {
            // A FIFO called x.conflist would wait for a writer for ever.
            if try FileSystem.status(path).isRegularFile { bytes = try AtomicFile.read(path, limit: 16 << 20) }
        } catch {
            throw CNIError(.inputOutput, "the file cannot be read: \(error.errno)", details: "\(error)")
        }
        guard let bytes else { throw CNIError(.inputOutput, "this is not a regular file", details: path) }
        return bytes
    }
}
