// What comes inside a watch, and how it ends.

extension Reflector {
    /// An event with an object. The caller stages or applies it as the action says; an event that the store knows to
    /// be old is `stale`: it neither moves the version nor counts as progress.
    public mutating func event(_ version: ResourceVersion, isStale: Bool, at now: Duration) -> [Action] {
        guard case .watching(var watching) = state else { return [] }
        if watching.isInitial {
            watching.frames += 1
            state = .watching(watching)
            return [.stage]
        }
        if isStale { return [] }
        watching.frames += 1
        state = .watching(watching)
        advance(to: version, at: now)
        return [.apply]
    }

    /// A bookmark: everything up to its version has been sent.
    public mutating func bookmark(
        _ version: ResourceVersion, endsInitialEvents: Bool, at now: Duration
    ) -> [Action] {
        guard case .watching(var watching) = state else { return [] }
        guard !version.isEmpty else { return malformed("a bookmark without metadata.resourceVersion", at: now) }
        counters.bookmarks += 1
        watching.bookmarks += 1
        watching.frames += 1
        bookmarks = .coming
        guard watching.isInitial else {
            state = .watching(watching)
            // A bookmark that is older than what has been seen promises nothing new.
            if let known = self.version, version.order(relativeTo: known) == .older {
                lastHeard = now
                return []
            }
            advance(to: version, at: now)
            return [.advance(version)]
        }
        guard endsInitialEvents else {
            state = .watching(watching)
            return []
        }
        watching.isInitial = false
        // What follows is a watch from here on, should anybody ask.
        watching.query.resourceVersion = version
        state = .watching(watching)
        consistentSince = watching.opened
        watchListAttempts = 0
        trouble = nil
        return [.commitReplacement(version), complete(version, at: now)]
    }

    /// Progress: the watch has brought something that the store now shows.
    private mutating func advance(to version: ResourceVersion, at now: Duration) {
        // Of two versions that can be compared the larger one; a server whose versions cannot be is believed.
        if let known = self.version, version.order(relativeTo: known) == .older {} else { self.version = version }
        lastHeard = now
        watchedSinceList = true
        failuresHere = 0
        silentWatches = 0
        trouble = nil
        backoff.succeeded()
    }

    /// An ERROR event: the server ends the watch, with a Status.
    public mutating func failed(_ status: ServerStatus, at now: Duration) -> [Action] {
        guard case .watching(let watching) = state else { return [] }
        return watchRefused(status, watching, at: now)
    }

    /// Something that is no list, no event, or has no version or name.
    public mutating func malformed(_ what: String, at now: Duration) -> [Action] {
        counters.malformed += 1
        switch state {
        case .idle, .waiting, .stopped: return []
        case .listing: return fail(.malformed(what), then: .list(trustsKnown: true), at: now)
        case .watching(let watching):
            if watching.isInitial { return initialEventsFailed(.malformed(what), at: now) }
            failuresHere += 1
            let lists = failuresHere >= settings.failuresBeforeList
            return fail(.malformed(what), then: lists ? .list(trustsKnown: true) : .watch, at: now)
        }
    }

    /// The answer is over. `inside` says in the middle of what, if it was; otherwise it ended in order.
    public mutating func ended(inside: String?, at now: Duration) -> [Action] {
        switch state {
        case .idle, .waiting, .stopped: return []
        case .listing:
            counters.disconnects += 1
            return fail(.cut(inside ?? "a list"), then: .list(trustsKnown: true), at: now)
        case .watching(let watching):
            if let inside {
                counters.disconnects += 1
                if watching.isInitial { return initialEventsFailed(.cut(inside), at: now) }
                return fail(.cut(inside), then: .watch, at: now)
            }
            if watching.isInitial {
                return initialEventsFailed(.disconnected("the watch ended before its initial events did"), at: now)
            }
            return endedInOrder(watching, at: now)
        }
    }

    private mutating func endedInOrder(_ watching: Watching, at now: Duration) -> [Action] {
        noteBookmarks(of: watching, at: now)
        let lasted = now - watching.opened
        if watching.frames == 0 {
            if lasted < settings.shortestWatch {
                return fail(.disconnected("the watch ended at once"), then: .watch, at: now)
            }
            if let actions = silentTooOften(at: now) { return actions }
        }
        // A server that ends what it agreed to, in time, lives and had nothing to say.
        lastHeard = now
        backoff.succeeded()
        return closing() + begin(.watch, at: now)
    }

    /// The connection broke, or no answer could be had at all.
    public mutating func disconnected(_ reason: String, inside: String?, at now: Duration) -> [Action] {
        switch state {
        case .idle, .waiting, .stopped: return []
        case .listing:
            counters.disconnects += 1
            return fail(.disconnected(reason), then: .list(trustsKnown: true), at: now)
        case .watching(let watching):
            counters.disconnects += 1
            let fault = inside.map { ReflectorFault.cut("\($0) (\(reason))") } ?? .disconnected(reason)
            if watching.isInitial { return initialEventsFailed(fault, at: now) }
            return fail(fault, then: .watch, at: now)
        }
    }

    /// ``deadline`` has passed.
    public mutating func overdue(at now: Duration) -> [Action] {
        guard let deadline, now >= deadline else { return [] }
        switch state {
        case .idle, .waiting, .stopped: return []
        case .listing(let listing):
            counters.silences += 1
            return fail(.silent(now - listing.heard), then: .list(trustsKnown: true), at: now)
        case .watching(let watching):
            counters.silences += 1
            if watching.isInitial {
                // Some servers and proxies take the request for a plain watch, whose bookmark never comes.
                return watching.isAnswered
                    ? listInstead("the initial events never ended", at: now)
                    : initialEventsFailed(.silent(now - watching.heard), at: now)
            }
            noteBookmarks(of: watching, at: now)
            if watching.isAnswered, watching.frames == 0, let actions = silentTooOften(at: now) { return actions }
            return fail(.silent(now - watching.heard), then: .watch, at: now)
        }
    }

    /// Two attempts at a watch-list, then a list, which every server can do.
    private mutating func initialEventsFailed(_ fault: ReflectorFault, at now: Duration) -> [Action] {
        guard watchListAttempts < 2 else { return listInstead(fault.description, at: now) }
        return fail(fault, then: .list(trustsKnown: true), at: now)
    }

    /// A watch long enough for a bookmark that had none tells that this server sends none.
    private mutating func noteBookmarks(of watching: Watching, at now: Duration) {
        let long = Duration.seconds(settings.watchSecondsWithoutBookmarks.lowerBound)
        if watching.bookmarks == 0, now - watching.opened >= long { bookmarks = .absent }
    }

    private mutating func silentTooOften(at now: Duration) -> [Action]? {
        silentWatches += 1
        guard silentWatches >= settings.silentWatchesBeforeList else { return nil }
        let fault = ReflectorFault.suspect("\(silentWatches) watches in a row brought nothing")
        let actions = closing() + [.report(fault)]
        silentWatches = 0
        return actions + begin(.list(trustsKnown: false), at: now)
    }
}
