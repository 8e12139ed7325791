import Testing

@testable import KubernetesClient

/// Scripts of what a server does and what the reflector makes of it. The table in "How an informer stays right" names
/// these tests.
@Suite struct ReflectorTests {
    // MARK: - Lists

    @Test func `a list is asked for in pages, and watched from the version of its first page`() {
        var script = ReflectorScript()
        #expect(script.start() == ["begin", "list limit=500"])
        #expect(script.page("900", continuation: "next") == ["list limit=500 continue=next"])
        #expect(script.page("905", continuation: "more") == ["list limit=500 continue=more"])
        #expect(script.page("905") == ["commit 900", "advance 900", "watch from 900"])
        #expect(script.reflector.version == ResourceVersion("900"))
    }

    @Test func `the first list may come from the cache, later ones are consistent`() {
        var script = ReflectorScript { $0.firstList = .cached }
        #expect(script.start() == ["begin", "list limit=500 resourceVersion=0"])
        _ = script.page("900")
        #expect(script.reflector.consistentSince == nil)
        script.pass(.seconds(5))
        #expect(script.refuse(410, "Expired") == ["close", "report expired", "wait"])
        #expect(script.wait() == ["begin", "list limit=500"])
        let asked = script.now
        script.pass(.seconds(3))
        _ = script.page("950")
        #expect(script.reflector.consistentSince == asked)
    }

    @Test(arguments: [(410, "Expired"), (400, "BadRequest")])
    func `an expired continue token: the list again, in one piece, at once`(code: Int, reason: String) {
        var script = ReflectorScript()
        _ = script.start()
        _ = script.page("900", continuation: "next")
        #expect(script.refuse(code, reason) == ["close", "abandon", "report expired", "begin", "list"])
        #expect(script.page("910") == ["commit 910", "advance 910", "watch from 910"])
    }

    @Test func `a version from the future (504 on a list): waits as told, then lists consistently`() {
        var script = ReflectorScript { $0.firstList = .cached }
        _ = script.start()
        let actions = script.refuse(504, "Timeout", cause: "ResourceVersionTooLarge", retryAfter: .seconds(1))
        #expect(actions == ["close", "abandon", "report refused 504", "wait"])
        #expect(script.waiting.map { $0 >= .seconds(1) } == true)
        #expect(script.wait() == ["begin", "list limit=500"])
    }

    @Test func `a list without a version cannot be watched from: malformed`() {
        var script = ReflectorScript()
        _ = script.start()
        #expect(script.page("") == ["close", "abandon", "report malformed", "wait"])
    }

    @Test func `a list that breaks off is forgotten and asked for again`() {
        var script = ReflectorScript()
        _ = script.start()
        _ = script.page("900", continuation: "next")
        #expect(script.disconnect(inside: "object 7 of a list") == ["close", "abandon", "report disconnected", "wait"])
        #expect(script.wait() == ["begin", "list limit=500"])
    }

    @Test func `a list that brings nothing for its patience is given up, one that trickles is not`() {
        var script = ReflectorScript()
        _ = script.start()
        for _ in 0..<30 {
            script.pass(.seconds(55))
            script.reflector.heard(at: script.now)
        }
        #expect(script.reflector.deadline.map { $0 > script.now } == true)
        #expect(script.overdue() == ["close", "abandon", "report silent", "wait"])
    }

    // MARK: - Watches

    @Test func `a watch goes on from the last event it has seen`() {
        var script = ReflectorScript()
        script.watching()
        script.pass(.seconds(1))
        #expect(script.event("901") == ["apply"])
        #expect(script.event("907") == ["apply"])
        #expect(script.disconnect(inside: nil) == ["close", "report disconnected", "wait"])
        #expect(script.wait() == ["watch from 907"])
    }

    @Test func `a reset in the middle of an object: the part is nothing, the watch goes on from before it`() {
        var script = ReflectorScript()
        script.watching()
        _ = script.event("901")
        script.reflector.heard(at: script.now)
        #expect(script.disconnect(inside: "an event") == ["close", "report cut", "wait"])
        #expect(script.wait() == ["watch from 901"])
    }

    @Test func `a bookmark is as good as an event to go on from`() {
        var script = ReflectorScript()
        script.watching()
        #expect(script.bookmark("950") == ["advance 950"])
        _ = script.disconnect()
        #expect(script.wait() == ["watch from 950"])
    }

    @Test func `a watch that ends in order is asked for again at once`() {
        var script = ReflectorScript()
        script.watching()
        _ = script.event("901")
        script.pass(.seconds(100))
        #expect(script.end() == ["close", "watch from 901"])
        #expect(script.reflector.lastHeard == script.now)
    }

    @Test func `a watch that ends at once is a failure: no tight loop`() {
        var script = ReflectorScript()
        script.watching()
        #expect(script.end() == ["close", "report disconnected", "wait"])
    }

    @Test(arguments: [true, false])
    func `410 as a status or as an ERROR event: a list at once, and only once without progress`(isStatus: Bool) {
        var script = ReflectorScript()
        script.watching()
        _ = script.event("901")
        let first = isStatus ? script.refuse(410, "Expired") : script.error(410, "Expired")
        #expect(first == ["close", "report expired", "begin", "list limit=500"])
        _ = script.page("990")
        script.answer()
        let second = isStatus ? script.refuse(410, "Gone") : script.error(410, "Gone")
        #expect(second == ["close", "report expired", "wait"])
        #expect(script.wait() == ["begin", "list limit=500"])
    }

    @Test func `429 with Retry-After: waits at least so long, then goes on from where it was`() {
        var script = ReflectorScript()
        script.watching()
        _ = script.event("901")
        _ = script.disconnect()
        _ = script.wait()
        #expect(
            script.refuse(429, "TooManyRequests", retryAfter: .seconds(7)) == ["close", "report refused 429", "wait"])
        #expect(script.waiting.map { $0 >= .seconds(7) } == true)
        #expect(script.wait() == ["watch from 901"])
    }

    @Test(arguments: [500, 502, 503, 504])
    func `a server error: waits, then goes on from where it was`(code: Int) {
        var script = ReflectorScript()
        script.watching()
        _ = script.event("901")
        #expect(script.error(code) == ["close", "report refused \(code)", "wait"])
        #expect(script.wait() == ["watch from 901"])
    }

    @Test func `a version the server cannot read (500 on a watch): a list after three refusals`() {
        var script = ReflectorScript()
        script.watching()
        for _ in 0..<2 {
            #expect(script.refuse(500) == ["close", "report refused 500", "wait"])
            #expect(script.wait() == ["watch from 900"])
        }
        _ = script.refuse(500)
        #expect(script.wait() == ["begin", "list limit=500"])
    }

    @Test func `a malformed event: again from before it, and a list when it stays malformed`() {
        var script = ReflectorScript()
        script.watching()
        for _ in 0..<2 {
            #expect(script.malform() == ["close", "report malformed", "wait"])
            #expect(script.wait() == ["watch from 900"])
            script.answer()
        }
        _ = script.malform()
        #expect(script.wait() == ["begin", "list limit=500"])
    }

    @Test func `old news does not move the version`() {
        var script = ReflectorScript()
        script.watching()
        _ = script.event("950")
        #expect(script.event("920", isStale: true).isEmpty)
        #expect(script.bookmark("930").isEmpty)
        _ = script.disconnect()
        #expect(script.wait() == ["watch from 950"])
    }

    @Test func `a resource that is not served (any more) is for a list to tell`() {
        var script = ReflectorScript()
        script.watching()
        _ = script.refuse(404, "NotFound")
        #expect(script.wait() == ["begin", "list limit=500"])
        #expect(script.refuse(404, "NotFound") == ["close", "abandon", "report refused 404", "wait"])
        #expect(script.wait() == ["begin", "list limit=500"])
    }

    @Test(arguments: [401, 403])
    func `no rights: waits and asks the same again, however often`(code: Int) {
        var script = ReflectorScript()
        script.watching()
        for _ in 0..<20 {
            #expect(script.refuse(code) == ["close", "report refused \(code)", "wait"])
            #expect(script.wait() == ["watch from 900"])
        }
    }

    // MARK: - Silence

    @Test func `no head within its patience: given up`() {
        var script = ReflectorScript()
        _ = script.start()
        _ = script.page("900")
        let opened = script.now
        #expect(script.overdue() == ["close", "report silent", "wait"])
        #expect(script.now - opened == .seconds(30))
    }

    @Test func `half-open: where bookmarks come, two missed ones are the end`() {
        var script = ReflectorScript()
        script.watchingWithBookmarks()
        let heard = script.now
        #expect(script.overdue() == ["close", "report silent", "wait"])
        #expect(script.now - heard == .seconds(130))
        #expect(script.wait() == ["watch from 950"])
    }

    @Test func `half-open: without bookmarks, the watch's own end is`() {
        var script = ReflectorScript()
        script.watching()
        _ = script.event("901")
        let opened = script.now
        #expect(script.overdue() == ["close", "report silent", "wait"])
        #expect((105...135).contains((script.now - opened).components.seconds))
        #expect(script.wait() == ["watch from 901"])
    }

    @Test func `bytes that are no event yet put the end off, but prove nothing`() {
        var script = ReflectorScript()
        script.watchingWithBookmarks()
        let heard = script.now
        script.pass(.seconds(100))
        script.reflector.heard(at: script.now)
        script.pass(.seconds(50))
        #expect(script.tell { $0.overdue(at: $1) }.isEmpty)
        #expect(script.reflector.lastHeard == heard)
    }

    @Test
    func `watches that say nothing at all: a list from nothing after three, in case the server went back in time`() {
        var script = ReflectorScript()
        script.watching()
        for _ in 0..<2 {
            script.pass(.seconds(100))
            #expect(script.end() == ["close", "watch from 900"])
            script.answer()
        }
        script.pass(.seconds(100))
        #expect(script.end() == ["close", "report suspect", "begin from nothing", "list limit=500"])
        // The version goes back with the server.
        #expect(script.page("300") == ["commit 300", "advance 300", "watch from 300"])
    }

    @Test func `watches are short until a bookmark was seen`() {
        var script = ReflectorScript()
        script.watching()
        #expect(script.timeout.map { (90...120).contains($0) } == true)
        _ = script.bookmark("901")
        script.pass(.seconds(100))
        _ = script.end()
        #expect(script.timeout.map { (300...600).contains($0) } == true)
    }

    // MARK: - Watch-list

    @Test func `initial events replace the list, and the watch goes on in the same answer`() {
        var script = ReflectorScript(watchList: true)
        #expect(script.start() == ["begin", "watch with initial events"])
        let asked = script.now
        script.answer()
        script.pass(.seconds(2))
        #expect(script.event("12") == ["stage"])
        #expect(script.bookmark("15") == [])
        #expect(script.bookmark("20", ends: true) == ["commit 20", "advance 20"])
        #expect(script.reflector.consistentSince == asked)
        #expect(script.event("21") == ["apply"])
        _ = script.disconnect()
        #expect(script.wait() == ["watch from 21"])
        #expect(script.error(410, "Expired") == ["close", "report expired", "begin", "watch with initial events"])
    }

    @Test(arguments: [422, 400, 500])
    func `a server that refuses watch-lists is asked for lists from then on`(code: Int) {
        for isStatus in [true, false] {
            var script = ReflectorScript(watchList: true)
            _ = script.start()
            script.answer()
            let actions = isStatus ? script.refuse(code, "Invalid") : script.error(code, "InternalError")
            #expect(actions == ["close", "abandon", "report no watch-list", "begin", "list limit=500"])
            _ = script.page("900")
            script.answer()
            _ = script.event("901")
            #expect(script.error(410, "Expired").last == "list limit=500")
        }
    }

    @Test func `initial events that never end are not waited for`() {
        var script = ReflectorScript(watchList: true)
        _ = script.start()
        script.answer()
        _ = script.event("12")
        #expect(script.overdue() == ["close", "abandon", "report no watch-list", "begin", "list limit=500"])
    }

    @Test func `initial events that break off twice: a list`() {
        var script = ReflectorScript(watchList: true)
        _ = script.start()
        script.answer()
        #expect(script.disconnect() == ["close", "abandon", "report disconnected", "wait"])
        #expect(script.wait() == ["begin", "watch with initial events"])
        #expect(script.end() == ["close", "abandon", "report no watch-list", "begin", "list limit=500"])
    }

    @Test func `a server under load is no reason to give up watch-lists`() {
        var script = ReflectorScript(watchList: true)
        _ = script.start()
        _ = script.refuse(429, retryAfter: .seconds(2))
        #expect(script.wait() == ["begin", "watch with initial events"])
    }

    @Test func `410 right after the initial events: no tight loop`() {
        var script = ReflectorScript(watchList: true)
        _ = script.start()
        script.answer()
        _ = script.bookmark("20", ends: true)
        #expect(script.error(410, "Expired") == ["close", "report expired", "wait"])
    }

    // MARK: - Waiting

    @Test func `the ceiling doubles up to its limit and falls back after progress`() {
        var script = ReflectorScript()
        script.watching()
        var ceilings: [Duration] = []
        for _ in 0..<9 {
            ceilings.append(script.reflector.backoff.ceiling)
            _ = script.disconnect()
            #expect(script.waiting.map { $0 <= ceilings[ceilings.count - 1] } == true)
            _ = script.wait()
            script.answer()
        }
        #expect(ceilings == [0.5, 1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        _ = script.event("901")
        #expect(script.reflector.backoff.ceiling == .milliseconds(500))
    }

    @Test func `the jitter is full: waits of many clients spread over the whole range`() {
        var waits: [Duration] = []
        for seed in 0..<200 as Range<UInt64> {
            var script = ReflectorScript(seed: seed)
            script.watching()
            _ = script.disconnect()
            if let wait = script.waiting { waits.append(wait) }
        }
        let quarters = Dictionary(grouping: waits) { Int($0 / .milliseconds(125)) }.mapValues(\.count)
        #expect((0..<4).allSatisfy { (quarters[$0] ?? 0) > 25 })
    }

    @Test func `a wait asked for by the server has an end`() {
        var script = ReflectorScript()
        script.watching()
        _ = script.refuse(429, retryAfter: .seconds(Int64.max))
        #expect(script.waiting.map { $0 <= .seconds(601) } == true)
    }

    @Test func `what comes late changes nothing`() {
        var script = ReflectorScript()
        script.watching()
        _ = script.disconnect()
        let state = script.reflector.state
        #expect(script.event("901").isEmpty && script.bookmark("902").isEmpty && script.end().isEmpty)
        #expect(script.page("903").isEmpty && script.malform().isEmpty && script.error(410).isEmpty)
        #expect(script.reflector.state == state)
        #expect(script.tell { reflector, _ in reflector.stop() }.isEmpty)
        #expect(script.tell { $0.waited(at: $1 + .seconds(100)) }.isEmpty)
    }
}

extension ReflectorScript {
    /// In the second watch, from 950, of a server that has sent a bookmark.
    mutating func watchingWithBookmarks() {
        watching()
        _ = bookmark("950")
        pass(.seconds(100))
        _ = end()
        answer()
    }

    /// `timeoutSeconds` of the open watch.
    var timeout: Int? {
        if case .watching(let watching) = reflector.state { watching.query.timeoutSeconds } else { nil }
    }
}
