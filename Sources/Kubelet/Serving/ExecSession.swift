import CLinux
import Foundation
import LinuxHost
import Synchronization
import SystemCalls

/// A process that was started in a container for somebody, with its streams. Threads of its own read what it writes.
final class ExecSession: Sendable {
    /// A channel's number and bytes, until both outputs have ended and the process with them.
    let messages: AsyncStream<[UInt8]>
    private let child: pid_t
    private let isTerminal: Bool
    private let input: Mutex<Int32>
    /// With a terminal, its other end; closed with the last reader.
    private let terminal: Int32
    private let code = Mutex(0)

    init(_ exec: ContainerExec, hasInput: Bool, isTerminal: Bool) throws(SystemCallError) {
        self.isTerminal = isTerminal
        var outputs: [(channel: UInt8, number: Int32)] = []
        if isTerminal {
            let pair = try Terminal.open(seenBy: exec.process)
            let slave = pair.slave.rawValue
            child = try exec.start(.init(input: slave, output: slave, errors: slave, isTerminal: true))
            input = Mutex(try pair.master.duplicate().release())
            terminal = pair.keepingMaster().release()
            outputs = [(1, terminal)]
        } else {
            let output = try DaemonPipe.open()
            let errors = try DaemonPipe.open()
            let nothing = try FileDescriptor.open("/dev/null", O_RDONLY)
            let pipe = try DaemonPipe.open()
            child = try exec.start(
                .init(
                    input: hasInput ? pipe.readingNumber : nothing.rawValue, output: output.writing.rawValue,
                    errors: errors.writing.rawValue, isTerminal: false))
            input = Mutex(hasInput ? pipe.keepingWriting().release() : -1)
            terminal = -1
            outputs = [(1, output.keepingReading().release()), (2, errors.keepingReading().release())]
        }
        let (messages, continuation) = AsyncStream<[UInt8]>.makeStream()
        self.messages = messages
        let waiting = DispatchGroup()
        for (channel, number) in outputs {
            waiting.enter()
            Thread.detachNewThread {
                var chunk = [UInt8](repeating: 0, count: 32 << 10)
                while true {
                    let count = read(number, &chunk, chunk.count)
                    if count < 0, clinux_errno() == EINTR { continue }
                    guard count > 0 else { break }
                    continuation.yield([channel] + chunk[..<count])
                }
                close(number)
                waiting.leave()
            }
        }
        let process = child
        Thread.detachNewThread { [self] in
            let ended = ContainerExec.wait(for: process)
            code.withLock { $0 = ended }
            // What it left in the pipes is read; a process of its own that keeps them open is not waited for.
            _ = waiting.wait(timeout: .now() + 1)
            endInput()
            continuation.finish()
        }
    }

    /// After ``messages`` has ended.
    var exitCode: Int { code.withLock { $0 } }

    /// Blocks while the process does not read.
    func feed(_ bytes: [UInt8]) {
        let number = input.withLock { $0 }
        guard number >= 0 else { return }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(number, $0.baseAddress.map { $0 + offset }, bytes.count - offset)
            }
            if count < 0, clinux_errno() == EINTR { continue }
            guard count > 0 else { return }
            offset += count
        }
    }

    func endInput() {
        let number = input.withLock { number in
            defer { number = -1 }
            return number
        }
        if number >= 0 { close(number) }
    }

    func resize(_ bytes: [UInt8]) {
        guard isTerminal, bytes.count == 4 else { return }
        let number = input.withLock { $0 }
        guard number >= 0 else { return }
        var size = winsize()
        size.ws_col = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        size.ws_row = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        withUnsafeMutablePointer(to: &size) { _ = clinux_ioctl(number, UInt(TIOCSWINSZ), UInt(bitPattern: $0)) }
    }

    func hangUp() {
        endInput()
        kill(child, isTerminal ? SIGHUP : SIGTERM)
    }
}
