/// What a runtime asks of a plugin through environment variables (specification, section 2, "Parameters").
public struct CNIRequest: Hashable, Sendable {
    /// The verb, as `CNI_COMMAND` spells it.
    public enum Command: String, CaseIterable, Sendable, CustomStringConvertible {
        case add = "ADD"
        case delete = "DEL"
        case check = "CHECK"
        case collectGarbage = "GC"
        case status = "STATUS"
        case version = "VERSION"

        public var description: String { rawValue }

        /// Whether the verb is about one attachment, and so needs a container and an interface.
        public var concernsAttachment: Bool { self == .add || self == .delete || self == .check }

        /// The first version of the specification that has the verb.
        public var since: CNIVersion {
            switch self {
            case .add, .delete: .v010
            case .version: .v020
            case .check: .v040
            case .collectGarbage, .status: .v110
            }
        }
    }

    public var command: Command
    /// Empty for GC and STATUS.
    public var containerID: String
    /// A path; empty when DEL was called without, and for GC and STATUS.
    public var networkNamespace: String
    /// The interface's name inside the container; empty for GC and STATUS.
    public var interfaceName: String
    /// `CNI_ARGS` as it stands; see ``CNIArguments``.
    public var arguments: String
    /// `CNI_PATH` as it stands: directories separated by `:`.
    public var path: String

    public init(
        _ command: Command, containerID: String = "", networkNamespace: String = "", interfaceName: String = "",
        arguments: String = "", path: String = ""
    ) {
        self.command = command
        self.containerID = containerID
        self.networkNamespace = networkNamespace
        self.interfaceName = interfaceName
        self.arguments = arguments
        self.path = path
    }

    /// The attachment the request is about.
    public var attachment: CNIAttachment { CNIAttachment(containerID: containerID, interfaceName: interfaceName) }

    /// The directories of `CNI_PATH`, in order.
    public var directories: [String] { path.split(separator: ":").map(String.init) }

    /// The same request with another verb: how ADD calls a delegate's DEL.
    public func with(_ command: Command) -> CNIRequest {
        var request = self
        request.command = command
        return request
    }
}

/// One interface of one container: what ADD makes, DEL removes, and GC is told is still valid.
public struct CNIAttachment: Hashable, Sendable, CustomStringConvertible {
    public var containerID: String
    public var interfaceName: String

    public init(containerID: String, interfaceName: String) {
        self.containerID = containerID
        self.interfaceName = interfaceName
    }

    public var description: String { "\(containerID)/\(interfaceName)" }
}

/// The environment variables that CNI defines; nil or empty is "not set".
public struct CNIEnvironment: Hashable, Sendable {
    public var command: String?
    public var containerID: String?
    public var networkNamespace: String?
    public var interfaceName: String?
    public var arguments: String?
    public var path: String?
    /// `CNI_NETNS_OVERRIDE`: "1" or "true" permits CNI_NETNS to be the plugin's own namespace.
    public var networkNamespaceOverride: String?

    public init() {}

    public init(_ lookUp: (String) -> String?) {
        command = lookUp("CNI_COMMAND")
        containerID = lookUp("CNI_CONTAINERID")
        networkNamespace = lookUp("CNI_NETNS")
        interfaceName = lookUp("CNI_IFNAME")
        arguments = lookUp("CNI_ARGS")
        path = lookUp("CNI_PATH")
        networkNamespaceOverride = lookUp("CNI_NETNS_OVERRIDE")
    }

    public var permitsOwnNamespace: Bool {
        guard let text = networkNamespaceOverride else { return false }
        return text == "1" || text.lowercased() == "true"
    }
}

extension CNIRequest {
    /// Reads the request, first what is missing (all of it in one message), then what is malformed. The texts are the
    /// reference library's, because people search for them.
    ///
    /// - Parameter command: already told apart from the unknown, see ``Command``.
    public init(_ command: Command, from environment: CNIEnvironment) throws(CNIError) {
        let containerID = environment.containerID ?? ""
        let networkNamespace = environment.networkNamespace ?? ""
        let interfaceName = environment.interfaceName ?? ""
        let path = environment.path ?? ""
        var missing: [String] = []
        if command.concernsAttachment {
            if containerID.isEmpty { missing.append("CNI_CONTAINERID") }
            if networkNamespace.isEmpty && command != .delete { missing.append("CNI_NETNS") }
            if interfaceName.isEmpty { missing.append("CNI_IFNAME") }
        }
        if command != .version && path.isEmpty { missing.append("CNI_PATH") }
        if !missing.isEmpty {
            throw CNIError(
                .invalidEnvironment, "required env variables [\(missing.joined(separator: ","))] missing")
        }
        if command.concernsAttachment {
            try CNINames.validate(containerID: containerID)
            try CNINames.validate(interfaceName: interfaceName)
        }
        self.init(
            command, containerID: containerID, networkNamespace: networkNamespace, interfaceName: interfaceName,
            arguments: environment.arguments ?? "", path: path)
    }
}

/// The rules for names that end up in file names, link names and comments.
public enum CNINames {
    /// The longest interface name in bytes: IFNAMSIZ is 16 with the final zero (linux/if.h).
    public static let longestInterfaceName = 15

    /// A letter or digit, then letters, digits, `_`, `.`, `-`: safe as a file name. The specification's expression is
    /// `^[a-zA-Z0-9][a-zA-Z0-9_.\-]*$`.
    public static func isIdentifier(_ text: String) -> Bool {
        var first = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                break
            case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                if first { return false }
            default:
                return false
            }
            first = false
        }
        return !first
    }

    public static func validate(containerID: String) throws(CNIError) {
        if containerID.isEmpty { throw CNIError(.unknownContainer, "missing containerID") }
        if !isIdentifier(containerID) {
            throw CNIError(.invalidEnvironment, "invalid characters in containerID", details: containerID)
        }
    }

    public static func validate(networkName: String) throws(CNIError) {
        if networkName.isEmpty { throw CNIError(.invalidConfiguration, "missing network name") }
        if !isIdentifier(networkName) {
            throw CNIError(
                .invalidConfiguration, "invalid characters found in network name", details: networkName)
        }
    }

    public static func validate(interfaceName: String) throws(CNIError) {
        if interfaceName.isEmpty { throw CNIError(.invalidEnvironment, "interface name is empty") }
        if interfaceName.utf8.count > longestInterfaceName {
            throw CNIError(
                .invalidEnvironment, "interface name is too long",
                details: "interface name should be less than \(longestInterfaceName + 1) characters")
        }
        if interfaceName == "." || interfaceName == ".." {
            throw CNIError(.invalidEnvironment, "interface name is . or ..")
        }
        for scalar in interfaceName.unicodeScalars
        where scalar == "/" || scalar == ":" || scalar.properties.isWhitespace {
            throw CNIError(
                .invalidEnvironment, "interface name contains / or : or whitespace characters")
        }
    }
}
