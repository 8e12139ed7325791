import Addressing
import JSONTree

/// What a runtime keeps of an attachment until its DEL: libcni's cache of results (`/var/lib/cni/results`).
public struct KeptResult: Sendable, Hashable {
    public var path: String
    public var container: String
    /// The network's name, as in its configuration.
    public var network: String
    public var interface: String
    /// Empty where neither the runtime nor the plugin named it.
    public var networkNamespace: String
    /// Of CNI_ARGS; empty for what is no pod.
    public var namespace: String
    public var pod: String
    public var addresses: [IPAddress]
    /// Ports of the machine that the runtime asked for on the pod's behalf.
    public var hostPorts: [Int64]

    /// Nil when a document is none.
    public init?(_ document: EvidenceTree.Document, at path: String) {
        guard let root = try? JSONTree(parsing: document.bytes).root,
            let container = root.member("containerId")?.string
        else { return nil }
        self.path = path
        self.container = container
        network = root.member("networkName")?.string ?? ""
        interface = root.member("ifName")?.string ?? ""
        networkNamespace = RuntimeSandbox.canonical(Self.networkNamespace(root) ?? "")
        var values: [String: String] = [:]
        for pair in root.member("cniArgs").map({ Array($0.elements) }) ?? [] {
            if let key = pair[0]?.string, let value = pair[1]?.string { values[key] = value }
        }
        namespace = values["K8S_POD_NAMESPACE"] ?? ""
        pod = values["K8S_POD_NAME"] ?? ""
        hostPorts =
            root.at("capabilityArgs", "portMappings")?.elements.compactMap { $0.member("hostPort")?.int }
            .filter { $0 > 0 } ?? []
        addresses =
            root.at("result", "ips")?.elements.compactMap { item in
                item.member("address")?.string.flatMap { IPAddress(String($0.prefix { $0 != "/" })) }
            } ?? []
    }

    /// libcni keeps it since 1.2 (containerd 2.0); before, only the result's own interfaces name it.
    private static func networkNamespace(_ root: JSONNode) -> String? {
        if let path = root.member("netns")?.string { return path }
        let inside = root.at("result", "interfaces")?.elements.filter { !($0.member("sandbox")?.string ?? "").isEmpty }
        let name = root.member("ifName")?.string
        return (inside?.first { $0.member("name")?.string == name } ?? inside?.first)?.member("sandbox")?.string
    }
}

extension NodeEvidence {
    var keptResults: [KeptResult] {
        decoded.value("kept results") {
            files(under: "/var/lib/cni/results").compactMap { KeptResult($0.document, at: $0.path) }
        }
    }

    /// Of each pod's interface what was kept last: a pod that was made anew may have left what it had before.
    var currentResults: [KeptResult] {
        decoded.value("current results") {
            let ready = Dictionary(
                (runtimeSandboxes ?? []).filter(\.isReady).map { ("\($0.namespace)/\($0.pod)", $0.id) }
            ) { first, _ in first }
            let attachments = Dictionary(grouping: keptResults) {
                "\($0.namespace)/\($0.pod) \($0.pod.isEmpty ? $0.container : $0.interface) \($0.network)"
            }
            return attachments.values.flatMap { results -> [KeptResult] in
                guard results.count > 1 else { return results }
                let sandbox = ready["\(results[0].namespace)/\(results[0].pod)"]
                if let one = results.first(where: { $0.container == sandbox }) { return [one] }
                let times = results.compactMap { fileList?[$0.path]?.modified }
                guard times.count == results.count, let newest = times.max() else { return results }
                return zip(results, times).filter { $0.1 == newest }.map(\.0)
            }.sorted { $0.path < $1.path }
        }
    }

    /// Paths of the network namespaces that have names (`/run/netns`); nil when nobody looked.
    var namespacePaths: Set<String>? {
        decoded.value("namespace paths") { () -> Set<String>? in
            guard let files = fileList else { return nil }
            let paths = Set(
                files.keys.filter { $0.hasPrefix("/run/netns/") || $0.hasPrefix("/var/run/netns/") }
                    .map(RuntimeSandbox.canonical))
            // Without the folder itself nobody looked there.
            return files["/run/netns"] == nil && paths.isEmpty ? nil : paths
        }
    }

    /// Whether the namespace of a result is there; nil when its name does not say, or nobody looked.
    func isThere(_ result: KeptResult) -> Bool? {
        guard result.networkNamespace.hasPrefix("/run/netns/") else { return nil }
        return namespacePaths?.contains(result.networkNamespace)
    }
}
