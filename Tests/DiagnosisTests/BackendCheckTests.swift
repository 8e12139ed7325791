import Addressing
import JSONTree
import Testing

@testable import Diagnosis

/// What a node sends a Service to against the Service's slices, in every mode of kube-proxy.
@Suite struct BackendCheckTests {
    /// kube-proxy's chains of one Service with these backends.
    private static func iptables(_ backends: [String]) -> String {
        var text = """
            *nat
            :PREROUTING ACCEPT [0:0]
            :OUTPUT ACCEPT [0:0]
            :KUBE-SERVICES - [0:0]
            :KUBE-MARK-MASQ - [0:0]
            :KUBE-SVC-WEB - [0:0]

            """
        for index in backends.indices { text += ":KUBE-SEP-\(index) - [0:0]\n" }
        text += """
            -A PREROUTING -j KUBE-SERVICES
            -A OUTPUT -j KUBE-SERVICES
            -A KUBE-SERVICES -d 10.96.0.50/32 -p tcp -m comment --comment "shop/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-WEB
            -A KUBE-SVC-WEB ! -s 10.244.0.0/16 -d 10.96.0.50/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ

            """
        for index in backends.indices {
            text += "-A KUBE-SVC-WEB -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-\(index)\n"
            text += "-A KUBE-SEP-\(index) -s \(backends[index])/32 -j KUBE-MARK-MASQ\n"
            text += "-A KUBE-SEP-\(index) -p tcp -m tcp -j DNAT --to-destination \(backends[index]):8080\n"
        }
        return text + "COMMIT\n"
    }

    /// `nft -j list ruleset` of kube-proxy's own table.
    private static func nftables(_ backends: [String]) -> String {
        func chain(_ name: String, _ more: String = "") -> String {
            #"{"chain":{"family":"ip","table":"kube-proxy","name":"\#(name)"\#(more)}}"#
        }
        func rule(_ chain: String, _ expressions: String) -> String {
            #"{"rule":{"family":"ip","table":"kube-proxy","chain":"\#(chain)","expr":[\#(expressions)]}}"#
        }
        let service = "service-ULMVA6XW-shop/web/tcp/http"
        let key =
            #"{"concat":[{"payload":{"protocol":"ip","field":"daddr"}},{"meta":{"key":"l4proto"}},{"payload":{"protocol":"th","field":"dport"}}]}"#
        var items = [
            #"{"table":{"family":"ip","name":"kube-proxy"}}"#,
            chain("nat-prerouting", #","type":"nat","hook":"prerouting","prio":-100,"policy":"accept""#),
            chain("services"), chain(service),
            #"{"map":{"family":"ip","table":"kube-proxy","name":"service-ips","elem":[[{"concat":["10.96.0.50","tcp",80]},{"goto":{"target":"\#(service)"}}]]}}"#,
            rule("nat-prerouting", #"{"jump":{"target":"services"}}"#),
            rule("services", #"{"vmap":{"key":\#(key),"data":"@service-ips"}}"#),
        ]
        var ways: [String] = []
        for (index, backend) in backends.enumerated() {
            let name = "endpoint-\(index)-shop/web/tcp/http__\(backend)/8080"
            items.append(chain(name))
            items.append(rule(name, #"{"dnat":{"addr":"\#(backend)","port":8080}}"#))
            ways.append(#"[\#(index),{"goto":{"target":"\#(name)"}}]"#)
        }
        let numbers = #"{"numgen":{"mode":"random","mod":\#(backends.count),"offset":0}}"#
        items.append(rule(service, #"{"vmap":{"key":\#(numbers),"data":{"set":[\#(ways.joined(separator: ","))]}}}"#))
        return #"{"nftables":[\#(items.joined(separator: ","))]}"#
    }

    private static func ipvs(_ backends: [String]) -> String {
        "-A -t 10.96.0.50:80 -s rr\n"
            + backends.map { "-a -t 10.96.0.50:80 -r \($0):8080 -m -w 1\n" }.joined()
            + "-a -t 10.96.0.50:80 -r 10.244.9.9:8080 -m -w 0\n"
    }

    /// Two pods that are ready since an hour, and a node that sends to `backends`.
    private static func evidence(
        _ mode: String, _ backends: [String], changed: String? = nil, marked: String? = nil, readySince: String? = nil,
        endpoints: [String] = ["10.244.1.5", "10.244.2.6"]
    ) -> Evidence {
        Evidence(at: "2026-11-21T04:00:00Z") { evidence in
            evidence.objects(
                "nodes",
                #"{"kind":"Node","metadata":{"name":"node-2"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#
            )
            evidence.objects(
                "services",
                #"{"kind":"Service","metadata":{"namespace":"shop","name":"web"},"spec":{"clusterIP":"10.96.0.50","selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":8080,"protocol":"TCP"}]}}"#
            )
            for (index, address) in endpoints.enumerated() {
                evidence.objects(
                    "pods",
                    #"{"kind":"Pod","metadata":{"namespace":"shop","name":"web-\#(index)","labels":{"app":"web"}},"spec":{"nodeName":"node-1","containers":[]},"status":{"phase":"Running","podIP":"\#(address)","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"\#(readySince ?? "2026-11-21T03:00:00Z")"}]}}"#
                )
            }
            let items = endpoints.enumerated().map { index, address in
                #"{"addresses":["\#(address)"],"conditions":{"ready":true},"targetRef":{"kind":"Pod","namespace":"shop","name":"web-\#(index)"}}"#
            }
            let fields =
                changed.map { #","managedFields":[{"manager":"kube-controller-manager","time":"\#($0)"}]"# } ?? ""
            let mark =
                marked.map { #","annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"\#($0)"}"# } ?? ""
            evidence.objects(
                "endpointslices.discovery.k8s.io",
                #"{"kind":"EndpointSlice","metadata":{"namespace":"shop","name":"web-x","creationTimestamp":"2026-11-01T00:00:00Z","labels":{"kubernetes.io/service-name":"web"}\#(fields)\#(mark)},"endpoints":[\#(items.joined(separator: ","))],"ports":[{"name":"http","port":8080,"protocol":"TCP"}]}"#
            )
            switch mode {
            case "nftables": evidence.node("node-2", .nftables, nftables(backends))
            case "ipvs":
                evidence.node("node-2", .nftables, #"{"nftables":[]}"#)
                evidence.node("node-2", .ipvs, ipvs(backends))
                evidence.node(
                    "node-2", .links, #"[{"ifindex":9,"ifname":"kube-ipvs0","flags":["BROADCAST"],"mtu":1500}]"#)
            default: evidence.node("node-2", .iptables, iptables(backends))
            }
        }
    }

    @Test(arguments: ["iptables", "nftables", "ipvs"])
    func aNodeThatIsBehind(_ mode: String) throws {
        #expect(Self.evidence(mode, ["10.244.1.5", "10.244.2.6"]).findings(BackendCheck()).isEmpty)
        let found = Self.evidence(mode, ["10.244.1.5", "10.244.2.77"]).findings(BackendCheck())
        let finding = try #require(found.first)
        #expect(found.count == 1 && finding.code == "SVC-05" && finding.confidence == .certain)
        #expect(finding.places.contains("Node/node-2") && finding.places.contains("Service/shop/web"))
        #expect(finding.evidence[0].text.contains("10.244.2.77"))
        #expect(finding.because[0].contains("shop/web (10.96.0.50:80) is sent to 10.244.2.77"))
    }

    /// One backend too many after a pod went: whether that is old is what the slice's own times say.
    @Test func aPodThatWent() throws {
        let backends = ["10.244.1.5", "10.244.2.6"]
        func confidence(changed: String?, marked: String? = nil) -> Confidence? {
            Self.evidence("iptables", backends, changed: changed, marked: marked, endpoints: ["10.244.1.5"])
                .findings(BackendCheck()).first?.confidence
        }
        #expect(confidence(changed: "2026-11-21T03:50:00Z") == .certain)
        #expect(confidence(changed: nil, marked: "2026-11-21T03:50:00Z") == .certain)
        #expect(confidence(changed: nil) == .likely)
        // A rolling update: the slice changed seconds ago, and the node follows.
        #expect(confidence(changed: "2026-11-21T03:59:57Z") == nil)
        #expect(confidence(changed: "2026-11-21T03:50:00Z", marked: "2026-11-21T03:59:57Z") == nil)
    }

    /// A new pod in place of the old one, seconds ago: not even the times of the slice are needed to wait.
    @Test func aNewPodIsNoProof() {
        let found = Self.evidence(
            "iptables", ["10.244.1.5", "10.244.2.77"], readySince: "2026-11-21T03:59:58Z"
        ).findings(BackendCheck())
        #expect(found.map(\.confidence) == [.likely])
    }

    /// Rules of a former mode, or of another program's Services, say nothing of where packets go.
    @Test func leftoversAreNotAsked() {
        var both = Self.evidence("iptables", ["10.244.2.77"])
        both.node("node-2", .nftables, Self.nftables(["10.244.1.5", "10.244.2.6"]))
        #expect(both.findings(BackendCheck()).isEmpty)
        var replaced = Self.evidence("iptables", ["10.244.2.77"])
        replaced.objects(
            "configmaps",
            #"{"kind":"ConfigMap","metadata":{"namespace":"kube-system","name":"cilium-config"},"data":{"kube-proxy-replacement":"true"}}"#
        )
        #expect(replaced.findings(BackendCheck()).isEmpty)
    }

    /// Without the rights to read the rules it is not checked, and that is said.
    @Test func withoutRules() {
        var evidence = Self.evidence("iptables", [])
        let path = EvidencePath.node("node-3") + NodeEvidence.Part.nftables.path
        evidence.objects("nodes", #"{"kind":"Node","metadata":{"name":"node-3"}}"#)
        var tree = EvidenceTree(collectedAt: evidence.tree.collectedAt)
        for (path, document) in evidence.tree.documents where !path.hasPrefix("nodes/node-2/") {
            tree.add(document, at: path)
        }
        tree.addMissing(path, because: "reading packet filters needs root (CAP_NET_ADMIN)")
        let report = DiagnosisReport(FactBase(reading: tree), [BackendCheck(), PacketFilterCheck()])
        for outcome in report.outcomes {
            guard case .notChecked(let reason) = outcome.state else {
                Issue.record("\(outcome.name) is \(outcome.state)")
                continue
            }
            #expect(reason.contains("needs root (CAP_NET_ADMIN)"))
        }
    }

    @Test func virtualServersAsTheyAreListed() {
        let text = """
            IP Virtual Server version 1.2.1 (size=4096)
            Prot LocalAddress:Port Scheduler Flags
              -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
            TCP  10.96.0.1:443 rr persistent 10800
              -> 192.0.2.7:6443               Masq    1      2          0
              -> 192.0.2.8:6443               Masq    0      2          0
            UDP  [fd00::a]:53 rr
            """
        let servers = ServiceBackends.virtualServers(text)
        #expect(servers.count == 2)
        #expect(servers.values.flatMap(\.keys).map { "\($0.address)" } == ["192.0.2.7"])
    }
}
