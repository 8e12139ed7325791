import JSONTree
import KubernetesModel
import Testing

@testable import KubernetesServer

@Suite("Events of both groups")
struct EventFormsTests {
    private static let core = "/api/v1/namespaces/default/events"
    private static let events = "/apis/events.k8s.io/v1/namespaces/default/events"

    @Test("An event made in one group is in the other, under its names")
    func both() async throws {
        let api = try await ServerUnderTest()
        let made = try await api.send(
            "POST", Self.core,
            #"{"metadata":{"name":"a"},"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},"reason":"Made","message":"it is","source":{"component":"x"},"count":3}"#
        )
        #expect(made.status == 201, "\(made.text)")
        let seen = try await api.send("GET", "\(Self.events)/a").root
        #expect(seen.member("apiVersion")?.string == "events.k8s.io/v1")
        #expect(seen.at("regarding", "name")?.string == "p")
        #expect(seen.member("note")?.string == "it is")
        #expect(seen.at("deprecatedSource", "component")?.string == "x")
        #expect(seen.member("deprecatedCount")?.int == 3)
        #expect(seen.member("message") == nil && seen.member("involvedObject") == nil)
        #expect(seen.at("metadata", "uid")?.string == made.root.at("metadata", "uid")?.string)

        let other = try await api.send(
            "POST", Self.events,
            #"{"metadata":{"name":"b"},"eventTime":"2026-01-02T03:04:05.000006Z","regarding":{"kind":"Node","name":"n"},"reason":"Said","note":"so","action":"Say","type":"Normal","reportingController":"example.com/c","reportingInstance":"c-1"}"#
        )
        #expect(other.status == 201, "\(other.text)")
        #expect(other.root.member("apiVersion")?.string == "events.k8s.io/v1")
        #expect(other.root.member("note")?.string == "so")
        let list = try await api.send("GET", "\(Self.core)?fieldSelector=involvedObject.name%3Dn").root
        let items = list.member("items")?.elements.map { $0 } ?? []
        #expect(items.count == 1)
        #expect(items.first?.member("message")?.string == "so")
        #expect(items.first?.member("reportingComponent")?.string == "example.com/c")
        let same = try await api.send("GET", "\(Self.events)?fieldSelector=regarding.name%3Dn").root
        #expect(same.member("items")?.elements.map { $0.at("metadata", "name")?.string } == ["b"])
    }

    @Test("A patch and a deletion through one group are those of the other")
    func changes() async throws {
        let api = try await ServerUnderTest()
        _ = try await api.send("POST", Self.core, #"{"metadata":{"name":"a"},"involvedObject":{},"message":"one"}"#)
        let patched = try await api.send(
            "PATCH", "\(Self.events)/a", #"{"note":"two","deprecatedCount":2}"#, type: "application/merge-patch+json")
        #expect(patched.status == 200, "\(patched.text)")
        let seen = try await api.send("GET", "\(Self.core)/a").root
        #expect(seen.member("message")?.string == "two")
        #expect(seen.member("count")?.int == 2)
        let version = seen.at("metadata", "resourceVersion")?.string
        #expect(patched.root.at("metadata", "resourceVersion")?.string == version)
        // Nothing new is no write.
        let again = try await api.send(
            "PATCH", "\(Self.events)/a", #"{"note":"two"}"#, type: "application/merge-patch+json")
        #expect(again.root.at("metadata", "resourceVersion")?.string == version)
        #expect(try await api.send("DELETE", "\(Self.events)/a").status == 200)
        #expect(try await api.send("GET", "\(Self.core)/a").status == 404)
    }
}
