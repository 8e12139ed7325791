import Addressing
import JSONTree
import Policy

/// What kubelets and pods name as their DNS server.
enum KubeletDNS {
    /// `clusterDNS` of a node's kubelet, from its configz or its file; nil when neither was collected.
    static func servers(ofNode node: String, _ facts: FactBase) -> (addresses: [IPAddress], source: FactSource)? {
        if let document = facts.evidence[EvidencePath.kubelet(node, "configz")],
            let root = try? JSONTree(parsing: document.bytes).root
        {
            let list = root.at("kubeletconfig", "clusterDNS") ?? root.member("clusterDNS")
            let addresses = (list.map { Array($0.elements) } ?? []).compactMap { $0.string.flatMap { IPAddress($0) } }
            return (addresses, document.source)
        }
        guard let machine = facts.machines.first(where: { $0.name == node }),
            let document = machine.file("/var/lib/kubelet/config.yaml")
        else { return nil }
        var addresses: [IPAddress] = []
        var isInside = false
        for line in document.lines {
            let text = line.filter { $0 != " " && $0 != "\"" && $0 != "'" }
            if line.hasPrefix("clusterDNS:") {
                isInside = true
                addresses += text.dropFirst(11).filter { $0 != "[" && $0 != "]" }.split(separator: ",")
                    .compactMap { IPAddress(String($0)) }
            } else if isInside, text.hasPrefix("-") {
                if let address = IPAddress(String(text.dropFirst())) { addresses.append(address) }
            } else if isInside {
                break
            }
        }
        return (addresses, document.source)
    }

    /// Of one pod: its resolv.conf, or what its node's kubelet gives to pods.
    static func servers(of pod: PodView, _ facts: FactBase) -> Set<IPAddress> {
        if let file = resolver(of: pod, facts) { return Set(file.addresses) }
        if let own = servers(written: pod) { return own }
        return Set(servers(ofNode: pod.node, facts)?.addresses ?? [])
    }

    /// With `dnsPolicy: None` the pod's own specification tells them; nil for any other policy.
    static func servers(written pod: PodView) -> Set<IPAddress>? {
        guard pod.object.text("spec", "dnsPolicy") == "None" else { return nil }
        let names = pod.object.node.at("spec", "dnsConfig", "nameservers")?.elements.compactMap(\.string) ?? []
        return Set(names.compactMap { IPAddress($0) })
    }

    static func resolver(of pod: PodView, _ facts: FactBase) -> (addresses: [IPAddress], source: FactSource)? {
        guard let machine = facts.machines.first(where: { $0.name == pod.node }),
            let document = machine.pod(pod.namespace, pod.name)?.file("/etc/resolv.conf")
        else { return nil }
        let addresses = document.lines.compactMap { line -> IPAddress? in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            return words.count >= 2 && words[0] == "nameserver" ? IPAddress(String(words[1])) : nil
        }
        return (addresses, document.source)
    }
}
