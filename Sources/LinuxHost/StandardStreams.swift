import CLinux
import SystemCalls

/// The three descriptors every program is started with.
public enum StandardStreams {
    public enum Output: Int32, Sendable {
        case output = 1
        case error = 2
    }

    /// To be called first in `main`.
    ///
    /// A closed descriptor 0, 1 or 2 is opened on /dev/null: otherwise the first socket would take its number, and
    /// the result would be written into it. A reader that went away becomes EPIPE, which can be reported and undone,
    /// where SIGPIPE would end the program in the middle of its work.
    public static func prepare() {
        _ = clinux_ignore_signal(SIGPIPE)
        for number: Int32 in 0...2 where clinux_fcntl_int(number, F_GETFD, 0) == -1 {
            // open(2) takes the lowest free number, which is this one. It is meant to be inherited: no O_CLOEXEC.
            _ = clinux_open("/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
        }
    }

    /// All of standard input; more than `limit` bytes is EFBIG.
    public static func readInput(limit: Int = 64 << 20) throws(SystemCallError) -> [UInt8] {
        try borrowing(0) { file throws(SystemCallError) in try file.readAll(limit: limit) }
    }

    /// The end of standard input, at most `limit` bytes of it, and how many came before them. However long it is, no more
    /// than twice the limit is held.
    public static func readInputEnd(limit: Int) throws(SystemCallError) -> (bytes: [UInt8], skipped: Int) {
        try borrowing(0) { file throws(SystemCallError) in try file.readEnd(limit: limit) }
    }

    public static func write(_ bytes: some Collection<UInt8>, to output: Output = .output) throws(SystemCallError) {
        try borrowing(output.rawValue) { file throws(SystemCallError) in try file.writeAll(bytes) }
    }

    public static func write(_ text: String, to output: Output = .output) throws(SystemCallError) {
        try write(text.utf8, to: output)
    }

    /// Whether a person looks at it (isatty(3)).
    public static func isTerminal(_ output: Output = .output) -> Bool { isatty(output.rawValue) == 1 }

    /// Lends the descriptor without ever closing it.
    private static func borrowing<Result>(
        _ number: Int32, _ body: (borrowing FileDescriptor) throws(SystemCallError) -> Result
    ) throws(SystemCallError) -> Result {
        guard clinux_fcntl_int(number, F_GETFD, 0) != -1 else {
            throw SystemCallError("fcntl", .EBADF, on: "descriptor \(number)")
        }
        let file = FileDescriptor(owning: number)
        do throws(SystemCallError) {
            let result = try body(file)
            _ = file.release()
            return result
        } catch {
            _ = file.release()
            throw error
        }
    }
}
