import CNI
import JSONTree

/// Everything a runtime says about one attachment, beside the network.
public struct AttachmentParameters: Sendable {
    public var containerID: String
    /// A path; empty when DEL is called for a namespace that is gone.
    public var networkNamespace: String
    /// The interface's name inside the container.
    public var interfaceName: String
    /// CNI_ARGS, in order.
    public var arguments: [(key: String, value: String)]
    /// Capability arguments by capability: an object.
    public var capabilities: JSONValue?

    public init(
        containerID: String, networkNamespace: String, interfaceName: String,
        arguments: [(key: String, value: String)] = [], capabilities: JSONValue? = nil
    ) {
        self.containerID = containerID
        self.networkNamespace = networkNamespace
        self.interfaceName = interfaceName
        self.arguments = arguments
        self.capabilities = capabilities
    }

    public var attachment: CNIAttachment { CNIAttachment(containerID: containerID, interfaceName: interfaceName) }

    /// As CNI_ARGS has them.
    public var argumentText: String { arguments.map { "\($0.key)=\($0.value)" }.joined(separator: ";") }

    func request(_ command: CNIRequest.Command) -> CNIRequest {
        CNIRequest(
            command, containerID: containerID, networkNamespace: networkNamespace, interfaceName: interfaceName,
            arguments: argumentText)
    }

    /// Reads CNI_ARGS: `K=V;K2=V2`. A value may hold further `=`; what plugins make of it is theirs.
    public static func parse(arguments text: String) throws(CNIError) -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        for pair in text.split(separator: ";") {
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
                throw CNIError(
                    .invalidEnvironment, "CNI_ARGS: \"\(pair)\" is no KEY=value pair",
                    details: "pairs are separated by ; in \"\(text)\"")
            }
            pairs.append((String(pair[..<equals]), String(pair[pair.index(after: equals)...])))
        }
        return pairs
    }

    func validate() throws(CNIError) {
        try CNINames.validate(containerID: containerID)
        try CNINames.validate(interfaceName: interfaceName)
    }
}
