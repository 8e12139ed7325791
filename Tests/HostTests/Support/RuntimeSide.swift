import CNI
import CNIRuntime
import Foundation
import JSONTree
import LinuxHost
import Testing

/// The runtime under test in a node: its cache, its plugins, and what both left there.
struct RuntimeSide {
    let node: TestNode
    private let runtime: NetworkRuntime

    /// Where ``script(_:_:)`` puts plugins; looked in last.
    var scripts: String { "\(node.directory)/scripts" }

    init(_ node: TestNode, _ plugins: RuntimeTests.Plugins) throws {
        self.node = node
        let set = plugins == .reference ? PluginSet.reference : try PluginSet.poplin()
        let scripts = "\(node.directory)/scripts"
        try FileManager.default.createDirectory(atPath: scripts, withIntermediateDirectories: true)
        let executor = PluginExecutor(
            directories: [set.directory, scripts], limit: .seconds(60),
            environment: Environment(entries: Command.baseEnvironment.map { "\($0.key)=\($0.value)" }),
            relaysErrors: false)
        runtime = NetworkRuntime(executor: executor, cache: ResultCache(node.cacheDirectory))
    }

    /// Runs `body` on the node's network.
    func run<R>(_ body: (NetworkRuntime) throws -> R) throws -> R {
        try node.namespace.inside { try body(runtime) }
    }

    // The verbs by name. Tests must not pass closures to `run` inside an #expect: with Swift 6.3.1 two closures of one
    // function, one inside and one outside of the macro, can get the same symbol, and the wrong one is called.

    func add(_ list: NetworkConfigurationList, _ attachment: RuntimeAttachment) throws -> OperationReport {
        try run { $0.add(list, attachment) }
    }

    func check(_ list: NetworkConfigurationList, _ attachment: RuntimeAttachment) throws -> OperationReport {
        try run { $0.check(list, attachment) }
    }

    func delete(_ list: NetworkConfigurationList, _ attachment: RuntimeAttachment) throws -> OperationReport {
        try run { $0.delete(list, attachment) }
    }

    func delete(
        network: String, configured list: NetworkConfigurationList?, _ attachment: RuntimeAttachment
    ) throws -> OperationReport {
        try run { $0.delete(network: network, configured: list, attachment) }
    }

    func collectGarbage(_ list: NetworkConfigurationList, valid: [CNIAttachment]) throws -> OperationReport {
        try run { $0.collectGarbage(list, valid: valid) }
    }

    func stale(_ list: NetworkConfigurationList, valid: [CNIAttachment]) throws -> [ResultCache.Entry] {
        try run { try $0.stale(list, valid: valid) }
    }

    func status(_ list: NetworkConfigurationList) throws -> OperationReport { try run { $0.status(list) } }

    func validate(_ list: NetworkConfigurationList) throws -> OperationReport { try run { $0.validate(list) } }

    /// A bridge with a port map, a firewall, a shaper and a tuner behind it, for both families.
    ///
    /// - Parameters:
    ///   - last: further plugins, with the comma before them.
    ///   - range: members of the IPv4 range beside `subnet`, with the comma behind them.
    func chain(version: String, last: String = "", range: String = "") -> String {
        """
        {"name": "pods", "cniVersion": "\(version)", "plugins": [
          {"type": "bridge", "bridge": "pt-br0", "isGateway": true, "ipMasq": true,
           "ipam": {"type": "host-local", "dataDir": "\(node.dataDirectory)",
                    "ranges": [[{\(range) "subnet": "10.77.0.0/24"}], [{"subnet": "fd77::/64"}]],
                    "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}},
          {"type": "portmap", "capabilities": {"portMappings": true}},
          {"type": "firewall"},
          {"type": "bandwidth", "ingressRate": 8000000, "ingressBurst": 800000,
           "egressRate": 8000000, "egressBurst": 800000},
          {"type": "tuning", "dataDir": "\(node.tuningDirectory)", "sysctl": {"net.core.somaxconn": "500"}}\(last)
        ]}
        """
    }

    func write(_ name: String, _ text: String) throws {
        let path = "\(node.configurationDirectory)/\(name)"
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    func load(_ text: String) throws -> NetworkConfigurationList {
        try write("10-pods.conflist", text)
        return try ConfigurationDirectory(node.configurationDirectory).network(named: "pods")
    }

    func script(_ name: String, _ text: String) throws {
        let made = FileManager.default.createFile(
            atPath: "\(scripts)/\(name)", contents: Data("#!/bin/sh\n\(text)\nexit 0\n".utf8),
            attributes: [.posixPermissions: 0o755])
        if !made { throw HarnessError("cannot write \(scripts)/\(name)") }
    }

    func touch(_ name: String) {
        _ = FileManager.default.createFile(atPath: "\(node.directory)/\(name)", contents: nil)
    }

    func attachment(_ container: String, _ pod: TestNamespace?, port: Int = 8080) -> RuntimeAttachment {
        RuntimeAttachment(
            containerID: container, networkNamespace: pod?.path ?? "", interfaceName: "eth0",
            capabilityArguments: [
                JSONMember(
                    "portMappings", [["hostPort": .int(Int64(port)), "containerPort": 80, "protocol": "tcp"]])
            ])
    }

    // MARK: What is there

    var cached: [String] { names(in: "\(node.cacheDirectory)/results") }

    /// host-local's reservations.
    var reservations: [String] {
        names(in: "\(node.dataDirectory)/pods").filter { $0 != "lock" && !$0.hasPrefix("last_reserved_ip") }
    }

    /// Interfaces of the node that belong to pods.
    func podLinks() throws -> [String] {
        try node.namespace.json(["ip", "-j", "link"]).elements.compactMap { $0["ifname"]?.string }
            .filter { $0 != "lo" && $0 != "pt-br0" && !$0.hasPrefix("bwp") && !$0.hasPrefix("ifb") }
    }

    func ruleset() throws -> String { try node.namespace.check(["nft", "list", "ruleset"]).stdout }

    /// The rules and set elements that mention a pod's address.
    func hostPorts() throws -> String {
        try ruleset().split(separator: "\n").filter { $0.contains("10.77.0.") }.joined(separator: "\n")
    }

    private func names(in directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    }

    /// No link, rule, reservation, cached result, backup or lock of a container that was the only one.
    func expectNothing(of container: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(cached.filter { $0.contains(container) }.isEmpty, sourceLocation: sourceLocation)
        #expect(
            names(in: "\(node.cacheDirectory)/poplin-locks").filter { $0.contains(container) }.isEmpty,
            sourceLocation: sourceLocation)
        #expect(
            names(in: node.tuningDirectory).filter { $0.contains(container) }.isEmpty, sourceLocation: sourceLocation)
        #expect(try !ruleset().contains(container), sourceLocation: sourceLocation)
        guard cached.isEmpty else { return }
        #expect(reservations == [], sourceLocation: sourceLocation)
        #expect(try hostPorts() == "", sourceLocation: sourceLocation)
        let links = try node.namespace.json(["ip", "-j", "link"]).elements.compactMap { $0["ifname"]?.string }
        #expect(links.filter { $0 != "lo" && $0 != "pt-br0" } == [], sourceLocation: sourceLocation)
    }
}
