import JSONTree
import Testing

@testable import Diagnosis

/// What ends a packet beside routes and the machines' own packet filters: rules inside pods, and classifiers of tc.
@Suite struct PathInsideTests {
    /// shop/cart-7d9 on node-2 and pay/payments-0 on node-1: every place of the way was read, and nothing is there.
    private static func cluster(without missing: String = "") -> ClusterEvidence {
        var cluster = PathTraceTests.cluster()
        for (node, other, own) in [("node-1", "2", "1"), ("node-2", "1", "2")] {
            cluster.add(
                #"[{"dst":"10.244.\#(own).0/24","dev":"cni0","scope":"link"},{"dst":"10.244.\#(other).0/24","gateway":"192.0.2.1\#(other)","dev":"eth0"}]"#,
                at: "nodes/\(node)/\(NodeEvidence.Part.routes.path)")
            cluster.add(
                """
                [{"ifindex":2,"ifname":"eth0","flags":["UP"],"mtu":1500},
                 {"ifindex":3,"ifname":"cni0","flags":["UP"],"mtu":1500,"linkinfo":{"info_kind":"bridge"}},
                 {"ifindex":7,"ifname":"veth7","flags":["UP"],"mtu":1500,"master":"cni0","link_netnsid":0,"linkinfo":{"info_kind":"veth"}}]
                """, at: "nodes/\(node)/\(NodeEvidence.Part.links.path)")
        }
        for pod in ["node-2/pods/shop/cart-7d9", "node-1/pods/pay/payments-0"] {
            cluster.add(
                #"[{"ifindex":2,"ifname":"eth0","link_index":7,"link_netnsid":0,"flags":["UP"],"mtu":1500,"linkinfo":{"info_kind":"veth"}}]"#,
                at: "nodes/\(pod)/\(NodeEvidence.Part.links.path)")
        }
        addNothingElse(&cluster, without: missing)
        return cluster
    }

    /// Packet filters, classifiers and programs were looked for, and there are none.
    static func addNothingElse(_ cluster: inout ClusterEvidence, without missing: String = "") {
        var documents = [
            ("node-1/bpf.json", #"{"net":{"xdp":[],"tc":[]}}"#), ("node-2/bpf.json", #"{"net":{"xdp":[],"tc":[]}}"#),
        ]
        for place in ["node-1", "node-2", "node-2/pods/shop/cart-7d9", "node-1/pods/pay/payments-0"] {
            documents += [("\(place)/nft.json", #"{"nftables":[]}"#), ("\(place)/tc-filter.json", "[]")]
        }
        for (path, text) in documents where "nodes/\(path)" != missing { cluster.add(text, at: "nodes/\(path)") }
    }

    private static func step(_ cluster: ClusterEvidence, _ kind: PathTrace.Step.Kind) throws -> PathTrace.Step {
        let request = try PathRequest(parsing: ["shop/cart-7d9 10.244.1.9:9443"])
        let trace = try PathTrace(request, cluster.facts)
        return try #require(trace.steps.first { $0.kind == kind })
    }

    private static func filter(_ device: String, _ direction: String, _ kind: String, _ options: String) -> String {
        #"[{"dev":"\#(device)","direction":"\#(direction)","protocol":"ip","pref":10,"kind":"\#(kind)","chain":0,"options":\#(options)}]"#
    }

    private static let drop = #""actions":[{"kind":"gact","control_action":{"type":"drop"}}]"#

    @Test func allThatEndsPacketsWasLookedAt() throws {
        let step = try Self.step(Self.cluster(), .route)
        #expect(step.state == .passed, "\(step.text) \(step.details)")
    }

    /// There is a way, and it is not the way there: by a network of somebody else's, or to a machine that has not got it.
    @Test(arguments: [
        // Over the network's own.
        (#"{"dst":"10.244.1.0/25","gateway":"10.8.0.1","dev":"tun0"}"#, "", "failed", ["IPM-07"]),
        // Of another range.
        (#"{"dst":"10.244.9.0/24","gateway":"10.8.0.1","dev":"tun0"}"#, "", "passed", []),
        // A third node, which knows no way, sends it back, passes it on, or was not looked into.
        (#"{"dst":"10.244.1.9","gateway":"192.0.2.13","dev":"eth0"}"#, "[]", "failed", ["RTE-04"]),
        (
            #"{"dst":"10.244.1.9","gateway":"192.0.2.13","dev":"eth0"}"#,
            #"[{"dst":"10.244.1.0/24","gateway":"192.0.2.12","dev":"eth0"}]"#, "failed", ["RTE-04"]
        ),
        (
            #"{"dst":"10.244.1.9","gateway":"192.0.2.13","dev":"eth0"}"#,
            #"[{"dst":"10.244.1.0/24","gateway":"192.0.2.11","dev":"eth0"}]"#, "passed", []
        ),
        (#"{"dst":"10.244.1.9","gateway":"192.0.2.13","dev":"eth0"}"#, "", "not-checked", []),
    ])
    func waysThatLeadElsewhere(_ route: String, _ third: String, _ state: String, _ codes: [String]) throws {
        var cluster = Self.cluster()
        cluster.add(
            #"[{"dst":"10.244.2.0/24","dev":"cni0","scope":"link"},{"dst":"10.244.1.0/24","gateway":"192.0.2.11","dev":"eth0"},\#(route)]"#,
            at: "nodes/node-2/\(NodeEvidence.Part.routes.path)")
        for (name, address) in [("node-1", "192.0.2.11"), ("node-2", "192.0.2.12"), ("node-3", "192.0.2.13")] {
            cluster.add(
                "nodes",
                #"{"metadata":{"name":"\#(name)"},"status":{"addresses":[{"type":"InternalIP","address":"\#(address)"}]}}"#
            )
        }
        if !third.isEmpty { cluster.add(third, at: "nodes/node-3/\(NodeEvidence.Part.routes.path)") }
        let step = try Self.step(cluster, .route)
        #expect(step.state.rawValue == state, "\(step.text)")
        #expect(step.codes == codes, "\(step.text)")
    }

    /// Never green: a part that nobody could read, or nobody asked for, decides as well.
    @Test(arguments: [
        ("nodes/node-2/nft.json", "packet filter of node-2"), ("nodes/node-1/tc-filter.json", "tc filters of node-1"),
        ("nodes/node-1/bpf.json", "BPF programs of node-1"),
        ("nodes/node-2/pods/shop/cart-7d9/nft.json", "packet filter inside shop/cart-7d9"),
        ("nodes/node-1/pods/pay/payments-0/tc-filter.json", "tc filters inside pay/payments-0"),
    ])
    func whatCouldNotBeRead(path: String, words: String) throws {
        var cluster = Self.cluster(without: path)
        cluster.miss(path, because: "only root may look")
        let step = try Self.step(cluster, .route)
        #expect(step.state == .notChecked)
        #expect(step.text.contains(words), "\(step.text)")
        #expect(step.details.contains { $0.contains("only root may look") })
    }

    private static let outgoing =
        #"{"nftables":[{"table":{"family":"ip","name":"t"}},{"chain":{"family":"ip","table":"t","name":"c","type":"filter","hook":"HOOK","prio":0,"policy":"accept"}},{"rule":{"family":"ip","table":"t","chain":"c","expr":[MATCH{"VERDICT":null}]}}]}"#

    @Test(arguments: [
        // The sender's own rules, about what it sends and about what comes back.
        ("node-2/pods/shop/cart-7d9", "output", "tcp dport 9443", "drop", "route", "failed"),
        ("node-2/pods/shop/cart-7d9", "output", "tcp dport 443", "drop", "route", "passed"),
        ("node-2/pods/shop/cart-7d9", "input", "tcp sport 9443", "drop", "reply", "failed"),
        ("node-2/pods/shop/cart-7d9", "input", "tcp sport 9443", "drop", "route", "passed"),
        // The receiver's.
        ("node-1/pods/pay/payments-0", "input", "tcp dport 9443", "drop", "route", "failed"),
        ("node-1/pods/pay/payments-0", "output", "tcp sport 9443", "drop", "reply", "failed"),
        // A reason to refuse that is not known here.
        ("node-1/pods/pay/payments-0", "input", "unknown", "drop", "route", "not-checked"),
    ])
    func rulesInsidePods(
        place: String, hook: String, match: String, verdict: String, kind: String, state: String
    ) throws {
        var cluster = Self.cluster()
        let words = match.split(separator: " ")
        let condition =
            words.count < 3
            ? #"{"match":{"op":"==","left":{"socket":{"key":"wildcard"}},"right":0}},"#
            : #"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"\#(words[1])"}},"right":\#(words[2])}},"#
        let text = Self.outgoing.replacing("HOOK", with: hook).replacing("MATCH", with: condition)
            .replacing("VERDICT", with: verdict)
        cluster.add(text, at: "nodes/\(place)/nft.json")
        let step = try Self.step(cluster, #require(PathTrace.Step.Kind(rawValue: kind)))
        #expect(step.verified.rawValue == state, "\(step.text) \(step.details)")
        if state == "failed" {
            #expect(step.codes == ["RTE-06"])
            #expect(step.text.contains("inside"), "\(step.text)")
        }
    }

    @Test(arguments: [
        // On the card, for the port, the network, everything; on the pod's pair and inside the pod; of the other side.
        (
            "node-2", "eth0", "egress", "flower",
            #"{"keys":{"eth_type":"ipv4","ip_proto":"tcp","dst_port":9443},DROP}"#, "failed"
        ),
        (
            "node-2", "eth0", "egress", "flower",
            #"{"keys":{"eth_type":"ipv4","ip_proto":"udp","dst_port":9443},DROP}"#, "passed"
        ),
        ("node-2", "eth0", "egress", "flower", #"{"keys":{"dst_ip":"10.244.1.0/24"},DROP}"#, "failed"),
        (
            "node-2", "eth0", "egress", "flower", #"{"keys":{"dst_ip":"10.244.1.0/24"},"other":[47],DROP}"#,
            "not-checked"
        ),
        ("node-2", "eth0", "egress", "flower", #"{"keys":{"dst_ip":"10.244.9.0/24"},"other":[47],DROP}"#, "passed"),
        ("node-2", "eth0", "egress", "flower", #"{"keys":{"dst_port":"9000-9999"},DROP}"#, "failed"),
        ("node-1", "eth0", "ingress", "matchall", #"{DROP}"#, "failed"),
        (
            "node-1", "eth0", "egress", "matchall", #"{"actions":[{"kind":"gact","control_action":{"type":"pass"}}]}"#,
            "passed"
        ),
        (
            "node-1", "cni0", "egress", "matchall",
            #"{"actions":[{"kind":"mirred","mirred_action":"mirror","to_dev":"tap0","control_action":{"type":"pipe"}}]}"#,
            "passed"
        ),
        (
            "node-1", "cni0", "egress", "matchall",
            #"{"actions":[{"kind":"mirred","mirred_action":"redirect","to_dev":"tap0","control_action":{"type":"stolen"}}]}"#,
            "not-checked"
        ),
        (
            "node-2", "veth7", "ingress", "u32",
            #"{"match":[{"value":"24e3","mask":"ffff","off":20,"offmask":"0"}],DROP}"#, "failed"
        ),
        (
            "node-2", "veth7", "ingress", "u32",
            #"{"match":[{"value":"24e4","mask":"ffff","off":20,"offmask":"0"}],DROP}"#, "passed"
        ),
        (
            "node-2", "veth7", "ingress", "u32",
            #"{"match":[{"value":"0","mask":"ff000000","off":0,"offmask":"0"},{"value":"10","mask":"ff","off":1,"offmask":"0"}],DROP}"#,
            "passed"
        ),
        (
            "node-2", "veth7", "ingress", "u32",
            #"{"match":[{"value":"100000","mask":"ff0000","off":0,"offmask":"0"}],DROP}"#, "not-checked"
        ),
        ("node-2", "veth7", "ingress", "basic", #"{"other":[2],DROP}"#, "not-checked"),
        ("node-2", "veth7", "ingress", "flow", #"{"other":[0]}"#, "passed"),
        ("node-2/pods/shop/cart-7d9", "eth0", "egress", "matchall", #"{DROP}"#, "failed"),
        ("node-2/pods/shop/cart-7d9", "eth0", "ingress", "matchall", #"{DROP}"#, "passed"),
        ("node-2", "eth1", "egress", "matchall", #"{DROP}"#, "passed"),
        // Held to a rate, and above it dropped: a connection opens.
        (
            "node-2", "eth0", "egress", "matchall",
            #"{"actions":[{"kind":"police","exceed":"drop","control_action":{"type":"pipe"}}]}"#, "passed"
        ),
        (
            "node-2", "eth0", "egress", "matchall",
            #"{"actions":[{"kind":"gact","control_action":{"type":"drop"},"prob":true}]}"#, "not-checked"
        ),
    ])
    func classifiers(
        place: String, device: String, direction: String, kind: String, options: String, state: String
    ) throws {
        var cluster = Self.cluster()
        cluster.add(
            Self.filter(device, direction, kind, options.replacing("DROP", with: Self.drop)),
            at: "nodes/\(place)/tc-filter.json")
        let step = try Self.step(cluster, .route)
        #expect(step.state.rawValue == state, "\(step.text) \(step.details)")
        if state == "failed" { #expect(step.codes == ["RTE-06"]) }
        if state == "not-checked" { #expect(step.text.contains(device)) }
    }

    /// What comes back passes the same interfaces the other way.
    @Test func classifiersOfTheWayBack() throws {
        var cluster = Self.cluster()
        cluster.add(
            Self.filter(
                "eth0", "ingress", "flower", "{\"keys\":{\"ip_proto\":\"tcp\",\"src_port\":9443},\(Self.drop)}"),
            at: "nodes/node-2/tc-filter.json")
        let route = try Self.step(cluster, .route)
        let reply = try Self.step(cluster, .reply)
        #expect(route.state == .passed)
        #expect(reply.state == .failed && reply.codes == ["RTE-06"], "\(reply.text)")
    }

    /// The first that picks a packet decides; what lets it pass before hides what comes after.
    @Test func theFirstDecides() throws {
        let both = """
            [{"dev":"eth0","direction":"egress","protocol":"all","pref":20,"kind":"matchall","chain":0,"options":{\(Self.drop)}},
             {"dev":"eth0","direction":"egress","protocol":"ip","pref":PREF,"kind":"flower","chain":0,
              "options":{"keys":{"ip_proto":"tcp"},"actions":[{"kind":"gact","control_action":{"type":"WORD"}}]}}]
            """
        for (preference, word, state) in [
            ("10", "pass", "passed"), ("30", "pass", "failed"), ("10", "continue", "failed"),
        ] {
            var cluster = Self.cluster()
            cluster.add(
                both.replacing("PREF", with: preference).replacing("WORD", with: word),
                at: "nodes/node-2/tc-filter.json")
            let step = try Self.step(cluster, .route)
            #expect(step.state.rawValue == state, "\(preference) \(word): \(step.text)")
        }
    }
}
