import JSONTree
import KubernetesClient
import KubernetesModel
import Synchronization
import Testing

@Suite struct EventTests {
    private static let noon = MicroTime(microseconds: 1_790_000_000_000_000)

    private static func note(_ text: String = "the MTU of the path is 1400", pod: String = "p") -> EventNote {
        EventNote(
            .warning, regarding: ObjectReference(apiVersion: "v1", kind: "Pod", namespace: "web", name: pod, uid: "u"),
            reason: "MTUTooLarge", action: "Probing", note: text)
    }

    @Test func theSameAgainIsASeries() {
        var aggregator = EventAggregator()
        let note = Self.note()
        func add(_ seconds: Int) -> EventAggregator.Write? {
            aggregator.add(note, now: .seconds(seconds), time: Self.noon, suffix: "x\(seconds)")
        }
        #expect(add(0) == .create(name: "p.x0", note, at: Self.noon))
        #expect(add(1) == .series(name: "p.x0", note, first: Self.noon, count: 2, last: Self.noon))
        for second in 2..<31 { #expect(add(second) == nil) }
        #expect(add(31) == .series(name: "p.x0", note, first: Self.noon, count: 32, last: Self.noon))
        #expect(add(700) == .create(name: "p.x700", note, at: Self.noon), "after ten quiet minutes it is a new one")
        #expect(aggregator.dropped == 0)
    }

    @Test func oneObjectCannotFloodTheServer() {
        var aggregator = EventAggregator()
        var created = 0
        for index in 0..<100 {
            if aggregator.add(Self.note("\(index)"), now: .seconds(1), time: Self.noon, suffix: "x") != nil {
                created += 1
            }
        }
        #expect(created == 25)
        #expect(aggregator.dropped == 75)
        let other = aggregator.add(Self.note(pod: "q"), now: .seconds(1), time: Self.noon, suffix: "x")
        #expect(other != nil, "another object has its own")
        let later = (0..<5).map {
            aggregator.add(Self.note("later \($0)"), now: .seconds(601), time: Self.noon, suffix: "x") != nil
        }
        #expect(later == [true, true, false, false, false], "one more for every five minutes")
    }

    @Test(arguments: [EventRecorder.API.events, .core])
    func asTheyAreSent(_ api: EventRecorder.API) async throws {
        let transport = ScriptedTransport { _ in ScriptedTransport.json(201, "{}") }
        let recorder = EventRecorder(ClusterClient(transport), controller: "poplin.dev/agent", instance: "n1", api: api)
        recorder.record(Self.note())
        recorder.record(Self.note())
        recorder.finish()
        await recorder.run()
        #expect(recorder.counts == EventRecorder.Counts(sent: 2))
        let requests = transport.requests
        let first = try JSONTree(parsing: requests[0].body ?? []).root
        let second = try JSONTree(parsing: requests[1].body ?? []).root
        #expect(requests[0].method == .post)
        #expect(requests[1].method == .patch)
        #expect(requests[1].headers["Content-Type"] == "application/merge-patch+json")
        let name = first.member("metadata")?.member("name")?.string ?? ""
        #expect(requests[1].path.hasSuffix("/namespaces/web/events/\(name)"))
        switch api {
        case .events:
            #expect(requests[0].path == "/apis/events.k8s.io/v1/namespaces/web/events")
            #expect(first.member("regarding")?.member("name")?.string == "p")
            #expect(first.member("eventTime")?.string.flatMap { MicroTime($0) } != nil)
            #expect(first.member("note")?.string == "the MTU of the path is 1400")
            #expect(second.member("series")?.member("count")?.int == 2)
        case .core:
            #expect(requests[0].path == "/api/v1/namespaces/web/events")
            #expect(first.member("involvedObject")?.member("uid")?.string == "u")
            #expect(first.member("count")?.int == 1)
            #expect(second.member("count")?.int == 2)
        }
    }

    @Test func aSeriesWhoseEventIsGoneBeginsAnew() async throws {
        let transport = ScriptedTransport { request in
            request.method == .patch
                ? ScriptedTransport.json(404, #"{"reason":"NotFound","code":404}"#) : ScriptedTransport.json(201, "{}")
        }
        let recorder = EventRecorder(ClusterClient(transport), controller: "c", instance: "n", api: .core)
        recorder.record(Self.note())
        recorder.record(Self.note())
        recorder.finish()
        await recorder.run()
        #expect(transport.requests.map(\.method) == [.post, .patch, .post])
        let again = try JSONTree(parsing: transport.requests[2].body ?? []).root
        #expect(again.members.filter { $0.key == "count" }.map { $0.value.int } == [2])
    }

    @Test func neverBlocksAndCountsWhatItDrops() async {
        let transport = ScriptedTransport { _ in ScriptedTransport.json(500, "{}") }
        let recorder = EventRecorder(ClusterClient(transport), controller: "c", instance: "n", capacity: 10)
        for index in 0..<50 { recorder.record(Self.note(pod: "p\(index)")) }
        #expect(recorder.counts.dropped == 40)
        recorder.finish()
        await recorder.run()
        #expect(recorder.counts == EventRecorder.Counts(sent: 0, dropped: 40, failed: 10))
    }

    @Test func aLongNoteIsCutBetweenCharacters() async throws {
        let transport = ScriptedTransport { _ in ScriptedTransport.json(201, "{}") }
        let recorder = EventRecorder(ClusterClient(transport), controller: "c", instance: "n")
        recorder.record(Self.note(String(repeating: "é", count: 600)))
        recorder.finish()
        await recorder.run()
        let note = try JSONTree(parsing: transport.requests[0].body ?? []).root.member("note")?.string ?? ""
        #expect(note == String(repeating: "é", count: 510) + "...")
    }
}
