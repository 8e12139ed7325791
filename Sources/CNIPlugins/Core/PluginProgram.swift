import CNI
import LinuxHost
import SystemCalls

/// The program of many names: which plugin it is, it learns from the file name it was started under.
public enum PluginProgram {
    /// The name under which it is no plugin but answers a person.
    public static let ownName = "poplin-cni"

    /// What was done of a call before `main`.
    public struct Beginning: Sendable {
        /// What was read of standard input.
        public var input: [UInt8]
        /// Whether standard input has ended.
        public var hasEnded: Bool
        /// How long the agent was waited for, in milliseconds.
        public var waited: Int

        public init(input: [UInt8] = [], hasEnded: Bool = false, waited: Int = 0) {
            self.input = input
            self.hasEnded = hasEnded
            self.waited = waited
        }
    }

    /// - Parameter arguments: as `main` gets them, the name first.
    /// - Returns: the exit code.
    public static func main(_ arguments: [String], after beginning: Beginning = Beginning()) -> Int32 {
        StandardStreams.prepare()
        let path = arguments.first ?? ownName
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[path.utf8.index(after: $0)...] } ?? path[...]
        if let plugin = PluginRegistry.plugin(named: name) {
            let outcome = PluginRunner.run(
                plugin, environment: CNIEnvironment(Environment.value(of:)), waited: beginning.waited
            ) { () throws(SystemCallError) in
                if beginning.hasEnded { return beginning.input }
                return beginning.input + (try StandardStreams.readInput())
            } deliver: { (bytes) throws(SystemCallError) in
                try StandardStreams.write(bytes)
            }
            return finish(PluginRunner.Outcome(errors: outcome.errors, exitCode: outcome.exitCode))
        }
        return finish(answer(Array(arguments.dropFirst())))
    }

    /// What the program says to a person.
    static func answer(_ arguments: [String]) -> PluginRunner.Outcome {
        switch arguments.first {
        case "--version" where arguments.count == 1:
            return text("poplin-cni \(Release.version)\n")
        case "--list" where arguments.count == 1:
            return text(PluginRegistry.all.map { $0.name + "\n" }.joined())
        case "--help", "-h":
            return text(usage)
        case "install" where arguments.count == 2:
            return install(arguments[1])
        case "uninstall" where arguments.count == 2:
            return uninstall(arguments[1])
        default:
            return PluginRunner.Outcome(errors: usage, exitCode: 2)
        }
    }

    static let usage = """
        poplin-cni is the CNI plugins of Poplin in one program; it is the plugin whose name it is started under.

          poplin-cni install DIR     make one hard link per plugin in DIR, such as /opt/cni/bin; plugins of others
                                     that have these names are kept beside as NAME.before-poplin
          poplin-cni uninstall DIR   remove the links and put those plugins back
          poplin-cni --list          print the names of the plugins
          poplin-cni --version       print the version

        """

    private static func text(_ text: String) -> PluginRunner.Outcome { PluginRunner.Outcome(output: Array(text.utf8)) }

    private static func finish(_ outcome: PluginRunner.Outcome) -> Int32 {
        do throws(SystemCallError) {
            if !outcome.errors.isEmpty { try StandardStreams.write(outcome.errors, to: .error) }
            if !outcome.output.isEmpty { try StandardStreams.write(outcome.output) }
        } catch {
            // Nobody reads the answer. The exit code is all that is left to say it with.
            return 1
        }
        return outcome.exitCode
    }
}
