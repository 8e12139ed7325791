import Diagnosis
import Testing

@testable import ClusterCollector

/// Which applications' proxies are read.
@Suite struct MeshProxyTests {
    private static let now: Int64 = 1_795_230_000

    private static func pod(
        _ name: String, in namespace: String = "shop", isReady: Bool = true, phase: String = "Running",
        proxy: String? = "istio-proxy", restarts: Int = 0, isNative: Bool = false
    ) -> String {
        let last = restarts > 0 ? #","lastState":{"terminated":{"finishedAt":"2026-11-21T02:50:00Z"}}"# : ""
        let status =
            proxy.map { #"{"name":"\#($0)","ready":true,"restartCount":\#(restarts),"state":{"running":{}}\#(last)}"# }
            ?? ""
        let (own, initial) = isNative ? ("", status) : (status, "")
        return """
            {"metadata":{"namespace":"\(namespace)","name":"\(name)"},"spec":{"nodeName":"node-1"},
            "status":{"phase":"\(phase)","conditions":[{"type":"Ready","status":"\(isReady ? "True" : "False")"}],
            "initContainerStatuses":[\(initial)],"containerStatuses":[\(own)]}}
            """
    }

    private static func proxies(_ pods: [String]) -> MeshProxies {
        var tree = EvidenceTree(collectedAt: now)
        tree.add(
            #"{"kind":"PodList","items":[\#(pods.joined(separator: ","))]}"#, at: EvidencePath.resource("pods"),
            from: FactSource("pods"))
        return MeshProxies(of: FactBase(reading: tree), except: ["istio-system/gateway"])
    }

    @Test func thoseOfPodsThatAilAndOneOfEachNamespace() {
        let found = Self.proxies([
            Self.pod("a", isReady: false), Self.pod("b"), Self.pod("c"), Self.pod("plain", isReady: false, proxy: nil),
            Self.pod("done", isReady: false, phase: "Succeeded"), Self.pod("gateway", in: "istio-system"),
            Self.pod("d", in: "pay", restarts: 2),
            Self.pod("e", isReady: false, proxy: "linkerd-proxy", isNative: true),
        ])
        let logs = found.logs.map { "\($0.pod) \($0.container)\($0.isPrevious ? " previous" : "")" }
        #expect(
            logs == ["a istio-proxy", "d istio-proxy", "d istio-proxy previous", "e linkerd-proxy", "b istio-proxy"])
        // One that works is asked for what is new.
        #expect(found.logs.map { $0.seconds != nil } == [false, false, false, false, true])
        #expect(
            found.metrics.map { "\($0.pod):\($0.port)\($0.path)" } == [
                "a:15090/stats/prometheus", "d:15090/stats/prometheus", "e:4191/metrics", "b:15090/stats/prometheus",
            ])
        #expect(found.leftOut.isEmpty)
    }

    @Test func thereIsALimit() {
        let found = Self.proxies((0..<40).map { Self.pod("p\($0)", isReady: false) })
        #expect(found.logs.count == 16)
        #expect(found.leftOut == ["proxies of 24 of 40 ailing pods of the mesh"])
    }
}
