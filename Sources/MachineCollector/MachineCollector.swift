import CLinux
import Diagnosis
import LinuxHost

/// Looks into this machine: files, links, routes, packet filters, kernel settings, pods' namespaces. The evidence has
/// the forms of the tools a person would use (`ip -j`, `bridge -j`, `nft -j`, `sysctl -a`).
///
/// It reads and changes nothing. Nothing is executed but CNI plugins, which are asked for their VERSION, and journalctl
/// where kubelet's log is in no file. What cannot be read is missing with the reason; the rest stands.
public struct MachineCollector: Sendable {
    private let options: MachineCollectorOptions

    public init(_ options: MachineCollectorOptions) { self.options = options }

    /// Blocks for as long as reading takes: well below a second on a quiet machine.
    ///
    /// - Parameter runtime: what the container runtime said, asked for when the rest is read: its sandboxes name network
    ///   namespaces of pods.
    public func collect(with runtime: () -> EvidenceTree? = { nil }) -> EvidenceTree {
        var reading = MachineReading(options)
        reading.readKernel()
        reading.readNetwork(reading.folder, namespace: nil)
        let details = (try? LinkDetails.list()) ?? []
        reading.readOffloads(details)
        reading.readBPF(details)
        reading.readPacketFilters()
        reading.readConnections()
        reading.readConfigurations()
        reading.readFiles()
        reading.readBIRD()
        reading.readFRR()
        if options.mounted == nil {
            reading.readProcesses()
            reading.readControlGroups()
        }
        if let told = runtime() { reading.join(told) }
        reading.readPods()
        reading.readLogs()
        return reading.tree
    }
}

/// What was read so far.
struct MachineReading {
    let options: MachineCollectorOptions
    private(set) var tree: EvidenceTree
    /// `nodes/NAME/`.
    let folder: String
    /// For `files.json`, by path.
    var listing: [String: FileLine] = [:]

    init(_ options: MachineCollectorOptions) {
        self.options = options
        folder = EvidencePath.node(options.node)
        tree = EvidenceTree(collectedAt: Int64(Clock.now() / 1_000_000_000))
    }

    mutating func add(_ bytes: [UInt8], _ part: String, at base: String? = nil, command: String, cut: Bool = false) {
        let place = "\(options.node): \(command.isEmpty ? part : command)"
        tree.add(
            EvidenceTree.Document(bytes, from: FactSource(place, command: command, age: 0), isTruncated: cut),
            at: (base ?? folder) + part)
    }

    mutating func add(_ text: String, _ part: String, at base: String? = nil, command: String) {
        add(Array(text.utf8), part, at: base, command: command)
    }

    mutating func miss(_ part: String, at base: String? = nil, because reason: String) {
        tree.addMissing((base ?? folder) + part, because: reason)
    }

    mutating func join(_ other: EvidenceTree) { tree.merge(other) }

    /// Whether the file of this path is the machine's, and not that of the pod we are in.
    func isMachines(_ path: String) -> Bool {
        guard let mounted = options.mounted else { return true }
        return mounted.contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    /// The machine's own path of what is seen here under this one.
    func unseen(_ path: String) -> String {
        guard options.root != "/", path.hasPrefix(options.root + "/") else { return path }
        return String(path.dropFirst(options.root.count))
    }

    /// Where the machine's file of this path is seen from here.
    func seen(_ path: String) -> String {
        options.root == "/" || options.root.isEmpty ? path : options.root + path
    }
}
