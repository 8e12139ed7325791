import CNI
import LinuxHost
import SystemCalls

extension PluginProgram {
    /// What a plugin of somebody else is called while ours has its name.
    static func keptName(of path: String) -> String { "\(path).before-poplin" }

    /// Makes the plugin directory: a copy of this program, and one hard link to it per plugin.
    ///
    /// At every moment every name is there, the old program or the new one: names are replaced by rename(2), so that a
    /// runtime that executes one just then gets neither "text file busy" nor "not found".
    static func install(_ directory: String) -> PluginRunner.Outcome {
        do throws(SystemCallError) {
            try Directories.make(directory)
            let program = "\(directory)/\(ownName)"
            let before = try status(program)
            try place("/proc/self/exe", at: program)
            var kept: [String] = []
            for plugin in PluginRegistry.all {
                let path = "\(directory)/\(plugin.name)"
                if try keep(path, unlessOurs: before) { kept.append(plugin.name) }
                try link(program, as: path)
            }
            var text = "\(PluginRegistry.all.count) plugins in \(directory)\n"
            if !kept.isEmpty { text += "kept as NAME.before-poplin: \(kept.joined(separator: " "))\n" }
            return PluginRunner.Outcome(output: Array(text.utf8))
        } catch {
            return PluginRunner.Outcome(errors: "poplin-cni install: \(error)\n", exitCode: 1)
        }
    }

    /// Takes ``install(_:)`` back: only names that mean our program are removed, and what was kept gets its name again.
    static func uninstall(_ directory: String) -> PluginRunner.Outcome {
        do throws(SystemCallError) {
            let program = "\(directory)/\(ownName)"
            guard let ours = try status(program) else {
                return PluginRunner.Outcome(errors: "poplin-cni uninstall: there is no \(program)\n", exitCode: 1)
            }
            var restored: [String] = []
            for plugin in PluginRegistry.all {
                let path = "\(directory)/\(plugin.name)"
                guard let there = try status(path), isSame(there, ours) else { continue }
                if try status(keptName(of: path)) != nil {
                    try FileSystem.rename(keptName(of: path), to: path)
                    restored.append(plugin.name)
                } else {
                    try FileSystem.unlink(path)
                }
            }
            try FileSystem.unlink(program)
            var text = "no plugin of Poplin is left in \(directory)\n"
            if !restored.isEmpty { text += "put back: \(restored.joined(separator: " "))\n" }
            return PluginRunner.Outcome(output: Array(text.utf8))
        } catch {
            return PluginRunner.Outcome(errors: "poplin-cni uninstall: \(error)\n", exitCode: 1)
        }
    }

    private static func place(_ source: String, at target: String) throws(SystemCallError) {
        if let there = try status(target), isSame(there, try FileSystem.status(source)) { return }
        guard let bytes = try AtomicFile.read(source) else { throw SystemCallError("open", .ENOENT, on: source) }
        try AtomicFile.write(target, bytes, mode: 0o755)
    }

    /// Gives a plugin of somebody else a second name before its first one is taken. The first one kept stays: a later
    /// one would be a link of ours that a newer release no longer recognises.
    private static func keep(_ path: String, unlessOurs before: FileStatus?) throws(SystemCallError) -> Bool {
        guard let there = try status(path), there.isRegularFile else { return false }
        if let before, isSame(there, before) { return false }
        if let now = try status("\(path.directory)/\(ownName)"), isSame(there, now) { return false }
        do throws(SystemCallError) {
            try FileSystem.link(path, to: keptName(of: path))
            return true
        } catch {
            if error.errno == .EEXIST { return false }
            throw error
        }
    }

    private static func link(_ program: String, as path: String) throws(SystemCallError) {
        let staging = "\(path).poplin-new"
        try AtomicFile.remove(staging)
        try FileSystem.link(program, to: staging)
        try FileSystem.rename(staging, to: path)
        // rename(2) does nothing when both names are the same file already, and then leaves both.
        try AtomicFile.remove(staging)
    }

    private static func status(_ path: String) throws(SystemCallError) -> FileStatus? {
        do throws(SystemCallError) {
            return try FileSystem.status(path)
        } catch {
            if error.errno == .ENOENT { return nil }
            throw error
        }
    }

    private static func isSame(_ left: FileStatus, _ right: FileStatus) -> Bool {
        left.inode == right.inode && left.device == right.device
    }
}

extension String {
    /// Everything before the last `/`.
    fileprivate var directory: Substring {
        utf8.lastIndex(of: UInt8(ascii: "/")).map { self[..<$0] } ?? "."
    }
}
