import CNI
import JSONTree

extension ResultCache {
    /// What is kept of one attachment.
    public struct Entry: Sendable {
        public var network: String
        public var attachment: RuntimeAttachment
        /// The list as it was at ADD; nil in the format from before `cniCacheV1`, which kept the result alone.
        public var configuration: [UInt8]?
        /// Nil when it is missing or cannot be read.
        public var result: CNIResult?
        /// The version the result is written in.
        public var version: CNIVersion
        /// Members of the file that libcni does not know, and ignores: ours.
        public var notes: [JSONMember]

        public init(
            network: String, attachment: RuntimeAttachment, configuration: [UInt8]?, result: CNIResult?,
            version: CNIVersion, notes: [JSONMember] = []
        ) {
            self.network = network
            self.attachment = attachment
            self.configuration = configuration
            self.result = result
            self.version = version
            self.notes = notes
        }

        /// The list as it was at ADD; nil when it was not kept or cannot be read any more.
        public var list: NetworkConfigurationList? {
            guard let configuration, let list = try? NetworkConfigurationList(parsing: configuration),
                list.name == network, !list.plugins.isEmpty
            else { return nil }
            return list
        }
    }
}

extension ResultCache.Entry {
    private static let kind = "cniCacheV1"

    /// The file's content, members in libcni's order (libcni/api.go, cachedInfo).
    var value: JSONValue {
        get throws(CNIError) {
            var members = [
                JSONMember("kind", .string(Self.kind)),
                JSONMember("containerId", .string(attachment.containerID)),
                JSONMember("config", .string(Base64.encode(configuration ?? []))),
                JSONMember("ifName", .string(attachment.interfaceName)),
                JSONMember("networkName", .string(network)),
            ]
            if !attachment.networkNamespace.isEmpty {
                members.append(JSONMember("netns", .string(attachment.networkNamespace)))
            }
            if !attachment.arguments.isEmpty {
                let pairs = attachment.arguments.map { JSONValue.array([.string($0.key), .string($0.value)]) }
                members.append(JSONMember("cniArgs", .array(pairs)))
            }
            if !attachment.capabilityArguments.isEmpty {
                members.append(JSONMember("capabilityArgs", .object(attachment.capabilityArguments)))
            }
            if let result { members.append(JSONMember("result", try result.value(as: version))) }
            return .object(members + notes)
        }
    }

    /// Reads a file. Nil when it is no cache file, such as one that a crash has torn.
    ///
    /// - Parameter owner: whom the file's name is for; a file of the older format does not say.
    init?(decoding source: [UInt8], fileFor owner: (network: String, attachment: CNIAttachment)?) {
        guard let root = try? JSONTree(parsing: source).root, root.kind == .object else { return nil }
        guard root["kind"]?.string == Self.kind else {
            guard let owner, root["kind"] == nil else { return nil }
            self.init(bareResult: root, owner)
            return
        }
        guard let containerID = root["containerId"]?.string, let interfaceName = root["ifName"]?.string,
            let network = root["networkName"]?.string
        else { return nil }
        var attachment = RuntimeAttachment(
            containerID: containerID, networkNamespace: root["netns"]?.string ?? "", interfaceName: interfaceName)
        for pair in root["cniArgs"].map({ Array($0.elements) }) ?? [] {
            guard let key = pair[0]?.string, let value = pair[1]?.string else { continue }
            attachment.arguments.append(RuntimeAttachment.Argument(key, value))
        }
        attachment.capabilityArguments = root["capabilityArgs"].map { JSONValue($0).members } ?? []
        let result = root["result"]
        let known = [
            "kind", "containerId", "config", "ifName", "networkName", "netns", "cniArgs", "capabilityArgs", "result",
        ]
        self.init(
            network: network, attachment: attachment,
            configuration: root["config"]?.string.flatMap { Base64.decode($0) },
            result: result.flatMap { $0.isNull ? nil : try? CNIResult(decoding: $0, assuming: .assumed) },
            version: Self.version(of: result),
            notes: root.members.filter { !known.contains($0.key) }.map { JSONMember($0.key, .node($0.value)) })
    }

    /// The format from before `cniCacheV1`.
    private init?(bareResult root: JSONNode, _ owner: (network: String, attachment: CNIAttachment)) {
        guard ["cniVersion", "ips", "ip4", "ip6", "interfaces"].contains(where: { root[$0] != nil }),
            let result = try? CNIResult(decoding: root, assuming: .assumed)
        else { return nil }
        self.init(
            network: owner.network,
            attachment: RuntimeAttachment(
                containerID: owner.attachment.containerID, networkNamespace: "",
                interfaceName: owner.attachment.interfaceName),
            configuration: nil, result: result, version: Self.version(of: root))
    }

    private static func version(of result: JSONNode?) -> CNIVersion {
        result?["cniVersion"]?.string.flatMap { CNIVersion($0) } ?? .assumed
    }
}

extension NetworkConfigurationList {
    /// What is kept for DEL. The file as it stands says it all, unless plugins came from a drop-in folder, which may
    /// be another one by then, or the file is a single plugin, which libcni does not expect here: then a list that
    /// has every plugin in it.
    var keptSource: [UInt8] {
        let plugins = JSONValue.array(plugins.map { .node($0.node) })
        if tree.root["plugins"] == nil && self.plugins.allSatisfy({ $0.file == nil }) {
            return JSONValue.object([
                JSONMember("cniVersion", .string(cniVersion.description)), JSONMember("name", .string(name)),
                JSONMember("plugins", plugins),
            ]).serialized()
        }
        guard self.plugins.contains(where: { $0.file != nil }) else { return tree.source }
        return JSONValue.node(tree.root)
            .setting("plugins", to: plugins)
            .setting("loadOnlyInlinedPlugins", to: true)
            .serialized()
    }
}
