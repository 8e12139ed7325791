import CLinux
import SystemCalls

/// Signals as something to read (signalfd(2)) in a program of one thread: they are blocked, and wait until asked for.
public struct SignalInbox: ~Copyable {
    /// Readable while a signal waits.
    public let descriptor: FileDescriptor

    /// Blocks `signals` in the calling thread and collects them.
    public init(_ signals: [Int32]) throws(SystemCallError) {
        var set = sigset_t()
        sigemptyset(&set)
        for number in signals { sigaddset(&set, number) }
        sigprocmask(SIG_BLOCK, &set, nil)
        descriptor = FileDescriptor(
            owning: try retrying("signalfd") { signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK)) })
    }

    /// The next signal that waits, nil when none does.
    public func next() throws(SystemCallError) -> Int32? {
        var info = signalfd_siginfo()
        var count = 0
        let number = descriptor.rawValue
        do throws(SystemCallError) {
            count = try retrying("read") {
                withUnsafeMutableBytes(of: &info) { read(number, $0.baseAddress, $0.count) }
            }
        } catch  where error.errno == .EAGAIN {
            return nil
        }
        return count == MemoryLayout<signalfd_siginfo>.size ? Int32(bitPattern: info.ssi_signo) : nil
    }
}
