import CNI
import LinuxHost
import SystemCalls

extension PluginProgram {
    /// Makes the plugin directory: a copy of this program, when it is on another file system, and one hard link per
    /// plugin. Each name is replaced by rename(2), so that a runtime that executes it at that moment gets the old program
    /// or the new one, never "text file busy" or half a file.
    static func install(_ directory: String) -> PluginRunner.Outcome {
        do throws(SystemCallError) {
            try Directories.make(directory)
            let program = "\(directory)/\(ownName)"
            try place("/proc/self/exe", at: program)
            for plugin in PluginRegistry.all { try link(program, as: "\(directory)/\(plugin.name)") }
            let count = PluginRegistry.all.count
            return PluginRunner.Outcome(output: Array("\(count) plugins in \(directory)\n".utf8))
        } catch {
            return PluginRunner.Outcome(errors: "poplin-cni install: \(error)\n", exitCode: 1)
        }
    }

    private static func place(_ source: String, at target: String) throws(SystemCallError) {
        let running = try FileSystem.status(source)
        if let there = try? FileSystem.status(target), there.inode == running.inode, there.device == running.device {
            return
        }
        guard let bytes = try AtomicFile.read(source) else { throw SystemCallError("open", .ENOENT, on: source) }
        try AtomicFile.write(target, bytes, mode: 0o755)
    }

    private static func link(_ program: String, as path: String) throws(SystemCallError) {
        let staging = "\(path).poplin-new"
        do throws(SystemCallError) { try FileSystem.unlink(staging) } catch  where error.errno == .ENOENT {}
        try FileSystem.link(program, to: staging)
        try FileSystem.rename(staging, to: path)
        // rename(2) does nothing when both names are the same file already, and then leaves both.
        do throws(SystemCallError) { try FileSystem.unlink(staging) } catch  where error.errno == .ENOENT {}
    }
}
