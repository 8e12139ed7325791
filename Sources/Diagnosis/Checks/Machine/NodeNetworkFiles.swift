import JSONTree

/// The network configurations of a machine as its runtime reads them.
struct NodeNetworkFiles: Sendable {
    let machine: NodeEvidence
    let directories: RuntimeDirectories
    /// In the order of their names; the first one is taken.
    let files: [CNIConfigurationFile]
    /// Files whose names the runtime does not read, by path.
    let others: [String]
    /// Whether the folder was looked into at all.
    let isListed: Bool

    /// - Parameter machine: one of the facts'.
    init(_ machine: NodeEvidence, _ facts: FactBase) {
        self = facts.derived.value("network files of \(machine.name)") { Self(reading: machine, facts) }
    }

    private init(reading machine: NodeEvidence, _ facts: FactBase) {
        self.machine = machine
        directories = machine.runtimeDirectories(
            facts.nodeObject(machine.name)?.text("status", "nodeInfo", "containerRuntimeVersion"))
        let folder = directories.configuration
        func isDirect(_ path: String) -> Bool {
            path.hasPrefix(folder + "/") && !path.dropFirst(folder.count + 1).contains("/")
        }
        var paths = Set(machine.files(under: folder).map(\.path).filter(isDirect))
        let listing = machine.fileList ?? [:]
        for (path, line) in listing where isDirect(path) && line.type != "directory" { paths.insert(path) }
        isListed = !paths.isEmpty || listing[folder] != nil || listing.keys.contains { $0.hasPrefix(folder + "/") }
        let ordered = paths.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        func isRead(_ path: String) -> Bool {
            CNIConfigurationFile.isRead(path.split(separator: "/").last.map(String.init) ?? path)
        }
        others = ordered.filter { !isRead($0) }
        files = ordered.filter(isRead).compactMap { path in
            if let copy = machine.file(path) { return CNIConfigurationFile(path: path, bytes: copy.bytes) }
            // Listed and not copied: an empty one needs no copy.
            return listing[path]?.size == 0 ? CNIConfigurationFile(path: path, bytes: []) : nil
        }
    }

    var winner: CNIConfigurationFile? { files.first }

    /// The path under which the runtime finds a program; nil when it does not, or when no folder was listed.
    func program(_ name: String) -> MachineFile? {
        directories.programs.lazy.compactMap { machine.fileList?["\($0)/\(name)"] }.first
    }

    /// Whether any folder of programs was listed.
    var programsAreListed: Bool {
        guard let listing = machine.fileList else { return false }
        return directories.programs.contains { folder in
            listing[folder] != nil || listing.keys.contains { $0.hasPrefix(folder + "/") }
        }
    }

    /// Why no folder of programs was listed.
    var reasonWithoutPrograms: String {
        let folder = directories.programs.first ?? ""
        return
            "\(machine.name): \(machine.reasonMissing(folder: folder) ?? "\(folder) is not on the list of its files")"
    }

    /// Every plugin file in the folders of programs.
    var programs: [MachineFile] {
        (machine.fileList ?? [:]).values.filter { file in
            file.type != "directory" && directories.programs.contains { file.path.hasPrefix($0 + "/") }
        }
    }
}

extension FactBase {
    /// Nil where the folder of plugins of at least one machine was looked into.
    var reasonWithoutPluginFolders: String? {
        let networks = clusterMachines.filter { $0[.fileList] != nil }.lazy.map { NodeNetworkFiles($0, self) }
        if networks.contains(where: \.programsAreListed) { return nil }
        return networks.first?.reasonWithoutPrograms ?? "files of machines were not collected"
    }
}
