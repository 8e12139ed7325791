import Testing

@testable import Diagnosis

/// What the sixth set of clusters showed, each beside what looks like it and is well.
@Suite struct AtlasTests {
    private static let moment = "2026-08-19T09:26:40Z"
    private static let before = "2026-08-19T08:00:00Z"

    // MARK: Gateway API

    private static func route(_ type: String, _ status: String, _ reason: String, since: String) -> Evidence {
        Evidence(at: moment) {
            $0.objects(
                "gateways.gateway.networking.k8s.io",
                #"{"kind":"Gateway","metadata":{"name":"front","namespace":"edge"},"spec":{"gatewayClassName":"c","listeners":[{"name":"http","port":80}]}}"#
            )
            $0.objects(
                "httproutes.gateway.networking.k8s.io",
                """
                {"kind":"HTTPRoute","metadata":{"name":"cart","namespace":"shop"},"spec":{},"status":{"parents":[
                {"parentRef":{"name":"front","namespace":"edge"},"conditions":[
                {"type":"\(type)","status":"\(status)","reason":"\(reason)","lastTransitionTime":"\(since)"}]}]}}
                """)
        }
    }

    @Test func aRouteThatIsRefused() {
        let refused = Self.route("Accepted", "False", "NotAllowedByListeners", since: Self.before)
        let found = refused.findings(GatewayCheck())
        #expect(found.map(\.code) == ["ING-01"])
        #expect(found.first?.places == ["HTTPRoute/shop/cart", "Gateway/edge/front"])
        let backend = Self.route("ResolvedRefs", "False", "RefNotPermitted", since: Self.before)
        #expect(backend.findings(GatewayCheck()).map(\.code) == ["ING-04"])
    }

    @Test func aRouteThatIsServedOrNotYet() {
        let served = Self.route("Accepted", "True", "Accepted", since: Self.before)
        #expect(served.findings(GatewayCheck()).isEmpty)
        let waiting = Self.route("Accepted", "False", "Pending", since: Self.before)
        #expect(waiting.findings(GatewayCheck()).isEmpty)
        let new = Self.route("Accepted", "False", "NoMatchingParent", since: "2026-08-19T09:26:20Z")
        #expect(new.findings(GatewayCheck()).isEmpty)
    }

    // MARK: Virtual addresses

    private static func holders(_ device: String, _ machines: [String]) -> Evidence {
        Evidence(at: moment) { evidence in
            for (index, name) in machines.enumerated() {
                evidence.objects(
                    "nodes",
                    #"{"kind":"Node","metadata":{"name":"\#(name)"},"status":{"addresses":[{"type":"InternalIP","address":"192.0.2.\#(11 + index)"}]}}"#
                )
                evidence.node(
                    name, .links,
                    #"[{"ifindex":2,"ifname":"\#(device)","flags":["UP","LOWER_UP"],"mtu":1500,"operstate":"UP","link_type":"ether","address":"0a:00:00:00:00:0\#(index)"}]"#
                )
                evidence.node(
                    name, .addresses,
                    #"[{"ifindex":2,"ifname":"\#(device)","addr_info":[{"family":"inet","local":"192.0.2.\#(11 + index)","prefixlen":24},{"family":"inet","local":"192.0.2.10","prefixlen":32}]}]"#
                )
            }
        }
    }

    @Test func anAddressOfTwoMachines() {
        let two = Self.holders("eth0", ["a", "b"]).findings(SharedAddressCheck())
        #expect(two.map(\.code) == ["ING-08"])
        #expect(two.first?.places == ["Node/a", "Node/b"])
        #expect(Self.holders("eth0", ["a"]).findings(SharedAddressCheck()).isEmpty)
    }

    // MARK: Lines that are over

    private static func messages(_ log: String, service: String = "203.0.113.9") -> [String] {
        let facts = Evidence(at: moment) {
            $0.objects(
                "services",
                #"{"kind":"Service","metadata":{"name":"door","namespace":"shop"},"spec":{"clusterIP":"10.96.0.9"},"status":{"loadBalancer":{"ingress":[{"ip":"\#(service)"}]}}}"#
            )
            $0.document(EvidencePath.looseLogs + "handed.txt", log)
        }.facts
        return MessageSource.messages(facts, unexplained: []).map(\.text)
    }

    @Test func aNetworkThatCameLater() {
        let waiting = "kubelet: Container runtime network not ready: NetworkReady=false cni plugin not initialized"
        #expect(Self.messages(waiting) == [waiting])
        #expect(Self.messages(waiting + "\nkubelet: Fast updating node status as it just became ready").isEmpty)
        // What is said after that is said of now.
        #expect(Self.messages("kubelet: it just became ready\n" + waiting).last == waiting)
    }

    @Test func aVirtualAddressThatDoesNotAnswerPing() {
        let lost = "3 packets transmitted, 0 received, 100% packet loss, time 2050ms"
        #expect(Self.messages("PING 203.0.113.9 (203.0.113.9) 56(84) bytes of data.\n\(lost)").isEmpty)
        #expect(Self.messages("PING 203.0.113.7 (203.0.113.7) 56(84) bytes of data.\n\(lost)") == [lost])
    }

    // MARK: Names in lines

    @Test(arguments: [
        (#"Get "http://ledger.shop/balance": context deadline exceeded"#, "10.96.0.7:80"),
        (#"Get "http://ledger/balance": context deadline exceeded"#, "10.96.0.7:80"),
        (#"POST https://ledger.shop.svc.cluster.local:8443/x timed out"#, "10.96.0.7:8443"),
        (#"Get "http://ledger.example.org/": i/o timeout"#, "none"),
        ("dial: i/o timeout", "none"),
    ])
    func aServiceCalledByName(line: String, expected: String) {
        let facts = Evidence {
            $0.objects(
                "services",
                #"{"kind":"Service","metadata":{"name":"ledger","namespace":"shop"},"spec":{"clusterIP":"10.96.0.7","ports":[{"port":80}]}}"#
            )
        }.facts
        let target = ServiceNames(facts).target(of: line, from: "shop")
        let said = target.map { "\($0.address):\($0.port)" } ?? "none"
        #expect(said == expected)
    }
}
