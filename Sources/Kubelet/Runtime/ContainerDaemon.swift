import CLinux
import JSONTree
import LinuxHost
import SystemCalls

/// The parent of every container on a node: starts them, writes their logs, knows how they ended. It is what containerd
/// is to a kubelet, in small, and lives longer than a kubelet does.
///
/// One thread and poll(2). Clients speak over a unix socket, one JSON line each way; ``ContainerClient`` is the other
/// end. Not thread-safe, and needs not be.
public final class ContainerDaemon {
    private let runDirectory: String
    private let listener: FileDescriptor
    private let lock: FileLock
    var containers: [String: DaemonContainer] = [:]
    private var connections: [Int32: DaemonConnection] = [:]

    /// Where the layers of containers lie: a tmpfs of the daemon's own.
    static func layers(_ runDirectory: String) -> String { "\(runDirectory)/layers" }
    static func socket(_ runDirectory: String) -> String { "\(runDirectory)/containers.sock" }

    /// EAGAIN (ETIMEDOUT) when another daemon works in this directory.
    private init(runDirectory: String) throws(SystemCallError) {
        self.runDirectory = runDirectory
        try Directories.make(runDirectory, mode: 0o700)
        lock = try FileLock.take("\(runDirectory)/containers.lock", patience: .seconds(5))
        let layers = Self.layers(runDirectory)
        try Directories.make(layers)
        // The root of a tmpfs has inode 1: an ordinary directory on one is no mount of ours.
        let status = try FileSystem.status(layers)
        let type = try FileSystem.type(of: layers)
        if type != Int(TMPFS_MAGIC) || status.inode != 1 {
            try retrying("mount", on: layers) { mount("poplin-layers", layers, "tmpfs", 0, "mode=0700") }
        }
        // Left by a daemon that was killed: its containers died with it.
        for name in try FileSystem.list(layers) { RootTree.removeAll("\(layers)/\(name)") }
        let path = Self.socket(runDirectory)
        _ = try? FileSystem.unlink(path)
        listener = try UnixSocket.listen(path)
    }

    /// Works until the process is told to end; the containers end with it.
    public static func run(runDirectory: String) throws(SystemCallError) {
        _ = clinux_ignore_signal(SIGPIPE)
        let daemon = try ContainerDaemon(runDirectory: runDirectory)
        try AtomicFile.write("\(runDirectory)/containers.pid", Array("\(getpid())\n".utf8))
        while true { try daemon.turn() }
    }

    // MARK: - One turn

    private func turn() throws(SystemCallError) {
        var entries = [pollfd(fd: listener.rawValue, events: Int16(POLLIN), revents: 0)]
        for connection in connections.values {
            let events = Int16(POLLIN) | (connection.outgoing.isEmpty ? 0 : Int16(POLLOUT))
            entries.append(pollfd(fd: connection.number, events: events, revents: 0))
        }
        for container in containers.values {
            for number in container.watched { entries.append(pollfd(fd: number, events: Int16(POLLIN), revents: 0)) }
        }
        if poll(&entries, nfds_t(entries.count), -1) == -1 {
            let errno = Errno.current
            if errno == .EINTR { return }
            throw SystemCallError("poll", errno)
        }
        let ready = Set(entries.filter { $0.revents != 0 }.map(\.fd))
        for connection in connections.values where ready.contains(connection.number) { serve(connection) }
        for container in containers.values where container.watched.contains(where: ready.contains) {
            let chunks = container.readOutput()
            for (channel, bytes) in chunks { tell(attachedTo: container, channel, bytes) }
            if container.hasEnded() {
                // Its mounts went with its last process; nobody can look into its own layer any more.
                RootTree(base: Self.layers(runDirectory), container: container.state.id).remove()
                announce(container)
            }
        }
        if ready.contains(listener.rawValue) { accept() }
        for (number, connection) in connections where connection.isOver { connections[number] = nil }
    }

    private func accept() {
        let number = accept4(listener.rawValue, nil, nil, Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
        guard number >= 0 else { return }
        connections[number] = DaemonConnection(FileDescriptor(owning: number))
    }

    private func serve(_ connection: DaemonConnection) {
        connection.flush()
        connection.receive()
        while let line = connection.nextLine() {
            guard let request = try? JSONTree(parsing: Array(line)).root else {
                connection.send(["error": ["operation": "parse", "message": "the request is no JSON"]])
                continue
            }
            answer(request, on: connection)
        }
        while let (channel, bytes) = connection.nextFrame() {
            guard let container = connection.attachment.flatMap({ containers[$0] }) else { continue }
            switch channel {
            case DaemonConnection.inputChannel: container.feed(bytes)
            case DaemonConnection.inputEndChannel: container.endInput()
            case DaemonConnection.resizeChannel: container.resize(bytes)
            default: break
            }
        }
        if connection.isOver, let container = connection.attachment.flatMap({ containers[$0] }),
            container.endsInputOnce
        {
            container.endInput()
        }
    }

    private func answer(_ request: JSONNode, on connection: DaemonConnection) {
        let id = request.member("id")?.string ?? ""
        switch request.member("op")?.string {
        case "start":
            let spec = ContainerSpec(decoding: request.member("spec") ?? request)
            do throws(SystemCallError) {
                guard containers[spec.id] == nil else { throw SystemCallError("start", .EEXIST, on: spec.id) }
                let container = try DaemonContainer(
                    spec, RootTree(base: Self.layers(runDirectory), container: spec.id))
                containers[spec.id] = container
                connection.send(["container": container.state.value])
            } catch {
                RootTree(base: Self.layers(runDirectory), container: spec.id).remove()
                connection.send([
                    "error": [
                        "operation": .string(error.operation), "errno": .int(Int64(error.errno.rawValue)),
                        "message": .string("\(error)"),
                    ]
                ])
            }
        case "signal":
            let number = request.member("signal")?.int.flatMap { Int32(exactly: $0) } ?? SIGTERM
            containers[id]?.signal(number)
            connection.send(["ok": true])
        case "remove":
            if let container = containers[id], container.state.end != nil {
                RootTree(base: Self.layers(runDirectory), container: id).remove()
                container.removeGroups()
                containers[id] = nil
            }
            connection.send(["ok": true])
        case "list": connection.send(["containers": .array(containers.values.map(\.state.value))])
        case "watch":
            connection.isWatching = true
            connection.send(["containers": .array(containers.values.map(\.state.value))])
        case "attach":
            guard let container = containers[id], container.state.end == nil else {
                connection.send(["error": ["operation": "attach", "message": "the container does not run"]])
                return
            }
            connection.send(["container": container.state.value])
            connection.attachment = id
        default: connection.send(["error": ["operation": "request", "message": "unknown op"]])
        }
    }

    private func tell(attachedTo container: DaemonContainer, _ channel: UInt8, _ bytes: [UInt8]) {
        for connection in connections.values where connection.attachment == container.state.id {
            connection.send(channel, bytes)
        }
    }

    private func announce(_ container: DaemonContainer) {
        for connection in connections.values {
            if connection.isWatching { connection.send(["container": container.state.value]) }
            if connection.attachment == container.state.id { connection.finish() }
        }
    }
}
