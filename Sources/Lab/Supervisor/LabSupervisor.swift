import Addressing
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
    private var listener: Int32?
    private var restarts: [String: RestartPolicy] = [:]
    /// The underlay must be looked at again.
    private var isUnplugged = true
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
}

// MARK: - Machines and programs

extension LabSupervisor {
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

    private func isDue(_ name: String) -> Bool {
        state.processes[name] == nil && restarts[name, default: RestartPolicy()].isDue(Clock.monotonic())
    }

    private func startMachines() throws(LabFailure) {
        // Every other machine is plugged into the fabric; so are those that lived on while it was gone.
        if isDue(Self.fabric) {
            try finish(begin(Self.fabric, named: Self.fabric, .network))
            isUnplugged = true
        }
        guard state.processes[Self.fabric] != nil else { return }
        if isUnplugged {
            try doUnderlay { underlay, fabric throws(LabFailure) in try underlay.prepare(fabric: fabric) }
        }
        if isDue(Self.control) { try finish(begin(Self.control, named: Self.control, .network)) }
        var starting: [MachinePipe] = []
        for node in state.specification.nodes where isDue(Self.process(of: node.name)) {
            try credentials.write(for: node)
            starting.append(try begin(Self.process(of: node.name), named: node.name, .node))
        }
        var failure: LabFailure?
        for machine in starting {
            do throws(LabFailure) { try finish(machine) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// A machine that was started and waits for its cable.
    private final class MachinePipe {
        let name: String
        let toMachine: FileDescriptor
        let fromMachine: FileDescriptor

        init(name: String, toMachine: consuming FileDescriptor, fromMachine: consuming FileDescriptor) {
            self.name = name
            self.toMachine = toMachine
            self.fromMachine = fromMachine
        }
    }

    private func begin(
        _ name: String, named machine: String, _ role: MachineStart.Role
    ) throws(LabFailure) -> MachinePipe {
        restarts[name, default: RestartPolicy()].started(Clock.monotonic())
        let arguments = [
            "lab", "machine", "--name", directory.name, "--machine", machine, "--role", role.rawValue,
        ]
        let log = try openLog(machine)
        let program = state.program
        let environment = environment.setting("POPLIN_LAB_NODE", to: machine)
        return try doing("start machine \(machine)") { () throws(SystemCallError) in
            let input = try Pipe.make()
            let output = try Pipe.make()
            _ = try BackgroundProcess.start(
                BackgroundProcess.Launch(
                    program, arguments, environment: environment, input: input.reading.rawValue,
                    output: output.writing.rawValue, errors: log.rawValue))
            return MachinePipe(
                name: name, toMachine: input.keepingWriting(), fromMachine: output.keepingReading())
        }
    }

    /// Plugs a started machine in and lets it go on.
    private func finish(_ pipe: MachinePipe) throws(LabFailure) {
        do throws(LabFailure) {
            let line = try doing("hear from \(pipe.name)") { () throws(SystemCallError) in
                try UnixSocket.readLine(pipe.fromMachine, limit: .seconds(30))
            }
            guard
                let identifier = (try? JSONTree(parsing: line).root.member("pid")?.int).flatMap({ Int32(exactly: $0) }),
                let process = BackgroundProcess(identifier: identifier)
            else { throw LabFailure("\(pipe.name) did not start: see \(directory.logs)") }
            state.processes[pipe.name] = process
            // Before the machine goes on: a supervisor killed now would leave a machine that its successor does not know.
            try state.write(directory)
            try plug(pipe.name, fresh: true)
            try doing("let \(pipe.name) go on") { () throws(SystemCallError) in
                try pipe.toMachine.writeAll(Array("go\n".utf8))
            }
        } catch {
            restarts[pipe.name, default: RestartPolicy()].ended(Clock.monotonic())
            if let process = state.processes.removeValue(forKey: pipe.name) { process.signal(SIGKILL) }
            throw error
        }
    }

    func plugEverything() throws(LabFailure) {
        for name in state.processes.keys.sorted() where name == Self.control || name.hasPrefix("node/") {
            try plug(name, fresh: false)
        }
    }

    private func plug(_ name: String, fresh: Bool) throws(LabFailure) {
        guard name != Self.fabric, let process = state.processes[name] else { return }
        try doUnderlay { underlay, fabric throws(LabFailure) in
            let attachment: Underlay.Attachment
            if name == Self.control {
                attachment = underlay.controlAttachment
            } else {
                guard let node = state.specification.nodes.first(where: { Self.process(of: $0.name) == name }) else {
                    return
                }
                attachment = underlay.attachment(of: node)
            }
            let machine = try openNamespace(process)
            // The port of a machine that is gone may still be there for a moment.
            if fresh {
                try underlay.detach(attachment, from: fabric)
                try underlay.prepare(machine: machine)
            }
            try underlay.attach(attachment, machine: machine, to: fabric)
        }
    }

    /// Runs `body` with the underlay and the fabric's namespace.
    func doUnderlay(
        _ body: (Underlay, borrowing NetworkNamespace) throws(LabFailure) -> Void
    ) throws(LabFailure) {
        guard let process = state.processes[Self.fabric] else { throw LabFailure("the fabric is not running") }
        let fabric = try openNamespace(process)
        try body(Underlay(state.specification), fabric)
    }

    func openNamespace(_ process: BackgroundProcess) throws(LabFailure) -> NetworkNamespace {
        do throws(NetworkNamespace.Failure) {
            return try NetworkNamespace.open("/proc/\(process.identifier)/ns/net")
        } catch {
            throw LabFailure("cannot enter process \(process.identifier): \(error)")
        }
    }

    private func openLog(_ component: String) throws(LabFailure) -> FileDescriptor {
        let directory = directory
        return try doing("open the log of \(component)") { () throws(SystemCallError) in
            try Directories.make(directory.logs)
            return try FileDescriptor.open(directory.log(of: component), O_WRONLY | O_CREAT | O_APPEND, mode: 0o644)
        }
    }

    // MARK: The control plane

    private func keepAPIServer() throws(LabFailure) {
        guard isDue(Self.apiServer) else { return }
        if listener == nil {
            let port = state.port
            let (socket, found) = try doing("listen on the host's loopback") { () throws(SystemCallError) in
                let listener = try LoopbackListener.listen(port: port)
                let found = listener.port
                return (listener.release(), found)
            }
            listener = socket
            state.port = found
        }
        // The port is written before anybody is told of it.
        try state.write(directory)
        try credentials.writePersonal(port: state.port)
        let addresses = AddressPlan(state.specification).controlAddresses.map(\.address)
        var arguments = ["apiserver", "serve", "--dir", directory.apiServer]
        for address in addresses {
            arguments += ["--listen", address.family == .v6 ? "[\(address)]:6443" : "\(address):6443"]
        }
        arguments += [
            "--listen-fd", "3", "--kubeconfig-out", "\(directory.apiServer)/kubeconfig", "--log-level", "notice",
        ]
        for address in addresses { arguments += ["--tls-san", "\(address)"] }
        if let service = AddressPlan(state.specification).serviceAddress {
            arguments += ["--listen", "\(service):443"]
        }
        try keep(Self.apiServer, arguments: arguments, passing: listener.map { [$0] } ?? [])
    }

    private var controllerArguments: [String] {
        let spec = state.specification
        var arguments = [
            "lab", "controllers", "--kubeconfig", directory.controlKubeconfig,
            "--service-cidr", AddressPlan(spec).serviceNetworks.map(\.description).joined(separator: ","),
        ]
        // With pools nodes get no ranges of their own.
        if spec.addressMode == .kubernetes {
            arguments += ["--cluster-cidr", spec.podNetworks.map(\.description).joined(separator: ",")]
        }
        return arguments
    }

    /// Runs a program of the control plane, in its network namespace, when it does not run and is due.
    private func keep(_ name: String, arguments: [String], passing: [Int32]) throws(LabFailure) {
        guard isDue(name), let control = state.processes[Self.control] else { return }
        let namespace = try openNamespace(control)
        let log = try openLog(name)
        let launch = BackgroundProcess.Launch(
            state.program, arguments, environment: environment, output: log.rawValue, errors: log.rawValue,
            passed: passing)
        restarts[name, default: RestartPolicy()].started(Clock.monotonic())
        do {
            state.processes[name] = try namespace.run { () throws(SystemCallError) in
                try BackgroundProcess.start(launch)
            }
        } catch {
            restarts[name, default: RestartPolicy()].ended(Clock.monotonic())
            throw LabFailure("cannot start \(name): \(error)")
        }
    }
}

// MARK: - What people ask for

extension LabSupervisor {
    func restartCount(_ name: String) -> Int { restarts[name]?.failures ?? 0 }

    func addNode(named name: String?, rack: Int?) throws(LabFailure) -> LabNode {
        var wanted = state.specification
        if let name, wanted.node(named: name) != nil { throw LabFailure("node \(name) is there already") }
        if let rack, !(0..<wanted.racks).contains(rack) {
            throw LabFailure("--rack \(rack + 1) is not there: the racks of this lab are 1 to \(wanted.racks)")
        }
        let node = wanted.add(named: name, rack: rack)
        let wrong = wanted.findings()
        if !wrong.isEmpty { throw LabFailure(wrong) }
        state.specification = wanted
        try state.write(directory)
        try rewriteHosts()
        return node
    }

    func removeNode(_ name: String) throws(LabFailure) {
        let node = try node(named: name)
        guard state.specification.nodes.count > 1 else {
            throw LabFailure("\(name) is the lab's last node", next: "poplin lab down --name \(directory.name)")
        }
        try end(node)
        state.specification.nodes.removeAll { $0.name == name }
        restarts[Self.process(of: name)] = nil
        try state.write(directory)
        let path = directory.node(name)
        try doing("remove \(path)") { () throws(SystemCallError) in try FileTree.remove(path) }
        if let group = try directory.controlGroup() {
            try doing("remove the node's control group") { () throws(SystemCallError) in
                try ControlGroup(path: "\(group.path)/machines/\(name)").remove()
            }
        }
        try rewriteHosts()
    }

    /// As somebody pressing the button: every process of the node ends at once, and the machine starts anew.
    func rebootNode(_ name: String) throws(LabFailure) {
        try end(node(named: name))
        restarts[Self.process(of: name)] = RestartPolicy()
    }

    func setPartition(_ name: String, _ isPartitioned: Bool) throws(LabFailure) {
        var node = try node(named: name)
        node.isPartitioned = isPartitioned
        if let index = state.specification.nodes.firstIndex(where: { $0.name == name }) {
            state.specification.nodes[index] = node
        }
        try state.write(directory)
        if isPartitioned {
            try doUnderlay { underlay, fabric throws(LabFailure) in
                try underlay.plug(false, underlay.attachment(of: node), in: fabric)
            }
        } else {
            try plug(Self.process(of: name), fresh: false)
        }
    }

    private func node(named name: String) throws(LabFailure) -> LabNode {
        guard let node = state.specification.node(named: name) else {
            throw LabFailure(
                "there is no node \(name) in lab \(directory.name)",
                next: "its nodes: \(state.specification.nodes.map(\.name).joined(separator: ", "))")
        }
        return node
    }

    private func end(_ node: LabNode) throws(LabFailure) {
        if let process = state.processes.removeValue(forKey: Self.process(of: node.name)) {
            process.signal(SIGKILL)
            guard process.waitForEnd(limit: .seconds(10)) else { throw LabFailure("\(node.name) does not end") }
        }
        if let group = try directory.controlGroup() {
            let isEmpty = try doing("end every process of \(node.name)") { () throws(SystemCallError) in
                try ControlGroup(path: "\(group.path)/machines/\(node.name)").killAll()
            }
            guard isEmpty else { throw LabFailure("processes of \(node.name) do not end") }
        }
        try doUnderlay { underlay, fabric throws(LabFailure) in
            try underlay.detach(underlay.attachment(of: node), from: fabric)
        }
    }

    /// Every node's /etc/hosts, seen through its first process.
    private func rewriteHosts() throws(LabFailure) {
        for node in state.specification.nodes {
            guard let process = state.processes[Self.process(of: node.name)] else { continue }
            let text = NodeFiles.hosts(state.specification, for: node.name)
            try doing("write /etc/hosts of \(node.name)") { () throws(SystemCallError) in
                let file = try FileDescriptor.open(
                    "/proc/\(process.identifier)/root/etc/hosts", O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
                try file.writeAll(text.utf8)
            }
        }
    }
}
