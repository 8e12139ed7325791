import CLinux
import SystemCalls

/// Both ends of a pipe, close-on-exec.
public struct Pipe: ~Copyable {
    public let reading: FileDescriptor
    public let writing: FileDescriptor

    private init(reading: consuming FileDescriptor, writing: consuming FileDescriptor) {
        self.reading = reading
        self.writing = writing
    }

    public static func make() throws(SystemCallError) -> Pipe {
        var ends: (Int32, Int32) = (-1, -1)
        try retrying("pipe2") {
            withUnsafeMutableBytes(of: &ends) { pipe2($0.assumingMemoryBound(to: Int32.self).baseAddress, O_CLOEXEC) }
        }
        return Pipe(reading: FileDescriptor(owning: ends.0), writing: FileDescriptor(owning: ends.1))
    }

    /// Closes the writing end.
    public consuming func keepingReading() -> FileDescriptor { reading }

    /// Closes the reading end.
    public consuming func keepingWriting() -> FileDescriptor { writing }
}

/// A child that was started. It is killed and reaped when its owner goes without having waited for it.
struct Spawned: ~Copyable {
    let identifier: pid_t
    private var status: Int32?

    private init(identifier: pid_t) { self.identifier = identifier }

    deinit {
        guard status == nil else { return }
        kill(identifier, SIGKILL)
        var ignored: Int32 = 0
        while waitpid(identifier, &ignored, 0) == -1, clinux_errno() == EINTR {}
    }

    /// Starts the program. ETXTBSY (somebody still writes the file, or forked while it was written) is tried again
    /// for two and a half seconds, which is as long as an installer's copy takes.
    static func start(
        _ command: ChildProcess.Command, input: Int32, output: Int32, errors: Int32
    ) throws(SystemCallError) -> Spawned {
        var pause: UInt64 = 1_000_000
        while true {
            let (error, identifier) = spawn(command, input: input, output: output, errors: errors)
            if error == 0 { return Spawned(identifier: identifier) }
            let errno = Errno(rawValue: error)
            guard errno == .ETXTBSY, pause < 2_000_000_000 else {
                throw SystemCallError("execve", errno, on: command.executable)
            }
            Clock.sleep(nanoseconds: pause)
            pause *= 2
        }
    }

    private static func spawn(
        _ command: ChildProcess.Command, input: Int32, output: Int32, errors: Int32
    ) -> (error: Int32, identifier: pid_t) {
        var actions = posix_spawn_file_actions_t()
        var failure = posix_spawn_file_actions_init(&actions)
        guard failure == 0 else { return (failure, 0) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Onto itself is meant too: it takes close-on-exec away.
        for (from, to) in [(input, 0), (output, 1), (errors, 2)] as [(Int32, Int32)] where failure == 0 {
            failure = posix_spawn_file_actions_adddup2(&actions, from, to)
        }
        if failure == 0 { failure = posix_spawn_file_actions_addclosefrom_np(&actions, 3) }
        guard failure == 0 else { return (failure, 0) }

        var attributes = posix_spawnattr_t()
        failure = posix_spawnattr_init(&attributes)
        guard failure == 0 else { return (failure, 0) }
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        return withCStrings([command.name ?? command.executable] + command.arguments) { arguments in
            withCStrings(command.environment.entries) { environment in
                var identifier: pid_t = 0
                let error = posix_spawn(
                    &identifier, command.executable, &actions, &attributes, arguments, environment)
                return (error, identifier)
            }
        }
    }

    /// Answers once the child has ended; nil when it has not and `blocking` is false.
    mutating func wait(blocking: Bool) throws(SystemCallError) -> ChildProcess.Termination? {
        if status == nil {
            var raw: Int32 = 0
            let identifier = identifier
            let answer = try retrying("waitpid") { waitpid(identifier, &raw, blocking ? 0 : WNOHANG) }
            if answer == 0 { return nil }
            status = raw
        }
        guard let status else { return nil }
        return clinux_exited(status) != 0
            ? .exited(clinux_exit_status(status)) : .killed(signal: clinux_term_signal(status))
    }

    func signal(_ number: Int32) {
        // Not after the wait: the number may be somebody else's by then.
        if status == nil { kill(identifier, number) }
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { fatalError("an array with an element has an address") }
            return body(base)
        }
    }
}
