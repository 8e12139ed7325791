/// What commands and their answers show together, where nothing in them complains in words.
extension LogRule {
    /// A rule of a transcript: what must stand in it at all, and what it shows.
    private static func shown(
        _ codes: String..., among words: LogPattern, needs: String,
        when shows: @escaping @Sendable (LogTranscript) -> Bool
    ) -> LogRule {
        LogRule(
            .likely, codes: codes, when: .all([words, .check { shows(LogTranscript($0)) }]), needs: [needs])
    }

    static let transcripts: [LogRule] = [
        // A control plane of Google's that may not go where the webhook listens.
        shown(
            "GCP-01", "WHK-01",
            among: .all([
                .words("failed calling webhook"), .words("deadline exceeded", "i/o timeout", "connection timed out"),
                .words("gcloud", "masteripv4cidr", "gke-", "gke.io"),
            ]), needs: "the firewall rule from the control plane's range: which ports of the nodes it lets in"
        ) { _ in true },
        // Large packets are lost in silence, and somebody drops what would say why.
        shown(
            "MTU-04", "MTU-01",
            among: .all([
                .words("loss"), .words("icmp-type 3", "fragmentation-needed", "icmp type destination-unreachable"),
                .words("drop", "reject"),
            ]), needs: "ping -M do with the pod's MTU less 28 bytes, once without that rule", when: losesTheLarge),
        shown(
            "AWS-08", "AWS-01",
            among: .all([.words("enable_prefix_delegation"), .words("too many pods", "insufficient pods")]),
            needs: "the nodes' allocatable pods, and when they were made"
        ) { transcript in
            transcript.lines.contains { $0.contains("enable_prefix_delegation") && $0.contains("true") }
        },
        // What was measured is what the pod's annotation or its bucket lets through.
        shown(
            "PRF-02", "PRF-01", among: .all([.words("bits/sec"), .words("-bandwidth", "tbf", " rate ")]),
            needs: "the same measured between pods without that annotation"
        ) { transcript in
            let measured = transcript.lines.flatMap { rates(in: $0, units: ["kbits/sec", "mbits/sec", "gbits/sec"]) }
            let allowed = transcript.lines.filter { $0.contains("-bandwidth") || $0.contains(" tbf ") }
                .flatMap { rates(in: $0, units: ["kbit", "mbit", "gbit"]) + quantities(in: $0) }
            return allowed.contains { most in measured.contains { (0.6...1.1).contains($0 / most) } }
        },
        // A pod's own address answers, the Service's does not.
        shown(
            "SVC-03", "SVC-04", "SVC-10", "SVC-07",
            among: .all([.words("curl", "wget", "nc ", "telnet"), .words("endpoint")]),
            needs: "rules for that address on that node; kube-proxy's last sync"
        ) { transcript in
            let endpoints = endpoints(in: transcript)
            let trials = transcript.trials.filter { !$0.isPing }
            return trials.contains { $0.outcome == .answered && endpoints.contains($0.host) }
                && trials.contains { $0.outcome != .answered && !endpoints.contains($0.host) }
        },
        // A name server that answers over TCP and not over UDP.
        shown(
            "RTE-05", "SVC-03", "DNS-09", "DNS-06",
            among: .all([.words("+tcp", "set vc", "+vc"), .words("timed out", "no servers could be reached")]),
            needs: "checksum errors while it is tried (nstat -az), and once more with tx-checksumming off"
        ) { transcript in
            func fails(_ entry: LogTranscript.Entry) -> Bool { entry.says("timed out", "no servers could be reached") }
            let asked = transcript.entries.filter {
                $0.command.contains("nslookup") || $0.command.contains("dig ") || $0.command.contains("host ")
            }
            func isStream(_ entry: LogTranscript.Entry) -> Bool {
                entry.command.contains("+tcp") || entry.command.contains("+vc")
            }
            return asked.contains { !isStream($0) && fails($0) }
                && asked.contains { isStream($0) && !fails($0) && !$0.answer.isEmpty }
        },
        // Turned away by the machine that answers a ping.
        shown(
            "RTE-07", "RTE-06", "AWS-05", among: .words("no route to host", "prohibited"),
            needs: "the INPUT chain of that machine, and who made it (firewalld, ufw, an image's own rules)"
        ) { transcript in
            let turned = transcript.trials.filter { $0.outcome == .turnedAway && !$0.isPing }
            return transcript.trials.contains { trial in
                trial.isPing && trial.outcome == .answered && turned.contains { $0.host == trial.host }
            }
        },
        // Small packets pass and larger ones do not; an inner tunnel has less room than what goes into it.
        shown(
            "MTU-03", "MTU-01", "MTU-04",
            among: .all([.words("loss", "-s "), .words("wg", "wireguard", "tun0", "ipsec")]),
            needs: "the pod's MTU against the link's less the encapsulation", when: losesTheLarge),
        shown(
            "MTU-01", "MTU-04", "MTU-03", "MTU-02", among: .words("loss", "-s ", "too long"),
            needs: "the pod's MTU against the link's less the encapsulation", when: losesTheLarge),
        shown(
            "SVC-09", "PRF-01", among: .all([.words("nf_conntrack_count"), .words("nf_conntrack_max")]),
            needs: "nf_conntrack_count against nf_conntrack_max"
        ) { transcript in
            guard let count = transcript.value(of: "nf_conntrack_count"),
                let most = transcript.value(of: "nf_conntrack_max"), most > 0, most < 1 << 40
            else { return false }
            return count >= most / 100 * 95
        },
        shown(
            "SVC-09", "PRF-01", among: .words("early_drop="), needs: "nf_conntrack_count against nf_conntrack_max"
        ) { $0.sum(of: "early_drop") + $0.sum(of: "drop") > 2 * $0.sum(of: "insert_failed") },
        shown(
            "DNS-06", "SVC-09", among: .words("insert_failed="), needs: "the same counters while it is tried"
        ) {
            let failed = $0.sum(of: "insert_failed")
            // A handful since the machine was started says nothing.
            return failed > 20 && $0.sum(of: "early_drop") + $0.sum(of: "drop") <= 2 * failed
        },
        // What leaves one machine in a tunnel never comes to the other.
        shown(
            "RTE-01", "RTE-07", "AWS-05", "RTE-10",
            among: .all([.words("tcpdump"), .words("0 packets captured"), .words(" > ")]),
            needs: "the rules of the network between them for the tunnel's port"
        ) { transcript in
            let ports = ["8472", "4789", "6081", "51820", "51871", "proto 4", "ipip", "geneve", "vxlan"]
            let heard = transcript.entries.filter { entry in
                entry.command.contains("tcpdump") && ports.contains { entry.command.contains($0) }
            }
            return heard.contains { $0.says("0 packets captured") && !$0.says(" > ") }
                && heard.contains { $0.says(" > ") }
        },
        // A Service's targetPort and what listens.
        shown(
            "SVC-02", "SVC-06", among: .all([.words("targetport"), .words("listen", "ss -l")]),
            needs: "targetPort against the listening sockets of the pod"
        ) { transcript in
            guard let wanted = transcript.value(of: "targetport") else { return false }
            let sockets = sockets(in: transcript)
            return !sockets.isEmpty && !sockets.contains { $0.port == wanted }
        },
        shown(
            "SVC-06", "SVC-02", among: .all([.words("listen"), .words("127.0.0.1:"), .words("refused")]),
            needs: "the address the program listens on (ss -ltn)"
        ) { transcript in
            let sockets = sockets(in: transcript)
            return transcript.trials.contains { trial in
                trial.outcome == .refused
                    && sockets.contains { $0.port == trial.port && $0.isLoopback }
                    && !sockets.contains { $0.port == trial.port && !$0.isLoopback }
            }
        },
        // The pod's own table of routes is empty.
        shown(
            "RTE-04", "RTE-17", "INS-01", among: .words("ip route", "ip r", "route -n"),
            needs: "what the runtime logged when the pod was attached"
        ) { transcript in
            transcript.entries.dropLast().contains { entry in
                ["ip route", "ip r", "ip route show", "ip -4 route", "route -n"].contains(entry.command)
                    && !entry.answer.contains { $0.contains(" dev ") || $0.contains("0.0.0.0") }
            }
        },
        // One range for two nodes; fewer peers in the tunnel's tables than nodes.
        shown(
            "IPM-08", "IPM-06", among: .words("podcidr"), needs: "which of the two nodes got the range first"
        ) { transcript in
            var owners: [Substring: Set<Substring>] = [:]
            for line in transcript.lines {
                let words = line.split(separator: " ")
                guard words.count == 2, words[1].contains("/"), words[0] != "-", !addresses(in: [words[1]]).isEmpty
                else { continue }
                owners[words[1], default: []].insert(words[0])
            }
            return owners.values.contains { $0.count > 1 }
        },
        shown(
            "RTE-03", "INS-01", among: .all([.words("bridge fdb", "ip neigh"), .words("get nodes", "get node")]),
            needs: "the agent's neighbours and tunnel entries against the list of nodes"
        ) { transcript in
            func counted(_ command: String) -> Int? {
                transcript.entries.first { $0.command.contains(command) && $0.command.contains("wc -l") }?
                    .answer.first.flatMap { Int($0) }
            }
            guard let nodes = counted("get node"), let peers = counted("bridge fdb") ?? counted("ip neigh") else {
                return false
            }
            return nodes > 3 && peers < nodes - 2
        },
        // A pod's address that leaves by somebody's tunnel.
        shown(
            "IPM-07", "RTE-04", "IPM-09", among: .words("ip route get"),
            needs: "the ranges outside the cluster that are routed, and who set that route"
        ) { transcript in
            transcript.entries.contains { entry in
                entry.command.hasPrefix("ip route get")
                    && entry.says(
                        " dev tun0", " dev tun1", " dev ppp", " dev tap", " dev ipsec", " dev vpn", " dev gpd",
                        " dev utun")
            }
        },
        shown("ING-01", among: .words("ingressclass"), needs: "which controller is to be responsible") { transcript in
            transcript.entries.contains { $0.command.contains("get ingressclass") && $0.says("no resources found") }
        },
        LogRule(
            .likely, "AWS-08", "AWS-01",
            when: .all([
                .words("enable_prefix_delegation", "prefix delegation"), .words("allocatable", "max-pods", "max pods"),
                .words("ago", "older", "before", "still"),
            ]), needs: "when the node was made, and its kubelet's max-pods"),
        // Rules that lead to an address which is no endpoint.
        shown(
            "SVC-05", "SVC-03", "SVC-10", among: .all([.words("--to-destination"), .words("endpoint")]),
            needs: "kube-proxy's last sync on that node"
        ) { transcript in
            let known = Set(
                transcript.entries.filter { $0.command.contains("endpoint") }.flatMap { addresses(in: $0.answer) })
            let programmed = transcript.lines.compactMap { line -> Substring? in
                guard let end = line.firstRange(of: "--to-destination ")?.upperBound else { return nil }
                return line[end...].prefix { $0 != ":" && $0 != " " }
            }
            return !known.isEmpty && programmed.contains { !known.contains($0) }
        },
        // A private source on the machine's own card asks the world, which cannot answer it.
        shown(
            "RTE-14", "RTE-15", among: .all([.words("tcpdump"), .words(" > ")]),
            needs: "whether the node masquerades the pod's address (nat POSTROUTING)", when: leavesUntranslated),
        // Two pods on two nodes with one address; what shares its node's is on one node.
        shown(
            "IPM-06", "IPM-08", "IPM-04",
            among: .all([.words("running"), .words("kubectl get po", "restarts", "1/1")]),
            needs: "who gave that address out twice (calicoctl ipam check, the node's reservations)",
            when: sharesAnAddress),
        // Networks that were asked for and that the pod did not get.
        shown(
            "CFG-10", "INS-01",
            among: .all([.words("network-status"), .words("k8s.v1.cni.cncf.io/networks:", "cncf.io/networks\":")]),
            needs: "the NetworkAttachmentDefinitions that the annotation names, and the event of the pod"
        ) { transcript in
            guard
                let asked = transcript.lines.first(where: { $0.contains("cncf.io/networks") && !$0.contains("status") }
                ),
                let got = transcript.lines.first(where: { $0.contains("network-status") })
            else { return false }
            let names = asked.drop { $0 != ":" }.split(separator: ",").count
            let whole = got.contains("[") ? got : Substring(transcript.lines.joined(separator: " "))
            return whole.ranges(of: "\"interface\"").count <= names && whole.contains("\"interface\"")
        },
        // The cluster's own names are answered and others are not.
        shown(
            "DNS-04", "RTE-14", "DNS-01",
            among: .all([.words("dig ", "nslookup", "host "), .words("cluster.local", "kubernetes.default")]),
            needs: "the upstream asked from CoreDNS's own network namespace"
        ) { transcript in
            let asked = transcript.entries.filter {
                $0.command.contains("dig ") || $0.command.contains("nslookup ") || $0.command.hasPrefix("host ")
            }
            func isAnswered(_ entry: LogTranscript.Entry) -> Bool {
                !entry.says("servfail", "timed out", "can\"t resolve", "no servers", "communications error")
                    && !entry.answer.isEmpty
            }
            func isInner(_ entry: LogTranscript.Entry) -> Bool {
                entry.command.contains("cluster.local") || entry.command.contains("kubernetes.default")
                    || entry.command.contains(".svc")
            }
            return asked.contains { isInner($0) && isAnswered($0) }
                && asked.contains { !isInner($0) && !isAnswered($0) }
                && !asked.contains { isInner($0) && !isAnswered($0) }
        },
        // Pods with one container in a namespace that nobody labelled.
        shown(
            "MSH-01", "MSH-02", among: .all([.words("--show-labels"), .words("mesh", "istio", "linkerd", "sidecar")]),
            needs: "the labels of namespace and pod against the injector's selectors"
        ) { transcript in
            transcript.entries.contains { entry in
                entry.command.contains("--show-labels") && entry.command.contains(" ns")
                    && entry.says("kubernetes.io/metadata.name=")
                    && !entry.says("inject", "istio.io/rev", "dataplane-mode")
            }
        },
        // Packets that end on the bridge, and rules that a good node has.
        LogRule(
            .likely, "RTE-06", "RTE-14", "RTE-09",
            when: .any([
                .all([
                    .words("not forwarded", "n\"t forwarded", "not being forwarded", "never forwarded"),
                    .words("cni0", "cbr0", "docker0", "bridge", "packet", "interface", "node"),
                ]),
                .all([.words("-a forward "), .words("-j accept"), .words("missing", "not there", "absent", "lack")]),
            ]), needs: "a packet of a pod walked through the node's FORWARD chain, and ip_forward"),
        // A policy of egress that names no port of names, and a name that is not found.
        LogRule(
            .likely, "DNS-05", "POL-01", "DNS-10",
            when: .all([
                .words("kind: networkpolicy", "kind: ciliumnetworkpolicy", "kind: globalnetworkpolicy"),
                .words("egress"), .not(.words("port: 53", "port: \"53\"", "port: dns")),
                .words(
                    "eai_again", "enotfound", "getaddrinfo", "no such host", "name resolution", "resolv", "nxdomain"),
            ]), needs: "the policies that select the pod, for UDP and TCP 53 to CoreDNS's pods"),
    ]

    /// Bits per second of `9.50 mbits/sec`, `rate 10mbit`.
    private static func rates(in line: Substring, units: [String]) -> [Double] {
        let factors: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9]
        let words = line.split(separator: " ")
        return words.indices.compactMap { place -> Double? in
            guard let unit = units.first(where: words[place].hasSuffix), let first = unit.first,
                let factor = factors[first]
            else { return nil }
            let own = words[place].dropLast(unit.count)
            let text = own.isEmpty && place > 0 ? words[place - 1] : own
            return Double(text).map { $0 * factor }
        }
    }

    /// Bits per second of `kubernetes.io/egress-bandwidth: 10m`.
    private static func quantities(in line: Substring) -> [Double] {
        let factors: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9]
        return line.split(whereSeparator: { " :\"',".contains($0) }).compactMap { word in
            guard let last = word.last, let factor = factors[last] else { return nil }
            return Double(word.dropLast()).map { $0 * factor }
        }
    }

    @Sendable private static func losesTheLarge(_ transcript: LogTranscript) -> Bool {
        let sizes = transcript.sizes
        guard let most = sizes.passed.max(), let least = sizes.lost.min() else { return false }
        return most < least
    }

    @Sendable private static func leavesUntranslated(_ transcript: LogTranscript) -> Bool {
        let cards = ["i eth", "i ens", "i enp", "i eno", "i bond"]
        let isUnheard = transcript.entries.contains { entry in
            guard entry.command.contains("tcpdump"), cards.contains(where: entry.command.contains) else { return false }
            let seen = entry.answer.map { addresses(in: [$0]) }.filter { $0.count >= 2 }
            return seen.contains { isPrivate($0[0]) && !isPrivate($0[1]) } && !seen.contains { !isPrivate($0[0]) }
        }
        return isUnheard && transcript.lines.contains { $0.contains("100% packet loss") || $0.contains("timed out") }
    }

    /// Addresses in the order they stand, without the ports that tcpdump puts behind them.
    private static func addresses(in lines: [Substring]) -> [Substring] {
        lines.flatMap { line in
            line.split(whereSeparator: { " ,;[]\"()".contains($0) }).compactMap { word -> Substring? in
                let parts = word.prefix { $0 != ":" && $0 != "/" }
                    .split(separator: ".", omittingEmptySubsequences: false)
                guard parts.count == 4 || parts.count == 5, parts.prefix(4).allSatisfy({ UInt8($0) != nil }) else {
                    return nil
                }
                return Substring(parts.prefix(4).joined(separator: "."))
            }
        }
    }

    private static func isPrivate(_ address: Substring) -> Bool {
        let parts = address.split(separator: ".").compactMap { UInt8($0) }
        guard parts.count == 4 else { return true }
        switch parts[0] {
        case 10, 127: return true
        case 172: return (16...31).contains(parts[1])
        case 192: return parts[1] == 168
        case 169: return parts[1] == 254
        case 100: return (64...127).contains(parts[1])
        default: return parts[0] >= 224
        }
    }

    /// Addresses in the columns and lists of endpoints.
    private static func endpoints(in transcript: LogTranscript) -> Set<Substring> {
        var found: Set<Substring> = []
        for line in transcript.lines where !line.contains("://") {
            for word in line.split(whereSeparator: { " ,[]".contains($0) }) where word.contains(":") {
                let host = word.prefix { $0 != ":" }
                if host.split(separator: ".").count == 4, host.allSatisfy({ $0.isNumber || $0 == "." }) {
                    found.insert(host)
                }
            }
        }
        return found
    }

    /// What `ss -ltn` and netstat list.
    private static func sockets(in transcript: LogTranscript) -> [(port: Int, isLoopback: Bool)] {
        transcript.lines.filter { $0.contains("listen") }.compactMap { line in
            line.split(separator: " ").lazy.compactMap { word -> (port: Int, isLoopback: Bool)? in
                guard let colon = word.lastIndex(of: ":"), let port = Int(word[word.index(after: colon)...]) else {
                    return nil
                }
                return (port, word.hasPrefix("127.") || word.hasPrefix("[::1]") || word.hasPrefix("localhost"))
            }.first
        }
    }

    @Sendable private static func sharesAnAddress(_ transcript: LogTranscript) -> Bool {
        var nodes: [Substring: Set<Substring>] = [:]
        for line in transcript.lines where line.contains(" running ") {
            let words = line.split(separator: " ")
            guard
                let place = words.firstIndex(where: {
                    $0.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }.count == 4
                }), place + 1 < words.count
            else { continue }
            nodes[words[place], default: []].insert(words[place + 1])
        }
        return nodes.values.contains { $0.count > 1 }
    }
}
