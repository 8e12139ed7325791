import CNI
import JSONTree
import LinuxHost
import SystemCalls

/// The network as the runtime reads it: written when everything behind it works, whole or not at all, and last.
struct ConflistFile: Sendable {
    static let name = "10-poplin.conflist"

    let directory: String
    let network: String
    /// Nil when it is the plugin's default.
    let socketPath: String?
    let nodeName: String
    /// `NAMESPACE/NAME`; empty outside of Kubernetes.
    let agentPod: String

    var path: String { "\(directory)/\(Self.name)" }

    /// The plugin, which does host ports and bandwidth too: runtimes ask for them by capability. A plugin of its own for
    /// each would be two more processes for every pod that comes and goes.
    var content: JSONValue {
        var plugin = [JSONMember("type", "poplin"), JSONMember("nodeName", .string(nodeName))]
        if let socketPath { plugin.append(JSONMember("agentSocket", .string(socketPath))) }
        if !agentPod.isEmpty { plugin.append(JSONMember("agentPod", .string(agentPod))) }
        plugin.append(JSONMember("capabilities", ["portMappings": true, "bandwidth": true]))
        return [
            // Runtimes of the specification's 1.1.0 take the highest of the list; older ones know only the first key.
            "cniVersion": .string(CNIVersion.v100.description),
            "cniVersions": .array([CNIVersion.v100, .v110].map { .string($0.description) }),
            "name": .string(network),
            "plugins": [.object(plugin)],
        ]
    }

    /// Writes it unless it is there as it should be.
    ///
    /// - Returns: whether it was written.
    func ensure() throws(SystemCallError) -> Bool {
        let bytes = content.serialized(indent: 2) + [UInt8(ascii: "\n")]
        if try AtomicFile.read(path) == bytes { return false }
        try Directories.make(directory)
        try AtomicFile.write(path, bytes, mode: 0o644, durability: .machine)
        return true
    }

    /// Files that a runtime would take before ours: it uses the first by name.
    func rivals() throws(SystemCallError) -> [String] {
        try Directories.sortedList(directory).filter { name in
            name < Self.name && !name.hasPrefix(".")
                && (name.hasSuffix(".conflist") || name.hasSuffix(".conf") || name.hasSuffix(".json"))
        }
    }
}
