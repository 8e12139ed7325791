import Addressing
import JSONTree

/// The cluster's DNS as far as objects and logs tell: its Services, their pods, and caches on the nodes.
struct DNSView: Sendable {
    let services: [ServiceMap.Entry]
    /// Pods behind the DNS Services.
    let pods: [PodView]
    /// NodeLocal DNSCache, known by its image, in whatever namespace and name.
    let caches: [PodView]
    let map: ServiceMap

    /// Where NodeLocal DNSCache listens unless it is told otherwise (addon's -localip).
    static let cacheAddress = IPAddress.v4(IPv4Address(169, 254, 20, 10))

    init(_ facts: FactBase) { self = facts.derived.value("DNS") { Self(reading: facts) } }

    private init(reading facts: FactBase) {
        map = ServiceMap(facts)
        services = map.dnsServices
        var seen: Set<String> = []
        pods = services.flatMap(\.pods).filter { seen.insert($0.id).inserted }
        caches = map.pods.filter { pod in
            !pod.isFinished
                && (pod.labels["k8s-app"] == "node-local-dns"
                    || pod.containers.contains { $0.member("image")?.string?.contains("dns-node-cache") ?? false })
        }
    }

    /// Addresses that the caches bind to on their nodes: from their arguments, and the usual one.
    var cacheAddresses: Set<IPAddress> {
        // With an address of its own a cache is a pod like others, and is asked by a redirection (Cilium's local redirect
        // policy); a table does not tell.
        let onNodes = caches.filter { $0.isOnHostNetwork || $0.object.isPrinted }
        if onNodes.isEmpty { return [] }
        var found: Set<IPAddress> = []
        for pod in onNodes {
            for container in pod.containers {
                let words = (container.member("args").map { Array($0.elements) } ?? []).compactMap(\.string)
                for (index, word) in words.enumerated() where word.hasPrefix("-localip") || word.hasPrefix("--localip")
                {
                    let parts = word.split(separator: "=", maxSplits: 1)
                    let list = parts.count == 2 ? String(parts[1]) : index + 1 < words.count ? words[index + 1] : ""
                    for text in list.split(separator: ",") {
                        if let address = IPAddress(String(text)) { found.insert(address) }
                    }
                }
            }
        }
        return found.isEmpty ? [Self.cacheAddress] : found
    }

    /// Addresses that a pod's resolv.conf may name: of Services with port 53, and of caches.
    var servers: Set<IPAddress> {
        Set(map.entries.filter { $0.ports.contains { $0.number == 53 } }.flatMap(\.addresses)).union(cacheAddresses)
    }
}

/// Lines by which programs say that a name did not resolve.
enum NameFailure {
    private static let signs = [
        "no such host", "temporary failure in name resolution", "could not resolve", "couldn't resolve",
        "name or service not known", "eai_again", "getaddrinfo enotfound", "name does not resolve",
        "unknownhostexception", "failed to resolve", "nodename nor servname", "server misbehaving",
        "dns lookup failed", "dns resolution failed", "name resolution failure", "unable to resolve", "enotfound",
        "bad address '",
    ]

    static func isSign(_ line: some StringProtocol) -> Bool {
        let line = line.lowercased()
        if signs.contains(where: { line.contains($0) }) { return true }
        return line.contains(":53: i/o timeout") || line.contains(":53: read: connection refused")
    }

    /// The first such line of a pod's logs.
    static func first(of pod: PodView, in facts: FactBase) -> Diagnosis.Evidence? {
        for document in facts.logs(pod.namespace, pod.name) {
            if let line = document.lines.last(where: { isSign($0) }) {
                return .init(String(line), from: document.source)
            }
        }
        return nil
    }
}
