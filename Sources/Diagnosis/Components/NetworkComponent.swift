/// A program of the cluster's network that runs as pods: a provider's agent, CoreDNS, kube-proxy, an ingress
/// controller. Recognised by what its pods are made of, in any namespace and under any name.
public struct NetworkComponent: Sendable, Hashable {
    public enum Role: String, Sendable, Hashable, CaseIterable {
        /// Makes the network of a node's pods; without it new pods of the node get none.
        case agent
        /// Puts itself into the chain of another provider, or wraps it: Multus, the mesh's installers.
        case chained
        /// Enforces policies beside the agent.
        case policy
        /// Of the whole cluster: an operator, a controller that hands out ranges, Typha.
        case controller
        case proxy
        case dns
        case nodeDNS
        case ingress
        case loadBalancer
        case mesh
        case certificates
    }

    /// `calico`, `cilium`, `coredns`.
    public let name: String
    public let role: Role
    /// Last part of an image's repository (`flannel`), or its last two (`calico/node`).
    public let images: [String]
    /// `key=value`: one of them is enough.
    public let labels: [String]
    /// Where it shows Prometheus metrics when its annotations do not say; nil when it does not.
    public let metricsPort: Int?
    /// Where the row was read, and when.
    public let source: String
    public let date: String

    init(
        _ name: String, _ role: Role, images: [String], labels: [String] = [], metrics: Int? = nil, source: String,
        date: String
    ) {
        self.name = name
        self.role = role
        self.images = images
        self.labels = labels
        self.metricsPort = metrics
        self.source = source
        self.date = date
    }

    /// The name of a provider that is recognised by what it mounts alone.
    static let unnamed = NetworkComponent(
        "network agent", .agent, images: [], source: "CNI specification, host paths", date: "2026-11-21")

    /// By names alone, where neither image nor labels are known: a log's folder on a machine. Pods are called after their
    /// workload and that mostly after the program.
    public static func named(pod: String, container: String) -> NetworkComponent? {
        func isCalled(_ word: Substring) -> Bool {
            // Flannel's are kube-flannel-ds and kube-flannel.
            [container, pod].contains { name in
                let plain = name.hasPrefix("kube-") ? name.dropFirst(5) : name[...]
                if name == word || plain == word { return true }
                let isWorkloads = [name[...], plain].contains {
                    $0.hasPrefix(word) && $0.dropFirst(word.count).first == "-"
                }
                return name == pod && isWorkloads
            }
        }
        return all.first { component in
            isCalled(component.name[...])
                || component.images.contains { isCalled($0.split(separator: "/").last ?? "") }
                || component.labels.contains { isCalled($0.split(separator: "=").last ?? "") }
        }
    }

    func isImage(_ image: ImageName) -> Bool { images.contains { image.isCalled($0) } }

    /// The first row that one of the labels is of.
    static func labelled(_ own: [String: String]) -> NetworkComponent? {
        var first: Int?
        for (key, value) in own {
            if let row = rowsByLabel[key]?[value], row < first ?? .max { first = row }
        }
        return first.map { all[$0] }
    }

    /// By key and value.
    private static let rowsByLabel: [String: [String: Int]] = {
        var rows: [String: [String: Int]] = [:]
        for (row, component) in all.enumerated() {
            for label in component.labels {
                guard let equals = label.firstIndex(of: "=") else { continue }
                let (key, value) = (String(label[..<equals]), String(label[label.index(after: equals)...]))
                if rows[key]?[value] == nil { rows[key, default: [:]][value] = row }
            }
        }
        return rows
    }()

    /// Which row an image is of, looked for once: thousands of pods have a few hundred images.
    struct ImageRows {
        private var known: [String: Int?] = [:]

        mutating func row(of image: String) -> Int? {
            if let row = known[image] { return row }
            let name = ImageName(image)
            let row = NetworkComponent.all.firstIndex { $0.isImage(name) }
            known[image] = .some(row)
            return row
        }
    }
}

/// `registry.example:5000/mirror/calico/node:v3.28.0@sha256:...` in parts.
public struct ImageName: Sendable, Hashable {
    /// Parts of the repository; the registry may be the first.
    public let path: [String]
    /// Empty when there is none.
    public let tag: String

    public init(_ text: String) {
        let withoutDigest = text.split(separator: "@", maxSplits: 1).first.map(String.init) ?? ""
        var parts = withoutDigest.split(separator: "/").map(String.init)
        var tag = ""
        if let last = parts.last, let colon = last.firstIndex(of: ":") {
            tag = String(last[last.index(after: colon)...])
            parts[parts.count - 1] = String(last[..<colon])
        }
        path = parts
        self.tag = tag
    }

    func isCalled(_ name: String) -> Bool {
        guard let last = path.last else { return false }
        if last == name { return true }
        return path.count > 1 && "\(path[path.count - 2])/\(last)" == name
    }
}
