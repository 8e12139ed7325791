import Foundation
import Testing

/// What the tests of single plugins share: networks as JSON, pods attached to them, and a look at what is left.
struct Network: Sendable {
    let node: TestNode
    /// The one plugin of the network, without `name` and `cniVersion`.
    var plugin: JSON
    var name = "net"
    var version = "1.1.0"
    var plugins: PluginSet

    init(_ node: TestNode, _ plugin: JSON, name: String = "net", version: String = "1.1.0") throws {
        self.node = node
        self.plugin = plugin
        self.name = name
        self.version = version
        plugins = try PluginSet.poplin()
    }

    var type: String { plugin["type"]?.string ?? "" }

    func attachment(
        _ pod: TestNamespace?, container: String = "c1", interface: String = "eth0", arguments: String = "",
        capabilities: JSON = [:]
    ) -> Attachment {
        var attachment = Attachment(
            node: node, plugins: plugins,
            list: ["cniVersion": .string(version), "name": .string(name), "plugins": .array([plugin])],
            containerID: container, interface: interface, pod: pod)
        attachment.arguments = arguments
        attachment.capabilities = capabilities
        return attachment
    }

    /// ADD of a new pod, which must succeed.
    @discardableResult
    func attach(_ pod: TestNamespace, container: String = "c1", interface: String = "eth0") throws -> JSON {
        let answer = try attachment(pod, container: container, interface: interface).add()
        guard answer.succeeded, let result = answer.json else { throw HarnessError("\(answer)") }
        return result
    }

    /// GC with the attachments that are still valid.
    func collectGarbage(keeping valid: [(container: String, interface: String)]) throws -> PluginAnswer {
        var entry = plugin
        entry["cni.dev/valid-attachments"] = .array(
            valid.map { ["containerID": .string($0.container), "ifname": .string($0.interface)] })
        return try attachment(nil).call("GC", entry, previous: nil)
    }

    func status() throws -> PluginAnswer { try attachment(nil).call("STATUS", plugin, previous: nil) }
}

extension TestNode {
    /// host-local in this node's directory, with one range per subnet.
    func hostLocal(_ subnets: String..., more: JSON = [:]) -> JSON {
        var ipam: JSON = [
            "type": "host-local", "dataDir": .string(dataDirectory),
            "ranges": .array(subnets.map { [["subnet": .string($0)]] }),
        ]
        for (key, value) in more.members { ipam[key] = value }
        return ipam
    }

    /// Addresses that are reserved on this node, as file names of the reference's format.
    func reservations(_ network: String = "net") -> [String] {
        files(under: "\(dataDirectory)/\(network)").filter { $0.first?.isNumber == true || $0.contains(":") }
    }

    /// Names of the node's links except the loopback.
    func links() throws -> [String] {
        try namespace.json(["ip", "-j", "link", "show"]).elements.compactMap { $0["ifname"]?.string }
            .filter { $0 != "lo" }
    }

    /// Rules and elements of the node that name this container, sorted. How elements are put on lines depends on
    /// their neighbours.
    func rules(naming container: String) throws -> [String] {
        try namespace.check(["nft", "list", "ruleset"]).stdout.replacing(", ", with: "\n").split(separator: "\n")
            .map(String.init)
            .filter { $0.contains("/\(container)/") }
            .map { line in
                line.replacing("elements = {", with: "").trimmingCharacters(in: CharacterSet(charactersIn: " \t,}"))
            }.sorted()
    }

    /// The one link `name`, with details.
    func link(_ name: String) throws -> JSON { try namespace.link(name) }
}

extension TestNamespace {
    func link(_ name: String) throws -> JSON {
        try #require(try json(["ip", "-j", "-d", "link", "show", name]).elements.first)
    }

    /// Addresses of a link as `10.1.2.3/24`, link-local ones left out.
    func addresses(_ link: String) throws -> [String] {
        try json(["ip", "-j", "addr", "show", link]).elements.first?["addr_info"]?.elements.compactMap { entry in
            guard entry["scope"] != "link", let address = entry["local"]?.string, let length = entry["prefixlen"]?.int
            else { return nil }
            return "\(address)/\(length)"
        } ?? []
    }

    /// Whether `address` answers one ping.
    func reaches(_ address: String) throws -> Bool {
        try run(["ping", "-c", "1", "-W", "2", "-n", "-q", address]).succeeded
    }
}
