import Testing

@testable import Diagnosis

/// Selectors, ports and endpoints of Services, and what only looks like a fault of them.
@Suite struct ServiceCheckTests {
    /// A Service with two pods, in order.
    private static func shop(
        selector: [String: String] = ["app": "web"], labels: [String: String] = ["app": "web", "tier": "front"],
        ports: String = "[{\"port\":80,\"targetPort\":8080}]",
        containerPorts: String = "[{\"name\":\"http\",\"containerPort\":8080}]"
    ) -> ClusterEvidence {
        var cluster = ClusterEvidence()
        cluster.addPod("web-0", labels: labels, ip: "10.244.1.5", ports: containerPorts)
        cluster.addPod("web-1", labels: labels, ip: "10.244.2.5", node: "node-2", ports: containerPorts)
        cluster.addService("web", selector: selector, ports: ports)
        let isSelected = selector.allSatisfy { labels[$0.key] == $0.value }
        cluster.addSlice(
            of: "web", endpoints: isSelected ? [("10.244.1.5", "web-0", true), ("10.244.2.5", "web-1", true)] : [])
        return cluster
    }

    private static let checks: [any Check] = [SelectorCheck(), TargetPortCheck(), EndpointCheck()]

    private func codes(_ cluster: ClusterEvidence) -> [String] {
        Self.checks.flatMap { cluster.findings(of: $0) }.map(\.code)
    }

    @Test func orderIsSilent() { #expect(codes(Self.shop()) == []) }

    @Test(arguments: [
        (["app": "web-v2"], ["app": "web"], "app=web"), (["app": "wbe"], ["app": "web"], "app=web"),
        (["app": "web"], ["app.kubernetes.io/name": "web"], "app.kubernetes.io/name=web"),
        (["app": "Web"], ["app": "web"], "app=web"),
    ])
    func nearestLabel(selector: [String: String], labels: [String: String], marked: String) {
        let found = Self.shop(selector: selector, labels: labels).findings(of: SelectorCheck())
        #expect(found.map(\.code) == ["SVC-01"])
        #expect(found.first?.confidence == .certain)
        #expect(found.first?.explains == ["service shop/web"])
        let quoted = found.first?.evidence.last
        let span = quoted?.span.map { Array(quoted?.text ?? "")[$0] }
        #expect(span.map { String($0) } == marked)
        #expect(found.first?.fix?.steps.first?.hasPrefix("kubectl -n shop patch service web") ?? false)
    }

    /// Scaled to zero, the idle colour, a Service for pods that are done, endpoints kept by hand.
    @Test func selectorsWithoutPodsThatAreInOrder() {
        var scaled = ClusterEvidence()
        scaled.addPod("web-0", labels: ["app": "web"])
        scaled.addService("web2", selector: ["app": "web2"])
        scaled.addSlice(of: "web2", endpoints: [])
        scaled.add(
            "deployments.apps",
            """
            {"metadata":{"name":"web2","namespace":"shop"},
             "spec":{"replicas":0,"template":{"metadata":{"labels":{"app":"web2"}}}}}
            """)
        #expect(codes(scaled) == [])
        var other = ClusterEvidence()
        other.addPod("db-0", labels: ["app": "db"])
        other.addService("report", selector: ["job": "report"])
        other.addSlice(of: "report", endpoints: [])
        #expect(codes(other) == [])
    }

    @Test func namedPortThatNobodyHas() {
        let found = Self.shop(ports: "[{\"port\":80,\"targetPort\":\"htttp\"}]").findings(of: TargetPortCheck())
        #expect(found.map(\.code) == ["SVC-02"] && found.first?.confidence == .certain)
        #expect(found.first?.fix?.steps.first?.contains("\"value\":\"http\"") ?? false)
        let right = Self.shop(ports: "[{\"port\":80,\"targetPort\":\"http\"}]")
        #expect(codes(right) == [])
    }

    @Test func numberThatNobodyDeclares() {
        let found = Self.shop(ports: "[{\"port\":80,\"targetPort\":80}]").findings(of: TargetPortCheck())
        #expect(found.map(\.code) == ["SVC-02"] && found.first?.confidence == .likely)
    }

    @Test func socketsDecide() {
        let path = "nodes/node-1/pods/shop/web-0/ss-listen.txt"
        var listening = Self.shop(ports: "[{\"port\":80,\"targetPort\":9000}]")
        listening.add("tcp   LISTEN 0      4096               *:9000            *:*\n", at: path)
        #expect(codes(listening) == [])
        var deaf = Self.shop(ports: "[{\"port\":80,\"targetPort\":9000}]")
        deaf.add("tcp LISTEN 0 4096 0.0.0.0:8080 0.0.0.0:*\nudp UNCONN 0 0 [::]:9000 [::]:*\n", at: path)
        let found = deaf.findings(of: TargetPortCheck())
        #expect(found.first?.confidence == .certain)
        #expect(found.first?.fix?.steps.first?.contains("\"value\":8080") ?? false)
    }

    @Test func endpointsOfPodsThatAreGone() {
        var cluster = ClusterEvidence()
        cluster.addPod("web-0", labels: ["app": "web"], ip: "10.244.1.5")
        cluster.addPod("api-0", labels: ["app": "api"], ip: "10.244.1.9")
        cluster.addService("web", selector: ["app": "web"])
        cluster.addSlice(of: "web", endpoints: [("10.244.1.5", "web-0", true), ("10.244.1.9", "web-1", true)])
        let found = cluster.findings(of: EndpointCheck())
        #expect(found.map(\.code) == ["SVC-05"])
        #expect(found.first?.because.first?.contains("shop/api-0") ?? false)
        // The same a moment after the pod went is only the controller at work.
        var fresh = ClusterEvidence()
        fresh.addPod("web-0", labels: ["app": "web"], ip: "10.244.1.5")
        fresh.addService("web", selector: ["app": "web"])
        fresh.addSlice(
            of: "web", endpoints: [("10.244.1.5", "web-0", true), ("10.244.1.9", "web-1", true)],
            stamp: "2026-03-06T11:59:50Z")
        #expect(codes(fresh) == [])
    }

    /// Without a selector nobody follows the pods; what names none may be anywhere.
    @Test func endpointsByHand() {
        func cluster(_ pod: String, stamp: String = "2026-03-06T10:00:31Z") -> ClusterEvidence {
            var cluster = ClusterEvidence()
            cluster.addPod("web-1", labels: ["app": "web"], ip: "10.244.1.6")
            cluster.addService("legacy", selector: [:])
            cluster.addSlice(of: "legacy", endpoints: [("10.244.1.5", pod, true)], stamp: stamp)
            return cluster
        }
        let found = cluster("web-0").findings(of: EndpointCheck())
        #expect(found.map(\.code) == ["SVC-05"])
        #expect(found.first?.explains == ["service shop/legacy"])
        #expect(found.first?.fix?.steps.first?.contains("edit endpointslice") ?? false)
        #expect(codes(cluster("web-1")) == [])
        #expect(codes(cluster("web-0", stamp: "2026-03-06T11:59:50Z")) == [])
    }

    @Test func socketsAreReadAsPrinted() {
        let text = """
            tcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*
            tcp   LISTEN 0      4096       127.0.0.1:10248     0.0.0.0:*
            tcp   LISTEN 0      4096               *:10256           *:*
            tcp   LISTEN 0      4096            [::]:8080         [::]:*
            udp   UNCONN 0      0      127.0.0.53%lo:53        0.0.0.0:*
            nonsense
            """
        let sockets = ListenSocket.parse(text)
        #expect(sockets.map(\.port) == [22, 10248, 10256, 8080, 53])
        #expect(sockets.map(\.isLoopback) == [false, true, false, false, true])
        #expect(sockets.map(\.transport) == ["TCP", "TCP", "TCP", "TCP", "UDP"])
    }
}
