import Addressing
import JSONTree

/// What FRR prints of its neighbours, and the daemons that print alike (Quagga, SONiC's, MetalLB's and frr-k8s').
extension BGPSession {
    static func frr(_ document: EvidenceTree.Document, on node: String) -> [BGPSession] {
        if let root = try? JSONTree(parsing: document.bytes).root {
            var found: [BGPSession] = []
            read(root, on: node, document.source, depth: 0, into: &found)
            return found
        }
        return summary(document, on: node)
    }

    // MARK: show bgp neighbors json, show bgp summary json

    /// Neighbours are members by their address, below VRFs and families of addresses. One that speaks several families
    /// is in the summary of each: a session is counted once.
    private static func read(
        _ node: JSONNode, on machine: String, _ source: FactSource, depth: Int, into found: inout [BGPSession]
    ) {
        guard node.kind == .object, depth < 5 else { return }
        for (key, value) in node.members where value.kind == .object {
            guard let state = value.member("bgpState")?.string ?? value.member("state")?.string else {
                read(value, on: machine, source, depth: depth + 1, into: &found)
                continue
            }
            let address = IPAddress(key) ?? value.member("bgpNeighborAddr")?.string.flatMap { IPAddress($0) }
            guard let address, !found.contains(where: { $0.peer == address }) else { continue }
            var session = BGPSession(
                node: machine, peer: address, state: state, info: lastWord(of: value), source: source)
            if value.member("connectionsEstablished")?.int == 0 {
                let counts = ["notificationsSent", "notificationsRecv"].map {
                    value.at("messageStats", $0)?.int ?? 0
                }
                session.refusals = Int(clamping: counts.reduce(0, +))
            }
            found.append(session)
        }
    }

    /// Why the session was reset last: `BGP Notification received: OPEN Message Error/Bad Peer AS`.
    private static func lastWord(of neighbour: JSONNode) -> String? {
        let words = ["lastResetDueTo", "lastNotificationReason"].compactMap { neighbour.member($0)?.string }
            .filter { !$0.isEmpty }
        return words.isEmpty ? nil : words.joined(separator: ": ")
    }

    // MARK: show bgp summary

    /// `Neighbor V AS MsgRcvd MsgSent TblVer InQ OutQ Up/Down State/PfxRcd ...`: a number in the last of these, or
    /// `(Policy)`, is that of a session that is up. A long address has a line of its own.
    private static func summary(_ document: EvidenceTree.Document, on node: String) -> [BGPSession] {
        var found: [BGPSession] = []
        var long: Substring?
        for line in document.lines {
            var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
            if let first = long {
                long = nil
                words.insert(first, at: words.startIndex)
            }
            guard let first = words.first, let peer = address(of: first) else { continue }
            if words.count == 1 {
                long = first
                continue
            }
            guard words.count >= 10, Int(words[words.startIndex + 1]) != nil,
                !found.contains(where: { $0.peer == peer })
            else { continue }
            let rest = words.dropFirst(9)
            let state = rest.first.map(String.init) ?? ""
            let isUp = Int(state) != nil || state == "(Policy)"
            // `Idle (Admin)`, `Idle (PfxCt)`.
            let reason = rest.dropFirst().first.flatMap { $0.hasPrefix("(") ? String($0) : nil }
            found.append(
                BGPSession(
                    node: node, peer: peer, state: isUp ? "Established" : state, info: reason, source: document.source))
        }
        return found
    }

    /// Of `10.0.0.1`, of `leaf-1(10.0.0.1)`.
    private static func address(of word: Substring) -> IPAddress? {
        if let address = IPAddress(String(word)) { return address }
        guard word.last == ")", let open = word.firstIndex(of: "(") else { return nil }
        return IPAddress(String(word[word.index(after: open)...].dropLast()))
    }
}
