import Foundation
import Glibc

/// A directory of CNI plugins under test.
struct PluginSet: Sendable, CustomStringConvertible {
    let description: String
    let directory: String

    /// Debian's `containernetworking-plugins`.
    static let reference = PluginSet(description: "reference", directory: "/usr/lib/cni")

    /// Ours: hard links to the built `poplin-cni`, one for each plugin, in a directory made for this test run.
    /// A missing program is an error and not a reason to skip: a suite that silently tests nothing is worse
    /// than a red one.
    static func poplin() throws -> PluginSet {
        try made.get()
    }

    static let names = [
        "loopback", "bridge", "ptp", "host-local", "static", "portmap", "firewall", "bandwidth", "tuning", "poplin",
    ]

    func path(of plugin: String) -> String { "\(directory)/\(plugin)" }

    private static let made: Result<PluginSet, any Error> = Result {
        let environment = ProcessInfo.processInfo.environment
        let beside = URL(fileURLWithPath: try programPath()).deletingLastPathComponent().path + "/poplin-cni"
        let program = environment["POPLIN_CNI"] ?? beside
        guard access(program, X_OK) == 0 else {
            throw HarnessError(
                """
                no plugin program at \(program). Build it with `swift build --build-tests` (it is put beside the \
                tests), or name another one in POPLIN_CNI.
                """)
        }
        // In place of links to the build's own file, links to one copy: the build directory may be on another
        // file system, and a rebuild must not change the program under a running test.
        let directory = temporaryDirectory
        try? FileManager.default.removeItem(atPath: directory)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let copy = "\(directory)/poplin-cni"
        // By a process of its own: a file that this process has open for writing is inherited, for a moment, by the
        // children of other tests, and executing it then fails with "text file busy".
        try Command.check(["cp", program, copy])
        for name in names { try FileManager.default.linkItem(atPath: copy, toPath: "\(directory)/\(name)") }
        atexit { try? FileManager.default.removeItem(atPath: PluginSet.temporaryDirectory) }
        return PluginSet(description: "poplin", directory: directory)
    }

    private static let temporaryDirectory =
        "\(NSTemporaryDirectory().trimmingSuffix("/"))/pt-plugins-\(getpid())"

    private static func programPath() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }
}
