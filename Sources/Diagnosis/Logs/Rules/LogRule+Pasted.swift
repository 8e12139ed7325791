import Addressing

/// What is pasted without its lines' ends as well as with them: settings tried both ways, a pod that asks itself, entries
/// of the kernel's table of connections.
extension LogRule {
    static let pasted: [LogRule] = [
        // Two files of which the runtime takes the first.
        LogRule(
            .likely, "CFG-04", "CFG-09",
            when: .all([.words("net.d"), .words(" ls ", "ls /etc", "ls -"), .check(listsSeveralConfigurations)]),
            needs: "the files of the runtime's conf_dir in their order, and whose network a pod's address is of"),
        // A question to the world with one source that is answered, and with another that is not.
        LogRule(
            .likely, "RTE-14", "RTE-15",
            when: .all([.words(" > "), .words("icmp", "tcpdump", "flags [s]"), .check(isAnsweredForOthersOnly)]),
            needs: "whether the node masquerades the pod's address (nat POSTROUTING)"),
        LogRule(
            .likely, "RTE-14", "RTE-15",
            when: .all([
                .words("masquerade"), .words("! -d "), .any([.timeout, .words("unreachable", "no answer")]),
                .check(asksWhatIsNotMasqueraded),
            ]), needs: "whether the node masquerades the pod's address (nat POSTROUTING)"),
        // A switch of OVN that was not told by which address it is reached.
        LogRule(
            .likely, "RTE-10", "RTE-19", "INS-01",
            when: .all([
                .words("encap"),
                .words("need to specify", "not configured", "no encap", "missing", "not set", "is empty"),
                .words("chassis", "ovn", "ovs", "external_ids"),
            ]), needs: "external_ids:ovn-encap-ip of that node against its addresses"),
        LogRule(
            .likely, "API-03", "RTE-19", "INS-01",
            when: .all([
                .words("pod annotation", "get pod ", "getting pod", "retrieving pod"), .words("cni"),
                .words("connection error(", "connection aborted", "connection refused"),
                .not(.words(".sock", "50051", "10090")),
            ]), needs: "TCP to the API server's own address and to its ClusterIP"),
        // A setting that was tried both ways.
        LogRule(
            .likely, "RTE-08",
            when: .all([
                .words("rp_filter=0", "rp_filter = 0"),
                .words("rp_filter=1", "rp_filter=2", "rp_filter = 1", "rp_filter = 2"),
                .any([.timeout, .words("100% packet loss", "unreachable", " hangs", "no answer")]),
            ]), needs: "rp_filter of all and of the device, and the counter IPReversePathFilter"),
        // `ipamd` counts what it has and what it gave: nothing is left, and nothing came.
        LogRule(
            .possible, "AWS-03", "AWS-01", "AWS-02",
            when: .all([.words("assignedips/cooldownips"), .words("available (0)"), .check(hasGivenEverything)]),
            needs: "the next lines of ipamd: what EC2 answers to the question for more"),
        LogRule(
            .likely, "AWS-02", "AWS-03", when: .words("sufficient free ipv4 addresses or prefixes"),
            needs: "AvailableIpAddressCount of the subnet: free addresses that are no free /28"),
        // What another plugin wrote for itself is gone, and so may be that plugin.
        LogRule(
            .likely, "INS-01", "INS-10", "API-01", "CFG-10",
            when: .all([
                .words(".kubeconfig", "-kubeconfig"), .words("net.d/"), .words("no such file"),
                .words("plugin", "multus", "cni"),
            ]), needs: "whether the plugin whose file it is still runs on that node"),
        // A peer of WireGuard that never answered, or of which nobody knows where it is.
        LogRule(
            .likely, "RTE-01", "RTE-10",
            when: .all([.words("allowed ips:"), .words("peer:"), .check(hasPeer { $0.contains(" 0 b received") })]),
            needs: "the endpoint that wg show has for that peer, asked by UDP from this node"),
        LogRule(
            .likely, "RTE-10", "RTE-01",
            when: .all([
                .words("allowed ips:"), .words("endpoint:"), .check(hasPeer { !$0.contains("endpoint:") }),
            ]), needs: "the address the node announces for its tunnels, asked from another node"),
        // A namespace that is labelled for the injector of another revision.
        LogRule(
            .likely, "MSH-01", "WHK-01",
            when: .all([
                .words("istio.io/rev"), .words("istio-injection=enabled", "istio-injection: enabled"),
                .words("doesnotexist", "not injected", "no sidecar", "   1/1", " 1/1 "),
            ]), needs: "the labels of namespace and pod against the injector's selectors"),
        LogRule(
            .likely, "SVC-08", "SVC-07", "SVC-03",
            when: .all([
                .words(" exec "), .any([.timeout, .words("trying", "^c", "hang", "unreachable")]), .check(asksItself),
            ]), needs: "hairpin_mode of the pod's port on the bridge"),
        // A translated packet that nobody answers, to an address that is no pod's any more.
        LogRule(
            .likely, "SVC-05", "SVC-09", "RTE-01",
            when: .all([
                .words("[unreplied]"),
                .words(
                    "no such pod", "not found", "no resources", "any more", "gone", "deleted", "replaced", "terminated",
                    "no longer"), .check(isUnansweredTranslation),
            ]), needs: "programmed backends and connections of conntrack against the EndpointSlices"),
        LogRule(
            .possible, "SVC-05", "POL-01", "SVC-02", "RTE-01",
            when: .all([.words("[unreplied]"), .check(isUnansweredTranslation)]),
            needs: "whether the address that is asked for now is a pod's, and what that pod answers"),
    ]

    /// `Total IPs/Prefixes = 32/2, AssignedIPs/CooldownIPs: 32/0`
    @Sendable private static func hasGivenEverything(_ text: LogText) -> Bool {
        func number(after words: String) -> Int? {
            text.texts(after: words, until: ["/", " ", ","]).first.flatMap { Int($0) }
        }
        guard let all = number(after: "total ips/prefixes = "), let given = number(after: "assignedips/cooldownips: ")
        else { return false }
        return all > 0 && given >= all
    }

    /// Whether one of the peers that `wg show` lists is so; what stands before the first and behind a blank line is none.
    private static func hasPeer(_ isSo: @escaping @Sendable (String) -> Bool) -> @Sendable (LogText) -> Bool {
        { text in
            let words = text.normal.split { $0 == " " || $0.isNewline }.joined(separator: " ")
            return words.split(separator: "peer: ", omittingEmptySubsequences: false).dropFirst().contains {
                isSo(" " + $0)
            }
        }
    }

    /// `exec web-7d9c -- curl http://web`: a pod that asks the Service it belongs to.
    @Sendable private static func asksItself(_ text: LogText) -> Bool {
        let words = text.normal.split { $0 == " " || $0 == "\n" }
        var names: Set<Substring> = []
        for (word, next) in zip(words, words.dropFirst())
        where ["endpoints", "ep", "svc", "service", "endpointslice"].contains(word) { names.insert(next) }
        return words.indices.contains { place in
            guard words[place] == "exec" else { return false }
            let rest = words[(place + 1)...].prefix(24)
            guard let end = rest.firstIndex(of: "--"),
                let pod = rest[..<end].last(where: { $0.contains("-") && !$0.hasPrefix("-") })
            else { return false }
            let called = rest[(end + 1)...].prefix(8).compactMap { word -> Substring? in
                var bare = word
                if let scheme = bare.firstRange(of: "://") { bare = bare[scheme.upperBound...] }
                bare = bare.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
                return bare.count > 1 ? bare : nil
            }
            let isCalled = called.contains { pod.hasPrefix($0 + "-") }
            let isListed = names.contains { pod.hasPrefix($0 + "-") }
            return isCalled || (isListed && ownsTheEndpoint(text))
        }
    }

    /// Whether an address is an endpoint, with its port, and stands by itself as a pod's.
    private static func ownsTheEndpoint(_ text: LogText) -> Bool {
        let words = text.normal.split { " \n,;()[]\"".contains($0) }
        let alone = Set(words.filter { $0.split(separator: ".").count == 4 && !$0.contains(":") && !$0.contains("/") })
        return words.contains { word in
            word.contains(":") && !word.contains("/") && alone.contains(word.prefix { $0 != ":" })
        }
    }

    /// An entry of conntrack whose answer was to come from another address than was asked, and did not come.
    @Sendable private static func isUnansweredTranslation(_ text: LogText) -> Bool {
        text.normal.split(separator: "\n").contains { line in
            guard let mark = line.firstRange(of: "[unreplied]") else { return false }
            func address(_ name: String, in part: Substring) -> Substring? {
                guard let start = part.firstRange(of: name)?.upperBound else { return nil }
                return part[start...].prefix { $0 != " " }
            }
            // Of a line that several entries were joined to, the entry that ends at the mark.
            let before = line[..<mark.lowerBound].suffix(160)
            let after = line[mark.upperBound...].prefix(160)
            guard let asked = address("dst=", in: before), let answering = address("src=", in: after) else {
                return false
            }
            return asked != answering
        }
    }

    /// Two or more files that a runtime reads as configurations; its own default bridge and the loopback are none.
    @Sendable private static func listsSeveralConfigurations(_ text: LogText) -> Bool {
        let words = text.normal.split { " \n,;()\"".contains($0) }
        let files = words.filter { word in
            (word.hasSuffix(".conf") || word.hasSuffix(".conflist")) && !word.contains("loopback")
                && !word.contains("podman") && !word.contains("crio") && !word.contains("containerd")
                && !word.contains("/")
        }
        return Set(files).count > 1 && !text.has("_bak")
    }

    /// Pairs of addresses as tcpdump prints them: `10.1.0.2.4711 > 1.1.1.1.53:`.
    private static func pairs(in text: LogText) -> [(from: IPAddress, to: IPAddress)] {
        func address(_ word: Substring) -> IPAddress? {
            let parts = word.split(separator: ".").prefix(4)
            return IPAddress(parts.joined(separator: ".").split(separator: ":").first.map(String.init) ?? "")
        }
        let words = text.normal.split { " \n,()".contains($0) }
        return words.indices.compactMap { place in
            guard words[place] == ">", place > 0, place + 1 < words.count, let from = address(words[place - 1]),
                let to = address(words[place + 1])
            else { return nil }
            return (from, to)
        }
    }

    @Sendable private static func isAnsweredForOthersOnly(_ text: LogText) -> Bool {
        let pairs = pairs(in: text)
        func isAnswered(_ pair: (from: IPAddress, to: IPAddress)) -> Bool {
            pairs.contains { $0.from == pair.to && $0.to == pair.from }
        }
        return pairs.contains { pair in
            !isAnswered(pair) && pairs.contains { $0.to == pair.to && $0.from != pair.from && isAnswered($0) }
        }
    }

    @Sendable private static func asksWhatIsNotMasqueraded(_ text: LogText) -> Bool {
        let ranges = text.texts(after: "! -d ", until: [" "]).compactMap { IPPrefix($0) }
        let asked =
            (text.texts(after: "http://", until: ["/", ":", " ", "\""])
            + text.texts(after: "https://", until: ["/", ":", " ", "\""])).compactMap { IPAddress($0) }
        return asked.contains { address in ranges.contains { $0.contains(address) } }
    }
}
