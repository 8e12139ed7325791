import CLinux
import SystemCalls

/// The talk with a running child: feeds its input, drains both outputs, watches the time, and ends with the child.
///
/// What a grandchild that outlives the child still writes is not waited for: a plugin may leave a daemon behind that
/// holds its standard output.
struct ChildExchange: ~Copyable {
    private var process: Spawned
    private let command: ChildProcess.Command
    private var input: FileDescriptor?
    private let inputNumber: Int32
    private var output: Drain
    private var errors: Drain
    private var fed = 0
    private var hasInput = true

    private enum Phase {
        case running
        case terminating
        case killed
    }

    private struct Drain: ~Copyable {
        let file: FileDescriptor
        var bytes: [UInt8] = []
        /// Where reads land first; a pipe holds 64 KiB (pipe(7)).
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        var isOpen = true
    }

    init(
        _ process: consuming Spawned, _ command: ChildProcess.Command, input: consuming FileDescriptor,
        output: consuming FileDescriptor, errors: consuming FileDescriptor
    ) {
        self.process = process
        self.command = command
        inputNumber = input.rawValue
        self.input = consume input
        self.output = Drain(file: output)
        self.errors = Drain(file: errors)
    }

    mutating func run() throws(SystemCallError) -> ChildProcess.Outcome {
        for number in [inputNumber, output.file.rawValue, errors.file.rawValue] {
            try retrying("fcntl") { clinux_fcntl_int(number, F_SETFL, O_NONBLOCK) }
        }
        // Without pidfd_open(2) (Linux 5.3) the child's end is looked for at every tick.
        let processNumber = pidfd_open(process.identifier, 0)
        defer { if processNumber >= 0 { close(processNumber) } }

        var phase = Phase.running
        var deadline = command.limit.map { Clock.monotonic() + $0.nanoseconds }
        try feed()
        while true {
            if let termination = try process.wait(blocking: false) {
                try drainAll()
                return ChildProcess.Outcome(
                    termination: termination, output: output.bytes, errors: errors.bytes,
                    ranOutOfTime: phase != .running)
            }
            let rest = deadline.map { max(0, Int64($0) - Int64(Clock.monotonic())) }
            if rest == 0 {
                switch phase {
                case .running:
                    process.signal(SIGTERM)
                    phase = .terminating
                    deadline = Clock.monotonic() + command.grace.nanoseconds
                case .terminating, .killed:
                    process.signal(SIGKILL)
                    phase = .killed
                    deadline = nil
                }
                continue
            }
            var timeout = rest.map { Int32(clamping: ($0 + 999_999) / 1_000_000) } ?? -1
            if processNumber < 0 { timeout = timeout < 0 ? 5 : min(timeout, 5) }
            try waitForEvents(processNumber, timeout: timeout)
            try feed()
            try drainAll()
        }
    }

    /// poll(2) ignores entries whose number is negative.
    private func waitForEvents(_ processNumber: Int32, timeout: Int32) throws(SystemCallError) {
        var entries = [
            pollfd(fd: processNumber, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output.isOpen ? output.file.rawValue : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.isOpen ? errors.file.rawValue : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: hasInput ? inputNumber : -1, events: Int16(POLLOUT), revents: 0),
        ]
        // A signal may shorten the wait: the caller looks at the time again.
        if poll(&entries, nfds_t(entries.count), timeout) == -1, clinux_errno() != EINTR {
            throw SystemCallError("poll", .current)
        }
    }

    private mutating func feed() throws(SystemCallError) {
        guard hasInput else { return }
        while fed < command.input.count {
            let offset = fed
            let number = inputNumber
            do throws(SystemCallError) {
                fed += try retrying("write") {
                    command.input.withUnsafeBytes {
                        write(number, $0.baseAddress.map { $0 + offset }, $0.count - offset)
                    }
                }
            } catch  where error.errno == .EAGAIN {
                return
            }
        }
        hasInput = false
        input = nil
    }

    private mutating func drainAll() throws(SystemCallError) {
        try ChildExchange.drain(&output, command)
        try ChildExchange.drain(&errors, command)
    }

    /// Everything that is there now.
    private static func drain(_ drain: inout Drain, _ command: ChildProcess.Command) throws(SystemCallError) {
        while drain.isOpen {
            var count = 0
            do throws(SystemCallError) {
                let number = drain.file.rawValue
                count = try retrying("read") {
                    drain.chunk.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
                }
            } catch  where error.errno == .EAGAIN {
                return
            }
            drain.isOpen = count > 0
            drain.bytes += drain.chunk[..<count]
            if drain.bytes.count > command.outputLimit {
                throw SystemCallError("read", .EFBIG, on: "output of \(command.executable)")
            }
        }
    }
}
