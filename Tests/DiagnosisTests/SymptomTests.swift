import Testing

@testable import Diagnosis

/// What counts as a symptom, and above all what does not.
@Suite struct SymptomTests {
    private static let now = "2026-11-21T03:00:00Z"

    private static func pod(
        _ name: String, created: String, phase: String = "Pending", waiting: String? = "ContainerCreating",
        more: String = ""
    ) -> String {
        let state = waiting.map { "{\"waiting\":{\"reason\":\"\($0)\"}}" } ?? "{\"running\":{}}"
        return """
            {"kind":"Pod","metadata":{"namespace":"shop","name":"\(name)","creationTimestamp":"\(created)"},
             "spec":{"nodeName":"node-7"},"status":{"phase":"\(phase)","startTime":"\(created)",
             "containerStatuses":[{"name":"app","restartCount":0,"state":\(state)}]\(more)}}
            """
    }

    private static func symptoms(_ pods: String...) -> [String] {
        let evidence = Evidence(at: now) { evidence in for pod in pods { evidence.objects("pods", pod) } }
        return evidence.facts.symptoms.map(\.id)
    }

    @Test func aPodThatWaitsForItsSandbox() {
        #expect(Self.symptoms(Self.pod("web-0", created: "2026-11-21T02:50:00Z")) == ["pod shop/web-0 sandbox"])
        #expect(Self.symptoms(Self.pod("web-0", created: "2026-11-21T02:59:55Z")).isEmpty)
        let image = Self.pod("web-0", created: "2026-11-21T02:50:00Z", waiting: "ImagePullBackOff")
        #expect(Self.symptoms(image) == ["pod shop/web-0 image"])
        let hasSandbox = ",\"conditions\":[{\"type\":\"PodReadyToStartContainers\",\"status\":\"True\"}]"
        #expect(Self.symptoms(Self.pod("web-0", created: "2026-11-21T02:50:00Z", more: hasSandbox)).isEmpty)
        let done = Self.pod("job-0", created: "2026-11-20T00:00:00Z", phase: "Succeeded", waiting: nil)
        #expect(Self.symptoms(done).isEmpty)
    }

    @Test(arguments: [
        (#"docker.io/library/nginx:1.72: not found"#, false),
        (#"dial tcp: lookup registry-1.docker.io on 10.0.0.2:53: read udp: i/o timeout"#, true),
        (#"toomanyrequests: You have reached your pull rate limit"#, false),
        (#"Head https://ghcr.io/v2/acme/web: net/http: TLS handshake timeout"#, true),
        (#"pull access denied, repository does not exist or may require authorization"#, false),
    ])
    func anImageIsTheNetworksOnlyWhereTheRegistryWasNotReached(message: String, isOfNetwork: Bool) {
        let pod = Self.pod("web-0", created: "2026-11-21T02:50:00Z", waiting: "ImagePullBackOff")
        let evidence = Evidence(at: Self.now) { evidence in
            evidence.objects("pods", pod)
            evidence.objects(
                "events",
                #"{"metadata":{"name":"e"},"reason":"Failed","involvedObject":{"kind":"Pod","namespace":"shop","name":"web-0"},"message":"Failed to pull image: \#(message)"}"#
            )
        }
        let symptoms = evidence.facts.symptoms
        #expect(symptoms.map(\.kind) == [.image])
        #expect(symptoms.map(\.isOfNetwork) == [isOfNetwork], "\(symptoms.map(\.detail))")
    }

    @Test func aVolumeIsNotTheNetwork() {
        let evidence = Evidence(at: Self.now) { evidence in
            evidence.objects("pods", Self.pod("web-0", created: "2026-11-21T02:50:00Z"))
            evidence.objects(
                "events",
                #"{"reason":"FailedMount","involvedObject":{"kind":"Pod","namespace":"shop","name":"web-0"}}"#)
        }
        #expect(evidence.facts.symptoms.isEmpty)
    }

    @Test func readiness() {
        func ready(_ since: String) -> String {
            ",\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"lastTransitionTime\":\"\(since)\"}]"
        }
        let created = "2026-11-20T00:00:00Z"
        #expect(
            Self.symptoms(
                Self.pod("a", created: created, phase: "Running", waiting: nil, more: ready("2026-11-21T02:30:00Z")),
                Self.pod("b", created: created, phase: "Running", waiting: nil, more: ready("2026-11-21T02:59:30Z")))
                == ["pod shop/a ready"])
    }

    @Test func nodesAndServices() {
        let evidence = Evidence(at: Self.now) { evidence in
            for (name, status, since) in [
                ("node-1", "True", "2026-11-20T00:00:00Z"), ("node-2", "False", "2026-11-21T02:41:00Z"),
                ("node-3", "Unknown", "2026-11-21T02:59:50Z"),
            ] {
                evidence.objects(
                    "nodes",
                    """
                    {"metadata":{"name":"\(name)"},"status":{"conditions":[{"type":"Ready","status":"\(status)",
                    "lastTransitionTime":"\(since)"}]}}
                    """)
            }
            for name in ["web", "scaled-down"] {
                evidence.objects("services", "{\"metadata\":{\"namespace\":\"shop\",\"name\":\"\(name)\"},\"spec\":{}}")
            }
            evidence.objects(
                "endpointslices.discovery.k8s.io",
                """
                {"metadata":{"namespace":"shop","name":"web-x","labels":{"kubernetes.io/service-name":"web"}},
                "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":false}}]}
                """)
        }
        #expect(evidence.facts.symptoms.map(\.id) == ["node node-2", "service shop/web"])
        #expect(evidence.facts.symptoms.first?.since == 1_795_228_860)
    }

    /// What the catalogue calls suggestive is never certain, whatever a check says.
    @Test func noCheckIsSurerThanTheCatalogue() {
        let soft = Cause.all.first { !$0.isDecisive }
        guard let soft else { return }
        let bounded = DiagnosisReport.bounded(Diagnosis(soft.code, soft.title, .certain))
        #expect(bounded.confidence == .likely)
        #expect(!bounded.needs.isEmpty)
        #expect(DiagnosisReport.bounded(Diagnosis("RTE-02", "x", .certain)).confidence == .certain)
    }
}
