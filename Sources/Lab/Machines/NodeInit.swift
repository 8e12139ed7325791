import CLinux
import LinuxHost
import SystemCalls

/// The first process of a node (`poplin lab init`): makes the node's files, runs its kubelet and runs it again when it
/// ends, and reaps whatever is orphaned. When it ends the kernel ends everything else on the node.
///
/// One thread, no task: it must not be able to hang or to fail for want of memory.
public struct NodeInit {
    private let order: MachineStart.Order
    private let directory: LabDirectory
    private var kubelet: BackgroundProcess?
    private var restarts = RestartPolicy()

    public init(_ order: MachineStart.Order) {
        self.order = order
        directory = LabDirectory(order.lab)
    }

    public mutating func run() throws(LabFailure) {
        guard let state = try LabState.read(directory) else {
            throw LabFailure("\(directory.stateFile) is not there")
        }
        try doing("make the node's files") { () throws(SystemCallError) in
            try NodeRoot(
                directory: directory, node: order.name, files: NodeFiles.etc(state.specification, for: order.name)
            ).build()
        }
        try doing("leave the root of the node's control group") { () throws(SystemCallError) in
            // A group with processes of its own cannot hand out controllers to those below it.
            let group = ControlGroup(path: "/sys/fs/cgroup/system")
            if ControlGroup(path: "/sys/fs/cgroup").hasProcessList {
                try group.make()
                try group.add()
            }
        }
        try MachineStart.awaitGo()
        try detachInput()
        try serve(state.program)
    }

    private mutating func serve(_ program: String) throws(LabFailure) {
        var watched = sigset_t()
        sigemptyset(&watched)
        for number in [SIGCHLD, SIGTERM, SIGINT, SIGHUP] { sigaddset(&watched, number) }
        sigprocmask(SIG_BLOCK, &watched, nil)
        while true {
            let now = Clock.monotonic()
            if kubelet == nil, restarts.isDue(now) {
                kubelet = try startKubelet(program)
                restarts.started(now)
            }
            // Half a second also where no signal tells: a start that is due later than now.
            var rest = timespec(tv_sec: 0, tv_nsec: kubelet == nil ? 50_000_000 : 500_000_000)
            let signal = sigtimedwait(&watched, nil, &rest)
            for (identifier, termination) in BackgroundProcess.reapChildren()
            where identifier == kubelet?.identifier {
                say("the kubelet ended: \(termination)")
                kubelet = nil
                restarts.ended(Clock.monotonic())
            }
            if signal == SIGTERM || signal == SIGINT {
                kill(-1, SIGKILL)
                return
            }
        }
    }

    private func startKubelet(_ program: String) throws(LabFailure) -> BackgroundProcess? {
        do throws(SystemCallError) {
            return try BackgroundProcess.start(
                BackgroundProcess.Launch(
                    program, ["lab", "kubelet"], environment: Environment.current(), output: 2, errors: 2))
        } catch {
            say("cannot start the kubelet: \(error)")
            return nil
        }
    }

    /// The supervisor's pipe is not needed any more.
    private func detachInput() throws(LabFailure) {
        try doing("let go of the supervisor") { () throws(SystemCallError) in
            let null = try FileDescriptor.open("/dev/null", O_RDONLY)
            dup2(null.rawValue, 0)
        }
    }

    private func say(_ text: String) {
        try? StandardStreams.write("poplin lab init: \(text)\n", to: .error)
    }
}

/// When something that ended is started again: at once, then after 0.2 s and twice as long each time, at most 5 s. Ten
/// seconds of life make it new. Times are nanoseconds of one clock that never goes back.
struct RestartPolicy: Hashable, Sendable {
    private(set) var failures = 0
    private var startedAt: UInt64 = 0
    private var due: UInt64 = 0

    static let first: UInt64 = 200_000_000
    static let longest: UInt64 = 5_000_000_000
    static let proven: UInt64 = 10_000_000_000

    func isDue(_ now: UInt64) -> Bool { now >= due }

    /// Nanoseconds until it is due.
    func wait(_ now: UInt64) -> UInt64 { due > now ? due - now : 0 }

    mutating func started(_ now: UInt64) { startedAt = now }

    mutating func ended(_ now: UInt64) {
        if now >= startedAt + Self.proven { failures = 0 }
        due = failures == 0 ? now : now + min(Self.longest, Self.first << UInt64(min(failures - 1, 8)))
        failures += 1
    }
}
