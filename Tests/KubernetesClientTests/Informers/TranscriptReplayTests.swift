import Foundation
import JSONTree
import KubernetesModel
import Testing

@testable import KubernetesClient

/// Recorded answers of real kube-apiservers, cut at random places: what our informer does with them.
@Suite struct TranscriptReplayTests {
    private var random = SplitMix64(seed: 20)
    private var now: Duration = .zero

    private static let projection = Projection { (node) throws(FieldError) in
        node.at("status", "phase")?.string ?? node.at("data", "k")?.string ?? ""
    }

    private func core(watchList: Bool = false, pageSize: Int = 500) -> InformerCore<String> {
        var settings = ReflectorSettings()
        settings.usesWatchList = watchList
        settings.pageSize = pageSize
        var core = InformerCore(projection: Self.projection, indices: [], settings: settings, seed: 3)
        core.start(at: now)
        return core
    }

    private static func transcript(_ server: String, _ name: String) throws -> Transcript {
        try #require(try Transcript(server, name), "\(server)/\(name) is not among the fixtures")
    }

    /// Plays an answer to the request that is open. Returns what had been asked for.
    @discardableResult
    private mutating func play(_ transcript: Transcript, to core: inout InformerCore<String>) throws -> ReflectorQuery {
        guard case .request(let query, let number) = core.step else {
            throw ReplayError("nothing is asked for: \(core.step)")
        }
        guard transcript.status == 200 else {
            let status = ServerStatus(
                httpStatus: transcript.status, headers: transcript.headers, body: transcript.body)
            core.refused(number, status, at: now)
            return query
        }
        core.answered(number, at: now)
        var rest = transcript.body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 1...200, using: &random))
            core.received(number, Array(chunk), at: now)
            rest = rest.dropFirst(chunk.count)
        }
        // A watch ends after its time.
        if case .watch = query { now += .seconds(75) }
        core.ended(number, at: now)
        return query
    }

    struct ReplayError: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }

    private static func words(_ transitions: [InformerTransition<String>]) -> [String] {
        transitions.map { transition in
            switch (transition.old, transition.new) {
            case (nil, let new?): "+\(transition.key) \(new.version)"
            case (let old?, let new?): "\(transition.key) \(old.version)>\(new.version)"
            case (let old?, nil): "-\(transition.key) \(old.version)"
            case (nil, nil): "nothing"
            }
        }
    }

    private static func version(_ body: [UInt8]) throws -> String {
        try #require(try JSONTree(parsing: body).root.at("metadata", "resourceVersion")?.string)
    }

    private static func watched(_ step: InformerCore<String>.Step) -> String? {
        if case .request(.watch(let watch), _) = step { watch.resourceVersion?.text } else { nil }
    }

    // MARK: - Lists

    @Test(arguments: Transcript.servers)
    mutating func `a list of pods, then a watch from its version`(server: String) throws {
        var core = core()
        let list = try Self.transcript(server, "08-pods-list")
        try play(list, to: &core)
        #expect(core.hasSynced)
        #expect(core.store.keys == [ObjectKey(namespace: "tx", name: "p1")])
        let version = try Self.version(list.body)
        #expect(Self.watched(core.step) == version)
    }

    @Test(arguments: Transcript.servers)
    mutating func `pages: the continue token goes back as it came`(server: String) throws {
        var core = core(pageSize: 2)
        let second = try Self.transcript(server, "09-list-limit2-page2")
        try play(try Self.transcript(server, "09-list-limit2-page1"), to: &core)
        guard case .request(.list(let query), _) = core.step else {
            throw ReplayError("no second page is asked for: \(core.step)")
        }
        let token = try #require(second.query("continue"))
        #expect(query.continuation == token)
        #expect(!core.hasSynced)
        try play(second, to: &core)
        #expect(!core.hasSynced, "the recorded second page is not the last one")
        // The token is refused: the whole list in one piece.
        try play(try Self.transcript(server, "09-list-bad-continue-400"), to: &core)
        let asksForAll =
            core.step == .request(.list(.init(limit: 0, continuation: "", resourceVersion: nil)), number: 4)
        #expect(asksForAll)
    }

    @Test(arguments: Transcript.servers)
    mutating func `a version from the future on a list: waits as long as the server says`(server: String) throws {
        var core = core()
        try play(try Self.transcript(server, "10-list-future-rv-504"), to: &core)
        guard case .wait(let until) = core.step else { throw ReplayError("\(core.step)") }
        #expect(until >= .seconds(1))
        let fault = core.takeFaults().last
        guard case .refused(let status) = fault else { throw ReplayError("\(String(describing: fault))") }
        #expect(status.isFromTheFuture && status.code == 504)
    }

    @Test mutating func `an exact list that is too old is HTTP 410`() throws {
        var core = core()
        try play(try Self.transcript("v1.36.2-etcd3.5.30", "20-list-exact-old-rv-410"), to: &core)
        guard case .wait = core.step else { throw ReplayError("\(core.step)") }
    }

    // MARK: - Watches

    @Test(arguments: Transcript.servers)
    mutating func `changes and the end of a pod, each told once and in order`(server: String) throws {
        var core = core()
        try play(try Self.transcript(server, "08-pods-list"), to: &core)
        let listed = Self.words(core.takeTransitions())
        #expect(listed.count == 1 && listed[0].hasPrefix("+tx/p1"))
        try play(try Self.transcript(server, "10-watch-pods-modified-deleted"), to: &core)
        let told = Self.words(core.takeTransitions())
        #expect(told.count >= 2)
        #expect(told.last?.hasPrefix("-tx/p1") == true)
        #expect(told.dropLast().allSatisfy { $0.hasPrefix("tx/p1 ") })
        // Each one goes on from where the one before ended.
        let ends = ([listed[0]] + told).dropLast().map { $0.split(whereSeparator: { " >".contains($0) }).last }
        let begins = told.map { $0.split(whereSeparator: { " >".contains($0) })[1] }
        #expect(ends == begins)
        #expect(core.store.count == 0)
        #expect(core.reflector.counters.malformed == 0)
    }

    @Test(arguments: Transcript.servers)
    mutating func `a watch of 75 s without changes, with bookmarks and without`(server: String) throws {
        var core = core()
        try play(try Self.transcript(server, "08-pods-list"), to: &core)
        let before = Self.watched(core.step)
        try play(try Self.transcript(server, "10-watch-bookmarks-75s"), to: &core)
        let hasBookmarks = server == "v1.36.2-etcd3.5.30"
        #expect(core.reflector.counters.bookmarks == (hasBookmarks ? 3 : 0))
        #expect(core.reflector.bookmarks == (hasBookmarks ? .coming : .unknown))
        #expect(Self.watched(core.step) == (hasBookmarks ? "342" : before))
        #expect(core.takeFaults().isEmpty)
    }

    @Test(arguments: Transcript.servers)
    mutating func `a watch from the future is silence: a list from nothing in the end`(server: String) throws {
        var core = core()
        try play(try Self.transcript(server, "08-pods-list"), to: &core)
        for _ in 0..<3 { try play(try Self.transcript(server, "10-watch-future-rv"), to: &core) }
        guard case .request(.list, _) = core.step else { throw ReplayError("\(core.step)") }
        guard case .suspect = core.takeFaults().last else { throw ReplayError("no suspicion") }
    }

    @Test(arguments: Transcript.servers)
    mutating func `a version the server cannot read is a 500, and ends in a list`(server: String) throws {
        var core = core()
        try play(try Self.transcript(server, "08-pods-list"), to: &core)
        for _ in 0..<3 {
            try play(try Self.transcript(server, "10-watch-invalid-rv-400"), to: &core)
            guard case .wait(let until) = core.step else { throw ReplayError("\(core.step)") }
            now = until
            core.waited(at: now)
        }
        guard case .request(.list, _) = core.step else { throw ReplayError("\(core.step)") }
    }

    @Test mutating func `a version that was compacted is an ERROR event: a list`() throws {
        var core = core()
        try play(try Self.transcript("v1.36.2-etcd3.5.30", "08-pods-list"), to: &core)
        try play(try Self.transcript("v1.36.2-etcd3.5.30", "20-watch-old-rv-after-compaction"), to: &core)
        #expect(core.reflector.counters.expired == 1)
        #expect(core.hasSynced && core.store.count == 1, "what was known stays until the list is complete")
    }

    // MARK: - Watch-list

    @Test(arguments: Transcript.servers)
    mutating func `initial events where they exist, a list where they do not`(server: String) throws {
        var core = core(watchList: true)
        let recorded = try Self.transcript(server, "10-watchlist-sendInitialEvents")
        guard case .request(.watch(let watch), _) = core.step else { throw ReplayError("\(core.step)") }
        for (name, value) in watch.items where name != "timeoutSeconds" && name != "watch" {
            #expect(recorded.query(name) == value)
        }
        try play(recorded, to: &core)
        switch server {
        case "v1.36.2-etcd3.5.30":
            #expect(core.hasSynced)
            #expect(core.store.keys == [ObjectKey(namespace: "tx", name: "np1")])
            #expect(Self.watched(core.step) == "342")
        default:
            guard case .request(.list, _) = core.step else { throw ReplayError("\(core.step)") }
            guard case .noWatchList = core.takeFaults().last else { throw ReplayError("no word of it") }
        }
    }
}
