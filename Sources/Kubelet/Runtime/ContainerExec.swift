import CLinux
import LinuxHost
import SystemCalls

/// A further process in a running container: exec, and probes that run a command. It gets the container's namespaces,
/// environment, rights and directory, as they are now.
struct ContainerExec {
    /// The container's first process.
    var process: Int32
    var command: [String]

    /// Starts it. Blocks until the program runs; must run on a thread whose namespace for children nobody else uses
    /// meanwhile.
    func start(_ streams: ContainerStart.Streams) throws(SystemCallError) -> pid_t {
        let own = "/proc/\(process)"
        let environment = try Self.environment(of: process)
        let rights = try Self.rights(of: process)
        guard let executable = Self.find(command.first ?? "", environment, root: "\(own)/root") else {
            throw SystemCallError("execve", .ENOENT, on: command.first ?? "")
        }
        var steps = SpawnSteps()
        steps.call("setsid", SYS_setsid, [])
        let names = [("net", CLONE_NEWNET), ("uts", CLONE_NEWUTS), ("ipc", CLONE_NEWIPC), ("mnt", CLONE_NEWNS)]
        var open: [Int32] = []
        defer { for number in open { close(number) } }
        for (name, kind) in names {
            let number = try FileDescriptor.open("\(own)/ns/\(name)", O_RDONLY).release()
            open.append(number)
            steps.enter(number, kind: kind, "the container's \(name) namespace")
        }
        if let directory = try? FileSystem.readLink("\(own)/cwd") { steps.changeDirectory(directory) }
        for number in 0...CapabilitySet.last where rights.bounding & (1 << UInt64(number)) == 0 {
            steps.call("prctl PR_CAPBSET_DROP", SYS_prctl, [UInt(PR_CAPBSET_DROP), UInt(number)], isOptional: true)
        }
        if rights.user != 0 || rights.group != 0 {
            let list = steps.numbers(rights.groups)
            steps.call("setgroups", SYS_setgroups, [UInt(rights.groups.count), list])
            steps.call("setgid", SYS_setgid, [UInt(rights.group)])
            steps.call("setuid", SYS_setuid, [UInt(rights.user)])
        }
        ContainerStart.addStreams(streams, to: &steps)
        // Children of this thread are born into the container's PID namespace (setns(2), "PID namespaces").
        let home = try FileDescriptor.open("/proc/thread-self/ns/pid_for_children", O_RDONLY)
        try Namespaces.enter(try FileDescriptor.open("\(own)/ns/pid", O_RDONLY), kind: CLONE_NEWPID)
        defer { try? Namespaces.enter(home, kind: CLONE_NEWPID) }
        return try steps.start(executable, command, environment: environment)
    }

    /// As the process has it.
    static func environment(of process: Int32) throws(SystemCallError) -> [String] {
        let bytes = try FileDescriptor.open("/proc/\(process)/environ", O_RDONLY).readAll()
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    struct Rights {
        var user: UInt32 = 0
        var group: UInt32 = 0
        var groups: [UInt32] = []
        var bounding: UInt64 = .max

        /// `/proc/PID/status` (proc_pid_status(5)).
        init(parsing text: String) {
            for line in text.split(separator: "\n") {
                let words = line.split { $0 == "\t" || $0 == " " }.map(String.init)
                switch words.first {
                case "Uid:": user = words.count > 2 ? UInt32(words[2]) ?? 0 : 0
                case "Gid:": group = words.count > 2 ? UInt32(words[2]) ?? 0 : 0
                case "Groups:": groups = words.dropFirst().compactMap { UInt32($0) }
                case "CapBnd:": bounding = words.count > 1 ? UInt64(words[1], radix: 16) ?? .max : .max
                default: continue
                }
            }
        }
    }

    private static func rights(of process: Int32) throws(SystemCallError) -> Rights {
        let bytes = try FileDescriptor.open("/proc/\(process)/status", O_RDONLY).readAll()
        return Rights(parsing: String(decoding: bytes, as: UTF8.self))
    }

    /// The program in the container's root, by the container's PATH.
    static func find(_ name: String, _ environment: [String], root: String) -> String? {
        if name.isEmpty { return nil }
        if name.contains("/") { return name }
        let path =
            environment.first { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) } ?? ImageCatalogue.standardPath
        for directory in path.split(separator: ":") {
            // Symbolic links that are absolute lead out of the container's root here; the names are the node's, so
            // they lead to the same file.
            let candidate = "\(directory)/\(name)"
            if let status = try? FileSystem.status("\(root)\(candidate)"), status.isExecutable, !status.isDirectory {
                return candidate
            }
            if let status = try? FileSystem.status(candidate), status.isExecutable, !status.isDirectory {
                return candidate
            }
        }
        return nil
    }

    /// Runs it to its end, for at most `limit` nanoseconds; what it wrote, cut at 10 KiB.
    func run(limit: UInt64) throws(SystemCallError) -> (exitCode: Int?, output: [UInt8]) {
        let pipe = try DaemonPipe.open()
        let nothing = try FileDescriptor.open("/dev/null", O_RDONLY)
        let child = try start(
            .init(
                input: nothing.rawValue, output: pipe.writing.rawValue, errors: pipe.writing.rawValue,
                isTerminal: false))
        let reading = pipe.keepingReading()
        let process = FileDescriptor(owning: try retrying("pidfd_open") { pidfd_open(child, 0) })
        let deadline = Clock.monotonic() + limit
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 10 << 10)
        var isOpen = true
        let number = reading.rawValue
        while true {
            let now = Clock.monotonic()
            guard now < deadline else {
                kill(child, SIGKILL)
                _ = Self.wait(for: child)
                return (nil, output)
            }
            var entries = [
                pollfd(fd: process.rawValue, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen ? number : -1, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&entries, 2, Int32(clamping: (deadline - now) / 1_000_000 + 1))
            if entries[1].revents != 0 {
                let count = chunk.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
                isOpen = count > 0
                if count > 0, output.count < chunk.count { output += chunk[..<count] }
            } else if entries[0].revents != 0 {
                return (Self.wait(for: child), output)
            }
        }
    }

    /// 128 + the signal for one that was killed.
    static func wait(for child: pid_t) -> Int {
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, clinux_errno() == EINTR {}
        return clinux_exited(status) != 0 ? Int(clinux_exit_status(status)) : 128 + Int(clinux_term_signal(status))
    }
}
