import Testing

@testable import Diagnosis

/// What an ordinary set of clusters showed of names, Services, policies and doors, each beside what looks like it and is
/// well.
@Suite struct UsualServiceTests {
    private static let now = "2026-08-19T09:26:40Z"

    private static func pod(
        _ name: String, _ namespace: String, _ address: String, spec: String = "", owner: String = "",
        image: String = "web",
        labels: String = ""
    ) -> String {
        #"{"kind":"Pod","metadata":{"name":"\#(name)","namespace":"\#(namespace)","labels":{"app":"\#(name)"\#(labels)}\#(owner)},"spec":{"nodeName":"n1","containers":[{"name":"main","image":"\#(image)","ports":[{"containerPort":8080,"name":"api"}]}]\#(spec)},"status":{"phase":"Running","podIP":"\#(address)","podIPs":[{"ip":"\#(address)"}],"conditions":[{"type":"Ready","status":"True"}]}}"#
    }

    private static func space(_ name: String, _ labels: String = "") -> String {
        #"{"kind":"Namespace","metadata":{"name":"\#(name)","labels":{"kubernetes.io/metadata.name":"\#(name)"\#(labels)}}}"#
    }

    // MARK: Names

    @Test func aPodThatAsksItsNodesServers() {
        func codes(_ policy: String, _ host: String) -> [String] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("services")
                evidence.objects("pods", Self.pod("cart", "shop", "10.9.0.2", spec: #","dnsPolicy":"\#(policy)""#))
                evidence.log(
                    "shop", "cart", "main", "dial tcp: lookup \(host) on 192.0.2.53:53: no such host\n")
            }.findings(PodServerCheck()).map(\.code)
        }
        #expect(codes("Default", "ledger.shop.svc.cluster.local") == ["DNS-07"])
        #expect(codes("Default", "api.example.com").isEmpty)
        #expect(codes("ClusterFirst", "ledger.shop.svc.cluster.local").isEmpty)
    }

    @Test(arguments: [
        ("GET https://a/ slow: total=0.41s namelookup=0.33s", 0.33), ("took 5.01s (dns 5.00s connect 0.001s)", 5.0),
        ("trace dns=320ms connect=2ms", 0.32),
    ])
    func theTimeOfALookup(_ line: String, _ seconds: Double) {
        let found = SlowLookup.seconds(line)
        #expect(found.map { abs($0 - seconds) < 0.001 } ?? false)
    }

    @Test(arguments: ["dns server 10.96.0.10", "kube-dns 3 replicas", "dns=on", "lookup of a dns name"])
    func noTimeOfALookup(_ line: String) { #expect(SlowLookup.seconds(line) == nil) }

    // MARK: Services

    @Test func aProgramThatSaysItListensOnLoopback() {
        func codes(_ line: String) -> [String] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "services",
                    #"{"metadata":{"name":"ledger","namespace":"shop"},"spec":{"clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"selector":{"app":"ledger"},"ports":[{"name":"http","port":80,"protocol":"TCP","targetPort":"api"}]}}"#
                )
                evidence.objects(
                    "endpointslices.discovery.k8s.io",
                    #"{"metadata":{"name":"ledger-x","namespace":"shop","labels":{"kubernetes.io/service-name":"ledger"}},"addressType":"IPv4","endpoints":[{"addresses":["10.9.0.3"],"conditions":{"ready":true}}],"ports":[{"name":"http","port":8080,"protocol":"TCP"}]}"#
                )
                evidence.objects("pods", Self.pod("cart", "shop", "10.9.0.2"), Self.pod("ledger", "shop", "10.9.0.3"))
                evidence.log("shop", "ledger", "main", line + "\n")
                evidence.log("shop", "cart", "main", "dial tcp 10.96.0.9:80: connect: connection refused\n")
            }.findings(LoopbackCheck()).map(\.code)
        }
        // The Service's targetPort is a name, and the slice has its number.
        #expect(codes("Uvicorn running on http://127.0.0.1:8080 (Press CTRL+C to quit)") == ["SVC-06"])
        #expect(codes("Uvicorn running on http://0.0.0.0:8080 (Press CTRL+C to quit)").isEmpty)
        #expect(codes("Uvicorn running on http://127.0.0.1:9090 (Press CTRL+C to quit)").isEmpty)
    }

    @Test func aControllerThatIsRefused() {
        func codes(_ address: String, times: Int = 4) -> [String] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "pods",
                    Self.pod(
                        "ingress-nginx-controller", "ingress-nginx", "10.9.0.8",
                        image: "registry.k8s.io/ingress-nginx/controller:v1.12.2",
                        labels: #","app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/component":"controller""#
                    ),
                    Self.pod("web", "shop", "10.9.0.3"))
                evidence.log(
                    "ingress-nginx", "ingress-nginx-controller", "main",
                    String(
                        repeating:
                            "2026/08/19 09:25:14 [error] 31#31: *8 connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.9, server: shop.example, request: \"GET / HTTP/2.0\", upstream: \"http://\(address):8080/\", host: \"shop.example\"\n",
                        count: times))
            }.findings(IngressLogCheck()).map(\.code)
        }
        #expect(codes("10.9.0.3") == ["ING-04"])
        // Once is an accident, and an address of no pod is another story.
        #expect(codes("10.9.0.3", times: 1).isEmpty)
        #expect(codes("10.9.0.99").isEmpty)
    }

    // MARK: Policies

    @Test func aRuleForALabelThatTheNamespaceNearlyHas() {
        func codes(_ label: String) -> [String] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("namespaces", Self.space("shop", label), Self.space("lab"))
                evidence.objects("pods", Self.pod("cart", "shop", "10.9.0.2"), Self.pod("store", "lab", "10.9.0.3"))
                evidence.objects(
                    "networkpolicies.networking.k8s.io",
                    #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"store","namespace":"lab"},"spec":{"podSelector":{"matchLabels":{"app":"store"}},"policyTypes":["Ingress"],"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"env":"prod"}}}]}]}}"#
                )
                evidence.log("shop", "cart", "main", "dial tcp 10.9.0.3:8080: i/o timeout\n")
            }.findings(FailedConnectionCheck()).map(\.code)
        }
        #expect(codes(#","environment":"prod""#) == ["POL-02"])
        #expect(codes(#","environment":"test""#) == ["POL-01"])
        #expect(codes(#","env":"prod""#).isEmpty)
    }

    @Test func onlyTheWayOutWasWrittenOf() {
        func codes(_ applied: String) -> [String] {
            let text = applied.replacing("\"", with: "\\\"")
            return Evidence(at: Self.now) { evidence in
                evidence.objects("namespaces", Self.space("shop"))
                evidence.objects("pods", Self.pod("cart", "shop", "10.9.0.2"))
                evidence.objects(
                    "networkpolicies.networking.k8s.io",
                    #"{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"out","namespace":"shop","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"\#(text)"}},"spec":{"podSelector":{"matchLabels":{"app":"cart"}},"egress":[{}],"policyTypes":["Ingress","Egress"]}}"#
                )
            }.findings(PolicyCheck()).map(\.code).filter { $0 == "POL-06" }
        }
        #expect(codes(#"{"spec":{"egress":[{}],"podSelector":{"matchLabels":{"app":"cart"}}}}"#) == ["POL-06"])
        // Both types were asked for, or a way in was written of: that is meant.
        let meant = codes(
            #"{"spec":{"egress":[{}],"podSelector":{"matchLabels":{"app":"cart"}},"policyTypes":["Ingress","Egress"]}}"#
        )
        #expect(meant.isEmpty)
        #expect(codes(#"{"spec":{"egress":[{}],"ingress":[],"podSelector":{}}}"#).isEmpty)
    }

    @Test func whatIsLeftToCiliumsProxies() {
        func codes(_ rules: String) -> [String] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("namespaces", Self.space("shop"), Self.space("lab"))
                evidence.objects("pods", Self.pod("cart", "shop", "10.9.0.2"), Self.pod("store", "lab", "10.9.0.3"))
                evidence.objects(
                    "ciliumnetworkpolicies.cilium.io",
                    #"{"apiVersion":"cilium.io/v2","kind":"CiliumNetworkPolicy","metadata":{"name":"store","namespace":"lab"},"spec":{"endpointSelector":{"matchLabels":{"app":"store"}},"ingress":[{"fromEndpoints":[{"matchLabels":{"k8s:io.kubernetes.pod.namespace":"shop"}}],"toPorts":[{"ports":[{"port":"\#(rules)","protocol":"TCP"}],"rules":{"http":[{"method":"GET"}]}}]}]}}"#
                )
                evidence.log("shop", "cart", "main", "dial tcp 10.9.0.3:8080: i/o timeout\n")
            }.findings(FailedConnectionCheck()).map(\.code)
        }
        // The port is open, and the proxy answers what it does not let through.
        #expect(codes("8080").isEmpty)
        #expect(codes("9090") == ["POL-01"])
    }

    @Test func aCloudWithoutAnEngineOfPolicies() {
        func codes(_ set: String, label: String = "kubernetes.azure.com/cluster") -> [String] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("nodes", #"{"kind":"Node","metadata":{"name":"n1","labels":{"\#(label)":"x"}}}"#)
                evidence.objects("pods", Self.pod("cart", "shop", "10.9.0.2"))
                evidence.objects(
                    "daemonsets.apps",
                    #"{"kind":"DaemonSet","metadata":{"name":"kube-proxy","namespace":"kube-system"}}"#,
                    #"{"kind":"DaemonSet","metadata":{"name":"\#(set)","namespace":"kube-system"}}"#)
                evidence.objects(
                    "networkpolicies.networking.k8s.io",
                    #"{"kind":"NetworkPolicy","metadata":{"name":"closed","namespace":"shop"},"spec":{"podSelector":{}}}"#
                )
            }.findings(PolicyCheck()).map(\.code).filter { $0 == "POL-07" }
        }
        #expect(codes("azure-ip-masq-agent") == ["POL-07"])
        #expect(codes("azure-npm").isEmpty && codes("calico-node").isEmpty)
        #expect(codes("kube-flannel-ds", label: "example.com/own").isEmpty)
    }

    // MARK: Certificates

    @Test func aControllerWarnsOfWhatIsOver() {
        let source = FactSource("log", command: "")
        let over = EndedCertificate.warned(
            "W0819 09:20:11.110121 7 controller.go:1474] SSL certificate for server \"shop.example\" is about to expire (2026-08-12 10:00:00 +0000 UTC)",
            source)
        #expect(over?.names == ["shop.example"] && over?.end == 1_786_528_800)
        #expect(EndedCertificate.opensslMoment("Aug 12 10:00:00 2026 GMT") == 1_786_528_800)
        #expect(EndedCertificate.opensslMoment("soon") == nil)
        #expect(over.map { $0.isFor("shop.example") && !$0.isFor("other.example") } ?? false)
    }

    @Test func onlyACertificateThatHasEnded() {
        func codes(_ day: String) -> [String] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "ingresses.networking.k8s.io",
                    #"{"kind":"Ingress","metadata":{"name":"web","namespace":"shop"},"spec":{"tls":[{"hosts":["shop.example"],"secretName":"t"}],"rules":[{"host":"shop.example"}]}}"#
                )
                evidence.document(
                    EvidencePath.looseLogs + "openssl.txt",
                    "subject=CN = *.example\nnotBefore=Aug 12 00:00:00 2025 GMT\nnotAfter=\(day) 10:00:00 2026 GMT\n    DNS:shop.example\n"
                )
            }.findings(CertificateCheck()).map(\.code)
        }
        #expect(codes("Aug 12") == ["ING-06"])
        #expect(codes("Nov 30").isEmpty)
    }

    // MARK: Machines

    @Test func damagedFrames() {
        func codes(_ errors: Int) -> [String] {
            Evidence(at: Self.now) { evidence in
                evidence.node(
                    "n1", .counters,
                    "Inter-| Receive | Transmit\n face |bytes packets errs drop\n  eth0: 91204411201 88120411 \(errors) 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
                )
            }.findings(CardErrorCheck()).map(\.code)
        }
        #expect(codes(811_204) == ["PRF-01"])
        // A few in years are none.
        #expect(codes(1200).isEmpty)
    }

    @Test func aBucketOnAPodsLink() {
        func codes(_ annotation: String, over: Int = 612_041) -> [String] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("nodes", #"{"kind":"Node","metadata":{"name":"n1"}}"#)
                evidence.objects(
                    "pods",
                    Self.pod(
                        "cart", "shop", "10.9.0.2",
                        owner: #","annotations":{"kubernetes.io/egress-bandwidth":"\#(annotation)"}"#))
                evidence.node(
                    "n1", ShapedLinkCheck.part,
                    "qdisc mq 0: dev eth0 root \nqdisc tbf 1: dev veth8a root refcnt 2 rate 10Mbit burst 256Mb lat 25ms \n Sent 88 bytes 61 pkt (dropped 88, overlimits \(over) requeues 0) \n"
                )
            }.findings(ShapedLinkCheck()).map(\.code)
        }
        #expect(codes("10M") == ["PRF-02"])
        #expect(codes("10M", over: 0).isEmpty && codes("100M").isEmpty)
    }
}
