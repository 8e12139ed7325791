import CNI
import JSONTree

/// What a runtime keeps about an attachment from ADD to DEL, in libcni's format `cniCacheV1`.
public struct CachedAttachment: Sendable {
    public var network: String
    public var parameters: AttachmentParameters
    /// The list as it was at ADD. Empty when the file is of the format before that one, which kept only the result.
    public var configuration: [UInt8]
    /// The result of ADD, verbatim; nil while ADD has not answered.
    public var result: JSONValue?
    /// Members of the file that libcni does not know (and ignores): ours.
    public var notes: [JSONMember]

    public init(
        network: String, parameters: AttachmentParameters, configuration: [UInt8], result: JSONValue?,
        notes: [JSONMember] = []
    ) {
        self.network = network
        self.parameters = parameters
        self.configuration = configuration
        self.result = result
        self.notes = notes
    }

    public var attachment: CNIAttachment { parameters.attachment }

    /// The list as it was at ADD; nil when it was not kept or cannot be read any more.
    public var list: NetworkList? {
        if configuration.isEmpty { return nil }
        return ConfigurationFile(path: "the result cache", form: .list, source: configuration).list
    }

    static let kind = "cniCacheV1"

    /// The file's content, keys in libcni's order.
    var value: JSONValue {
        var members = [
            JSONMember("kind", .string(Self.kind)),
            JSONMember("containerId", .string(parameters.containerID)),
            JSONMember("config", .string(Base64.encode(configuration))),
            JSONMember("ifName", .string(parameters.interfaceName)),
            JSONMember("networkName", .string(network)),
        ]
        if !parameters.networkNamespace.isEmpty {
            members.append(JSONMember("netns", .string(parameters.networkNamespace)))
        }
        if !parameters.arguments.isEmpty {
            let pairs = parameters.arguments.map { JSONValue.array([.string($0.key), .string($0.value)]) }
            members.append(JSONMember("cniArgs", .array(pairs)))
        }
        if let capabilities = parameters.capabilities, !capabilities.members.isEmpty {
            members.append(JSONMember("capabilityArgs", capabilities))
        }
        if let result { members.append(JSONMember("result", result)) }
        return .object(members + notes)
    }

    /// Reads a file's content. Nil when it is no cache file, such as one that was torn by a crash.
    ///
    /// - Parameter name: what the file is expected to be about; a file of the older format does not say.
    init?(decoding source: [UInt8], expecting name: (network: String, attachment: CNIAttachment)?) {
        guard let root = try? JSONTree(parsing: source).root, root.kind == .object else { return nil }
        guard root["kind"]?.string == Self.kind else {
            // Before cniCacheV1 the file was the bare result.
            guard let name, root["kind"] == nil, Self.looksLikeResult(root) else { return nil }
            self.init(
                network: name.network,
                parameters: AttachmentParameters(
                    containerID: name.attachment.containerID, networkNamespace: "",
                    interfaceName: name.attachment.interfaceName),
                configuration: [], result: .node(root))
            return
        }
        guard let containerID = root["containerId"]?.string, let interfaceName = root["ifName"]?.string,
            let network = root["networkName"]?.string, let text = root["config"]?.string,
            let configuration = Base64.decode(text)
        else { return nil }
        var arguments: [(key: String, value: String)] = []
        if let pairs = root["cniArgs"] {
            for pair in pairs.elements {
                guard let key = pair[0]?.string, let value = pair[1]?.string else { continue }
                arguments.append((key, value))
            }
        }
        let known = [
            "kind", "containerId", "config", "ifName", "networkName", "netns", "cniArgs", "capabilityArgs", "result",
        ]
        self.init(
            network: network,
            parameters: AttachmentParameters(
                containerID: containerID, networkNamespace: root["netns"]?.string ?? "", interfaceName: interfaceName,
                arguments: arguments, capabilities: root["capabilityArgs"].map { .node($0) }),
            configuration: configuration,
            result: root["result"].flatMap { $0.isNull ? nil : .node($0) },
            notes: root.members.filter { !known.contains($0.key) }.map { JSONMember($0.key, .node($0.value)) })
    }

    private static func looksLikeResult(_ root: JSONNode) -> Bool {
        ["cniVersion", "ips", "ip4", "ip6", "interfaces"].contains { root[$0] != nil }
    }
}
