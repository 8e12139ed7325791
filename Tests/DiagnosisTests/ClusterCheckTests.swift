import Testing

@testable import Diagnosis

/// Sandboxes, attachments, webhooks, ingresses and meshes, as far as objects show them.
@Suite("Objects of the cluster") struct ClusterCheckTests {
    static let now = "2026-03-06T03:00:00Z"

    static func waiting(_ message: String, binDirectory: String = "/opt/cni/bin") -> Evidence {
        Evidence(at: now) { evidence in
            evidence.objects("nodes", AgentCheckTests.node("a"))
            evidence.objects(
                "daemonsets.apps",
                #"{"kind":"DaemonSet","metadata":{"namespace":"net","name":"sdn"},"spec":{"template":{"spec":{"hostNetwork":true,"containers":[{"name":"agent","image":"calico/node:v3"}],"volumes":[{"hostPath":{"path":"\#(binDirectory)"}}]}}}}"#
            )
            evidence.objects(
                "pods",
                #"{"metadata":{"namespace":"shop","name":"w"},"spec":{"nodeName":"a","containers":[]},"status":{"phase":"Pending","startTime":"2026-03-06T02:00:00Z","containerStatuses":[{"name":"w","state":{"waiting":{"reason":"ContainerCreating"}}}]}}"#
            )
            evidence.objects(
                "events",
                #"{"metadata":{"name":"e"},"reason":"FailedCreatePodSandBox","involvedObject":{"kind":"Pod","namespace":"shop","name":"w"},"lastTimestamp":"2026-03-06T02:59:00Z","message":"\#(message)"}"#
            )
        }
    }

    @Test(arguments: [
        (#"plugin type=\"calico\" failed (add): failed to find plugin \"calico\" in path [/opt/cni/bin]"#, "INS-02"),
        (#"plugin type=\"calico\" failed (add): failed to find plugin \"calico\" in path [/usr/lib/cni]"#, "INS-05"),
        (#"failed to find plugin \"loopback\" in path [/opt/cni/bin]"#, "INS-03"),
        (
            #"plugin type=\"calico\" failed (add): error getting ClusterInformation: connection is unauthorized: Unauthorized"#,
            "API-01"
        ),
    ])
    func theRuntimeSaysWhy(message: String, code: String) {
        let findings = Self.waiting(message).findings(SandboxCheck())
        #expect(findings.map(\.code) == [code])
        #expect(findings.first?.explains == ["pod shop/w sandbox"])
    }

    @Test func wishesForNetworksAreReadInBothForms() {
        let short = AttachmentWish.all("net1, other/net2@eth7", namespace: "shop")
        #expect(
            short == [
                AttachmentWish(namespace: "shop", name: "net1"), AttachmentWish(namespace: "other", name: "net2"),
            ])
        let long = AttachmentWish.all(
            #"[{"name":"net1"},{"name":"net2","namespace":"other","ips":["10.1.1.1"]}]"#, namespace: "shop")
        #expect(long == short)
    }

    static func ingress(_ name: String, backend: String, annotations: String = "{}") -> String {
        #"{"metadata":{"namespace":"shop","name":"\#(name)","annotations":\#(annotations),"creationTimestamp":"2026-03-01T00:00:00Z"},"spec":{"ingressClassName":"nginx","rules":[{"host":"shop.example","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"\#(backend)"}}}]}}]},"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.1"}]}}}"#
    }

    private static func ingresses(_ items: String...) -> [Diagnosis] {
        Evidence(at: now) { evidence in
            for item in items { evidence.objects("ingresses.networking.k8s.io", item) }
            evidence.objects("ingressclasses.networking.k8s.io", #"{"metadata":{"name":"nginx"}}"#)
        }.findings(IngressCheck())
    }

    @Test func twoIngressesForOnePathAreAConflictUnlessMeantSo() {
        let conflict = Self.ingresses(Self.ingress("a", backend: "one"), Self.ingress("b", backend: "two"))
        let same = Self.ingresses(Self.ingress("a", backend: "one"), Self.ingress("b", backend: "one"))
        let canary = Self.ingresses(
            Self.ingress("a", backend: "one"),
            Self.ingress("b", backend: "two", annotations: #"{"nginx.ingress.kubernetes.io/canary":"true"}"#))
        #expect(conflict.map(\.code) == ["ING-07"])
        #expect(same.isEmpty)
        #expect(canary.isEmpty)
    }

    @Test func aWebhookWithoutReadyPodsBlocksOnlyWhenItMust() {
        func findings(policy: String) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "services",
                    #"{"metadata":{"namespace":"w","name":"hook","creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{}}"#
                )
                evidence.objects(
                    "endpointslices.discovery.k8s.io",
                    #"{"metadata":{"namespace":"w","name":"hook-1","labels":{"kubernetes.io/service-name":"hook"}},"endpoints":[{"conditions":{"ready":false}}]}"#
                )
                evidence.objects(
                    "validatingwebhookconfigurations.admissionregistration.k8s.io",
                    #"{"metadata":{"name":"h"},"webhooks":[{"name":"h.example","failurePolicy":"\#(policy)","clientConfig":{"service":{"namespace":"w","name":"hook"}}}]}"#
                )
            }.findings(WebhookCheck())
        }
        let strict = findings(policy: "Fail")
        let lenient = findings(policy: "Ignore")
        #expect(strict.map(\.code) == ["WHK-01"])
        #expect(strict.first?.explains == ["service w/hook"])
        #expect(lenient.isEmpty)
    }

    @Test func virtualServicesOfAGatewayShareAHostAndThoseOfTheMeshDoNot() {
        func findings(_ gateways: String) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                for name in ["a", "b"] {
                    evidence.objects(
                        "virtualservices.networking.istio.io",
                        #"{"kind":"VirtualService","metadata":{"namespace":"shop","name":"\#(name)"},"spec":{"hosts":["cart"],"gateways":\#(gateways)}}"#
                    )
                }
                evidence.objects("destinationrules.networking.istio.io")
            }.findings(MeshRoutingCheck())
        }
        let inMesh = findings("[]")
        let atGateway = findings(#"["edge"]"#)
        #expect(inMesh.map(\.code) == ["MSH-03"])
        #expect(atGateway.isEmpty)
    }

    @Test func oneCauseOfOneThingIsToldOnceByTheSurer() {
        let guess = Diagnosis("CFG-10", "t", .likely, at: ["Pod/a/b"], explains: ["pod a/b sandbox"])
        let sure = Diagnosis("CFG-10", "t", .certain, at: ["Node/n"], explains: ["pod a/b sandbox"])
        let other = Diagnosis("CFG-10", "t", .certain, at: ["Pod/c/d"])
        let merged = Diagnosis.merged([guess, sure, other])
        #expect(merged.count == 2)
        #expect(merged.first?.confidence == .certain)
        #expect(merged.first?.places == ["Node/n", "Pod/a/b"])
    }
}
