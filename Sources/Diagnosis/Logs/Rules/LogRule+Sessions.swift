import Addressing

/// BGP: sessions and those who keep them (BIRD, gobgp, FRR, MetalLB, ExaBGP).
extension LogRule {
    /// A row of a table of neighbours (gobgp, cilium, FRR): an address, an AS number, and a state before the session.
    @Sendable private static func namesAPeerThatIsNotUp(_ text: LogText) -> Bool {
        text.normal.split(separator: "\n").contains { line in
            let words = line.split { " |\t\",".contains($0) }
            // The state is told behind the address; `connect to ADDRESS port 8080` is somebody else's sentence.
            guard let peer = words.firstIndex(where: { IPAddress(String($0)) != nil }), !words.contains("port"),
                words[peer...].contains(where: {
                    ["active", "idle", "connect", "opensent", "openconfirm"].contains($0)
                })
            else { return false }
            let near = words[max(0, peer - 2)..<min(words.count, peer + 4)]
            return near.contains { $0.count >= 4 && (UInt32($0) ?? 0) > 1000 }
        }
    }

    /// BIRD's own names of sessions in Calico's configuration.
    private static let namedByBird = LogPattern.words(
        "mesh_", "global_", "node_1", "node_2", "node_f", "node_3", "node_5", "bird", "bird6")

    static let sessions = [
        LogRule(
            .certain, "BGP-03", "BGP-01",
            when: .all([
                namedByBird, .words("error: ", "received: ", "bad ", "invalid "),
                .words(
                    "bad peer as", "bad bgp identifier", "authentication", "unacceptable hold",
                    "malformed", "wrong as", "invalid next_hop", "unsupported optional", "bad message"),
            ])),
        // What BIRD and FRR call the steps of a session that does not come to be.
        LogRule(
            .likely, "BGP-01", "BGP-03", "BGP-02",
            when: .any([
                .words(
                    "tcp_connection_open_failed", "went from connect to", "went from opensent to",
                    "from active to connect"),
                .all([
                    .words("[fsm]", "bgp_fsm", "status:"), .words("bgp"),
                    .words(
                        "in state connect", "in state active", "in state idle", "status: active", "status: idle",
                        "to active", "to idle"),
                ]),
            ]), needs: "TCP 179 both ways; the AS numbers both sides have"),
        LogRule(
            .likely, "BGP-03", "BGP-01", "BGP-02", "BGP-05",
            when: .all([
                .words("mesh_", "global_", "node_", "bird"),
                .words(": received: ", ": error: ", "socket error", "de-configured"),
            ]), needs: "what each side says of the session's end"),
        LogRule(
            .likely, "BGP-04", "INS-01", "BGP-02",
            when: .words("bird/confd is not live", "confd is not live", "bird is not live", "bird is not running"),
            needs: "whether BIRD should run here (not with VXLAN alone), and confd's own error before it"),
        LogRule(
            .likely, "BGP-01", "BGP-02", "BGP-03", "RTE-07",
            when: .all([
                namedByBird, .words("socket:", "socket error"),
                .any([.timeout, .unreachable, .nobodyListens, .words("reset by peer")]),
            ]), needs: "TCP 179 both ways; whose address the peer's is"),
        // Silence of the other end: its session, its machine, or the way to it.
        LogRule(
            .likely, "BGP-03", "BGP-01", "NOD-01", "RTE-01",
            when: .all([
                .any([namedByBird, .words("bgp", "peer", "neighbor", "exabgp")]),
                .words("hold timer", "holdtimer", "hold time expired", "keepalive timer"),
                .words("expire", "error", "notification", "timeout"),
            ]), needs: "whether the other end is alive and reached, and the timers of both"),
        // A row of birdcl: the protocol, what it is, its table, its state and what the socket said.
        LogRule(
            .likely, "BGP-01", "BGP-02", "BGP-03", "RTE-07",
            when: .all([
                .words(" bgp "), .words(" start ", " down "),
                .words("active", "idle", "connect", "opensent", "passive"),
                .any([namedByBird, .words("master", "socket:", "---")]),
                .not(.words("established")),
            ]), needs: "TCP 179 both ways; whose address the peer's is"),
        LogRule(
            .likely, "BGP-04", "INS-01", "API-03",
            when: .all([
                .words("bird", "confd", "gobgpd", "bgpd", "frr"),
                .words(
                    "is not running", "unable to open configuration", "unable to open included", "config check failed",
                    "unable to change to service directory", "unable to start ./run", "syntax error", "not started",
                    "process exited", "bird.cfg", "bird6.cfg", "is not alive", "died"),
                .any([.failing, .absent, .words("not running", "not started", "exited", "died")]),
            ]), needs: "whether BIRD should run here (not with VXLAN alone), and confd's own error before it"),
        LogRule(
            .likely, "BGP-03", "BGP-01", "BGP-02",
            when: .any([
                .all([
                    .words("[fsm]", "fsm:", "bgp_fsm", "fsm "), .words("bgp", "neighbor", "peer", "receive_open"),
                    .words(
                        "failure handling", "connection lost", "closed the session", "expired", "error", "reset",
                        "invalid"),
                ]),
                .all([
                    .words("bgp", "bgp_peers", "gobgp"),
                    .words("as peer", "add peer", "add neighbor", "adding peer", "peer config"),
                    .words("failed", "error", "unable"),
                ]),
            ]), needs: "the AS numbers, addresses and passwords both sides have"),
        // Whether the session's port answers at all comes before what the two say of each other.
        LogRule(
            .certain, "BGP-01", "BGP-02", "RTE-07", "BGP-03",
            when: .all([
                .port(179), .any([.timeout, .unreachable, .words("connection refused", "blocked", "filtered")]),
                .not(.words("bgp not established", "notification")),
            ]), needs: "TCP 179 both ways"),
        LogRule(
            .certain, "BGP-04", when: .words("unable to connect to bird", "bird.ctl", "birdv4 socket", "bird6.ctl")),
        LogRule(
            .certain, "BGP-03",
            when: .all([
                .words("bgp", "bird", "peer", ", 179)", ":179"),
                .words(
                    "bad peer as", "notification", "wrong as", "password", "md5", "router id",
                    "as number mismatch", "as mismatch", "asn mismatch", "unexpected as", "remote as",
                    "identifier collision",
                    "bgp identifier", "bad bgp identifier", "ttl security", "authentication fail"),
                .not(.words("state changed to up", "established")),
            ])),
        // Who calls is nobody's neighbour, or has not what the neighbour asks.
        LogRule(
            .likely, "BGP-03", "BGP-02", "BGP-05",
            when: .any([
                .words(
                    "find configuration for a new passive", "unexpected connect from", "no matching neighbor",
                    "unknown peer", "missingauthsecret",
                    "unexpected peer", "no such neighbor", "not configured as a neighbor"),
                .all([
                    .words("bgp", "bird", "peer", "neighbor"),
                    .words(
                        "invalid next_hop", "next_hop", "auth secret", "capability", "cease", "unsupported",
                        "malformed",
                        "open message error", "update message error"),
                    .words("invalid", "error", "missing", "mismatch", "reject", "fail", "cease", "malformed"),
                ]),
            ]), needs: "the AS numbers, addresses and passwords both sides have"),
        LogRule(
            .likely, "BGP-03", "BGP-01",
            when: .words(
                "badauth", "no md5 digest", "invalid md5", "md5 hash not found", "md5 hash failed", "unexpected md5",
                "md5 hash mismatch"), needs: "the password both sides have"),
        LogRule(
            .likely, "BGP-03", "BGP-01", "BGP-02",
            when: .all([
                .words("adjchange", "adjacency change", "nbr_down", "nbr_reset"), .words(" down", "_down", "reset"),
            ]),
            needs: "what each side says of the session's end"),
        // The port answers, or the kernel does not even ask, and the session does not come to be.
        LogRule(
            .likely, "BGP-03", "BGP-01", "BGP-02",
            when: .all([
                .port(179),
                .words("eof", "setsockopt", "read open", "reset by peer", "closed by", "invalid msg", "invalid-msg"),
            ]), needs: "the AS numbers, addresses and passwords both sides have"),
        LogRule(
            .likely, "BGP-01", "BGP-03", "BGP-02", "BGP-05",
            when: .words(
                "session_state:idle", "session_state:active", "session_state:connect", "session_state:open",
                "bgp_fsm_idle", "bgp_fsm_active", "bgp state = active", "bgp state = idle", "bgp state = connect",
                "bgp state is"),
            needs: "TCP 179 both ways; the AS numbers both sides have"),
        LogRule(
            .likely, "BGP-01", "BGP-03", "BGP-02", "BGP-05", when: .check(namesAPeerThatIsNotUp),
            needs: "TCP 179 both ways; the AS numbers both sides have"),
        LogRule(
            .likely, "BGP-05", "BGP-01",
            when: .any([
                .all([
                    .words("nodetonodemeshenabled", "node-to-node mesh", "full mesh", "route reflector"),
                    .words("false", "disabled", "no bgppeer", "no peer", "no route reflector", "without"),
                ]), .words("no ipv4 peers found", "no bgp peers"),
                // One family alone is usual where the other's sessions stand.
                .all([.words("no ipv6 peers found"), .not(.words("established"))]),
            ])),
        LogRule(
            .likely, "BGP-02", "BGP-01", "BGP-04", "BGP-03",
            when: .any([
                .words("bgp not established", "bird is not ready"),
                .all([.words("bgp session"), .not(.words("session established", "sessionup", "session up"))]),
                .all([
                    .words("bgp peer"), .words("not ", "fail", "down", "idle", "active", "connect"),
                    .not(.words("so skipping", "skipping configuring")),
                ]),
                .words("already using the ipv4 address", "already using the ipv6 address"),
            ]),
            needs: "whose address the peer's is; TCP 179 both ways"),
        // A line of `calicoctl node status`, or of BIRD.
        LogRule(
            .likely, "BGP-01", "BGP-02", "BGP-03",
            when: .all([
                .words("node-to-node mesh", "node specific", "| global"),
                .words("| start", "active", "idle", "connect ", "socket:"), .not(.words("established")),
            ]), needs: "TCP 179 both ways; whose address the peer's is"),
    ]
}
