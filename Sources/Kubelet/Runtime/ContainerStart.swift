import CLinux
import LinuxHost
import SystemCalls

/// How a container's first process comes to be: its namespaces, its mounts, its root, its rights.
enum ContainerStart {
    /// Descriptors that become 0, 1 and 2.
    struct Streams {
        var input: Int32
        var output: Int32
        var errors: Int32
        var isTerminal: Bool
    }

    /// Device nodes every container has (OCI runtime specification, "Default Devices"): major and minor.
    private static let devices: [(name: String, major: UInt32, minor: UInt32)] = [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
    ]

    static func start(_ spec: ContainerSpec, _ tree: RootTree, _ streams: Streams) throws(SystemCallError) -> pid_t {
        let places = try tree.prepare(spec.mounts, workingDirectory: spec.workingDirectory)
        if !spec.isPrivileged { try makeDevices(in: tree) }
        let network =
            spec.networkNamespace.isEmpty
            ? -1 : try FileDescriptor.open(spec.networkNamespace, O_RDONLY).release()
        defer { if network >= 0 { close(network) } }
        var steps = SpawnSteps()
        steps.call("setsid", SYS_setsid, [])
        // The daemon's end is the containers' end: nobody would read their output or know how they ended.
        steps.call("prctl", SYS_prctl, [UInt(PR_SET_PDEATHSIG), UInt(SIGKILL)])
        let groups = openGroups(spec.controlGroups)
        defer { for group in groups { close(group) } }
        for group in groups { steps.joinGroup(group, isOptional: true) }
        if network >= 0 { steps.enter(network, kind: CLONE_NEWNET, spec.networkNamespace) }
        addMounts(spec, tree, places, to: &steps)
        if !spec.hostName.isEmpty { steps.setHostName(spec.hostName) }
        steps.makeRoot(tree.root)
        if spec.hasReadOnlyRoot {
            steps.mount(nil, "/", flags: Int(MS_REMOUNT) | Int(MS_BIND) | Int(MS_RDONLY))
        }
        steps.changeDirectory(spec.workingDirectory.isEmpty ? "/" : spec.workingDirectory)
        addRights(spec, to: &steps)
        addStreams(streams, to: &steps)
        var flags = CLONE_NEWNS | CLONE_NEWIPC
        if !spec.hostName.isEmpty { flags |= CLONE_NEWUTS }
        if spec.hasOwnProcesses { flags |= CLONE_NEWPID }
        return try steps.start(spec.executable, spec.arguments, environment: spec.environment, flags: flags)
    }

    private static func makeDevices(in tree: RootTree) throws(SystemCallError) {
        let directory = "\(tree.upper)/dev"
        for path in [directory, "\(directory)/pts", "\(directory)/shm"] { try Directories.make(path) }
        let value: [UInt8] = [UInt8(ascii: "y")]
        try retrying("setxattr", on: directory) { setxattr(directory, "trusted.overlay.opaque", value, 1, 0) }
        for device in devices {
            let path = "\(directory)/\(device.name)"
            try retrying("mknod", on: path) {
                mknod(path, UInt32(S_IFCHR) | 0o666, gnu_dev_makedev(device.major, device.minor))
            }
            try FileSystem.setMode(path, 0o666)
        }
        let links = [
            ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
            ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
        ]
        for (name, target) in links { try FileSystem.symbolicLink(to: target, at: "\(directory)/\(name)") }
    }

    private static func addMounts(
        _ spec: ContainerSpec, _ tree: RootTree, _ places: [String], to steps: inout SpawnSteps
    ) {
        let root = tree.root
        let quiet = Int(MS_NOSUID) | Int(MS_NOEXEC) | Int(MS_NODEV)
        let bind = Int(MS_BIND) | Int(MS_REC)
        // What the node mounts later (a namespace under /run/netns) shows in the container, nothing goes back.
        steps.mount(nil, "/", flags: Int(MS_SLAVE) | Int(MS_REC))
        steps.mount("overlay", root, type: "overlay", data: tree.options)
        if spec.hasOwnProcesses {
            steps.mount("proc", "\(root)/proc", type: "proc", flags: quiet)
            if !spec.isPrivileged {
                steps.mount("\(root)/proc/sys", "\(root)/proc/sys", flags: bind)
                steps.mount(
                    nil, "\(root)/proc/sys", flags: Int(MS_REMOUNT) | Int(MS_BIND) | Int(MS_RDONLY) | quiet)
            }
        } else {
            steps.mount("/proc", "\(root)/proc", flags: bind)
        }
        if spec.isPrivileged || spec.networkNamespace.isEmpty {
            steps.mount("/sys", "\(root)/sys", flags: bind)
        } else {
            steps.mount("sysfs", "\(root)/sys", type: "sysfs", flags: quiet | Int(MS_RDONLY))
        }
        if spec.isPrivileged {
            steps.mount("/dev", "\(root)/dev", flags: bind)
        } else {
            steps.mount(
                "devpts", "\(root)/dev/pts", type: "devpts", flags: Int(MS_NOSUID) | Int(MS_NOEXEC),
                data: "newinstance,ptmxmode=0666,mode=0620", isOptional: true)
            steps.mount("shm", "\(root)/dev/shm", type: "tmpfs", flags: quiet, data: "mode=1777,size=64m")
        }
        for (mount, place) in zip(spec.mounts, places) {
            // The mount point was made in the layer, which the node's /dev now covers: a privileged container goes
            // without a termination log rather than without a start.
            if spec.isPrivileged, place.hasPrefix("\(root)/dev/") {
                steps.mount(mount.source, place, flags: bind, isOptional: true)
                continue
            }
            steps.mount(mount.source, place, flags: bind)
            if mount.isReadOnly {
                steps.mount(nil, place, flags: Int(MS_REMOUNT) | Int(MS_BIND) | Int(MS_RDONLY))
            }
        }
    }

    private static func addRights(_ spec: ContainerSpec, to steps: inout SpawnSteps) {
        if let capabilities = spec.capabilities {
            for number in 0...CapabilitySet.last where !capabilities.contains(number) {
                // EINVAL: one the kernel does not have.
                steps.call(
                    "prctl PR_CAPBSET_DROP", SYS_prctl, [UInt(PR_CAPBSET_DROP), UInt(number)], isOptional: true)
            }
        }
        if spec.user != nil || spec.group != nil || !spec.groups.isEmpty {
            let count = spec.groups.count
            let list = steps.numbers(spec.groups.map { UInt32(truncatingIfNeeded: $0) })
            steps.call("setgroups", SYS_setgroups, [UInt(count), list])
            if let group = spec.group { steps.call("setgid", SYS_setgid, [UInt(group)]) }
            if let user = spec.user { steps.call("setuid", SYS_setuid, [UInt(user)]) }
        }
        if spec.hasNoNewPrivileges { steps.call("prctl", SYS_prctl, [UInt(PR_SET_NO_NEW_PRIVS), 1, 0, 0, 0]) }
        // A change of user takes the signal of the parent's death away (prctl(2)).
        steps.call("prctl", SYS_prctl, [UInt(PR_SET_PDEATHSIG), UInt(SIGKILL)])
    }

    static func addStreams(_ streams: Streams, to steps: inout SpawnSteps) {
        // Numbers below 3 could be one another's targets: the daemon keeps its own open, so ours are above.
        steps.place(streams.input, at: 0)
        steps.place(streams.output, at: 1)
        steps.place(streams.errors, at: 2)
        if streams.isTerminal { steps.call("ioctl TIOCSCTTY", SYS_ioctl, [0, UInt(TIOCSCTTY), 0]) }
        steps.closeOthers()
    }

    /// Makes the groups and opens the files through which the child joins. A hierarchy that refuses is left out: a
    /// container without a group still runs.
    private static func openGroups(_ directories: [String]) -> [Int32] {
        directories.compactMap { directory in
            try? Directories.make(directory)
            return (try? FileDescriptor.open("\(directory)/cgroup.procs", O_WRONLY))?.release()
        }
    }
}
