import ArgumentParser
import CNI
import CNIRuntime
import Findings
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
    ) throws(CommandFailure) -> RuntimeAttachment {
        RuntimeAttachment(
            containerID: containerID ?? console.setting("CNI_CONTAINERID") ?? namespace.containerID,
            networkNamespace: namespace.path,
            interfaceName: interfaceName ?? console.setting("CNI_IFNAME") ?? "eth0",
            arguments: try arguments.pairs(console), capabilityArguments: try arguments.capabilities(console))
    }

    /// An attachment that was added before: what the user does not say, the kept result of the ADD does.
    func existing(_ console: Console) throws(CommandFailure) -> RuntimeAttachment {
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
    func pairs(_ console: Console) throws(CommandFailure) -> [RuntimeAttachment.Argument] {
        let origin = args == nil ? "CNI_ARGS" : "--args"
        var pairs: [RuntimeAttachment.Argument] = []
        for pair in (args ?? console.setting("CNI_ARGS") ?? "").split(separator: ";") {
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
                throw .usage(
                    "\(origin): \"\(pair)\" is no KEY=value pair", next: "write \(origin) as KEY=value;KEY2=value2")
            }
            pairs.append(
                RuntimeAttachment.Argument(String(pair[..<equals]), String(pair[pair.index(after: equals)...])))
        }
        return pairs
    }

    /// `CAP_ARGS`: an object.
    func capabilities(_ console: Console) throws(CommandFailure) -> [JSONMember] {
        guard let text = capArgs ?? console.setting("CAP_ARGS") else { return [] }
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
        return JSONValue(root).members
    }
}
