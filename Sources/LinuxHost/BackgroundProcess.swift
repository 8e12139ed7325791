import CLinux
import SystemCalls

/// A process that goes on without whoever started it: a daemon's child that a later daemon finds again.
///
/// A process number alone is no identity, because the kernel gives it to somebody else in time. With the moment of the
/// start beside it, it is one.
public struct BackgroundProcess: Hashable, Sendable {
    public let identifier: Int32
    /// Clock ticks after the start of the machine (proc_pid_stat(5), field 22).
    public let startTime: UInt64

    public init(identifier: Int32, startTime: UInt64) {
        self.identifier = identifier
        self.startTime = startTime
    }

    /// The process that has this number now; nil when there is none, or only its remains (a zombie).
    public init?(identifier: Int32) {
        guard let startTime = BackgroundProcess.startTime(of: identifier) else { return nil }
        self.init(identifier: identifier, startTime: startTime)
    }

    /// Whether it is this process that has the number, and runs.
    public var isAlive: Bool { BackgroundProcess.startTime(of: identifier) == startTime }

    /// Sends a signal; false when the process is gone.
    @discardableResult
    public func signal(_ number: Int32) -> Bool {
        guard isAlive else { return false }
        return kill(identifier, number) == 0
    }

    /// Waits for its end; false when `limit` went by first. The process may be anybody's child.
    public func waitForEnd(limit: Duration) -> Bool {
        let deadline = Clock.monotonic() + limit.nanoseconds
        while isAlive {
            var status: Int32 = 0
            // Only a child of ours is reaped by this; of others the kernel says ECHILD.
            if waitpid(identifier, &status, WNOHANG) == identifier { return true }
            if Clock.monotonic() >= deadline { return false }
            Clock.sleep(nanoseconds: 5_000_000)
        }
        return true
    }

    private static func startTime(of identifier: Int32) -> UInt64? {
        guard identifier > 0, let bytes = (try? AtomicFile.read("/proc/\(identifier)/stat")) ?? nil else { return nil }
        // The name stands in parentheses and may contain any of them: what counts begins after the last one.
        let text = String(decoding: bytes, as: UTF8.self)
        guard let close = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}

extension BackgroundProcess {
    public struct Launch: Sendable {
        /// A path; nothing is searched.
        public var executable: String
        public var arguments: [String]
        public var environment: Environment
        /// An open descriptor for each standard stream; nil is /dev/null.
        public var input: Int32?
        public var output: Int32?
        public var errors: Int32?
        /// Open descriptors that the process gets as 3, 4, ...
        public var passed: [Int32]
        /// Whether it leads a session of its own (setsid(2)): no terminal's signals reach it.
        public var leadsSession: Bool

        public init(
            _ executable: String, _ arguments: [String], environment: Environment, input: Int32? = nil,
            output: Int32? = nil, errors: Int32? = nil, passed: [Int32] = [], leadsSession: Bool = true
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.input = input
            self.output = output
            self.errors = errors
            self.passed = passed
            self.leadsSession = leadsSession
        }
    }

    /// Starts a process in the calling thread's namespaces, with no blocked or ignored signals and no descriptors but
    /// those named. Its end is the caller's to reap (`reapChildren`).
    public static func start(_ launch: Launch) throws(SystemCallError) -> BackgroundProcess {
        let null = try FileDescriptor.open("/dev/null", O_RDWR)
        // First out of the way of the numbers they are to get, or one would be overwritten before it is passed on.
        var sources: [Int32] = []
        defer { for number in sources { close(number) } }
        for number in [launch.input, launch.output, launch.errors].map({ $0 ?? null.rawValue }) + launch.passed {
            sources.append(try retrying("fcntl") { clinux_fcntl_int(number, F_DUPFD_CLOEXEC, 64) })
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var failure: Int32 = 0
        for (target, source) in sources.enumerated() where failure == 0 {
            failure = posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
        }
        if failure == 0 { failure = posix_spawn_file_actions_addclosefrom_np(&actions, Int32(sources.count)) }
        guard failure == 0 else {
            throw SystemCallError("posix_spawn", Errno(rawValue: failure), on: launch.executable)
        }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        if launch.leadsSession { flags |= clinux_posix_spawn_setsid() }
        posix_spawnattr_setflags(&attributes, flags)

        var identifier: pid_t = 0
        failure = CStrings.with([launch.executable] + launch.arguments) { arguments in
            CStrings.with(launch.environment.entries) { environment in
                posix_spawn(&identifier, launch.executable, &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else { throw SystemCallError("execve", Errno(rawValue: failure), on: launch.executable) }
        // Gone already: whoever looks finds it dead, which is the truth.
        return BackgroundProcess(identifier: identifier) ?? BackgroundProcess(identifier: identifier, startTime: 0)
    }

    /// Reaps every child that has ended, and says which.
    public static func reapChildren() -> [Int32: ChildProcess.Termination] {
        var ended: [Int32: ChildProcess.Termination] = [:]
        var status: Int32 = 0
        while true {
            let identifier = waitpid(-1, &status, WNOHANG)
            guard identifier > 0 else { return ended }
            ended[identifier] =
                clinux_exited(status) != 0
                ? .exited(clinux_exit_status(status)) : .killed(signal: clinux_term_signal(status))
        }
    }

    /// Makes this process the parent of orphans below it (PR_SET_CHILD_SUBREAPER, Linux 3.4), so that it can reap them.
    public static func adoptOrphans() throws(SystemCallError) {
        try retrying("prctl") { clinux_prctl(PR_SET_CHILD_SUBREAPER, 1) }
    }

    /// Runs a program on this process's own terminal and streams, and waits for its end.
    public static func runInForeground(
        _ executable: String, _ arguments: [String], name: String? = nil, environment: Environment
    ) throws(SystemCallError) -> ChildProcess.Termination {
        var identifier: pid_t = 0
        let failure = CStrings.with([name ?? executable] + arguments) { arguments in
            CStrings.with(environment.entries) { environment in
                posix_spawn(&identifier, executable, nil, nil, arguments, environment)
            }
        }
        guard failure == 0 else { throw SystemCallError("execve", Errno(rawValue: failure), on: executable) }
        var status: Int32 = 0
        let child = identifier
        try retrying("waitpid") { waitpid(child, &status, 0) }
        return clinux_exited(status) != 0
            ? .exited(clinux_exit_status(status)) : .killed(signal: clinux_term_signal(status))
    }
}

/// Arrays of C strings that end with a null pointer, for execve(2) and its kin.
enum CStrings {
    static func with<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
        for (index, text) in strings.enumerated() { copies[index] = strdup(text) }
        copies[strings.count] = nil
        defer {
            for index in strings.indices { free(copies[index]) }
            copies.deallocate()
        }
        return body(copies)
    }
}
