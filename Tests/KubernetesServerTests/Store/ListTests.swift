import Testing

@testable import KubernetesServer

@Suite struct ListTests {
    @Test func pagesTogetherAreTheList() async throws {
        let scratch = try ScratchStore()
        for number in 0..<25 { try await scratch.put("p\(number)", "{}", in: "ns\(number % 3)") }
        let whole = try await scratch.store.list(ListQuery("pods"))
        #expect(whole.objects.count == 25)
        #expect(whole.next == nil)
        for limit in [1, 2, 7, 24, 25, 26] {
            var paged: [StoredObject] = []
            var token: String?
            repeat {
                let page = try await scratch.store.list(ListQuery("pods", limit: limit, token: token))
                #expect(page.revision == whole.revision)
                paged += page.objects
                #expect(page.remaining == (page.next == nil ? nil : 25 - paged.count))
                token = page.next
            } while token != nil
            #expect(paged == whole.objects)
        }
        let one = try await scratch.store.list(ListQuery("pods", namespace: "ns1"))
        #expect(one.objects == whole.objects.filter { $0.key.namespace == "ns1" })
    }

    /// Every revision that the log reaches is listed as it was, against copies taken at the time.
    @Test(arguments: 0..<8) func anyPastIsListedAsItWas(seed: Int) async throws {
        var random = SplitMix(seed: UInt64(seed))
        let scratch = try ScratchStore()
        var pasts: [ListPage] = []
        for step in 0..<60 {
            let name = "p\(random.next() % 7)"
            let namespace = "ns\(random.next() % 2)"
            if random.next() % 3 == 0 {
                try await scratch.delete(name, in: namespace)
            } else {
                try await scratch.put(name, #"{"step":\#(step)}"#, in: namespace)
            }
            pasts.append(try await scratch.store.list(ListQuery("pods")))
        }
        for past in pasts {
            let now = try await scratch.store.list(ListQuery("pods", age: .exactly(past.revision)))
            #expect(now.objects == past.objects)
            #expect(now.revision == past.revision)
            let one = try await scratch.store.list(
                ListQuery("pods", namespace: "ns1", age: .exactly(past.revision), limit: 2))
            #expect(one.objects == Array(past.objects.filter { $0.key.namespace == "ns1" }.prefix(2)))
        }
        // Half is forgotten; the other half is still as it was.
        let middle = pasts[30].revision
        try await scratch.store.compact(upTo: middle)
        for past in pasts where past.revision >= middle {
            let now = try await scratch.store.list(ListQuery("pods", age: .exactly(past.revision)))
            #expect(now.objects == past.objects)
        }
        for past in pasts where past.revision < middle {
            await #expect(throws: StoreFailure.expired(requested: past.revision, oldest: middle)) {
                try await scratch.store.list(ListQuery("pods", age: .exactly(past.revision)))
            }
        }
    }

    @Test func pagesOfOneListAreOfOneRevisionWhateverIsWrittenMeanwhile() async throws {
        let scratch = try ScratchStore()
        for number in 10..<30 { try await scratch.put("p\(number)", "{}") }
        let whole = try await scratch.store.list(ListQuery("pods"))
        let first = try await scratch.store.list(ListQuery("pods", limit: 8))
        try await scratch.put("p05", "{}")
        try await scratch.put("p25", #"{"changed":true}"#)
        try await scratch.delete("p29")
        let second = try await scratch.store.list(ListQuery("pods", limit: 8, token: first.next))
        let third = try await scratch.store.list(ListQuery("pods", limit: 8, token: second.next))
        #expect(first.objects + second.objects + third.objects == whole.objects)
        #expect([second.revision, third.revision] == [whole.revision, whole.revision])
        #expect([first.remaining, second.remaining, third.remaining] == [12, 4, nil])
        try await scratch.store.compact(upTo: .max)
        await #expect(throws: StoreFailure.expired(requested: whole.revision, oldest: scratch.store.compacted)) {
            try await scratch.store.list(ListQuery("pods", limit: 8, token: second.next))
        }
    }

    @Test func aFilterFillsThePage() async throws {
        let scratch = try ScratchStore()
        for number in 100..<200 { try await scratch.put("p\(number)", "{}") }
        var query = ListQuery("pods", limit: 3) { $0.key.name.hasSuffix("7") }
        let first = try await scratch.store.list(query)
        #expect(first.objects.map(\.key.name) == ["p107", "p117", "p127"])
        #expect(first.remaining == nil)
        query.token = first.next
        #expect(try await scratch.store.list(query).objects.map(\.key.name) == ["p137", "p147", "p157"])
    }

    @Test func theFutureIsNotListed() async throws {
        let scratch = try ScratchStore()
        for age in [ListQuery.Age.exactly(99), .notOlderThan(99)] {
            await #expect(throws: StoreFailure.future(requested: 99, current: 1)) {
                try await scratch.store.list(ListQuery("pods", age: age))
            }
        }
        #expect(try await scratch.store.list(ListQuery("pods", age: .notOlderThan(1))).revision == 1)
    }

    @Test(arguments: ["", "?", "AAAA", "e30", "eyJ2IjoicG9wbGluLzEifQ", "eyJ2Ijoia3ViZSJ9", "////", "\u{0}"])
    func aForeignTokenIsRefused(token: String) async throws {
        let scratch = try ScratchStore()
        await #expect(throws: StoreFailure.self) {
            try await scratch.store.list(ListQuery("pods", limit: 1, token: token))
        }
    }

    @Test func aTokenOfAnotherListIsRefused() async throws {
        let scratch = try ScratchStore()
        for number in 0..<4 { try await scratch.put("p\(number)", "{}") }
        let token = try await scratch.store.list(ListQuery("pods", limit: 1)).next
        for query in [ListQuery("nodes", token: token), ListQuery("pods", namespace: "default", token: token)] {
            await #expect(throws: StoreFailure.invalidContinueToken("it belongs to another list")) {
                try await scratch.store.list(query)
            }
        }
    }
}

/// A small random generator with a seed: what failed once fails again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
