import Diagnosis
import JSONTree
import KubernetesClient
import Testing

@testable import ClusterCollector

/// Against an API server of our own, and with what can happen on the way to one.
@Suite("Collecting a cluster") struct ClusterCollectorTests {
    /// Far more than anything here takes, however busy the machine is.
    private static let patient = ClusterCollectorOptions(deadline: 300, requestTimeout: 300)

    private static func names(_ facts: FactBase, _ resource: String) -> [String] {
        facts.objects(resource).map(\.name).sorted()
    }

    @Test func whatIsThereBecomesEvidenceAndWhatIsNotServedIsAnEmptyList() async throws {
        let rig = try await CollectorRig()
        let evidence = await ClusterCollector(client: rig.administrator, Self.patient).collect()
        await rig.stop()
        let facts = FactBase(reading: evidence)
        #expect(Self.names(facts, "nodes") == ["node-a", "node-b"])
        #expect(Self.names(facts, "pods") == ["flannel-node-a", "flannel-node-b"])
        #expect(facts.objects("pods").first?.kind == "Pod")
        #expect(Self.names(facts, "configmaps") == ["coredns"])
        #expect(facts[.objects("ippools.crd.projectcalico.org")]?.isEmpty == true)
        #expect(facts[.objects("ciliumnodes.cilium.io")]?.isEmpty == true)
        #expect(facts.components(.agent).map(\.component.name) == ["flannel"])
        #expect(evidence[EvidencePath.version]?.text.contains("gitVersion") == true)
        // Their kubelets do not exist: that is said of each, and nothing else is lost.
        #expect(evidence.reasonMissing(EvidencePath.kubelet("node-a", "configz")) != nil)
        let lists = evidence.missing.keys.filter { $0.hasPrefix(EvidencePath.resources) }
        #expect(lists.isEmpty)
    }

    @Test func ofSecretsOnlyWhatTheirCertificatesSayIsKept() async throws {
        let rig = try await CollectorRig()
        let evidence = await ClusterCollector(client: rig.administrator, Self.patient).collect()
        await rig.stop()
        let certificates = try #require(evidence[EvidencePath.certificates])
        let entry = try #require(try JSONTree(parsing: certificates.bytes).root[0])
        #expect(entry.member("name")?.string == "shop-tls")
        #expect(entry.member("dnsNames")?.elements.compactMap(\.string) == ["shop.example", "*.shop.example"])
        #expect(entry.member("subject")?.string?.contains("shop.example") == true)
        #expect(entry.member("hasKey")?.bool == true)
        // An Ingress names one that is not there; only of those is asked one by one.
        let others = try JSONTree(parsing: certificates.bytes).root.elements.dropFirst().map { $0 }
        #expect(others.map { $0.member("name")?.string } == ["gone"])
        #expect(others.first?.member("error")?.string == "there is no such Secret")
        let leaking = evidence.documents.filter { $0.value.text.contains(CollectorRig.key) }.keys
        #expect(leaking.isEmpty)
    }

    @Test func whatIsRefusedNamesTheVerbAndTheResource() async throws {
        let rig = try await CollectorRig()
        let evidence = await ClusterCollector(client: rig.viewer, Self.patient).collect()
        await rig.stop()
        let facts = FactBase(reading: evidence)
        #expect(Self.names(facts, "nodes") == ["node-a", "node-b"])
        #expect(facts.objects("pods").count == 2)
        let services = try #require(facts.reasonMissing(.objects("services")))
        #expect(services.contains("list services was refused"))
        #expect(services.contains("403"))
        let certificates = try #require(evidence.reasonMissing(EvidencePath.certificates))
        #expect(certificates.contains("list secrets of type kubernetes.io/tls was refused"))
        let access = try #require(evidence[EvidencePath.access])
        let answers = try JSONTree(parsing: access.bytes).root.elements.map { $0 }
        func isAllowed(_ resource: String) -> Bool? {
            answers.first { $0.member("resource")?.string == resource && $0.member("verb")?.string == "list" }?
                .member("allowed")?.bool
        }
        #expect(isAllowed("pods") == true)
        #expect(isAllowed("services") == false)
    }

    @Test func aResourceThatIsNeverAnsweredCostsOnlyItself() async throws {
        let rig = try await CollectorRig()
        let client = rig.client { request, _ in request.path.hasSuffix("/services") ? .silence : nil }
        // The silent request ends on its own limit; everything else has ample time.
        var options = Self.patient
        options.requestTimeout = 20
        let evidence = await ClusterCollector(client: client, options).collect()
        await rig.stop()
        let facts = FactBase(reading: evidence)
        #expect(facts.objects("pods").count == 2)
        #expect(facts.reasonMissing(.objects("services"))?.contains("list services") == true)
        #expect(facts.has(.objects("deployments.apps")))
    }

    @Test func whenTimeIsUpWhatIsThereStaysAndTheRestSaysWhy() async throws {
        let rig = try await CollectorRig()
        let client = rig.client { request, _ in
            ["/api", "/apis", "/api/v1/nodes"].contains(request.path) ? nil : .silence
        }
        let options = ClusterCollectorOptions(parallel: 64, deadline: 5, requestTimeout: 300)
        let evidence = await ClusterCollector(client: client, options).collect()
        await rig.stop()
        let reason = try #require(evidence.reasonMissing(EvidencePath.resource("pods")))
        #expect(reason.contains("5 s were over"))
        let unexplained = WantedResource.all.filter { wanted in
            let path = EvidencePath.resource(wanted.name)
            return evidence[path] == nil && evidence.reasonMissing(path) == nil
        }
        #expect(unexplained.isEmpty)
    }

    @Test func aServerThatIsBusyForOneResourceAnswersTheOthers() async throws {
        let rig = try await CollectorRig()
        let client = rig.client { request, _ in
            request.path.hasSuffix("/endpointslices")
                ? .answer(503, #"{"kind":"Status","code":503,"message":"etcdserver: leader changed"}"#) : nil
        }
        let evidence = await ClusterCollector(client: client, Self.patient).collect()
        await rig.stop()
        let facts = FactBase(reading: evidence)
        let reason = try #require(facts.reasonMissing(.objects("endpointslices.discovery.k8s.io")))
        #expect(reason.contains("leader changed"))
        #expect(facts.objects("pods").count == 2)
    }

    @Test func aServerThatDiesHalfWayIsNotAskedForEver() async throws {
        let rig = try await CollectorRig()
        let client = rig.client { _, number in number > 12 ? .unreachable : nil }
        var options = Self.patient
        options.parallel = 1
        let evidence = await ClusterCollector(client: client, options).collect()
        let asked = (client.transport as? FaultyTransport)?.requests ?? 0
        await rig.stop()
        let facts = FactBase(reading: evidence)
        #expect(facts.objects("nodes").count == 2)
        #expect(
            facts.reasonMissing(.objects("clusterroles.rbac.authorization.k8s.io"))?.contains("ECONNREFUSED") == true)
        #expect(asked < 20)
    }

    @Test func ofAListWithoutItsEndNoFactsAreMade() async throws {
        let rig = try await CollectorRig()
        let first = #"{"kind":"ServiceList","metadata":{"continue":"x"},"items":[{"metadata":{"name":"a"}}]}"#
        let client = rig.client { request, _ in
            guard request.path.hasSuffix("/services") else { return nil }
            return request.query.contains { $0.name == "continue" }
                ? .answer(500, #"{"kind":"Status","code":500,"message":"broken"}"#) : .answer(200, first)
        }
        let evidence = await ClusterCollector(client: client, Self.patient).collect()
        await rig.stop()
        let facts = FactBase(reading: evidence)
        #expect(facts.reasonMissing(.objects("services"))?.contains("only the first 1 could be read") == true)
        #expect(evidence[EvidencePath.partial("services")]?.text.contains(#""name":"a""#) == true)
    }

    /// Our own server's clock is this machine's; an answer in between says something else.
    @Test func theServersClockIsSeen() async throws {
        let rig = try await CollectorRig()
        let evidence = await ClusterCollector(client: rig.administrator, Self.patient).collect()
        await rig.stop()
        let clock = try #require(CollectionRecord(evidence)?.clock)
        #expect(clock.seconds.magnitude <= UInt64(clock.within) + 1)
    }

    /// Nobody there, or nobody who knows us: there is nothing to collect. Slow, busy or broken in parts: there is.
    @Test(
        arguments: [
            (200, true, #"{"gitVersion":"v1.33.2"}"#), (200, false, "<html>please log in</html>"), (200, false, "{}"),
            (302, false, ""), (401, false, "{}"), (403, true, "{}"), (404, false, "<html>nothing here</html>"),
            (500, false, "{}"), (503, false, "{}"), (429, true, "{}"), (0, false, ""),
        ])
    func whoIsWorthAsking(_ status: Int, _ isWorth: Bool, _ body: String) async throws {
        let rig = try await CollectorRig()
        let client = rig.client { _, _ in status == 0 ? .unreachable : .answer(status, body) }
        // Its version a server tells anybody; then it wants to know who asks.
        let shy = rig.client { request, _ in request.path == "/version" ? nil : .answer(401, "{}") }
        await #expect(throws: KubernetesFailure.self) {
            try await ClusterCollector(client: shy, Self.patient).contact()
        }
        var failure: KubernetesFailure?
        do throws(KubernetesFailure) {
            try await ClusterCollector(client: client, Self.patient).contact()
        } catch {
            failure = error
        }
        await rig.stop()
        #expect((failure == nil) == isWorth, "\(failure?.description ?? "")")
    }

    @Test func theBudgetOfRequestsIsKept() async throws {
        let rig = try await CollectorRig()
        let client = rig.client { _, _ in nil }
        var options = Self.patient
        options.requestBudget = 10
        let evidence = await ClusterCollector(client: client, options).collect()
        let asked = (client.transport as? FaultyTransport)?.requests ?? 0
        await rig.stop()
        // Discovery asks for itself: two requests of an aggregated server.
        #expect(asked <= 12)
        #expect(evidence.missing.values.contains { $0.contains("budget of 10 requests") })
    }
}
