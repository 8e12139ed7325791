import Addressing
import CLinux
import Diagnosis
import JSONTree
import LinuxHost
import Netlink
import SystemCalls

extension MachineReading {
    /// Links, addresses, routes, rules, neighbours, forwarding entries and classifiers of the calling thread's namespace.
    ///
    /// - Parameters:
    ///   - base: where it is kept.
    ///   - namespace: for the commands; nil for the machine's own.
    mutating func readNetwork(_ base: String, namespace: String?) {
        let prefix = namespace.map { "nsenter --net=\($0) " } ?? ""
        do throws(NetlinkError) {
            var socket = try RouteSocket()
            let links = try socket.links()
            let form = LinkForm(links, details: try LinkDetails.list())
            let routeForm = RouteForm(links: form)
            add(
                form.linkList.serialized(), NodeEvidence.Part.links.path, at: base, command: "\(prefix)ip -d -s -j link"
            )
            add(
                form.addressList(try socket.addresses()).serialized(), NodeEvidence.Part.addresses.path, at: base,
                command: "\(prefix)ip -j addr")
            for (family, part, option) in [
                (IPFamily.v4, NodeEvidence.Part.routes, "-4"), (.v6, NodeEvidence.Part.routes6, "-6"),
            ] {
                add(
                    routeForm.routes(try socket.routes(family, table: nil)).serialized(), part.path, at: base,
                    command: "\(prefix)ip \(option) -j route show table all")
            }
            for (family, part, option) in [
                (IPFamily.v4, NodeEvidence.Part.rules, "-4"), (.v6, NodeEvidence.Part.rules6, "-6"),
            ] {
                add(
                    routeForm.rules(try socket.rules(family)).serialized(), part.path, at: base,
                    command: "\(prefix)ip \(option) -j rule")
            }
            let neighbours = try socket.neighbours(.v4) + socket.neighbours(.v6)
            add(
                routeForm.neighbours(neighbours).serialized(), NodeEvidence.Part.neighbours.path, at: base,
                command: "\(prefix)ip -j neigh")
            add(
                routeForm.forwarding(try Self.forwardingEntries()).serialized(), NodeEvidence.Part.forwarding.path,
                at: base, command: "\(prefix)bridge -j fdb")
            readClassifiers(base, prefix, links)
        } catch {
            miss(NodeEvidence.Part.links.path, at: base, because: "\(error)")
        }
        readListeners(base, prefix)
    }

    /// Of every interface at once.
    private static func forwardingEntries() throws(NetlinkError) -> [ForwardingEntry] {
        var socket = try NetlinkSocket(family: NETLINK_ROUTE)
        return try socket.list("RTM_GETNEIGH", on: "AF_BRIDGE", type: Int(RTM_GETNEIGH)) { writer in
            var header = ndmsg()
            header.ndm_family = UInt8(AF_BRIDGE)
            writer.append(header)
        } decode: { message throws(MalformedMessage) in
            try ForwardingEntry(message)
        }
    }

    /// In the form of `ss -lntuH`.
    private mutating func readListeners(_ base: String, _ prefix: String) {
        var lines: [String] = []
        for (table, network) in [("tcp", "tcp"), ("tcp6", "tcp"), ("udp", "udp"), ("udp6", "udp")] {
            guard let bytes = try? AtomicFile.read("/proc/thread-self/net/\(table)", limit: 16 << 20) else { continue }
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
                let words = line.split(separator: " ")
                // TCP_LISTEN is 0A; a UDP socket without a peer is 07.
                guard words.count > 4, words[3] == (network == "tcp" ? "0A" : "07"),
                    let local = Self.endpoint(words[1])
                else { continue }
                let state = network == "tcp" ? "LISTEN" : "UNCONN"
                let rest = table.hasSuffix("6") ? "[::]:*" : "0.0.0.0:*"
                lines.append("\(network) \(state) 0 0 \(local) \(rest)")
            }
        }
        add(
            lines.map { $0 + "\n" }.joined(), NodeEvidence.Part.listeners.path, at: base,
            command: "\(prefix)ss -lntuH")
    }

    /// `0100007F:1F90` is 127.0.0.1:8080: words of the address in the machine's byte order (net/ipv4/tcp_ipv4.c).
    static func endpoint(_ text: Substring) -> String? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16), parts[0].count % 8 == 0 else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            withUnsafeBytes(of: word) { bytes += $0 }
            rest = rest.dropFirst(8)
        }
        guard let address = IPAddress(bytes: bytes) else { return nil }
        return address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}
