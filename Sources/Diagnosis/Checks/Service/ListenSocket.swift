import Addressing

/// A listening socket, as `ss -lntuH` prints it.
struct ListenSocket: Sendable, Hashable {
    /// `TCP` or `UDP`.
    var transport: String
    /// Nil for every address of every family (`*`).
    var address: IPAddress?
    var port: Int64

    var isLoopback: Bool { address?.isLoopback ?? false }

    /// Whether a packet for this address reaches it. A socket of `::` takes IPv4 too unless it was told otherwise,
    /// which `ss` does not show in this form.
    func accepts(_ destination: IPAddress) -> Bool {
        guard let address else { return true }
        if address.isUnspecified { return address.family == .v6 || destination.family == .v4 }
        return address.unmapped == destination.unmapped
    }

    static func parse(_ text: String) -> [ListenSocket] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 5, words[0] == "tcp" || words[0] == "udp" || words[0] == "tcp6" || words[0] == "udp6"
            else { return nil }
            let local = words[4]
            guard let colon = local.lastIndex(of: ":"), let port = Int64(local[local.index(after: colon)...]) else {
                return nil
            }
            var host = String(local[..<colon])
            if let zone = host.firstIndex(of: "%") {
                let isBracketed = host.hasPrefix("[")
                host = String(host[..<zone]) + (isBracketed ? "]" : "")
            }
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            let address = host == "*" ? nil : IPAddress(host)
            if host != "*", address == nil { return nil }
            return ListenSocket(
                transport: words[0].hasPrefix("tcp") ? "TCP" : "UDP", address: address, port: port)
        }
    }
}

extension FactBase {
    /// Sockets that listen in a pod's network namespace; nil when it was not looked into.
    func listeners(of pod: PodView) -> (sockets: [ListenSocket], source: FactSource)? {
        for machine in pod.node.isEmpty ? machines : machine(pod.node).map({ [$0] }) ?? [] {
            let inside = pod.isOnHostNetwork ? machine : machine.pod(pod.namespace, pod.name)
            if let document = inside?[.listeners] { return (ListenSocket.parse(document.text), document.source) }
        }
        return nil
    }
}
