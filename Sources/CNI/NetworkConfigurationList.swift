import JSONTree

/// A network as an administrator writes it: a name, a version and the plugins that make it, in order (specification,
/// section 1). A single plugin's configuration, as before 1.0.0, is read as a list of one.
public struct NetworkConfigurationList: Sendable {
    /// One plugin of the list, verbatim.
    public struct Entry: Sendable {
        /// The plugin's own object.
        public let node: JSONNode
        /// The file name of its program.
        public let type: String
        /// The capabilities it declares as true: of the runtime's capability arguments it gets only these.
        public let capabilities: [String]
        /// The drop-in file it came from; nil when it stands in the list itself.
        public let file: String?
    }

    public let name: String
    /// The highest of `cniVersion` and `cniVersions` that we speak.
    public let cniVersion: CNIVersion
    /// CHECK is not to be called.
    public let disableCheck: Bool
    /// GC is not to be called.
    public let disableGC: Bool
    /// Plugins come from the list alone, not also from files in the folder named after the network.
    public let loadOnlyInlinedPlugins: Bool
    public private(set) var plugins: [Entry]
    /// The list as it was read.
    public let tree: JSONTree
    /// The file it came from; nil when it came from somewhere else.
    public let file: String?

    public enum Form: Sendable {
        /// `*.conflist`
        case list
        /// `*.conf`: one plugin.
        case plugin
        /// `*.json`: whichever it is, told by the key `plugins`.
        case either
    }

    /// - Throws: 6 for what is not JSON, 7 for what is wrong in it, both with the position.
    public init(parsing source: [UInt8], form: Form = .either, file: String? = nil) throws(CNIError) {
        do throws(JSONSyntaxError) {
            tree = try JSONTree(parsing: source)
        } catch {
            throw CNIError(
                .decoding, "error parsing configuration: \(error.reason)", details: error.caret, at: error.position)
        }
        self.file = file
        let reader = try ConfigurationReader(tree.root)
        let isList =
            switch form {
            case .list: true
            case .plugin: false
            case .either: reader["plugins"] != nil
            }
        if form == .plugin && reader["plugins"] != nil {
            throw reader.invalid("plugins", "makes this a list of plugins; its file name must end in .conflist")
        }
        name = try reader.string("name", default: "")
        if name.isEmpty { throw reader.missing("name") }
        guard CNINames.isIdentifier(name) else {
            throw reader.invalid(
                "name", "must begin with a letter or digit and go on with those, \"_\", \".\" and \"-\": \"\(name)\"")
        }
        cniVersion = try Self.negotiate(reader, isList: isList)
        disableCheck = isList ? try reader.flag("disableCheck") : false
        disableGC = isList ? try reader.flag("disableGC") : false
        loadOnlyInlinedPlugins = isList ? try reader.flag("loadOnlyInlinedPlugins") : true
        plugins = []
        guard isList else {
            plugins = [try Entry(reader, file: nil)]
            return
        }
        guard reader["plugins"] != nil else {
            if loadOnlyInlinedPlugins {
                throw reader.invalid(
                    "loadOnlyInlinedPlugins", "is true, and there is no \"plugins\": nothing would be loaded")
            }
            return
        }
        for entry in try reader.objects("plugins") { plugins.append(try Entry(entry, file: nil)) }
        if plugins.isEmpty { throw reader.invalid("plugins", "is empty: a network needs at least one plugin") }
    }

    /// Adds a plugin from a file of the network's folder.
    public mutating func append(_ entry: Entry) { plugins.append(entry) }

    private static func negotiate(_ reader: ConfigurationReader, isList: Bool) throws(CNIError) -> CNIVersion {
        var best: CNIVersion?
        if isList {
            for field in try reader.array("cniVersions") {
                guard let text = field.string else {
                    throw ConfigurationReader.mismatch(field, "a string", code: .invalidConfiguration)
                }
                guard VersionNumbers(text) != nil else {
                    throw reader.invalid(field, "is not a version number: \"\(text)\"")
                }
                // What is newer than we are is for runtimes that are newer, too.
                if let version = CNIVersion(text) { best = max(best ?? version, version) }
            }
        }
        let text = try reader.string("cniVersion", default: "")
        if text.isEmpty { return best ?? .assumed }
        if let version = CNIVersion(text) { return max(best ?? version, version) }
        if let best, let asked = VersionNumbers(text), let newest = VersionNumbers(CNIVersion.newest.description),
            asked > newest
        {
            return best
        }
        let known = CNIVersion.allCases.map(\.description).joined(separator: ", ")
        throw reader.invalid("cniVersion", "is no version known here: \"\(text)\"; known are \(known)")
    }
}

extension NetworkConfigurationList.Entry {
    /// One plugin's object.
    public init(_ reader: ConfigurationReader, file: String?) throws(CNIError) {
        node = reader.node
        self.file = file
        type = try reader.string("type", default: "")
        if type.isEmpty { throw reader.missing("type") }
        if type.utf8.contains(UInt8(ascii: "/")) {
            throw reader.invalid("type", "must be a file name, not a path: \"\(type)\"")
        }
        var capabilities: [String] = []
        if let declared = try reader.object("capabilities") {
            for (key, value) in declared.node.members where !value.isNull {
                guard let isWanted = value.bool else {
                    throw ConfigurationReader.mismatch(value, "true or false", code: .invalidConfiguration)
                }
                if isWanted { capabilities.append(key) }
            }
        }
        self.capabilities = capabilities
    }

    /// A drop-in file: one plugin's object and nothing else.
    public init(parsing source: [UInt8], file: String) throws(CNIError) {
        let tree: JSONTree
        do throws(JSONSyntaxError) {
            tree = try JSONTree(parsing: source)
        } catch {
            throw CNIError(
                .decoding, "error parsing configuration: \(error.reason)", details: error.caret, at: error.position)
        }
        try self.init(try ConfigurationReader(tree.root), file: file)
    }
}

extension ConfigurationReader {
    /// A truth value, or the texts "true" and "false" in any case, which libcni reads too.
    func flag(_ key: String) throws(CNIError) -> Bool {
        guard let field = self[key] else { return false }
        if let value = field.bool { return value }
        switch field.string?.lowercased() {
        case "true": return true
        case "false": return false
        default: throw invalid(field, "must be true or false")
        }
    }
}
