import JSONTree
import Testing

@testable import Diagnosis

/// What a night on call showed: facts that are told by another object than the one that suffers.
@Suite struct OnCallTests {
    private static let now = "2026-11-21T03:00:00Z"

    private static func codes(_ findings: [Diagnosis]) -> [String] { findings.map(\.code) }

    // MARK: Machines

    private static let pairs =
        #"[{"ifindex":3,"ifname":"cali01","flags":["UP","LOWER_UP"],"mtu":1450,"operstate":"UP","linkinfo":{"info_kind":"veth"}},{"ifindex":4,"ifname":"cali02","flags":["UP","LOWER_UP"],"mtu":1450,"operstate":"UP","linkinfo":{"info_kind":"veth"}}]"#

    private static func managed(routes: String = "", more: (inout Evidence) -> Void = { _ in }) -> [Diagnosis] {
        Evidence(at: now) { evidence in
            evidence.objects(
                "nodes",
                #"{"metadata":{"name":"n1"},"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"}]}}"#)
            for (name, address) in [("a", "10.9.0.2"), ("b", "10.9.0.3")] {
                evidence.objects(
                    "pods",
                    #"{"metadata":{"name":"\#(name)","namespace":"shop"},"spec":{"nodeName":"n1"},"status":{"phase":"Running","podIP":"\#(address)"}}"#
                )
            }
            evidence.node("n1", .links, pairs)
            evidence.node("n1", .routes, #"[{"dst":"default","gateway":"10.0.0.254","dev":"eth0"}\#(routes)]"#)
            evidence.node("n1", .rules, #"[{"priority":32766,"src":"all","table":"main"}]"#)
            evidence.node(
                "n1", .managerLog,
                "Jan 22 03:41:10 n1 NetworkManager[902]: <info>  device (cali01): state change: unmanaged -> unavailable (reason 'managed')\n"
            )
            more(&evidence)
        }.findings(ManagedRouteCheck())
    }

    @Test func routesThatAManagerTook() {
        #expect(Self.codes(Self.managed()) == ["RTE-12"])
        // One pod still has its route: that is that pod's own matter.
        #expect(Self.managed(routes: #",{"dst":"10.9.0.2","dev":"cali01","scope":"link"}"#).isEmpty)
        let kept = Self.managed { evidence in
            evidence.file(
                "n1", "/etc/NetworkManager/conf.d/calico.conf",
                "[keyfile]\nunmanaged-devices=interface-name:cali*;interface-name:tunl*\n")
        }
        #expect(kept.isEmpty)
    }

    @Test func aJournalWithoutAZoneTellsOfSandboxes() {
        func symptoms(_ pods: [String]) -> [Symptom] {
            let facts = Evidence(at: Self.now) { evidence in
                evidence.node(
                    "n1", .runtimeLog,
                    pods.map {
                        #"Nov 21 02:55:01 n1 containerd[1022]: level=error msg="RunPodSandbox for &PodSandboxMetadata{Name:\#($0),Uid:7d1,Namespace:shop,Attempt:0,} failed, error""#
                    }.joined(separator: "\n"))
            }.facts
            return MachineSymptoms(facts: facts).symptoms()
        }
        #expect(symptoms(["a", "a"]).map(\.name) == ["a"])
        // One after the other, each once.
        #expect(symptoms(["a", "b"]).map(\.name) == ["a", "b"])
        #expect(symptoms(["a"]).isEmpty)
    }

    @Test func kubeProxyOutOfWatches() {
        func findings(_ limit: Int?) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "pods",
                    #"{"metadata":{"name":"kube-proxy-x","namespace":"kube-system","labels":{"k8s-app":"kube-proxy"}},"spec":{"nodeName":"n1","hostNetwork":true,"containers":[{"name":"kube-proxy","image":"registry.k8s.io/kube-proxy:v1.33.4"}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"False"}],"containerStatuses":[{"name":"kube-proxy","ready":false,"restartCount":9,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}"#
                )
                evidence.log(
                    "kube-system", "kube-proxy-x", "kube-proxy",
                    #"E1121 02:59:20.103110 1 run.go:74] "command failed" err="failed complete: too many open files""#)
                if let limit { evidence.node("n1", .sysctls, "fs.inotify.max_user_instances = \(limit)\n") }
            }.findings(ProxyCheck())
        }
        let small = findings(128)
        #expect(Self.codes(small) == ["NOD-02"] && small.first?.confidence == .certain)
        // The process's own limit may be what is reached.
        #expect(findings(8192).first?.confidence == .likely)
        #expect(findings(nil).first?.confidence == .likely)
    }

    // MARK: Ingress and mesh

    @Test func aControllerThatSpeaksTLSToPlainText() {
        func findings(_ minutes: [String], _ annotation: String = "") -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "pods",
                    #"{"metadata":{"name":"controller-1","namespace":"ingress","labels":{"app.kubernetes.io/name":"ingress-nginx"}},"spec":{"nodeName":"n1","containers":[{"name":"controller","image":"registry.k8s.io/ingress-nginx/controller:v1.13.1"}]},"status":{"phase":"Running"}}"#
                )
                evidence.objects(
                    "ingresses.networking.k8s.io",
                    #"{"metadata":{"name":"shop","namespace":"shop","annotations":{\#(annotation)}},"spec":{"rules":[{"host":"shop.test"}]}}"#
                )
                evidence.log(
                    "ingress", "controller-1", "controller",
                    minutes.map {
                        #"2026/11/21 02:\#($0):41 [error] 41#41: *88 SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking to upstream, server: shop.test, upstream: "https://10.9.0.9:8080/", host: "shop.test""#
                    }.joined(separator: "\n"))
            }.findings(IngressLogCheck())
        }
        let told = findings(["50", "51", "52"], #""nginx.ingress.kubernetes.io/backend-protocol":"HTTPS""#)
        #expect(Self.codes(told) == ["ING-04"] && told.first?.confidence == .certain)
        #expect(findings(["50", "51", "52"]).first?.confidence == .likely)
        #expect(findings(["51", "52"]).isEmpty)
        #expect(findings(["10", "11", "12"]).isEmpty)
    }

    @Test func linkerdAsksByAnnotation() {
        func findings(_ inject: String, proxy: Bool) -> [Diagnosis] {
            let container = proxy ? #",{"name":"linkerd-proxy"}"# : ""
            return Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "namespaces",
                    #"{"kind":"Namespace","metadata":{"name":"shop","annotations":{"linkerd.io/inject":"enabled"}}}"#)
                evidence.objects(
                    "pods",
                    #"{"kind":"Pod","metadata":{"name":"a","namespace":"shop","annotations":{\#(inject)}},"spec":{"containers":[{"name":"a"}\#(container)]},"status":{"phase":"Running"}}"#,
                    #"{"kind":"Pod","metadata":{"name":"b","namespace":"shop"},"spec":{"containers":[{"name":"b"},{"name":"linkerd-proxy"}]},"status":{"phase":"Running"}}"#
                )
                evidence.objects("mutatingwebhookconfigurations.admissionregistration.k8s.io")
            }.findings(SidecarCheck())
        }
        #expect(Self.codes(findings("", proxy: false)) == ["MSH-01"])
        #expect(findings("", proxy: true).isEmpty)
        #expect(findings(#""linkerd.io/inject":"disabled""#, proxy: false).isEmpty)
    }

    @Test func twoSubsetsOfOneName() {
        func findings(_ second: String) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                for (name, version) in [("a", "v1"), ("b", second)] {
                    evidence.objects(
                        "destinationrules.networking.istio.io",
                        #"{"kind":"DestinationRule","metadata":{"namespace":"shop","name":"\#(name)"},"spec":{"host":"cart","subsets":[{"name":"stable","labels":{"version":"\#(version)"}}]}}"#
                    )
                }
            }.findings(MeshRoutingCheck())
        }
        #expect(Self.codes(findings("v2")) == ["MSH-03"])
        // The same said twice contradicts nothing.
        #expect(findings("v1").isEmpty)
    }

    @Test func nobodyServesAnIngress() {
        func findings(controller: Bool, provider: String = "") -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "ingresses.networking.k8s.io",
                    #"{"kind":"Ingress","metadata":{"name":"shop","namespace":"shop","creationTimestamp":"2026-11-20T03:00:00Z"},"spec":{"ingressClassName":"haproxy"},"status":{"loadBalancer":{}}}"#
                )
                evidence.objects("nodes", #"{"metadata":{"name":"n1"},"spec":{"providerID":"\#(provider)"}}"#)
                evidence.objects("deployments.apps")
                evidence.objects(
                    "pods",
                    #"{"metadata":{"name":"\#(controller ? "haproxy-ingress" : "web")-1","namespace":"shop"},"spec":{"nodeName":"n1"},"status":{"phase":"Running"}}"#
                )
            }.findings(IngressCheck())
        }
        let found = findings(controller: false)
        #expect(Self.codes(found) == ["ING-01"] && found.first?.confidence == .likely)
        #expect(findings(controller: true).isEmpty)
        // Clouds serve classes from outside.
        #expect(findings(controller: false, provider: "gce://p/z/n").isEmpty)
    }

    // MARK: Services and addresses

    @Test func theWorkloadOfTheServicesName() {
        func findings(_ other: Bool) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "pods",
                    #"{"metadata":{"name":"cart-5d-x","namespace":"shop","labels":{"app":"cart","pod-template-hash":"5d"},"ownerReferences":[{"kind":"ReplicaSet","name":"cart-5d","controller":true}]},"spec":{"nodeName":"n1","containers":[{"name":"cart","ports":[{"name":"http","containerPort":7070}]}]},"status":{"phase":"Running","podIP":"10.9.0.2","conditions":[{"type":"Ready","status":"True"}]}}"#
                )
                evidence.objects(
                    "services",
                    #"{"kind":"Service","metadata":{"name":"cart","namespace":"shop"},"spec":{"clusterIP":"10.96.0.9","selector":{"app":"basket"},"ports":[{"port":80,"targetPort":"http"}]}}"#
                )
                if other {
                    evidence.objects(
                        "services",
                        #"{"kind":"Service","metadata":{"name":"cart-v2","namespace":"shop"},"spec":{"clusterIP":"10.96.0.8","selector":{"app":"cart"},"ports":[{"port":80,"targetPort":"http"}]}}"#
                    )
                }
            }.findings(SelectorCheck())
        }
        let found = findings(false)
        #expect(Self.codes(found) == ["SVC-01"] && found.first?.confidence == .likely)
        // Its pods are behind another Service: this one may be of yesterday.
        #expect(findings(true).isEmpty)
    }

    @Test func aPoolThatANamespaceAsksFor() {
        func findings(_ pools: String) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("nodes", #"{"metadata":{"name":"n1"}}"#)
                evidence.objects(
                    "namespaces",
                    #"{"kind":"Namespace","metadata":{"name":"a","annotations":{"cni.projectcalico.org/ipv4pools":"\#(pools)"}}}"#
                )
                evidence.objects(
                    "pods",
                    #"{"metadata":{"name":"p","namespace":"a"},"spec":{"nodeName":"n1","containers":[{"name":"p"}]},"status":{"phase":"Pending","containerStatuses":[{"name":"p","state":{"waiting":{"reason":"ContainerCreating"}}}]}}"#
                )
                evidence.objects(
                    "ippools.crd.projectcalico.org",
                    #"{"kind":"IPPool","metadata":{"name":"off"},"spec":{"cidr":"10.66.0.0/18","disabled":true}}"#,
                    #"{"kind":"IPPool","metadata":{"name":"on"},"spec":{"cidr":"10.67.0.0/18"}}"#)
            }.findings(CalicoPoolCheck())
        }
        #expect(Self.codes(findings(#"[\"off\"]"#)) == ["IPM-12"])
        #expect(Self.codes(findings(#"[\"gone\"]"#)) == ["IPM-12"])
        #expect(findings(#"[\"off\",\"on\"]"#).isEmpty)
        #expect(findings(#"[\"10.67.0.0/18\"]"#).isEmpty)
    }

    @Test func aWebhookThatOnlyAnEventNames() {
        let found = Evidence(at: Self.now) { evidence in
            evidence.objects("nodes", #"{"metadata":{"name":"n1"}}"#)
            evidence.objects("pods")
            evidence.objects(
                "services",
                #"{"kind":"Service","metadata":{"name":"istiod","namespace":"istio-system"},"spec":{"clusterIP":"10.96.0.9","selector":{"app":"istiod"},"ports":[{"port":443,"targetPort":15017}]}}"#
            )
            evidence.objects(
                "events",
                #"{"kind":"Event","metadata":{"name":"e","namespace":"shop"},"type":"Warning","reason":"FailedCreate","lastTimestamp":"2026-11-21T02:59:00Z","message":"Error creating: Internal error occurred: failed calling webhook \"namespace.sidecar-injector.istio.io\": failed to call webhook: Post \"https://istiod.istio-system.svc:443/inject?timeout=10s\": context deadline exceeded"}"#
            )
        }.findings(WebhookCheck())
        #expect(Self.codes(found) == ["WHK-01"])
    }

    @Test func sessionsThatCiliumWritesDown() {
        func findings(_ state: String) -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects("nodes", #"{"metadata":{"name":"n1"}}"#)
                evidence.objects(
                    "ciliumbgpnodeconfigs.cilium.io",
                    #"{"kind":"CiliumBGPNodeConfig","metadata":{"name":"n1"},"status":{"bgpInstances":[{"name":"i","peers":[{"name":"leaf","peerAddress":"10.0.0.254","peeringState":"\#(state)"}]}]}}"#
                )
            }.findings(BGPCheck())
        }
        #expect(Self.codes(findings("active")) == ["BGP-01"])
        #expect(findings("established").isEmpty)
    }

    @Test func theUsualBridgeOfAnotherProgram() {
        func findings(_ address: String, others: String = "10.7.32") -> [Diagnosis] {
            Evidence(at: Self.now) { evidence in
                evidence.objects(
                    "nodes",
                    #"{"kind":"Node","metadata":{"name":"n1","annotations":{"projectcalico.org/IPv4Address":"\#(address)/16"}},"status":{"addresses":[{"type":"InternalIP","address":"10.7.32.9"}]}}"#,
                    #"{"kind":"Node","metadata":{"name":"n2","annotations":{"projectcalico.org/IPv4Address":"\#(others).10/24"}},"status":{"addresses":[{"type":"InternalIP","address":"\#(others).10"}]}}"#
                )
                evidence.objects(
                    "daemonsets.apps",
                    #"{"kind":"DaemonSet","metadata":{"name":"calico-node","namespace":"calico-system"},"spec":{"template":{"spec":{"containers":[{"name":"calico-node","image":"calico/node:v3.30.3"}]}}}}"#
                )
            }.findings(BGPCheck())
        }
        #expect(Self.codes(findings("172.17.0.1")) == ["BGP-02"])
        #expect(findings("10.9.0.1").isEmpty)
        // The nodes' own network.
        #expect(findings("172.17.0.1", others: "172.17.4").isEmpty)
    }

    // MARK: Words

    @Test func whatWhoeverAskedWasRefused() {
        let person =
            #"Error from server (Forbidden): pods is forbidden: User "oidc:anna" cannot list resource "pods" in API group "" at the cluster scope"#
        let program =
            #"nodes is forbidden: User "system:serviceaccount:kube-flannel:flannel" cannot list resource "nodes" in API group "" at the cluster scope"#
        #expect(MessageSource.isOfCollecting(person))
        #expect(!MessageSource.isOfCollecting(program))
        #expect(
            MessageSource.isOfCollecting(
                "[12] Collecting Cilium egress NAT policies: failed to collect Cilium egress NAT policies: the server could not find the requested resource"
            ))
        #expect(!MessageSource.isOfCollecting("failed to collect metrics: dial tcp 10.96.0.1:443: i/o timeout"))
    }

    @Test func valuesThatBeginAlike() {
        #expect(SelectorCheck.distance("front", "frontend") == 4)
        #expect(SelectorCheck.distance("db", "dbx-of-somebody") == nil)
        #expect(SelectorCheck.distance("cart", "wagon") == nil)
    }

    @Test func anAzureAnswerThatSaysItsTypeInItsName() throws {
        let bytes = Array(
            #"[{"id":"/subscriptions/1/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n-nic","enableIPForwarding":false},{"id":"/subscriptions/1/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/pods","addressPrefix":"10.1.0.0/24"}]"#
                .utf8)
        var answer = CloudAnswer("azure")
        let takes = answer.takes(try JSONTree(parsing: bytes).root)
        #expect(takes)
        answer.add(bytes, from: "x.json")
        #expect(answer.documents.keys.sorted() == ["network-nic-list", "network-vnet-subnet-list"])
    }
}
