import JSONTree
import Policy
import Testing

@testable import Diagnosis

/// The way of a connection, and the first step of it that is broken.
@Suite struct PathTraceTests {
    /// shop/cart and pay/payments behind a Service, with DNS.
    static func cluster(_ policies: [String] = []) -> ClusterEvidence {
        var cluster = DNSCheckTests.cluster()
        cluster.addPod("cart-7d9", labels: ["app": "cart"], ip: "10.244.2.7", node: "node-2")
        for index in 0...1 {
            cluster.addPod(
                "payments-\(index)", in: "pay", labels: ["app": "payments"], ip: "10.244.\(index + 1).9",
                node: "node-\(index + 1)", ports: "[{\"name\":\"grpc\",\"containerPort\":9443}]")
        }
        cluster.addService(
            "payments", in: "pay", ip: "10.96.14.3", selector: ["app": "payments"],
            ports: "[{\"port\":8443,\"targetPort\":\"grpc\"}]")
        cluster.addSlice(
            of: "payments", in: "pay",
            endpoints: [("10.244.1.9", "payments-0", true), ("10.244.2.9", "payments-1", true)],
            ports: "[{\"port\":9443}]")
        for name in ["shop", "pay", "kube-system"] {
            cluster.add(
                "namespaces",
                "{\"metadata\":{\"name\":\"\(name)\",\"labels\":{\"kubernetes.io/metadata.name\":\"\(name)\"}}}")
        }
        cluster.addNone("networkpolicies.networking.k8s.io")
        for policy in policies { cluster.add("networkpolicies.networking.k8s.io", policy) }
        return cluster
    }

    private static func trace(_ cluster: ClusterEvidence, _ words: String) throws -> PathTrace {
        try PathTrace(PathRequest(parsing: [words]), cluster.facts)
    }

    private static func states(_ trace: PathTrace) -> [String] {
        trace.steps.map { "\($0.kind.rawValue) \($0.state.rawValue)" }
    }

    @Test func nothingInTheWayAsFarAsWasSeen() throws {
        let trace = try Self.trace(Self.cluster(), "shop/cart-7d9 -> payments.pay.svc:8443")
        #expect(
            Self.states(trace) == [
                "resolve passed", "service passed", "egress passed", "ingress passed", "route not-checked",
                "mtu not-checked", "listener not-checked", "reply not-checked",
            ])
        #expect(trace.verdict == .unknown)
        #expect(trace.backend == "pay/payments-0:9443")
    }

    /// The label that no namespace has, and a second peer that was meant to be the same: the remedy opens just that.
    @Test func closedByAPolicyOfTheOtherSide() throws {
        let cluster = Self.cluster([
            """
            {"metadata":{"name":"api-in","namespace":"pay","managedFields":[
              {"manager":"argocd-controller","time":"2026-03-06T16:31:00Z"}]},
             "spec":{"podSelector":{"matchLabels":{"app":"payments"}},"policyTypes":["Ingress"],
              "ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"name":"shop"}}},
                {"podSelector":{"matchLabels":{"app":"cart"}}}]}]}}
            """
        ])
        let trace = try Self.trace(cluster, "shop/cart to pay/payments:8443")
        #expect(trace.verdict == .blocked)
        #expect(trace.broken?.kind == .ingress)
        #expect(trace.broken?.codes.first == "POL-05")
        #expect(trace.steps.last?.state == .unreached)
        #expect(trace.who?.contains("argocd-controller") ?? false)
        let remedies = trace.explanation?.remedies ?? []
        #expect(!remedies.isEmpty)
        #expect(trace.newlyAllowed.allSatisfy { $0.to.contains("payments") })
        #expect(!trace.newlyAllowed.isEmpty)
        let value = trace.value
        #expect(value["verdict"] == "blocked" && value["newlyAllowed"] != nil)
    }

    /// `policyTypes: []` is stored as [Ingress], which closes what it was meant to leave open.
    @Test(arguments: [
        (#"{"spec":{"podSelector":{},"policyTypes":[]}}"#, "POL-06"),
        (#"{"spec":{"podSelector":{},"policyTypes":["Ingress"]}}"#, "POL-01"),
    ])
    func whatWasAppliedTellsWhatWasMeant(applied: String, code: String) throws {
        let text = applied.replacing("\"", with: "\\\"")
        let trace = try Self.trace(
            Self.cluster([
                """
                {"metadata":{"name":"bypass","namespace":"pay","annotations":{
                  "kubectl.kubernetes.io/last-applied-configuration":"\(text)"}},
                 "spec":{"podSelector":{},"policyTypes":["Ingress"]}}
                """
            ]), "shop/cart to pay/payments:8443")
        #expect(trace.broken?.codes == [code], "\(trace.broken?.text ?? "")")
    }

    @Test func stopsAtTheService() throws {
        var cluster = Self.cluster()
        cluster.addService("stock", selector: ["app": "stok"])
        cluster.addSlice(of: "stock", endpoints: [])
        cluster.addPod("stock-0", labels: ["app": "stock"], ip: "10.244.1.20")
        let trace = try Self.trace(cluster, "shop/cart-7d9 stock.shop:80")
        #expect(trace.broken?.kind == .service && trace.broken?.codes == ["SVC-01"])
        #expect(trace.fix?.steps.first?.contains("\"app\":\"stock\"") ?? false)
    }

    @Test func portsThatAreNot() throws {
        let trace = try Self.trace(Self.cluster(), "shop/cart-7d9 payments.pay:443")
        #expect(trace.broken?.kind == .service)
        #expect(trace.broken?.details == ["it has 8443"])
    }

    @Test func namesThatDoNotResolve() throws {
        let cluster = Self.cluster([
            """
            {"metadata":{"name":"out","namespace":"shop"},
             "spec":{"podSelector":{},"policyTypes":["Egress"],"egress":[{"to":[{"namespaceSelector":
              {"matchLabels":{"kubernetes.io/metadata.name":"pay"}}}]}]}}
            """
        ])
        let trace = try Self.trace(cluster, "shop/cart-7d9 payments.pay:8443")
        #expect(trace.broken?.kind == .resolve && trace.broken?.codes == ["DNS-05"])
        // The same without a name.
        let direct = try Self.trace(cluster, "shop/cart-7d9 10.244.1.9:9443")
        #expect(direct.broken == nil)
    }

    @Test func sockets() throws {
        var cluster = Self.cluster()
        cluster.add(
            "tcp LISTEN 0 128 127.0.0.1:9443 0.0.0.0:*\n", at: "nodes/node-1/pods/pay/payments-0/ss-listen.txt")
        let trace = try Self.trace(cluster, "shop/cart-7d9 payments.pay:8443")
        #expect(trace.broken?.kind == .listener && trace.broken?.codes == ["SVC-06"])
    }

    /// Routes and rules are open, and a program of nobody's network sits on the card.
    @Test(arguments: [
        (#"{"devname":"eth0","kind":"generic","name":"drop_some","id":12}"#, "not-checked"),
        (#"{"devname":"eth1","kind":"generic","name":"drop_some","id":12}"#, "passed"),
        (#"{"devname":"eth0","kind":"tcx/ingress","name":"cil_from_netdev","id":12}"#, "passed"),
    ])
    func programsOnTheWay(program: String, state: String) throws {
        var cluster = Self.cluster()
        for (node, other, own) in [("node-1", "2", "1"), ("node-2", "1", "2")] {
            cluster.add(
                #"[{"dst":"10.244.\#(own).0/24","dev":"cni0","scope":"link"},{"dst":"10.244.\#(other).0/24","gateway":"192.0.2.1\#(other)","dev":"eth0"}]"#,
                at: "nodes/\(node)/\(NodeEvidence.Part.routes.path)")
        }
        PathInsideTests.addNothingElse(&cluster)
        cluster.add(
            #"{"programs":[],"maps":[],"net":{"xdp":[\#(program)],"tc":[]}}"#,
            at: "nodes/node-2/\(NodeEvidence.Part.bpf.path)")
        let trace = try Self.trace(cluster, "shop/cart-7d9 10.244.1.9:9443")
        let step = try #require(trace.steps.first { $0.kind == .route })
        #expect(step.state.rawValue == state, "\(step.text)")
        #expect(step.text.contains("drop_some") == (state == "not-checked"))
    }

    @Test func whatIsNotThere() throws {
        let facts = Self.cluster().facts
        for (words, next) in [
            ("shop/kart-7d9 -> payments.pay:8443", "did you mean shop/cart-7d9?"),
            ("shop/cart -> payment.pay:8443", "did you mean pay/payments?"),
            ("shop/crt -> payments.pay:8443", "did you mean shop/cart?"),
            ("shop/cart -> example.com:443", "a host outside is asked for by its address: getent hosts example.com"),
        ] {
            let request = try PathRequest(parsing: [words])
            let failure = #expect(throws: PathError.self) { try PathTrace(request, facts) }
            #expect(failure?.next == next)
        }
        #expect(throws: PathError.self) { try PathRequest(parsing: ["shop/cart", "payments"]) }
        #expect(throws: PathError.self) { try PathRequest(parsing: ["shop/cart"]) }
        for port in ["0", "65536", "99999", "80/icmp"] {
            #expect(throws: PathError.self, "\(port)") { try PathRequest(parsing: ["shop/cart", "payments:\(port)"]) }
        }
    }

    @Test(arguments: [
        ("a -> b:53/udp", "a", "b", "53"), ("a [fd00::1]:443", "a", "fd00::1", "443"),
        ("shop/a to svc/b:http", "shop/a", "svc/b", "http"), ("a->b:80", "a", "b", "80"),
        ("from a to b port 80", "a", "b", "80"), ("a → b:80", "a", "b", "80"), ("a b 53/udp", "a", "b", "53"),
        ("a https://b.pay/v1/x?y=1", "a", "b.pay", "443"), ("a http://[fd00::1]/", "a", "fd00::1", "80"),
        ("a tcp://b:5432", "a", "b", "5432"), ("a --> b:80/TCP", "a", "b", "80"),
    ])
    func requests(words: String, from: String, to: String, port: String) throws {
        let request = try PathRequest(parsing: words.split(separator: " ").map(String.init))
        #expect(request.from == from && request.to == to && request.port == port)
        #expect((request.transport == .udp) == words.hasSuffix("/udp"))
    }

    /// As people name things: as kubectl does, as DNS does, with the kind before or after the namespace.
    @Test(arguments: [
        "shop/cart-7d9", "shop/cart", "cart.shop", "pod/shop/cart-7d9", "shop/pod/cart-7d9", "shop/deploy/cart",
    ])
    func sources(_ text: String) throws {
        let trace = try Self.trace(Self.cluster(), "\(text) payments.pay:8443")
        #expect(trace.source.text == "shop/cart-7d9")
    }

    @Test(arguments: [
        "pay/payments", "payments.pay", "payments.pay.svc", "payments.pay.svc.cluster.local", "svc/pay/payments",
        "pay/svc/payments",
    ])
    func destinations(_ text: String) throws {
        let trace = try Self.trace(Self.cluster(), "shop/cart \(text):8443")
        #expect(trace.destination.text == "pay/payments")
    }

    @Test func aNodeByItsName() throws {
        var cluster = Self.cluster()
        cluster.add("nodes", #"{"metadata":{"name":"node-1"}}"#)
        let trace = try Self.trace(cluster, "node-1 payments.pay:8443")
        #expect(trace.source.text == "node/node-1")
    }
}
