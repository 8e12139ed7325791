import CLinux
import JSONTree
import LinuxHost
import SystemCalls

/// Machines and their cables.
extension LabSupervisor {
    func startMachines() throws(LabFailure) {
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

    func plug(_ name: String, fresh: Bool) throws(LabFailure) {
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

    func openLog(_ component: String) throws(LabFailure) -> FileDescriptor {
        let directory = directory
        return try doing("open the log of \(component)") { () throws(SystemCallError) in
            try Directories.make(directory.logs)
            return try FileDescriptor.open(directory.log(of: component), O_WRONLY | O_CREAT | O_APPEND, mode: 0o644)
        }
    }
}
