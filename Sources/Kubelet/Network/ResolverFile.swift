import KubernetesModel

/// A pod's /etc/resolv.conf and /etc/hosts. Pure.
struct ResolverFile: Hashable, Sendable {
    var nameservers: [String] = []
    var searches: [String] = []
    var options: [String] = []

    init(nameservers: [String] = [], searches: [String] = [], options: [String] = []) {
        self.nameservers = nameservers
        self.searches = searches
        self.options = options
    }

    /// The node's (resolv.conf(5)).
    init(parsing text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") && !line.hasPrefix(";") {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            switch words.first {
            case "nameserver": nameservers += words.dropFirst().prefix(1)
            case "search", "domain": searches = Array(words.dropFirst())
            case "options": options = Array(words.dropFirst())
            default: continue
            }
        }
    }

    /// The pod's, as its policy says (kubernetes/pkg/kubelet/network/dns).
    ///
    /// - Parameters:
    ///   - servers: the cluster's; none: cluster policies mean the node's.
    init(for pod: PodSpec, node: ResolverFile, servers: [String], domain: String) {
        self.init()
        // A pod on its node's network has to ask for the cluster's names.
        let isCluster =
            pod.dnsPolicy == "ClusterFirstWithHostNet" || (pod.dnsPolicy == "ClusterFirst" && !pod.hostNetwork)
        if pod.dnsPolicy == "None" {
        } else if isCluster, !servers.isEmpty {
            nameservers = servers
            searches = ["\(pod.metadata.namespace).svc.\(domain)", "svc.\(domain)", domain]
            searches += node.searches.filter { !searches.contains($0) }
            options = ["ndots:5"]
        } else {
            self = node
        }
        nameservers += pod.dns.nameservers.filter { !nameservers.contains($0) }
        searches += pod.dns.searches.filter { !searches.contains($0) }
        for option in pod.dns.options {
            let name = option.split(separator: ":").first
            options.removeAll { $0.split(separator: ":").first == name }
            options.append(option)
        }
        // Three are used (MAXNS of resolv.conf(5)), 32 searches (Kubernetes' validation).
        nameservers = Array(nameservers.prefix(3))
        searches = Array(searches.prefix(32))
    }

    var text: String {
        var text = ""
        if !searches.isEmpty { text += "search \(searches.joined(separator: " "))\n" }
        for server in nameservers { text += "nameserver \(server)\n" }
        if !options.isEmpty { text += "options \(options.joined(separator: " "))\n" }
        return text
    }
}

enum HostsFile {
    /// - Parameter node: the node's own file, for pods on its network.
    static func text(for pod: PodSpec, addresses: [String], domain: String, node: String) -> String {
        var text: String
        if pod.hostNetwork {
            text = node.hasSuffix("\n") || node.isEmpty ? node : node + "\n"
        } else {
            text = """
                # Kubernetes-managed hosts file.
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::\tip6-localnet
                fe00::\tip6-mcastprefix
                fe00::1\tip6-allnodes
                fe00::2\tip6-allrouters

                """
            let full =
                pod.subdomain.isEmpty
                ? "" : "\(pod.hostName).\(pod.subdomain).\(pod.metadata.namespace).svc.\(domain)\t"
            for address in addresses { text += "\(address)\t\(full)\(pod.hostName)\n" }
        }
        if !pod.hostAliases.isEmpty {
            text += "\n# Entries added by HostAliases.\n"
            for alias in pod.hostAliases { text += "\(alias.ip)\t\(alias.names.joined(separator: "\t"))\n" }
        }
        return text
    }
}
