import CNI
import JSONTree

/// One interface of one container as a runtime asks for it.
public struct RuntimeAttachment: Sendable, Equatable {
    public var containerID: String
    /// The path of the container's network namespace; empty when it is gone (DEL).
    public var networkNamespace: String
    /// The interface's name inside the container.
    public var interfaceName: String
    /// CNI_ARGS, in order.
    public var arguments: [Argument]
    /// Capability arguments by capability; each plugin gets those it declares.
    public var capabilityArguments: [JSONMember]

    /// One pair of CNI_ARGS.
    public struct Argument: Sendable, Hashable {
        public var key: String
        public var value: String

        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    public init(
        containerID: String, networkNamespace: String, interfaceName: String, arguments: [Argument] = [],
        capabilityArguments: [JSONMember] = []
    ) {
        self.containerID = containerID
        self.networkNamespace = networkNamespace
        self.interfaceName = interfaceName
        self.arguments = arguments
        self.capabilityArguments = capabilityArguments
    }

    public var attachment: CNIAttachment { CNIAttachment(containerID: containerID, interfaceName: interfaceName) }

    func request(_ command: CNIRequest.Command) -> CNIRequest {
        CNIRequest(
            command, containerID: containerID, networkNamespace: networkNamespace, interfaceName: interfaceName,
            arguments: arguments.map { "\($0.key)=\($0.value)" }.joined(separator: ";"))
    }

    /// The same attachment with what was kept of its ADD where nothing is given now.
    func filled(from kept: RuntimeAttachment) -> RuntimeAttachment {
        var filled = self
        if networkNamespace.isEmpty { filled.networkNamespace = kept.networkNamespace }
        if arguments.isEmpty { filled.arguments = kept.arguments }
        if capabilityArguments.isEmpty { filled.capabilityArguments = kept.capabilityArguments }
        return filled
    }

    /// Fails before anything is executed on what every plugin would refuse.
    func validate(for command: CNIRequest.Command) throws(CNIError) {
        try CNINames.validate(containerID: containerID)
        try CNINames.validate(interfaceName: interfaceName)
        if networkNamespace.isEmpty && command == .add {
            throw CNIError(.invalidEnvironment, "ADD needs a network namespace")
        }
        for argument in arguments
        where argument.key.isEmpty || argument.key.contains("=") || argument.key.contains(";")
            || argument.value.contains(";")
        {
            throw CNIError(
                .invalidEnvironment, "CNI_ARGS cannot carry \(argument.key)=\(argument.value)",
                details: "pairs are KEY=value, separated by ;")
        }
    }
}
