import ArgumentParser
import CNI
import CNIRuntime
import JSONTree

/// Which interface of which container: options of add, check and del.
struct AttachmentOptions: ParsableArguments {
    @Argument(help: "The network's name, or the path of its file.")
    var network: String

    @Argument(help: "The network namespace: a name of `ip netns` or a path. DEL does without one that is gone.")
    var namespace: String?

    @Option(
        name: [.customShort("i"), .customLong("ifname")],
        help: "The interface's name in the container (env: CNI_IFNAME; else eth0).")
    var interfaceName: String?

    @Option(help: "The container's identifier (env: CNI_CONTAINERID; else made from the namespace).")
    var containerID: String?

    @OptionGroup var arguments: ArgumentOptions

    /// - Parameter namespace: the one to use: made, or found by the name the user gave.
    func parameters(
        in namespace: NamespaceReference, _ console: Console
    ) throws(CommandFailure) -> AttachmentParameters {
        AttachmentParameters(
            containerID: containerID ?? console.setting("CNI_CONTAINERID") ?? namespace.containerID,
            networkNamespace: namespace.path,
            interfaceName: interfaceName ?? console.setting("CNI_IFNAME") ?? "eth0",
            arguments: try arguments.pairs(console), capabilities: try arguments.capabilities(console))
    }

    /// An attachment that was added before: what the user does not say, the kept result of the ADD does.
    func existing(_ console: Console) throws(CommandFailure) -> AttachmentParameters {
        guard namespace != nil || containerID != nil || console.setting("CNI_CONTAINERID") != nil else {
            throw .usage(
                "which attachment? neither a network namespace nor a container is named",
                next: "name the namespace, or the container with --container-id")
        }
        return try parameters(in: NamespaceReference(namespace), console)
    }
}

/// What is handed to the plugins besides the configuration.
struct ArgumentOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Arguments for the plugins, as in CNI_ARGS (env: CNI_ARGS).", valueName: "key=value;..."))
    var args: String?

    @Option(
        help: ArgumentHelp(
            "Capability arguments as a JSON object, such as '{\"mac\": \"02:00:00:00:00:01\"}' (env: CAP_ARGS).",
            valueName: "json"))
    var capArgs: String?

    /// `CNI_ARGS` in pairs.
    func pairs(_ console: Console) throws(CommandFailure) -> [(key: String, value: String)] {
        let origin = args == nil ? "CNI_ARGS" : "--args"
        do throws(CNIError) {
            return try AttachmentParameters.parse(arguments: args ?? console.setting("CNI_ARGS") ?? "")
        } catch {
            let reason = error.message.hasPrefix("CNI_ARGS: ") ? String(error.message.dropFirst(10)) : error.message
            throw .usage("\(origin): \(reason)", next: "write \(origin) as KEY=VALUE;KEY2=VALUE2")
        }
    }

    /// `CAP_ARGS`: an object.
    func capabilities(_ console: Console) throws(CommandFailure) -> JSONValue? {
        guard let text = capArgs ?? console.setting("CAP_ARGS") else { return nil }
        let origin = capArgs == nil ? "CAP_ARGS" : "--cap-args"
        let root: JSONNode
        do throws(JSONSyntaxError) {
            root = try JSONTree(parsing: text).root
        } catch {
            throw CommandFailure(
                .usage,
                Finding(code: "usage", "\(origin) is not valid JSON: \(error.reason)", at: .init(file: origin, error)))
        }
        guard root.kind == .object else { throw .usage("\(origin) must be a JSON object, not \(root.kind)") }
        return .node(root)
    }
}
