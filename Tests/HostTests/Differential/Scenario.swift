import Foundation
import Testing

/// One configuration and what is done with it, run once with the reference plugins and once with Poplin's, each on a
/// node of its own. Strings in the list may say `@DATA@` and `@TUNING@` for the node's directories.
struct Scenario: Sendable, CustomTestStringConvertible {
    let name: String
    /// The configuration list.
    let list: JSON
    var pods = 1
    /// CNI_ARGS of pod 1, 2, ...
    var arguments: [String] = []
    /// Capability arguments of pod 1, 2, ...
    var capabilities: [JSON] = []
    /// A machine one hop away, for traffic that leaves or enters the node.
    var neighbour = false
    /// Looks at what the network does rather than at how it was built.
    var probe: (@Sendable (Probe) throws -> Void)?
    /// As ``probe``, when the first of several attachments is gone.
    var probeBetween: (@Sendable (Probe) throws -> Void)?
    /// Differences (by id) this scenario shows beyond those of every scenario. One that does not show is an error:
    /// the table may not promise what nobody sees.
    var differences: Set<String> = []
    /// All attachments are of one container: eth0, eth1, ... of the same namespace.
    var isOneContainer = false
    /// What DEL is given.
    var ending = Ending.orderly
    /// Changes the node before the first ADD.
    var prepare: (@Sendable (TestNode) throws -> Void)?

    var testDescription: String { name }

    enum Ending: Sendable {
        /// Namespace and result, as after a container that ended well.
        case orderly
        /// The namespace is gone, and CNI_NETNS is its path: a container that was killed, a node that was started anew.
        case namespaceGone
        /// No `prevResult`: the runtime has lost its cache.
        case withoutResult
    }

    /// A list of `plugins` under a version and a name.
    static func list(version: String = "1.0.0", name: String = "net1", _ plugins: JSON...) -> JSON {
        ["cniVersion": .string(version), "name": .string(name), "plugins": .array(plugins)]
    }
}

/// What a scenario's probe may touch, and where it writes what it saw.
final class Probe {
    let node: TestNode
    let pods: [TestNamespace]
    let outside: TestNamespace?
    /// The first result of each pod.
    let results: [JSON]
    fileprivate(set) var observations: [String: JSON] = [:]

    init(node: TestNode, pods: [TestNamespace], outside: TestNamespace?, results: [JSON]) {
        self.node = node
        self.pods = pods
        self.outside = outside
        self.results = results
    }

    /// Records an observation; the other plugin set must give the same.
    func observe(_ name: String, _ value: some CustomStringConvertible) {
        observations["effect: \(name)"] = .string(value.description)
    }

    func observe(_ name: String, _ value: JSON) { observations.merge(value.flattened(under: "effect: \(name)")) { $1 } }

    /// Sends over `transport` and records the outcome under a name made of who sends where.
    func traffic(
        _ name: String, _ transport: Traffic.Transport = .tcp, from client: TestNamespace, to address: String,
        port: UInt16 = 5000, server: TestNamespace, serverPort: UInt16? = nil, source: String? = nil
    ) throws {
        observe(
            "\(name) (\(transport.rawValue))",
            try Traffic.send(
                transport, from: client, to: address, port: port, server: server, serverPort: serverPort,
                source: source))
    }
}

/// Everything seen while a scenario ran with one plugin set: leaf path to value.
struct Recording: Sendable {
    var leaves: [String: JSON] = [:]
    /// Answers in full, for the reader of a failure.
    var transcript: [String] = []

    static func make(_ scenario: Scenario, with plugins: PluginSet) throws -> Recording {
        try TestNode.with { node in
            var recording = Recording()
            try scenario.prepare?(node)
            let outside = scenario.neighbour ? try node.makeNeighbour() : nil
            let before = try firewallText(of: node.namespace)
            let list = scenario.list.mappingStrings { text in
                text.replacingOccurrences(of: "@DATA@", with: node.dataDirectory)
                    .replacingOccurrences(of: "@TUNING@", with: node.tuningDirectory)
            }

            var attachments: [(attachment: Attachment, result: JSON?)] = []
            var pods: [TestNamespace] = []
            for number in 1...scenario.pods {
                let pod = scenario.isOneContainer ? try pods.first ?? node.makeNamespace() : try node.makeNamespace()
                if !pods.contains(where: { $0 === pod }) { pods.append(pod) }
                let attachment = Attachment(
                    node: node, plugins: plugins, list: list,
                    containerID: scenario.isOneContainer ? "container-1" : "container-\(number)",
                    interface: scenario.isOneContainer ? "eth\(number - 1)" : "eth0", pod: pod,
                    arguments: scenario.arguments.indices.contains(number - 1) ? scenario.arguments[number - 1] : "",
                    capabilities: scenario.capabilities.indices.contains(number - 1)
                        ? scenario.capabilities[number - 1] : [:])
                let answer = try attachment.add()
                recording.note("ADD \(number)", answer)
                attachments.append((attachment, answer.succeeded ? answer.json : nil))
            }

            try recording.snapshot("after ADD", node, pods)
            for (index, entry) in attachments.enumerated() {
                guard let result = entry.result else { continue }
                let plain = try normalised(result, node, pods)
                recording.leaves.merge(plain.flattened(under: "result \(index + 1): ")) { $1 }
            }
            let probe = Probe(node: node, pods: pods, outside: outside, results: attachments.compactMap(\.result))
            if probe.results.count == scenario.pods {
                try scenario.probe?(probe)
                if entryAllowsCheck(list) {
                    for (index, entry) in attachments.enumerated() {
                        recording.note("CHECK \(index + 1)", try entry.attachment.check(entry.result))
                    }
                }
            }
            recording.leaves["reservations held"] = .int(Int64(reservations(of: node).count))

            if scenario.ending == .namespaceGone {
                for pod in pods { pod.remove() }
                pods = []
                try waitForLinksToGo(from: node.namespace)
            }
            for (index, entry) in attachments.enumerated() {
                let result = scenario.ending == .withoutResult ? nil : entry.result
                recording.note("DEL \(index + 1)", try entry.attachment.delete(result))
                if index == 0 { try scenario.probeBetween?(probe) }
                recording.note("second DEL \(index + 1)", try entry.attachment.delete(result))
            }
            recording.leaves.merge(probe.observations) { $1 }
            try recording.snapshot("after DEL", node, pods)
            recording.leaves["reservations left"] = .int(Int64(reservations(of: node).count))
            recording.leaves["files left in tuning's directory"] = .int(
                Int64(node.files(under: node.tuningDirectory).count))
            recording.noteLeftovers(before: before, after: try firewallText(of: node.namespace), attachments)
            return recording
        }
    }

    private mutating func note(_ call: String, _ answer: PluginAnswer) {
        transcript.append("\(call): \(answer.output)")
        leaves["\(call): succeeded"] = .bool(answer.succeeded)
        if let code = answer.code { leaves["\(call): code"] = .int(code) }
    }

    private mutating func snapshot(_ moment: String, _ node: TestNode, _ pods: [TestNamespace]) throws {
        let state = try KernelState.read(node.namespace, peers: pods)
        leaves.merge(state.prefixed("node \(moment)")) { $1 }
        for (index, pod) in pods.enumerated() {
            let state = try KernelState.read(pod, peers: [node.namespace])
            leaves.merge(state.prefixed("pod \(index + 1) \(moment)")) { $1 }
        }
    }

    /// Addresses and container ids that the packet filter still knows after the last DEL. Tables and chains that a
    /// plugin keeps for the next pod are its own business; whatever names a pod is a leak.
    private mutating func noteLeftovers(
        before: String, after: String, _ attachments: [(attachment: Attachment, result: JSON?)]
    ) {
        for (index, entry) in attachments.enumerated() {
            let addresses = (entry.result?["ips"]?.elements ?? []).compactMap {
                $0["address"]?.string?.split(separator: "/").first.map(String.init)
            }
            let traces = (addresses + [entry.attachment.containerID]).filter {
                mentions(after, $0) && !mentions(before, $0)
            }
            leaves["packet filter still knows of pod \(index + 1)"] = .array(traces.map { .string($0) })
        }
        if leaves.contains(where: { $0.key.hasPrefix("packet filter still") && $0.value != .array([]) }) {
            transcript.append("packet filter after DEL:\n\(after)")
        }
    }

    /// Whole words only: 10.1.0.2 is not in 10.1.0.20.
    private func mentions(_ text: String, _ word: String) -> Bool {
        text.split { !($0.isHexDigit || $0.isLetter || ".:-_".contains($0)) }.contains { $0 == word }
    }
}

/// The kernel takes a namespace's links apart after it is gone, at its leisure; the node's ends go with them.
private func waitForLinksToGo(from namespace: TestNamespace) throws {
    let deadline = Date().addingTimeInterval(10)
    while try namespace.json(["ip", "-j", "link"]).elements.contains(where: {
        $0["link_netnsid"] != nil && $0["ifname"] != "outside0"
    }), Date() < deadline {
        usleep(20_000)
    }
}

/// CHECK exists since 0.4.0.
private func entryAllowsCheck(_ list: JSON) -> Bool {
    !["0.1.0", "0.2.0", "0.3.0", "0.3.1"].contains(list["cniVersion"]?.string ?? "0.1.0")
}

/// host-local's reservations: files named by an address right in a network's directory. What lies deeper or beside it
/// (an index) is not read by the reference plugin and holds no address.
private func reservations(of node: TestNode) -> [String] {
    node.files(under: node.dataDirectory).filter { path in
        let pieces = path.split(separator: "/")
        guard pieces.count == 2, !pieces[0].hasPrefix("."), let name = pieces.last else { return false }
        return name.first?.isHexDigit == true && (name.contains(".") || name.contains(":"))
    }
}

private func firewallText(of namespace: TestNamespace) throws -> String {
    try namespace.check(["nft", "-n", "list", "ruleset"]).stdout
}

/// A result with the random names and hardware addresses of this run replaced.
private func normalised(_ result: JSON, _ node: TestNode, _ pods: [TestNamespace]) throws -> JSON {
    let all = try ([node.namespace] + pods).map { LinkNames(try $0.json(["ip", "-j", "-d", "link"]), peers: []) }
    let sandboxes = Dictionary(uniqueKeysWithValues: pods.enumerated().map { ($1.path, "pod \($0 + 1)") })
    var plain = result
    for names in all { plain = names.plain(plain) }
    // A bridge has the address of one of its ports, by chance.
    plain["interfaces"] = plain["interfaces"].map { list in
        .array(
            list.elements.map { entry in
                guard let address = entry["mac"]?.string, entry["sandbox"] == nil, address.hasPrefix("mac("),
                    address != "mac(\(entry["name"]?.string ?? ""))"
                else { return entry }
                var entry = entry
                entry["mac"] = "mac(a port)"
                return entry
            })
    }
    return plain.mappingStrings { sandboxes[$0] ?? $0 }
}
