import Testing

@testable import Diagnosis

/// Ingresses of Services that are there, and of those that are not.
@Suite struct IngressServiceTests {
    private static func findings(
        backend: String, created: String = "2026-03-01T00:00:00Z", services: [String] = ["web", "cart"]
    ) -> [Diagnosis] {
        Evidence(at: ClusterCheckTests.now) { evidence in
            for name in services {
                evidence.objects(
                    "services", #"{"metadata":{"namespace":"shop","name":"\#(name)"},"spec":{"ports":[{"port":80}]}}"#)
            }
            evidence.objects(
                "ingresses.networking.k8s.io",
                #"{"kind":"Ingress","metadata":{"namespace":"shop","name":"front","creationTimestamp":"\#(created)"},"spec":{"rules":[{"host":"shop.example.com","http":{"paths":[{"path":"/","backend":\#(backend)}]}}]}}"#
            )
        }.findings(IngressServiceCheck())
    }

    @Test func oneOfNearlyTheNameIsMeant() throws {
        let found = Self.findings(backend: #"{"service":{"name":"wbe","port":{"number":80}}}"#)
        let first = try #require(found.first)
        #expect(first.code == "ING-04" && first.confidence == .certain)
        #expect(first.fix?.steps.first?.contains("/spec/rules/0/http/paths/0/backend/service/name") ?? false)
        #expect(first.fix?.undo.contains("\"value\":\"wbe\"") ?? false)
    }

    @Test func withoutOneItMayBeLeftOver() {
        let found = Self.findings(backend: #"{"service":{"name":"payments","port":{"number":80}}}"#)
        #expect(found.map(\.confidence) == [.likely])
    }

    @Test(arguments: [
        (#"{"service":{"name":"web","port":{"number":80}}}"#, "2026-03-01T00:00:00Z", ["web"]),
        // An action of the AWS Load Balancer Controller.
        (#"{"service":{"name":"ssl-redirect","port":{"name":"use-annotation"}}}"#, "2026-03-01T00:00:00Z", ["web"]),
        (#"{"resource":{"kind":"StorageBucket","name":"static"}}"#, "2026-03-01T00:00:00Z", ["web"]),
        // Applied a moment ago, the Service is on its way.
        (#"{"service":{"name":"wbe","port":{"number":80}}}"#, "2026-03-06T02:59:50Z", ["web"]),
        // Nobody may list that namespace.
        (#"{"service":{"name":"wbe","port":{"number":80}}}"#, "2026-03-01T00:00:00Z", []),
    ])
    func nothingIsWrong(backend: String, created: String, services: [String]) {
        let found = Self.findings(backend: backend, created: created, services: services)
        #expect(found.isEmpty, "\(found.map(\.title))")
    }
}
