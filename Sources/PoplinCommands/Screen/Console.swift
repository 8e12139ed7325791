import Findings
import LinuxHost
import Synchronization
import SystemCalls

/// Where a command reads its surroundings from and writes to. Data goes to standard output and everything else to
/// standard error, so that `-o json | jq` never breaks.
public struct Console: Sendable {
    public var environment: Environment
    public var isOutputTerminal: Bool
    public var isErrorTerminal: Bool
    /// What the user said about colours.
    var color = ColorChoice.auto
    private let write: @Sendable (String, StandardStreams.Output) -> Void

    /// Tests pass a `write` of their own.
    public init(
        environment: Environment, isOutputTerminal: Bool, isErrorTerminal: Bool,
        write: @escaping @Sendable (String, StandardStreams.Output) -> Void
    ) {
        self.environment = environment
        self.isOutputTerminal = isOutputTerminal
        self.isErrorTerminal = isErrorTerminal
        self.write = write
    }

    /// Why something of standard output could not be written; 0 for nothing lost.
    private static let lost = Atomic<Int32>(0)

    /// What was lost of the process's own output, if anything: a full disk behind `> report.json`.
    static var loss: Errno? {
        let number = lost.load(ordering: .relaxed)
        return number == 0 ? nil : Errno(rawValue: number)
    }

    /// The process's own streams.
    public static func standard() -> Console {
        Console(
            environment: .current(), isOutputTerminal: StandardStreams.isTerminal(.output),
            isErrorTerminal: StandardStreams.isTerminal(.error)
        ) { text, stream in
            do throws(SystemCallError) {
                try StandardStreams.write(text, to: stream)
            } catch {
                // A reader that went away (`| head`) is no error of ours.
                if stream == .output, error.errno != .EPIPE { lost.store(error.errno.rawValue, ordering: .relaxed) }
            }
        }
    }

    public func print(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", .output) }

    public func printError(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", .error) }

    /// The colours of standard output.
    var paint: Paint { Paint(color, in: environment, isTerminal: isOutputTerminal) }

    /// The colours of standard error.
    var errorPaint: Paint { Paint(color, in: environment, isTerminal: isErrorTerminal) }

    func printError(_ findings: [Finding]) {
        for finding in findings { printError(finding.rendered(errorPaint)) }
    }

    /// For screens that promise 80 columns.
    func printWrappedError(_ findings: [Finding]) { printError(findings.map(\.wrapped)) }

    /// One line that says what is going on, only where somebody watches. ``endProgress()`` takes it away.
    func progress(_ text: String) {
        if isErrorTerminal { write("\r\u{1B}[K\(text) ...", .error) }
    }

    func endProgress() {
        if isErrorTerminal { write("\r\u{1B}[K", .error) }
    }
}
