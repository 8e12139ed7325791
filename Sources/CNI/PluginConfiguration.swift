import JSONTree

/// The configuration a plugin gets on standard input: its entry of the list with `name`, `cniVersion`, `prevResult`
/// and `runtimeConfig` added by the runtime.
public struct PluginConfiguration: Sendable {
    /// Everything, for fields no reader here knows and for handing the whole on to a delegate.
    public let tree: JSONTree
    /// The network's name, fit for file names and comments.
    public let name: String
    /// The plugin's own name; empty when a person calls the plugin by hand and leaves it out.
    public let type: String
    /// `cniVersion` as it stands, ``CNIVersion/assumed`` when it is missing.
    public let versionText: String
    /// The version results are written in.
    public let cniVersion: CNIVersion
    /// The fields of the plugin.
    public let reader: ConfigurationReader

    public var root: JSONNode { tree.root }

    /// Reads what every plugin needs: JSON, then the name, then the version, and says which of the three is wrong.
    ///
    /// - Parameters:
    ///   - source: what came on standard input.
    ///   - command: the verb, which the configuration's version must know.
    ///   - supported: the versions the plugin speaks.
    public init(
        parsing source: [UInt8], for command: CNIRequest.Command, supporting supported: [CNIVersion]
    ) throws(CNIError) {
        do throws(JSONSyntaxError) {
            tree = try JSONTree(parsing: source)
        } catch {
            throw CNIError(
                .decoding, "error unmarshall network config: \(error)", details: error.caret, at: error.position)
        }
        if tree.root.isNull { throw CNIError(.invalidConfiguration, "missing network name") }
        guard tree.root.kind == .object else {
            throw CNIError(
                .decoding, "error unmarshall network config: must be an object, not \(tree.root.kind)",
                details: tree.root.caret("must be an object"), at: tree.root.position)
        }
        reader = try ConfigurationReader(tree.root)
        name = try reader.string("name", default: "")
        try CNINames.validate(networkName: name)
        type = try reader.string("type", default: "")
        let text = try reader.string("cniVersion", default: "")
        versionText = text.isEmpty ? CNIVersion.assumed.description : text
        cniVersion = try Self.negotiate(versionText, for: command, supporting: supported)
    }

    /// Which version to speak: exactly the one the configuration asks for, or none.
    private static func negotiate(
        _ text: String, for command: CNIRequest.Command, supporting supported: [CNIVersion]
    ) throws(CNIError) -> CNIVersion {
        if command.since > .v020, let known = VersionNumbers(command.since.description) {
            // GC, STATUS and CHECK came later than lists; say so rather than that versions do not match.
            guard let asked = VersionNumbers(text) else {
                throw CNIError(.decoding, "cniVersion \"\(text)\" is not a version number")
            }
            if asked < known {
                throw CNIError(
                    .incompatibleVersion, "config version does not allow \(command)",
                    details: "cniVersion is \(text); \(command) came with \(command.since)")
            }
        }
        if let version = CNIVersion(text), supported.contains(version) { return version }
        let list = supported.map { "\"\($0)\"" }.joined(separator: " ")
        throw CNIError(
            .incompatibleVersion, "incompatible CNI versions",
            details: "config is \"\(text)\", plugin supports [\(list)]")
    }
}

extension PluginConfiguration {
    /// What the runtime's user asked for through capabilities; each plugin reads its own keys.
    public var capabilities: CapabilityArguments {
        get throws(CNIError) { CapabilityArguments(try reader.object("runtimeConfig")) }
    }

    /// `args.cni`: an older convention for what `runtimeConfig` is for.
    public var conventionArguments: ConfigurationReader? {
        get throws(CNIError) { try reader.object("args")?.object("cni") }
    }

    /// The `ipam` object; nil when there is none or it has no `type` (a layer 2 network).
    public var ipam: ConfigurationReader? {
        get throws(CNIError) {
            guard let ipam = try reader.object("ipam"), try !ipam.string("type", default: "").isEmpty else {
                return nil
            }
            return ipam
        }
    }

    /// What the chain has made so far; nil for the first plugin, and for DEL before 0.4.0.
    public func previousResult() throws(CNIError) -> CNIResult? {
        guard let node = reader["prevResult"] else { return nil }
        return try CNIResult(decoding: node, assuming: cniVersion)
    }

    /// The previous result of a plugin that only works behind another one.
    public func requiredPreviousResult() throws(CNIError) -> CNIResult {
        if let result = try previousResult() { return result }
        throw CNIError(
            .unusablePreviousResult, "must be called as chained plugin",
            details: "prevResult is missing; \(type.isEmpty ? "this plugin" : type) belongs behind a plugin that makes"
                + " an interface")
    }

    /// The previous result if there is one that can be read: for DEL, which must get on without.
    public var readablePreviousResult: CNIResult? {
        do throws(CNIError) { return try previousResult() } catch { return nil }
    }

    /// The attachments that are still valid, for GC. Nil when the runtime gave no list: nothing may be removed then. An
    /// empty list says that nothing is valid.
    public func validAttachments() throws(CNIError) -> [CNIAttachment]? {
        // libcni sends both keys; the second is the one from before the specification was final.
        for key in ["cni.dev/valid-attachments", "cni.dev/attachments"] where reader[key] != nil {
            var attachments: [CNIAttachment] = []
            for entry in try reader.objects(key) {
                attachments.append(
                    CNIAttachment(
                        containerID: try entry.string("containerID", default: ""),
                        interfaceName: try entry.string("ifname", default: "")))
            }
            return attachments
        }
        return nil
    }

    /// Fails ADD before anything is made when the answer would be a result without addresses and the configuration's
    /// version cannot express that.
    public func checkCanAnswerWithoutAddresses() throws(CNIError) {
        try CNIResult().checkExpressible(as: cniVersion)
    }
}
