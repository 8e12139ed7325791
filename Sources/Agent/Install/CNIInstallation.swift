import Findings
import LinuxHost
import SystemCalls

/// `poplin agent install-cni`: puts the plugin program into a node's CNI directory.
///
/// Names are replaced by rename(2), each in one moment, so that a runtime that executes a plugin just then gets the old
/// program or the new one, and never "text file busy". A plugin of somebody else keeps its name: on a node that had
/// another network, its pods are still to be deleted by it. `--replace` takes those names too and keeps theirs beside.
public struct CNIInstallation: Sendable {
    public var directory: String
    /// The static program `poplin-cni`.
    public var program: String
    public var replacesOthers = false

    public init(directory: String, program: String, replacesOthers: Bool = false) {
        self.directory = directory
        self.program = program
        self.replacesOthers = replacesOthers
    }

    /// Where the plugin program is: as POPLIN_CNI says, or beside this one.
    public static func findProgram(_ environment: Environment) throws(AgentFault) -> String {
        if let path = environment["POPLIN_CNI"], !path.isEmpty { return path }
        let own: String
        do throws(SystemCallError) { own = try FileSystem.readLink("/proc/self/exe") } catch {
            throw AgentFault(Finding(code: "AGT-04", "\(error)", next: "set POPLIN_CNI to the path of poplin-cni"))
        }
        let path = String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)]) + "/poplin-cni"
        guard (try? FileSystem.exists(path)) == true else {
            throw AgentFault(
                Finding(
                    code: "AGT-04", "there is no \(path)", because: ["the plugin program is looked for beside poplin"],
                    next: "run `make plugins`, or set POPLIN_CNI to the path of poplin-cni"))
        }
        return path
    }

    public struct Outcome: Hashable, Sendable {
        /// Names that lead to our program now.
        public var installed: [String] = []
        /// Names that somebody else's program has and keeps.
        public var left: [String] = []
    }

    /// Installs, and answers what became of each name.
    public func run() throws(AgentFault) -> Outcome {
        do throws(SystemCallError) {
            let names = try pluginNames()
            try Directories.make(directory)
            if replacesOthers {
                let outcome = try ChildProcess.run(
                    .init(program, ["install", directory], environment: Environment(), limit: .seconds(60)))
                guard outcome.termination.isSuccess else {
                    throw SystemCallError("execve", .EIO, on: "\(program) install: \(Self.text(outcome.errors))")
                }
                return Outcome(installed: names)
            }
            return try place(names)
        } catch {
            throw AgentFault(
                Finding(
                    code: "AGT-04", "cannot install the plugins in \(directory): \(error)",
                    next: "see that the directory is mounted writable and the file system is not full"))
        }
    }

    private func pluginNames() throws(SystemCallError) -> [String] {
        let outcome = try ChildProcess.run(
            .init(program, ["--list"], environment: Environment(), limit: .seconds(30)))
        let names = Self.text(outcome.output).split(separator: "\n").map(String.init)
        guard outcome.termination.isSuccess, names.contains("poplin") else {
            throw SystemCallError("execve", .ENOEXEC, on: "\(program) --list: \(Self.text(outcome.errors))")
        }
        return names
    }

    private func place(_ names: [String]) throws(SystemCallError) -> Outcome {
        let target = "\(directory)/poplin-cni"
        let before = try status(target)
        guard let bytes = try AtomicFile.read(program) else { throw SystemCallError("open", .ENOENT, on: program) }
        if try AtomicFile.read(target) != bytes {
            try AtomicFile.write(target, bytes, mode: 0o755, durability: .machine)
        }
        let ours = try FileSystem.status(target)
        var outcome = Outcome()
        for name in names {
            let path = "\(directory)/\(name)"
            let there = try status(path)
            let isOurs = there == nil || Self.same(there, before) || Self.same(there, ours)
            // The network's own plugin is never anybody else's.
            guard isOurs || name == "poplin" else {
                outcome.left.append(name)
                continue
            }
            let staging = "\(path).poplin-new"
            try AtomicFile.remove(staging)
            try FileSystem.link(target, to: staging)
            try FileSystem.rename(staging, to: path)
            // rename(2) leaves both when they are one file already.
            try AtomicFile.remove(staging)
            outcome.installed.append(name)
        }
        return outcome
    }

    private func status(_ path: String) throws(SystemCallError) -> FileStatus? {
        do throws(SystemCallError) {
            return try FileSystem.status(path)
        } catch {
            if error.errno == .ENOENT { return nil }
            throw error
        }
    }

    private static func same(_ left: FileStatus?, _ right: FileStatus?) -> Bool {
        guard let left, let right else { return false }
        return left.inode == right.inode && left.device == right.device
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
