import CNI
import JSONTree

/// One file of a configuration directory, read as far as it can be: the network when it is usable, and every problem
/// it has, not just the first.
public struct ConfigurationFile: Sendable {
    public enum Form: Sendable {
        /// `*.conflist`: a list of plugins.
        case list
        /// `*.conf` and `*.json`: one plugin, the form from before 0.3.0, read as a list of one.
        case single

        /// Nil for a file that is no network configuration.
        public init?(fileName: String) {
            if fileName.hasPrefix(".") { return nil }
            if fileName.hasSuffix(".conflist") {
                self = .list
            } else if fileName.hasSuffix(".conf") || fileName.hasSuffix(".json") {
                self = .single
            } else {
                return nil
            }
        }
    }

    public let path: String
    public let form: Form
    /// The network's name as far as it could be read, also in a file that is no use otherwise.
    public let name: String?
    /// The plugins' types as far as they could be read, for showing.
    public let types: [String]
    /// Nil when a problem forbids it.
    public let list: NetworkList?
    public let problems: [ConfigurationProblem]

    /// A file of the drop-in folder of a network, or why it could not be read.
    public struct DropIn: Sendable {
        public let path: String
        public let content: Result<[UInt8], ConfigurationProblem>

        public init(path: String, content: Result<[UInt8], ConfigurationProblem>) {
            self.path = path
            self.content = content
        }
    }

    /// Reads a file's content.
    ///
    /// - Parameter dropIns: called with the network's name unless the file forbids drop-ins (`loadOnlyInlinedPlugins`).
    public init(
        path: String, form: Form, source: [UInt8], dropIns: (_ network: String) -> [DropIn] = { _ in [] }
    ) {
        var examiner = ConfigurationExaminer(file: path)
        let draft = examiner.read(source, form)
        var entries = draft?.entries ?? []
        var hasDropIns = false
        if form == .list, let draft, let name = draft.name, !draft.loadOnlyInlinedPlugins {
            for dropIn in dropIns(name) {
                hasDropIns = true
                if let entry = examiner.read(dropIn) { entries.append(entry) }
            }
        }
        if let draft, entries.isEmpty, draft.pluginsAreReadable { examiner.complainOfNoPlugins(draft) }

        self.path = path
        self.form = form
        name = draft?.name ?? draft?.root["name"]?.string
        types = entries.map(\.type)
        problems = examiner.problems
        guard let draft, let name = draft.name, !problems.contains(where: \.isError) else {
            list = nil
            return
        }
        list = NetworkList(
            name: name, version: draft.version, disableCheck: draft.disableCheck, disableGC: draft.disableGC,
            loadOnlyInlinedPlugins: draft.loadOnlyInlinedPlugins, plugins: entries, file: path,
            source: form == .list && !hasDropIns ? source : Self.inlined(draft, entries, form))
    }

    /// A file that could not be read at all.
    init(path: String, form: Form, problem: ConfigurationProblem) {
        self.path = path
        self.form = form
        name = nil
        types = []
        list = nil
        problems = [problem]
    }

    /// The same file with one more problem that does not make it unusable.
    func adding(_ problem: ConfigurationProblem) -> ConfigurationFile {
        ConfigurationFile(self, problems: problems + [problem])
    }

    private init(_ file: ConfigurationFile, problems: [ConfigurationProblem]) {
        path = file.path
        form = file.form
        name = file.name
        types = file.types
        list = file.list
        self.problems = problems
    }

    /// One list with every plugin in it, for those who have neither the drop-in folder nor single configurations.
    private static func inlined(_ draft: ConfigurationExaminer.Draft, _ entries: [PluginEntry], _ form: Form) -> [UInt8]
    {
        let plugins = JSONValue.array(entries.map { .node($0.node) })
        switch form {
        case .list:
            return JSONValue.node(draft.root)
                .setting("plugins", to: plugins)
                .setting("loadOnlyInlinedPlugins", to: true)
                .serialized()
        case .single:
            return JSONValue.object([
                JSONMember("cniVersion", .string(draft.version.description)),
                JSONMember("name", .string(draft.name ?? "")),
                JSONMember("plugins", plugins),
            ]).serialized()
        }
    }
}
