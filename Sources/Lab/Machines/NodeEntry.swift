import CLinux
import LinuxHost
import SystemCalls

/// Going into a node from the host, as a console of the machine would.
public enum NodeEntry {
    /// Runs a command on a node, on this process's own terminal, and waits for its end. The process must have one
    /// thread, and is in the node's namespaces afterwards.
    public static func run(
        _ command: [String], on node: String, of state: LabState, environment: Environment
    ) throws(LabFailure) -> ChildProcess.Termination {
        guard let first = command.first else { throw LabFailure.usage("there is no command to run") }
        guard state.specification.node(named: node) != nil else {
            throw .usage(
                "there is no node \(node) in lab \(state.specification.name)",
                next: "its nodes: \(state.specification.nodes.map(\.name).joined(separator: ", "))")
        }
        guard let process = state.processes[LabSupervisor.process(of: node)], process.isAlive else {
            throw LabFailure("\(node) does not run", next: "poplin lab status --name \(state.specification.name)")
        }
        try enter(process)
        var environment = environment
        environment["POPLIN_LAB_NODE"] = node
        let program = first.contains("/") ? first : find(first, environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin")
        guard let program else { throw LabFailure("\(first): there is no such program on \(node)") }
        let surroundings = environment
        return try doing("run \(first) on \(node)") { () throws(SystemCallError) in
            try BackgroundProcess.runInForeground(
                program, Array(command.dropFirst()), name: first, environment: surroundings)
        }
    }

    /// All namespaces are opened before the first is entered: the node's /proc shows other processes.
    private static func enter(_ process: BackgroundProcess) throws(LabFailure) {
        try doing("enter process \(process.identifier)") { () throws(SystemCallError) in
            let kinds: [(String, Int32)] = [
                ("cgroup", CLONE_NEWCGROUP), ("uts", CLONE_NEWUTS), ("net", CLONE_NEWNET), ("pid", CLONE_NEWPID),
                ("mnt", CLONE_NEWNS),
            ]
            var numbers: [Int32] = []
            defer { for number in numbers { close(number) } }
            for (name, _) in kinds {
                let file = try FileDescriptor.open("/proc/\(process.identifier)/ns/\(name)", O_RDONLY)
                numbers.append(file.release())
            }
            for (index, kind) in kinds.enumerated() {
                let file = FileDescriptor(owning: numbers[index])
                do throws(SystemCallError) {
                    try Namespaces.enter(file, kind: kind.1)
                    _ = file.release()
                } catch {
                    _ = file.release()
                    throw error
                }
            }
        }
        // The old working directory belongs to the host's mounts.
        chdir("/")
    }

    private static func find(_ name: String, _ path: String) -> String? {
        path.split(separator: ":").map { "\($0)/\(name)" }
            .first { (try? FileSystem.status($0))?.isExecutable == true }
    }
}
