import CLinux
import LinuxHost
import SystemCalls

/// A container with its daemon: its process, its streams, its log.
final class DaemonContainer {
    private(set) var state: ContainerState
    let endsInputOnce: Bool
    private let controlGroups: [String]
    private let isTerminal: Bool
    private var input: FileDescriptor?
    /// With a terminal its other end, for both directions.
    private var output: FileDescriptor?
    private var errors: FileDescriptor?
    private let process: FileDescriptor
    private var outputCutter = LogCutter(.output)
    private var errorCutter = LogCutter(.errors)
    private var log: LogFile

    init(_ spec: ContainerSpec, _ tree: RootTree) throws(SystemCallError) {
        log = try LogFile(spec.logPath)
        endsInputOnce = spec.endsInputOnce
        controlGroups = spec.controlGroups
        isTerminal = spec.isTerminal
        let child: pid_t
        if spec.isTerminal {
            let terminal = try Terminal.open()
            let slave = terminal.slave.rawValue
            child = try ContainerStart.start(
                spec, tree,
                .init(input: slave, output: slave, errors: slave, isTerminal: true))
            input = try terminal.master.duplicate()
            output = terminal.keepingMaster()
            errors = nil
        } else {
            let outputPipe = try DaemonPipe.open()
            let errorPipe = try DaemonPipe.open()
            let nothing = try FileDescriptor.open("/dev/null", O_RDONLY)
            let inputPipe = try DaemonPipe.open()
            child = try ContainerStart.start(
                spec, tree,
                .init(
                    input: spec.hasInput ? inputPipe.readingNumber : nothing.rawValue,
                    output: outputPipe.writing.rawValue,
                    errors: errorPipe.writing.rawValue, isTerminal: false))
            output = outputPipe.keepingReading()
            errors = errorPipe.keepingReading()
            input = spec.hasInput ? inputPipe.keepingWriting() : nil
        }
        process = FileDescriptor(owning: try retrying("pidfd_open") { pidfd_open(child, 0) })
        state = ContainerState(spec, process: child, startedAt: Clock.now())
        for number in [outputNumber, errorNumber, inputNumber] {
            if let number { try retrying("fcntl") { clinux_fcntl_int(number, F_SETFL, O_NONBLOCK) } }
        }
    }

    private var outputNumber: Int32? { output?.rawValue }
    private var errorNumber: Int32? { errors?.rawValue }
    private var inputNumber: Int32? { input?.rawValue }

    /// Descriptors whose readiness means that something is to be done.
    var watched: [Int32] {
        guard state.end == nil else { return [] }
        return [process.rawValue, outputNumber, errorNumber].compactMap { $0 }
    }

    /// What there is to read now, by channel; logged already.
    func readOutput() -> [(channel: UInt8, bytes: [UInt8])] {
        var chunks: [(channel: UInt8, bytes: [UInt8])] = []
        let now = Clock.now()
        let (some, outputIsOver) = Self.drain(outputNumber)
        if !some.isEmpty {
            log.write(outputCutter.cut(some, time: now))
            chunks.append((DaemonConnection.outputChannel, some))
        }
        if outputIsOver { output = nil }
        let (others, errorsAreOver) = Self.drain(errorNumber)
        if !others.isEmpty {
            log.write(errorCutter.cut(others, time: now))
            chunks.append((DaemonConnection.errorChannel, others))
        }
        if errorsAreOver { errors = nil }
        return chunks
    }

    private static func drain(_ number: Int32?) -> ([UInt8], isOver: Bool) {
        guard let number else { return ([], false) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        // One container that writes without end does not starve the others.
        while bytes.count < 1 << 20 {
            let count = read(number, &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
                continue
            }
            if count == 0 { return (bytes, true) }
            let errno = Errno.current
            if errno == .EINTR { continue }
            // EIO: the last process on the terminal has gone (pty(7)).
            return (bytes, errno != .EAGAIN)
        }
        return (bytes, false)
    }

    /// Whether its process has ended just now; its last words are in the log then.
    func hasEnded() -> Bool {
        guard state.end == nil else { return false }
        var status: Int32 = 0
        guard waitpid(state.process, &status, WNOHANG) == state.process else { return false }
        _ = readOutput()
        let now = Clock.now()
        log.write([outputCutter.rest(time: now), errorCutter.rest(time: now)].compactMap { $0 })
        let signal = clinux_signaled(status) != 0 ? Int(clinux_term_signal(status)) : 0
        let code = signal != 0 ? 128 + signal : Int(clinux_exit_status(status))
        state.end = ContainerState.End(exitCode: code, signal: signal, finishedAt: now)
        output = nil
        errors = nil
        input = nil
        return true
    }

    func signal(_ number: Int32) {
        // Not after its end: the number may be another process's.
        if state.end == nil { kill(state.process, number) }
    }

    func feed(_ bytes: [UInt8]) {
        // A pipe that is full loses input: the container does not read it, and nobody else may wait for it.
        try? input?.writeAll(bytes)
    }

    func endInput() {
        if isTerminal { feed([4]) } else { input = nil }
    }

    /// Columns and rows, each in two bytes.
    func resize(_ bytes: [UInt8]) {
        guard isTerminal, bytes.count == 4, let number = outputNumber else { return }
        var size = winsize()
        size.ws_col = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        size.ws_row = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        withUnsafeMutablePointer(to: &size) { _ = clinux_ioctl(number, UInt(TIOCSWINSZ), UInt(bitPattern: $0)) }
    }

    func removeGroups() {
        for group in controlGroups { try? FileSystem.removeDirectory(group) }
    }
}

/// A pipe of which a child gets one end.
struct DaemonPipe: ~Copyable {
    let reading: FileDescriptor
    let writing: FileDescriptor

    private init(reading: consuming FileDescriptor, writing: consuming FileDescriptor) {
        self.reading = reading
        self.writing = writing
    }

    static func open() throws(SystemCallError) -> DaemonPipe {
        var ends: [Int32] = [-1, -1]
        try retrying("pipe2") { pipe2(&ends, O_CLOEXEC) }
        return DaemonPipe(reading: FileDescriptor(owning: ends[0]), writing: FileDescriptor(owning: ends[1]))
    }

    var readingNumber: Int32 { reading.rawValue }

    consuming func keepingReading() -> FileDescriptor { reading }
    consuming func keepingWriting() -> FileDescriptor { writing }
}

/// A pseudo-terminal (pty(7)).
struct Terminal: ~Copyable {
    let master: FileDescriptor
    let slave: FileDescriptor

    private init(master: consuming FileDescriptor, slave: consuming FileDescriptor) {
        self.master = master
        self.slave = slave
    }

    /// TIOCGPTPEER, `_IO('T', 0x41)` of <asm-generic/ioctls.h>; a macro that is not imported.
    private static let getPeer: UInt = 0x5441

    /// A terminal of the pseudo-terminals that a running process sees at its /dev/pts, so that it has a name there:
    /// `tty` and `script` look for it. The node's own where the process has none.
    static func open(seenBy process: Int32) throws(SystemCallError) -> Terminal {
        // Opened by way of the process's root: the kernel takes the instance from the path (fs/devpts/inode.c,
        // devpts_mntget), and TIOCGPTPEER opens the other end without another path (Linux 4.13).
        let multiplexer = "/proc/\(process)/root/dev/pts/ptmx"
        guard let master = try? FileDescriptor.open(multiplexer, O_RDWR | O_NOCTTY) else { return try open() }
        let number = master.rawValue
        try retrying("unlockpt") { unlockpt(number) }
        let flags = UInt(bitPattern: Int(O_RDWR | O_NOCTTY | O_CLOEXEC))
        let slave = try retrying("TIOCGPTPEER") { clinux_ioctl(number, getPeer, flags) }
        return Terminal(master: master, slave: FileDescriptor(owning: slave))
    }

    static func open() throws(SystemCallError) -> Terminal {
        let master = FileDescriptor(
            owning: try retrying("posix_openpt") { posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) })
        let number = master.rawValue
        try retrying("unlockpt") { unlockpt(number) }
        var name = [CChar](repeating: 0, count: 64)
        guard ptsname_r(number, &name, name.count) == 0 else { throw SystemCallError("ptsname_r", .current) }
        let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return Terminal(master: master, slave: try FileDescriptor.open(path, O_RDWR | O_NOCTTY))
    }

    consuming func keepingMaster() -> FileDescriptor { master }
}
