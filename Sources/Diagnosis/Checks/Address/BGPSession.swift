import Addressing
import JSONTree

/// A session as one end sees it.
struct BGPSession: Sendable {
    var node: String
    var peer: IPAddress
    /// `Established`, `Active`, `Connect`, `Idle`, `OpenSent`.
    var state: String
    /// The daemon's last words about it.
    var info: String?
    /// NOTIFICATIONs that were exchanged with a peer with which no session ever came up; each ended an attempt.
    var refusals = 0
    var source: FactSource

    var isEstablished: Bool { state == "Established" }

    /// What a NOTIFICATION said, when one ended the session.
    var notification: String? {
        guard let info else { return nil }
        for part in [
            "Bad peer AS", "Bad BGP identifier", "Authentication failure", "Unsupported optional parameter",
            "Unacceptable hold time", "Invalid password",
        ] where info.lowercased().contains(part.lowercased()) {
            return part
        }
        return nil
    }

    static func all(_ facts: FactBase) -> [BGPSession] {
        facts.derived.value("BGP sessions") { read(facts) }
    }

    /// One that two nodes have with each other, as either of them sees it.
    static func between(_ one: String, _ other: String, _ facts: FactBase) -> BGPSession? {
        all(facts).first { session in
            (session.node == one && facts.internalAddresses(other).contains(session.peer))
                || (session.node == other && facts.internalAddresses(one).contains(session.peer))
        }
    }

    private static func read(_ facts: FactBase) -> [BGPSession] {
        var found: [BGPSession] = []
        for status in facts.objects("caliconodestatuses.crd.projectcalico.org", "caliconodestatuses.projectcalico.org")
        {
            let node = status.text("spec", "node") ?? status.name
            for list in ["peersV4", "peersV6"] {
                for peer in status.list("status", "bgp", list) {
                    guard let address = peer.member("peerIP")?.string.flatMap({ IPAddress($0) }),
                        let state = peer.member("state")?.string
                    else { continue }
                    found.append(BGPSession(node: node, peer: address, state: state, source: status.source))
                }
            }
        }
        // Cilium's agents write what they see of each instance's peers (CiliumBGPNodeConfig of cilium.io/v2).
        for config in facts.objects("ciliumbgpnodeconfigs.cilium.io") {
            for instance in config.list("status", "bgpInstances") {
                for peer in instance.list("peers") {
                    guard let address = peer.member("peerAddress")?.string.flatMap({ IPAddress($0) }),
                        let state = peer.member("peeringState")?.string
                    else { continue }
                    found.append(
                        BGPSession(
                            node: config.name, peer: address, state: state.prefix(1).uppercased() + state.dropFirst(),
                            info: Self.spoken(of: address, on: config.name, facts), source: config.source))
                }
            }
        }
        found += readiness(facts)
        for machine in facts.machines {
            for (path, document) in machine.documents.sorted(by: { $0.key < $1.key })
            where path.hasPrefix("exec/birdcl") && path.contains("show-protocols") {
                found += bird(document, on: machine.name)
            }
            for (path, document) in machine.documents.sorted(by: { $0.key < $1.key })
            where path.hasPrefix("exec/vtysh-show-bgp") {
                found += frr(document, on: machine.name)
            }
            if let document = machine.documents["exec/calicoctl-node-status.txt"] {
                found += status(document, on: machine.name)
            }
        }
        found += spoken(facts)
        return found
    }

    /// The last that the agent of a node says of a peer that it cannot reach.
    private static func spoken(of peer: IPAddress, on node: String, _ facts: FactBase) -> String? {
        for component in facts.components(.agent) {
            for pod in component.pods(on: node) {
                for document in facts.logs(pod.namespace, pod.name) where document.holds("\(peer)") {
                    let line = document.lines.suffix(400).last {
                        $0.contains("\(peer):179") || $0.contains("Key=\(peer)") && $0.contains("rror")
                    }
                    if let line { return String(line) }
                }
            }
        }
        return nil
    }

    /// Seconds that sessions may take to come up: BIRD's own timers and those of a graceful restart.
    private static let patience: Int64 = 180
    private static let unestablished = "BGP not established with "

    /// What the readiness probe of Calico's agent says, as events keep it: `BGP not established with 10.0.0.2,10.0.0.3`.
    private static func readiness(_ facts: FactBase) -> [BGPSession] {
        let pods = Dictionary(facts.pods.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return facts.events.flatMap { event -> [BGPSession] in
            guard let start = event.message.firstRange(of: unestablished)?.upperBound,
                let subject = event.subject, let pod = pods[subject.key], !pod.isReady, !pod.node.isEmpty
            else { return [] }
            // An agent that has just begun has no session yet.
            let since = pod.object.condition("Ready")?.member("lastTransitionTime")?.string.flatMap(APIObject.seconds)
            guard facts.isOlder(since ?? pod.object.createdAt, than: patience) else { return [] }
            return event.message[start...].prefix { $0 != " " && $0 != "\n" }.split(separator: ",").compactMap { text in
                IPAddress(String(text)).map {
                    BGPSession(node: pod.node, peer: $0, state: "not established", source: event.source)
                }
            }
        }
    }

    private static let states = ["Established", "Active", "Connect", "Idle", "OpenSent", "OpenConfirm", "Passive"]

    /// Rows of `calicoctl node status`: `| 10.0.0.2 | node-to-node mesh | start | 2025-02-11 | Connect Socket: ... |`.
    private static func status(_ document: EvidenceTree.Document, on node: String) -> [BGPSession] {
        document.lines.compactMap { line in
            let cells = line.split(separator: "|").map { cell in
                cell.split(separator: " ").joined(separator: " ")
            }
            guard cells.count >= 5, let peer = IPAddress(cells[0]) else { return nil }
            let state = states.first { cells[4].hasPrefix($0) } ?? (cells[2] == "up" ? "Established" : "Idle")
            return BGPSession(node: node, peer: peer, state: state, info: cells[4], source: document.source)
        }
    }

    /// The last word of BIRD about each peer, in the logs of Calico's agents: `bird: Mesh_10_0_0_2: Received: Bad peer AS`.
    /// Only what ends a session is taken; that it is being opened is said at every start.
    private static func spoken(_ facts: FactBase) -> [BGPSession] {
        let agents = facts.components(.agent).filter { $0.component.name == "calico" }.flatMap(\.pods)
        return agents.flatMap { pod -> [BGPSession] in
            guard let node = pod.nodeName else { return [] }
            var last: [String: BGPSession] = [:]
            for document in facts.logs(pod.namespace, pod.name) where document.holds("bird: ") {
                for line in document.lines.suffix(400) {
                    guard let start = line.firstRange(of: "bird: ")?.upperBound else { continue }
                    let words = line[start...].split(separator: ":", maxSplits: 1)
                    let parts = words[0].split(separator: "_")
                    guard words.count == 2, parts.count == 5, ["Mesh", "Global", "Node"].contains(parts[0]),
                        let peer = IPAddress(parts.dropFirst().joined(separator: "."))
                    else { continue }
                    if words[1].contains("changed to up") || words[1].contains("Established") {
                        last[String(words[0])] = nil
                    } else if words[1].contains("Received: ") || words[1].contains("Error: ") {
                        last[String(words[0])] = BGPSession(
                            node: node, peer: peer, state: "Idle", info: String(words[1].drop { $0 == " " }),
                            source: document.source)
                    }
                }
            }
            return last.sorted { $0.key < $1.key }.map(\.value).filter { $0.notification != nil }
        }
    }

    /// Rows of `birdcl show protocols`: name, BGP, table, up or start, since, state, info. Calico names its protocols
    /// after the peer: `Mesh_10_0_0_2`; what others call theirs is told by the lines of `show protocols all`.
    static func bird(_ document: EvidenceTree.Document, on node: String) -> [BGPSession] {
        var found: [BGPSession] = []
        var row: BirdRow?
        for line in document.lines {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard let first = line.first, first != " ", first != "\t" else {
                row?.read(words)
                continue
            }
            if let session = row?.session(on: node, document.source) { found.append(session) }
            row = words.count >= 4 && words[1] == "BGP" ? BirdRow(words) : nil
        }
        if let session = row?.session(on: node, document.source) { found.append(session) }
        return found
    }

    /// One protocol, and what its further lines say of it.
    private struct BirdRow {
        var peer: IPAddress?
        var state: String
        var info: String

        init(_ words: [String]) {
            let parts = words[0].split(separator: "_").dropFirst()
            let v4 = parts.count >= 4 ? IPAddress(parts.prefix(4).joined(separator: ".")) : nil
            peer = v4 ?? IPAddress(parts.joined(separator: ":"))
            let place = words.firstIndex { BGPSession.states.contains($0) }
            state = place.map { words[$0] } ?? (words[3] == "up" ? "Established" : "Idle")
            info = place.map { words[($0 + 1)...].joined(separator: " ") } ?? ""
        }

        /// `Neighbor address: 10.0.0.2%eth0`, `Last error: Received: Bad peer AS`.
        mutating func read(_ words: [String]) {
            guard words.count > 2 else { return }
            switch (words[0], words[1]) {
            case ("Neighbor", "address:"):
                peer = IPAddress(String(words[2].prefix { $0 != "%" })) ?? peer
            case ("Last", "error:"):
                let said = words[2...].joined(separator: " ")
                if !info.contains(said) { info += info.isEmpty ? said : "; \(said)" }
            default: break
            }
        }

        func session(on node: String, _ source: FactSource) -> BGPSession? {
            peer.map { BGPSession(node: node, peer: $0, state: state, info: info, source: source) }
        }
    }
}
