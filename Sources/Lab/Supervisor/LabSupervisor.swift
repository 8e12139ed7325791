import CLinux
import JSONTree
import LinuxHost
import SystemCalls

/// Keeps a lab as its specification says (`poplin lab supervise`): makes machines, plugs them together, runs the API
/// server and the controllers, and starts again what ends. One thread and no task, because it works in other
/// namespaces; what it started goes on without it, and the next supervisor finds it by its process numbers.
public final class LabSupervisor {
    let directory: LabDirectory
    var state: LabState
    let environment: Environment
    private let lock: FileLock
    private let socket: FileDescriptor
    private let signals: SignalInbox
    let credentials: LabCredentials
    /// The API server's listener on the host; it stays open over the server's restarts, so that callers wait instead
    /// of being refused. It is closed with this process. Nil in a supervisor that found an API server of its
    /// predecessor's.
    var listener: Int32?
    var restarts: [String: RestartPolicy] = [:]
    /// The underlay must be looked at again.
    var isUnplugged = true
    private var isStopping = false

    static let fabric = "fabric"
    static let control = "control"
    static let apiServer = "apiserver"
    static let controllers = "controllers"

    static func process(of node: String) -> String { "node/\(node)" }

    public init(_ name: String) throws(LabFailure) {
        directory = LabDirectory(name)
        let directory = directory
        lock = try doing("be the only supervisor of lab \(name)") { () throws(SystemCallError) in
            try Directories.make(directory.runPath, mode: 0o700)
            return try FileLock.take(directory.lock, patience: .seconds(1))
        }
        guard let state = try LabState.read(directory) else {
            throw LabFailure("there is no lab \(name)", next: "poplin lab up --name \(name)")
        }
        self.state = state
        environment = Environment.current().setting("POPLIN_LAB_MEMBER", to: name)
        if let group = try directory.controlGroup() {
            try doing("join the lab's control group") { () throws(SystemCallError) in
                let own = ControlGroup(path: "\(group.path)/supervisor")
                try own.make()
                try own.add()
            }
        }
        try doing("watch over processes") { () throws(SystemCallError) in try BackgroundProcess.adoptOrphans() }
        signals = try doing("hear signals") { () throws(SystemCallError) in
            try SignalInbox([SIGCHLD, SIGTERM, SIGINT, SIGHUP])
        }
        credentials = try LabCredentials(directory, state.specification)
        try credentials.writeControl()
        socket = try doing("serve \(directory.socket)") { () throws(SystemCallError) in
            try UnixSocket.listen(directory.socket)
        }
    }

    /// Until SIGTERM, SIGINT, or a `stop` over the socket.
    public func run() throws(LabFailure) {
        state.processes["supervisor"] = BackgroundProcess(identifier: getpid())
        // Where the machines of one that was killed go on nothing else changes, and its number would stand there.
        try? state.write(directory)
        say("supervising lab \(directory.name): \(state.specification.nodes.count) nodes")
        while !isStopping {
            do throws(LabFailure) {
                try reconcile()
            } catch {
                say("\(error)")
            }
            wait()
        }
        state.processes["supervisor"] = nil
        try state.write(directory)
        _ = try? FileSystem.unlink(directory.socket)
    }

    /// Waits for a signal, a caller, or the time when something is due; answers callers.
    private func wait() {
        let now = Clock.monotonic()
        let waits: [UInt64] = restarts.values.map { $0.wait(now) }.filter { $0 > 0 }
        let due: UInt64 = waits.min() ?? 1_000_000_000
        var entries = [
            pollfd(fd: signals.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        // Processes that an earlier supervisor started send no SIGCHLD here: their ends are looked for.
        let milliseconds = Int32(clamping: min(due, 500_000_000) / 1_000_000 + 1)
        _ = poll(&entries, nfds_t(entries.count), milliseconds)
        while let signal = (try? signals.next()) ?? nil {
            if signal == SIGTERM || signal == SIGINT { isStopping = true }
        }
        if entries[1].revents != 0 { answer() }
    }

    private func answer() {
        do throws(SystemCallError) {
            let caller = try UnixSocket.accept(socket)
            let line = try UnixSocket.readLine(caller, limit: .seconds(2))
            let reply = LabRequest.reply(to: line, by: self)
            try caller.writeAll(reply.serialized() + [0x0A])
        } catch {
            say("a caller: \(error)")
        }
    }

    func stop() { isStopping = true }

    func say(_ text: String) { try? StandardStreams.write("\(text)\n", to: .error) }

    // MARK: - Steps

    /// One step towards the specification; what cannot be done now is tried again later.
    private func reconcile() throws(LabFailure) {
        let before = state
        defer { if state != before { try? state.write(directory) } }
        noteEnds()
        try startMachines()
        if isUnplugged {
            try plugEverything()
            isUnplugged = false
        }
        try keepAPIServer()
        try keep(Self.controllers, arguments: controllerArguments, passing: [])
    }

    /// Forgets what has ended, and when it may come back.
    private func noteEnds() {
        let ended = BackgroundProcess.reapChildren()
        for (name, process) in state.processes where name != "supervisor" && !process.isAlive {
            say("\(name) (process \(process.identifier)) ended\(ended[process.identifier].map { ": \($0)" } ?? "")")
            state.processes[name] = nil
            restarts[name, default: RestartPolicy()].ended(Clock.monotonic())
        }
    }

    func isDue(_ name: String) -> Bool {
        state.processes[name] == nil && restarts[name, default: RestartPolicy()].isDue(Clock.monotonic())
    }
}
