import Addressing

/// Texts of a node's own files.
enum NodeFiles {
    /// Every machine of the lab by name.
    static func hosts(_ specification: LabSpecification, for node: String) -> String {
        let plan = AddressPlan(specification)
        var lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
        for address in plan.controlAddresses { lines.append("\(address.address) api") }
        for other in specification.nodes {
            for address in plan.addresses(of: other) { lines.append("\(address.address) \(other.name)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// No name server is in the lab's underlay: names come from /etc/hosts.
    static let resolver = "# No name server is configured on this node.\noptions timeout:1 attempts:1\n"

    static func etc(_ specification: LabSpecification, for node: String) -> [(name: String, text: String)] {
        [
            ("hosts", hosts(specification, for: node)), ("hostname", node + "\n"), ("resolv.conf", resolver),
        ]
    }
}
