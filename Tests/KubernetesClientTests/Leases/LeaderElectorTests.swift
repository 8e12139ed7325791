import KubernetesClient
import KubernetesModel
import Testing

@Suite struct LeaderElectorTests {
    private static let noon = MicroTime(microseconds: 1_790_000_000_000_000)

    private static func record(_ holder: String, _ transitions: Int = 0, renewed: MicroTime = noon) -> LeaseRecord {
        LeaseRecord(
            holder: holder, durationSeconds: 15, acquireTime: noon, renewTime: renewed, transitions: transitions)
    }

    @Test func nobodyThereYet() {
        var elector = LeaderElector(LeaderElector.Settings(identity: "a"))
        #expect(elector.next(now: .seconds(100), time: Self.noon) == .read)
        #expect(elector.handle(.absent, now: .seconds(100)) == [.following("")])
        #expect(elector.next(now: .seconds(100), time: Self.noon) == .create(Self.record("a")))
        let token = FencingToken(transitions: 0, resourceVersion: "7")
        #expect(elector.handle(.written(resourceVersion: "7"), now: .seconds(103)) == [.leading(token)])
        #expect(elector.validUntil == .seconds(110), "counted from before the request was sent")
        #expect(elector.next(now: .seconds(103), time: Self.noon) == .replace(Self.record("a"), resourceVersion: "7"))
    }

    @Test func aLeaderRenewsAndLosesWhenItCannot() {
        var elector = LeaderElector(LeaderElector.Settings(identity: "a"))
        _ = elector.next(now: .zero, time: Self.noon)
        _ = elector.handle(.absent, now: .zero)
        _ = elector.next(now: .zero, time: Self.noon)
        _ = elector.handle(.written(resourceVersion: "1"), now: .zero)
        #expect(elector.next(now: .seconds(1), time: Self.noon) == .wait(until: .seconds(2)))
        guard case .replace(_, "1") = elector.next(now: .seconds(2), time: Self.noon) else {
            Issue.record("time to renew")
            return
        }
        #expect(elector.handle(.failed, now: .seconds(6)) == [])
        #expect(elector.next(now: .seconds(6), time: Self.noon) == .wait(until: .seconds(7)))
        #expect(elector.next(now: .seconds(7), time: Self.noon) == .read)
        #expect(elector.handle(.failed, now: .seconds(9)) == [])
        #expect(elector.expire(now: .milliseconds(9999)) == [])
        #expect(elector.expire(now: .seconds(10)) == [.lost("no renewal within 10.0 seconds")])
        #expect(elector.validUntil == nil)
    }

    @Test func anotherLeadsAndItsClockDoesNotMatter() {
        for renewed in [0, 4_000_000_000_000_000] {
            var elector = LeaderElector(LeaderElector.Settings(identity: "b"))
            let theirs = Self.record("a", 3, renewed: MicroTime(microseconds: Int64(renewed)))
            _ = elector.next(now: .zero, time: Self.noon)
            #expect(elector.handle(.read(theirs, resourceVersion: "1"), now: .zero) == [.following("a")])
            #expect(elector.next(now: .zero, time: Self.noon) == .wait(until: .seconds(2)))
            // It says the same for 15 seconds by our own clock.
            #expect(elector.next(now: .seconds(14), time: Self.noon) == .read)
            #expect(elector.handle(.read(theirs, resourceVersion: "1"), now: .seconds(14)) == [])
            #expect(elector.next(now: .seconds(14), time: Self.noon) == .wait(until: .seconds(15)))
            #expect(elector.next(now: .seconds(15), time: Self.noon) == .read)
            #expect(elector.handle(.read(theirs, resourceVersion: "1"), now: .seconds(15)) == [])
            #expect(
                elector.next(now: .seconds(15), time: Self.noon)
                    == .replace(Self.record("b", 4), resourceVersion: "1"))
            #expect(
                elector.handle(.written(resourceVersion: "2"), now: .seconds(15))
                    == [.leading(FencingToken(transitions: 4, resourceVersion: "2"))])
        }
    }

    @Test func aSignOfLifeStartsTheWaitAnew() {
        var elector = LeaderElector(LeaderElector.Settings(identity: "b"))
        _ = elector.next(now: .zero, time: Self.noon)
        _ = elector.handle(.read(Self.record("a"), resourceVersion: "1"), now: .zero)
        #expect(elector.next(now: .zero, time: Self.noon) == .wait(until: .seconds(2)))
        #expect(elector.next(now: .seconds(14), time: Self.noon) == .read)
        let later = Self.record("a", renewed: MicroTime(microseconds: Self.noon.microseconds + 1))
        _ = elector.handle(.read(later, resourceVersion: "2"), now: .seconds(14))
        #expect(elector.next(now: .seconds(20), time: Self.noon) == .wait(until: .seconds(22)), "alive 6 seconds ago")
    }

    @Test func whoComesSecondFollows() {
        var elector = LeaderElector(LeaderElector.Settings(identity: "b"))
        _ = elector.next(now: .zero, time: Self.noon)
        _ = elector.handle(.absent, now: .zero)
        _ = elector.next(now: .zero, time: Self.noon)
        #expect(elector.handle(.conflict, now: .seconds(1)) == [])
        #expect(elector.next(now: .seconds(1), time: Self.noon) == .read)
        #expect(elector.handle(.read(Self.record("a"), resourceVersion: "1"), now: .seconds(1)) == [.following("a")])
    }

    @Test func givenBackItIsTakenAtOnce() {
        var leader = LeaderElector(LeaderElector.Settings(identity: "a"))
        _ = leader.next(now: .zero, time: Self.noon)
        _ = leader.handle(.absent, now: .zero)
        _ = leader.next(now: .zero, time: Self.noon)
        _ = leader.handle(.written(resourceVersion: "1"), now: .zero)
        guard case .replace(let record, "1")? = leader.release(now: .seconds(1), time: Self.noon) else {
            Issue.record("it leads, so it can give back")
            return
        }
        #expect(record.holder.isEmpty)
        #expect(leader.handle(.written(resourceVersion: "2"), now: .seconds(1)) == [.lost("released")])

        var next = LeaderElector(LeaderElector.Settings(identity: "b"))
        _ = next.next(now: .zero, time: Self.noon)
        _ = next.handle(.read(record, resourceVersion: "2"), now: .zero)
        guard case .replace(let mine, "2") = next.next(now: .zero, time: Self.noon) else {
            Issue.record("nobody holds it")
            return
        }
        #expect(mine.transitions == 1, "another leader, a higher token")
    }

    @Test func somebodyTookTheLeaseFromALeader() {
        var elector = LeaderElector(LeaderElector.Settings(identity: "a"))
        _ = elector.next(now: .zero, time: Self.noon)
        _ = elector.handle(.absent, now: .zero)
        _ = elector.next(now: .zero, time: Self.noon)
        _ = elector.handle(.written(resourceVersion: "1"), now: .zero)
        _ = elector.next(now: .seconds(2), time: Self.noon)
        _ = elector.handle(.conflict, now: .seconds(2))
        #expect(elector.next(now: .seconds(2), time: Self.noon) == .read)
        #expect(
            elector.handle(.read(Self.record("b", 1), resourceVersion: "2"), now: .seconds(2))
                == [.lost("b holds the lease now"), .following("b")])
    }
}

/// Several electors against one lease, with clocks that run at different speeds and start anywhere, requests that are
/// lost before or after they were done, and pauses: never do two lead at the same moment, and tokens only grow.
@Suite struct LeaderElectionModelTests {
    struct Server {
        var record: LeaseRecord?
        var version = 0
    }

    struct Member {
        var elector: LeaderElector
        /// Its clock runs this much faster, and began there.
        let rate: Double
        let start: Duration
        var wakes: Double = 0
        /// An answer on its way: when it arrives.
        var answer: (at: Double, event: LeaderElector.Event)?

        func clock(_ time: Double) -> Duration { start + .milliseconds(Int64(time * rate * 1000)) }
    }

    @Test(arguments: 0..<40) func neverTwo(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var server = Server()
        var members = (0..<3).map { index in
            Member(
                elector: LeaderElector(LeaderElector.Settings(identity: "m\(index)")),
                rate: Double.random(in: 0.9...1.1, using: &random),
                start: .seconds(Int64.random(in: 0...100_000, using: &random)))
        }
        var highest = -1
        var terms = 0
        var time = 0.0
        while time < 600 {
            time += Double.random(in: 0.01...0.3, using: &random)
            for index in members.indices {
                let now = members[index].clock(time)
                if let answer = members[index].answer, answer.at <= time {
                    members[index].answer = nil
                    for case .leading(let token) in members[index].elector.handle(answer.event, now: now) {
                        terms += 1
                        #expect(token.transitions >= highest)
                        highest = token.transitions
                    }
                }
                _ = members[index].elector.expire(now: now)
                guard members[index].answer == nil, members[index].wakes <= time else { continue }
                if Int.random(in: 0..<400, using: &random) == 0 {
                    members[index].wakes = time + Double.random(in: 5...60, using: &random)
                    continue
                }
                let wallClock = MicroTime(microseconds: Int64.random(in: 0...4_000_000_000_000_000, using: &random))
                let action = members[index].elector.next(
                    now: now, time: wallClock, jitter: Double.random(in: 0...1, using: &random))
                guard let event = perform(action, on: &server, &random) else { continue }
                let delay = Double.random(
                    in: 0...(Int.random(in: 0..<10, using: &random) == 0 ? 12 : 1), using: &random)
                members[index].answer = (time + delay, event)
            }
            let leaders = members.filter { member in
                member.elector.validUntil.map { member.clock(time) < $0 } ?? false
            }
            #expect(leaders.count <= 1, "seed \(seed), \(time) s")
        }
        #expect(terms >= 1)
    }

    private func perform(
        _ action: LeaderElector.Action, on server: inout Server, _ random: inout SeededGenerator
    ) -> LeaderElector.Event? {
        if case .wait = action { return nil }
        let luck = Int.random(in: 0..<20, using: &random)
        if luck == 0 { return .failed }
        var event: LeaderElector.Event
        switch action {
        case .wait: return nil
        case .read:
            event = server.record.map { .read($0, resourceVersion: String(server.version)) } ?? .absent
        case .create(let record):
            if server.record == nil {
                server = Server(record: record, version: server.version + 1)
                event = .written(resourceVersion: String(server.version))
            } else {
                event = .conflict
            }
        case .replace(let record, let version):
            if server.record != nil, version == String(server.version) {
                server = Server(record: record, version: server.version + 1)
                event = .written(resourceVersion: String(server.version))
            } else {
                event = .conflict
            }
        }
        if luck == 1 { event = .failed }
        return event
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
