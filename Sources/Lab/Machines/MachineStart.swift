import CLinux
import JSONTree
import LinuxHost
import SystemCalls

/// The first half of a machine's life, in a process that has no other thread yet: namespaces can only be entered there
/// without moving somebody else's work along.
///
/// The supervisor starts `poplin lab machine` with pipes as standard input and output. It answers with one line,
/// `{"pid":N}`: the process that holds the machine's namespaces. The supervisor plugs the cable in and answers `go`;
/// the end of the pipe instead means that the supervisor is gone, and the machine with it.
public enum MachineStart {
    /// What kind of machine it is.
    public enum Role: String, Sendable {
        /// A network namespace and nothing else: the fabric, the control plane.
        case network
        /// Network, mount, UTS, control-group and process namespaces, with a first process of its own.
        case node
    }

    public struct Order: Sendable {
        public var lab: String
        public var name: String
        public var role: Role
        /// This program.
        public var program: String

        public init(lab: String, name: String, role: Role, program: String) {
            self.lab = lab
            self.name = name
            self.role = role
            self.program = program
        }
    }

    /// The body of `poplin lab machine`. A network machine stays; a node leaves its first process behind and ends.
    public static func run(_ order: Order) throws(LabFailure) {
        try joinControlGroup(order)
        switch order.role {
        case .network:
            try enter(CLONE_NEWNET)
            try report(getpid())
            try awaitGo()
            // Only the end of the lab ends it.
            while true { pause() }
        case .node:
            try enter(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWPID)
            try doing("keep the node's mounts to itself") { () throws(SystemCallError) in
                try Mounts.makeAllPrivate()
            }
            guard order.name.withCString({ sethostname($0, strlen($0)) }) == 0 else {
                throw LabFailure("cannot name the machine \(order.name): errno \(clinux_errno())")
            }
            // The next process is number 1 of the new process namespace. This one's number is read from outside of it.
            let first = try doing("start the node's first process") { () throws(SystemCallError) in
                try BackgroundProcess.start(
                    BackgroundProcess.Launch(
                        order.program, ["lab", "init", "--name", order.lab, "--machine", order.name],
                        environment: Environment.current(), input: 0, output: 2, errors: 2))
            }
            try report(first.identifier)
        }
    }

    /// Waits for the supervisor's word; its end ends this process too.
    static func awaitGo() throws(LabFailure) {
        let line = try doing("hear from the supervisor") { () throws(SystemCallError) in
            let input = FileDescriptor(owning: 0)
            do throws(SystemCallError) {
                let line = try UnixSocket.readLine(input, limit: .seconds(60))
                _ = input.release()
                return line
            } catch {
                _ = input.release()
                throw error
            }
        }
        guard line == Array("go".utf8) else { throw LabFailure("the supervisor ended while this machine started") }
    }

    private static func joinControlGroup(_ order: Order) throws(LabFailure) {
        guard let group = try LabDirectory(order.lab).controlGroup() else { return }
        try doing("join the lab's control group") { () throws(SystemCallError) in
            let machine = ControlGroup(path: "\(group.path)/machines/\(order.name)")
            try machine.make()
            try machine.add()
        }
    }

    private static func enter(_ namespaces: Int32) throws(LabFailure) {
        do throws(SystemCallError) {
            try Namespaces.unshare(namespaces)
        } catch {
            throw LabFailure(
                "cannot make namespaces for a machine: \(error)",
                next: error.errno == .EPERM
                    ? "run it as root, where namespaces may be made (CAP_SYS_ADMIN)"
                    : "the kernel needs NET_NS, PID_NS, UTS_NS and CGROUPS")
        }
    }

    private static func report(_ identifier: Int32) throws(LabFailure) {
        try doing("answer the supervisor") { () throws(SystemCallError) in
            try StandardStreams.write("{\"pid\":\(identifier)}\n")
        }
    }
}
