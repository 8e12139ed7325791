import Testing

@testable import KubernetesServer

@Suite struct WatchTests {
    /// Replays events on an empty cluster; the outcome must be the list.
    private static func replay(_ events: [StoreEvent]) -> [StoreKey: StoredObject] {
        var objects: [StoreKey: StoredObject] = [:]
        for event in events {
            objects[event.object.key] = event.change == .deleted ? nil : event.object
        }
        return objects
    }

    private static func take(_ count: Int, of watch: WatchSubscription) async throws -> [StoreEvent] {
        var events: [StoreEvent] = []
        while events.count < count, let batch = try await watch.next() { events += batch.events }
        return events
    }

    @Test func eventsCarryWhatWasThereBefore() async throws {
        let scratch = try ScratchStore()
        let watch = try await scratch.store.watch(WatchQuery("pods", after: 1))
        let first = try await scratch.put("a", #"{"n":1}"#)
        let second = try await scratch.put("a", #"{"n":2}"#)
        try await scratch.delete("a")
        let events = try await Self.take(3, of: watch)
        #expect(events.map(\.change) == [.created, .updated, .deleted])
        #expect(events.map(\.revision) == [2, 3, 4])
        #expect(events.map(\.previous) == [nil, first, second])
        #expect(events[2].object.text == #"{"metadata":{"resourceVersion":"4"},"n":2}"#)
    }

    /// The same events come from memory, from the log, and after a restart.
    @Test(arguments: 0..<6) func everyStartingPointSeesTheRestOnceInOrder(seed: Int) async throws {
        var random = SplitMix(seed: UInt64(seed))
        let scratch = try ScratchStore()
        let live = try await scratch.store.watch(WatchQuery("pods", after: 1))
        for step in 0..<80 {
            let name = "p\(random.next() % 9)"
            let namespace = "ns\(random.next() % 2)"
            if random.next() % 4 == 0 {
                try await scratch.delete(name, in: namespace)
            } else {
                try await scratch.put(name, #"{"step":\#(step)}"#, in: namespace)
            }
        }
        let last = scratch.store.revision
        let all = try await Self.take(Int(last) - 1, of: live)
        #expect(all.map(\.revision) == Array(2...last))
        let list = try await scratch.store.list(ListQuery("pods"))
        #expect(Set(Self.replay(all).values) == Set(list.objects))

        try scratch.reopen()
        for start in 1..<last {
            let wanted = all.filter { $0.revision > start }
            let watch = try await scratch.store.watch(WatchQuery("pods", after: start))
            #expect(try await Self.take(wanted.count, of: watch) == wanted)
            let narrow = wanted.filter { $0.object.key.namespace == "ns1" && $0.object.key.name == "p3" }
            let one = try await scratch.store.watch(
                WatchQuery("pods", namespace: "ns1", name: "p3", after: start))
            if !narrow.isEmpty { #expect(try await Self.take(narrow.count, of: one) == narrow) }
        }
    }

    @Test func aWatchOfTheForgottenIsExpired() async throws {
        let scratch = try ScratchStore()
        for number in 0..<10 { try await scratch.put("p", #"{"n":\#(number)}"#) }
        let slow = try await scratch.store.watch(WatchQuery("pods", after: 3))
        try await scratch.store.compact(upTo: 8)
        await #expect(throws: StoreFailure.expired(requested: 7, oldest: 8)) {
            try await scratch.store.watch(WatchQuery("pods", after: 7))
        }
        let watch = try await scratch.store.watch(WatchQuery("pods", after: 8))
        #expect(try await Self.take(3, of: watch).map(\.revision) == [9, 10, 11])
        // Opened before, and still served from memory.
        #expect(try await Self.take(8, of: slow).map(\.revision) == Array(4...11))
        try scratch.reopen()
        await #expect(throws: StoreFailure.self) { try await scratch.store.watch(WatchQuery("pods", after: 3)) }
    }

    /// Far more events than memory keeps: the watcher reads on from the log and misses none.
    @Test func aSlowWatcherMissesNothing() async throws {
        let scratch = try ScratchStore()
        let watch = try await scratch.store.watch(WatchQuery("pods", namespace: "quiet", after: 1))
        let busy = try await scratch.store.watch(WatchQuery("pods", after: 1))
        let writes = WatchHub.eventLimit * 2 + 500
        try await scratch.put("first", "{}", in: "quiet")
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<50 {
                group.addTask {
                    for number in 0..<writes / 50 { _ = try? await scratch.put("p\(lane)", #"{"n":\#(number)}"#) }
                }
            }
        }
        try await scratch.put("last", "{}", in: "quiet")
        #expect(try await Self.take(2, of: watch).map(\.object.key.name) == ["first", "last"])
        let last = scratch.store.revision
        #expect(try await Self.take(Int(last) - 1, of: busy).map(\.revision) == Array(2...last))
    }

    /// A watcher that sleeps while others write a lot is not behind: nothing of that was for it.
    @Test func anIdleWatcherDoesNotFallBehind() async throws {
        let scratch = try ScratchStore()
        let watch = try await scratch.store.watch(WatchQuery("pods", namespace: "quiet", after: 1))
        let waiting = Task { try await watch.next() }
        for number in 0..<30 { try await scratch.put("p", #"{"n":\#(number)}"#) }
        try await scratch.store.compact(upTo: .max)
        try await scratch.put("a", "{}", in: "quiet")
        #expect(try await waiting.value?.events.map(\.object.key.name) == ["a"])
    }

    @Test func bookmarksTellHowFarTheWatchHasCome() async throws {
        let scratch = try ScratchStore()
        let watch = try await scratch.store.watch(
            WatchQuery("nodes", after: 1, bookmarkInterval: .milliseconds(1)))
        for _ in 0..<5 { try await scratch.put("p", "{}") }
        let batch = try await watch.next()
        #expect(batch?.events.isEmpty == true)
        #expect(batch?.revision == 6)
    }

    @Test func aWatchEndsByItsTimeByCancellationAndWithTheStore() async throws {
        let scratch = try ScratchStore()
        let timed = try await scratch.store.watch(WatchQuery("pods", after: 1, timeout: .milliseconds(1)))
        #expect(try await timed.next() == nil)

        let cancelled = try await scratch.store.watch(WatchQuery("pods", after: 1))
        let task = Task { try await cancelled.next() == nil }
        task.cancel()
        #expect(try await task.value)

        let open = try await scratch.store.watch(WatchQuery("pods", after: 1))
        let ended = Task { try await open.next() == nil }
        scratch.store.close()
        #expect(try await ended.value)
    }

    @Test func aWatchFromTheFutureIsSilentUntilThen() async throws {
        let scratch = try ScratchStore()
        let watch = try await scratch.store.watch(WatchQuery("pods", after: 4))
        for _ in 0..<5 { try await scratch.put("p", "{}") }
        #expect(try await Self.take(2, of: watch).map(\.revision) == [5, 6])
    }

    @Test func aThousandWatchersAllSeeEverything() async throws {
        let scratch = try ScratchStore()
        let store = scratch.store
        let counts = try await withThrowingTaskGroup(of: [Revision].self) { group in
            for number in 0..<1000 {
                group.addTask {
                    let query = WatchQuery("pods", namespace: number % 2 == 0 ? nil : "ns\(number % 10)", after: 1)
                    let watch = try await store.watch(query)
                    var revisions: [Revision] = []
                    while let batch = try await watch.next() {
                        revisions += batch.events.map(\.revision)
                        if batch.events.contains(where: { $0.object.key.name == "last" }) { break }
                    }
                    return revisions
                }
            }
            for number in 0..<50 { try await scratch.put("p", "{}", in: "ns\(number % 10)") }
            for number in 0..<10 { try await scratch.put("last", "{}", in: "ns\(9 - number)") }
            var counts: [Int: Int] = [:]
            while let revisions = try await group.next() {
                #expect(revisions == revisions.sorted())
                counts[revisions.count, default: 0] += 1
            }
            return counts
        }
        // All namespaces: up to the first "last" (51). One namespace: 5 and its "last".
        #expect(counts[6] == 500)
        #expect(counts.filter { $0.key >= 51 }.values.reduce(0, +) == 500)
    }
}
