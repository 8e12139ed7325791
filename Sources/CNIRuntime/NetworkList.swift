import CNI
import JSONTree

/// A network: the plugins that are called one after the other for it, and the rules for calling them. Valid; what may
/// be wrong with the file it came from is in ``ConfigurationFile/problems``.
public struct NetworkList: Sendable {
    public var name: String
    /// The version that is spoken with the plugins: the newest of `cniVersion` and `cniVersions` that we know.
    public var version: CNIVersion
    /// CHECK must not be called.
    public var disableCheck: Bool
    /// Nothing may be collected: the network is shared between runtimes (specification 1.1.0).
    public var disableGC: Bool
    /// Files of the drop-in folder are not for this network.
    public var loadOnlyInlinedPlugins: Bool
    /// At least one.
    public var plugins: [PluginEntry]
    /// The file the list came from.
    public var file: String
    /// What the result cache keeps, so that DEL can be called as ADD was: the file as it stands, or when plugins came
    /// from elsewhere a list that has them all inlined.
    public var source: [UInt8]
}

/// One plugin of a list.
public struct PluginEntry: Sendable {
    /// The name of the program.
    public var type: String
    /// The object, verbatim.
    public var node: JSONNode
    /// The capabilities it declares: what it gets of the runtime's capability arguments.
    public var capabilities: [String]
    /// The file it stands in: the list's, or one of the drop-in folder.
    public var file: String

    /// The address manager this plugin delegates to, when it names one.
    public var ipamType: String? {
        guard let type = node["ipam"]?["type"]?.string, !type.isEmpty else { return nil }
        return type
    }
}

extension PluginEntry {
    /// What the plugin is given on standard input: its entry as it stands, and what the runtime adds. Numbers,
    /// duplicates and order of everything else survive.
    ///
    /// - Parameters:
    ///   - capabilities: every capability argument there is; the plugin gets those it declares.
    ///   - extra: keys of one verb, such as GC's list of valid attachments.
    public func request(
        network: String, version: CNIVersion, previousResult: JSONValue? = nil, capabilities: JSONValue? = nil,
        extra: [JSONMember] = []
    ) -> [UInt8] {
        var configuration = JSONValue.node(node)
            .setting("name", to: .string(network))
            .setting("cniVersion", to: .string(version.description))
        if let previousResult { configuration = configuration.setting("prevResult", to: previousResult) }
        let wanted = (capabilities?.members ?? []).filter { self.capabilities.contains($0.key) }
        if !wanted.isEmpty { configuration = configuration.setting("runtimeConfig", to: .object(wanted)) }
        for member in extra { configuration = configuration.setting(member.key, to: member.value) }
        return configuration.serialized()
    }
}
