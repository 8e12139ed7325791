import KubernetesModel

/// What a Lease says about who leads (coordination.k8s.io/v1, `spec`).
public struct LeaseRecord: Sendable, Hashable {
    /// Empty when nobody leads.
    public var holder: String
    /// How long others wait after the last sign of life, in whole seconds.
    public var durationSeconds: Int
    public var acquireTime: MicroTime?
    public var renewTime: MicroTime?
    /// How often the lease changed hands.
    public var transitions: Int

    public init(
        holder: String, durationSeconds: Int, acquireTime: MicroTime? = nil, renewTime: MicroTime? = nil,
        transitions: Int = 0
    ) {
        self.holder = holder
        self.durationSeconds = durationSeconds
        self.acquireTime = acquireTime
        self.renewTime = renewTime
        self.transitions = transitions
    }

    public init(_ lease: Lease) {
        self.init(
            holder: lease.holderIdentity, durationSeconds: lease.leaseDurationSeconds ?? 0,
            acquireTime: lease.acquireTime, renewTime: lease.renewTime, transitions: lease.leaseTransitions)
    }
}

/// One term of leading. Whatever is written outside of Kubernetes can carry `transitions`: a higher number is a later
/// leader, and a lower one a leader that has been replaced.
public struct FencingToken: Sendable, Hashable, Comparable {
    public var transitions: Int
    /// Of the Lease as it was acquired.
    public var resourceVersion: String

    public init(transitions: Int, resourceVersion: String) {
        self.transitions = transitions
        self.resourceVersion = resourceVersion
    }

    public static func < (left: FencingToken, right: FencingToken) -> Bool { left.transitions < right.transitions }
}

/// Leader election without clock, network or tasks: events in, actions out.
///
/// It never believes another machine's clock. That a leader is alive is seen from its record *changing*, and the wait
/// is counted on our own monotonic clock from the moment when we saw the change. A leader counts its term from
/// *before* it sent the renewal and ends it after ``Settings/renewDeadline``, which is shorter than the duration that
/// others wait, so two never lead at once as long as clocks run at about the same speed.
public struct LeaderElector: Sendable {
    public struct Settings: Sendable, Hashable {
        /// Who we are; unique for each process, or two of them would both think that they lead.
        public var identity: String
        /// How long others wait for a leader that says nothing. Whole seconds are written.
        public var leaseDuration: Duration
        /// After this long without a renewal a leader stops leading.
        public var renewDeadline: Duration
        /// Between two looks at the lease.
        public var retryPeriod: Duration

        public init(
            identity: String, leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10),
            retryPeriod: Duration = .seconds(2)
        ) {
            self.identity = identity
            self.leaseDuration = leaseDuration
            // The order is what makes it safe, so it is kept whatever is asked for.
            self.renewDeadline = min(renewDeadline, leaseDuration * 0.8)
            self.retryPeriod = min(retryPeriod, self.renewDeadline * 0.5)
        }
    }

    public enum Event: Sendable, Hashable {
        case read(LeaseRecord, resourceVersion: String)
        case absent
        case written(resourceVersion: String)
        /// Somebody wrote in between, or created it first.
        case conflict
        /// No answer, or one that says nothing about the lease.
        case failed
    }

    public enum Action: Sendable, Hashable {
        case read
        case create(LeaseRecord)
        case replace(LeaseRecord, resourceVersion: String)
        /// Until this moment; then ``next(now:time:)`` again.
        case wait(until: Duration)
    }

    /// What the outside is told.
    public enum Signal: Sendable, Hashable {
        case leading(FencingToken)
        case lost(String)
        /// Somebody else leads, or nobody (empty).
        case following(String)
    }

    public let settings: Settings
    /// The record as last seen, and when (our clock) it was first seen like that.
    private var observed: (record: LeaseRecord, resourceVersion: String, since: Duration)?
    private var isAbsent = false
    private var term: (token: FencingToken, renewed: Duration)?
    /// A write that is under way: what, and when it was sent.
    private var writing: (record: LeaseRecord, sent: Duration)?
    private var lookAgain: Duration = .zero
    private var mustRead = true
    private var reported: String?

    public init(_ settings: Settings) { self.settings = settings }

    public var token: FencingToken? { term?.token }

    /// Until when (our clock) we may act as the leader; nil when we do not lead.
    public var validUntil: Duration? { term.map { $0.renewed + settings.renewDeadline } }

    /// What to do now.
    /// - Parameters:
    ///   - now: a monotonic clock.
    ///   - time: the time of day, only to be written down for people.
    ///   - jitter: 0...1, so that many waiting ones do not come at once.
    public mutating func next(now: Duration, time: MicroTime, jitter: Double = 0) -> Action {
        if mustRead {
            if now < lookAgain { return .wait(until: lookAgain) }
            mustRead = false
            return .read
        }
        if let term, let observed {
            let due = term.renewed + settings.retryPeriod
            if now < due { return .wait(until: min(due, term.renewed + settings.renewDeadline)) }
            if now < lookAgain { return .wait(until: lookAgain) }
            var record = observed.record
            record.renewTime = time
            return write(.replace(record, resourceVersion: observed.resourceVersion), record, now)
        }
        if isAbsent {
            let record = LeaseRecord(
                holder: settings.identity, durationSeconds: seconds, acquireTime: time, renewTime: time)
            return write(.create(record), record, now)
        }
        guard let observed else {
            mustRead = true
            return .wait(until: max(now, lookAgain))
        }
        let holder = observed.record.holder
        let free = observed.since + wait(for: observed.record)
        if holder.isEmpty || holder == settings.identity || now >= free {
            let record = LeaseRecord(
                holder: settings.identity, durationSeconds: seconds, acquireTime: time, renewTime: time,
                transitions: observed.record.transitions + (holder == settings.identity ? 0 : 1))
            return write(.replace(record, resourceVersion: observed.resourceVersion), record, now)
        }
        // Looking more often than needed would only cost; looking at the end of the wait is what counts.
        mustRead = true
        lookAgain = min(free, now + settings.retryPeriod * (1 + 0.2 * max(0, min(1, jitter))))
        return .wait(until: lookAgain)
    }

    private var seconds: Int { max(1, Int(settings.leaseDuration.components.seconds)) }

    /// How long this holder may be silent: what it asked for itself, if it is longer than what we use.
    private func wait(for record: LeaseRecord) -> Duration {
        max(settings.leaseDuration, .seconds(min(record.durationSeconds, 3600)))
    }

    private mutating func write(_ action: Action, _ record: LeaseRecord, _ now: Duration) -> Action {
        writing = (record, now)
        return action
    }

    /// Takes in what came of the last action.
    public mutating func handle(_ event: Event, now: Duration) -> [Signal] {
        let sent = writing
        writing = nil
        var signals: [Signal] = []
        switch event {
        case .read(let record, let resourceVersion):
            isAbsent = false
            if observed?.record != record { observed = (record, resourceVersion, now) }
            observed?.resourceVersion = resourceVersion
            if term != nil, record.holder != settings.identity {
                signals += end("\(record.holder.isEmpty ? "nobody" : record.holder) holds the lease now")
            }
            signals += report(record.holder)
        case .absent:
            observed = nil
            isAbsent = true
            if term != nil { signals += end("the lease was deleted") }
            signals += report("")
        case .written(let resourceVersion):
            guard let sent else { break }
            isAbsent = false
            observed = (sent.record, resourceVersion, now)
            lookAgain = sent.sent + settings.retryPeriod
            if sent.record.holder != settings.identity {
                signals += end("released")
            } else if let token = term?.token {
                term = (token, sent.sent)
            } else {
                let token = FencingToken(transitions: sent.record.transitions, resourceVersion: resourceVersion)
                term = (token, sent.sent)
                reported = settings.identity
                signals.append(.leading(token))
            }
        case .conflict:
            // Whoever wrote is alive: look at once.
            mustRead = true
            isAbsent = false
            lookAgain = now
        case .failed:
            // A write without an answer may have been done: only reading tells.
            mustRead = true
            lookAgain = now + settings.retryPeriod * 0.5
        }
        return signals + expire(now: now)
    }

    /// To be called when time has passed, whatever else happens.
    public mutating func expire(now: Duration) -> [Signal] {
        guard let term, now >= term.renewed + settings.renewDeadline else { return [] }
        mustRead = true
        return end("no renewal within \(settings.renewDeadline)")
    }

    /// The record that gives the lease back, for a leader that goes; nil when we do not lead.
    public mutating func release(now: Duration, time: MicroTime) -> Action? {
        guard let term, let observed, now < term.renewed + settings.renewDeadline else { return nil }
        var record = observed.record
        record.holder = ""
        record.durationSeconds = 1
        record.renewTime = time
        return write(.replace(record, resourceVersion: observed.resourceVersion), record, now)
    }

    private mutating func end(_ reason: String) -> [Signal] {
        if term == nil { return [] }
        term = nil
        reported = nil
        return [.lost(reason)]
    }

    private mutating func report(_ holder: String) -> [Signal] {
        if term != nil || reported == holder || holder == settings.identity { return [] }
        reported = holder
        return [.following(holder)]
    }
}
