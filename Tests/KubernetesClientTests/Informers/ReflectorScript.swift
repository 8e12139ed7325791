@testable import KubernetesClient

/// A reflector with a clock in the hand, whose actions read as a story.
struct ReflectorScript {
    var reflector: Reflector
    var now: Duration = .zero

    init(watchList: Bool = false, seed: UInt64 = 7, _ change: (inout ReflectorSettings) -> Void = { _ in }) {
        var settings = ReflectorSettings()
        settings.usesWatchList = watchList
        change(&settings)
        reflector = Reflector(settings: settings, seed: seed)
    }

    /// Calls one event and tells what the reflector wants done.
    mutating func tell(_ event: (inout Reflector, Duration) -> [Reflector.Action]) -> [String] {
        event(&reflector, now).map(Self.words)
    }

    mutating func start() -> [String] { tell { $0.start(at: $1) } }

    mutating func pass(_ time: Duration) { now += time }

    mutating func answer() { _ = reflector.answered(at: now) }

    mutating func refuse(
        _ code: Int, _ reason: String = "", cause: String? = nil, retryAfter: Duration? = nil
    ) -> [String] {
        let causes = cause.map { [ServerStatus.Cause(reason: $0, message: "")] } ?? []
        let status = ServerStatus(
            code: code, reason: reason, message: "told", retryAfter: retryAfter, causes: causes)
        return tell { $0.refused(status, at: $1) }
    }

    /// An ERROR event.
    mutating func error(_ code: Int, _ reason: String = "", retryAfter: Duration? = nil) -> [String] {
        let status = ServerStatus(code: code, reason: reason, message: "told", retryAfter: retryAfter)
        return tell { $0.failed(status, at: $1) }
    }

    mutating func page(_ version: String, continuation: String = "") -> [String] {
        answer()
        return tell { $0.listed(version: ResourceVersion(version), continuation: continuation, at: $1) }
    }

    mutating func event(_ version: String, isStale: Bool = false) -> [String] {
        tell { $0.event(ResourceVersion(version), isStale: isStale, at: $1) }
    }

    mutating func bookmark(_ version: String, ends: Bool = false) -> [String] {
        tell { $0.bookmark(ResourceVersion(version), endsInitialEvents: ends, at: $1) }
    }

    mutating func end(inside: String? = nil) -> [String] { tell { $0.ended(inside: inside, at: $1) } }

    mutating func disconnect(inside: String? = nil) -> [String] {
        tell { $0.disconnected("reset by peer", inside: inside, at: $1) }
    }

    mutating func malform() -> [String] { tell { $0.malformed("no JSON", at: $1) } }

    /// Lets the time of the wait pass.
    mutating func wait() -> [String] {
        guard case .waiting(let until, _) = reflector.state else { return ["is not waiting"] }
        now = until
        return tell { $0.waited(at: $1) }
    }

    /// How long the reflector is waiting now.
    var waiting: Duration? {
        if case .waiting(let until, _) = reflector.state { until - now } else { nil }
    }

    /// Lets the deadline pass.
    mutating func overdue() -> [String] {
        guard let deadline = reflector.deadline else { return ["has no deadline"] }
        now = deadline
        return tell { $0.overdue(at: $1) }
    }

    /// Listed at 900, watching from there, with an answer.
    mutating func watching() {
        _ = start()
        _ = page("900")
        answer()
    }

    private static func words(_ action: Reflector.Action) -> String {
        switch action {
        case .request(.list(let query)):
            (["list"] + query.items.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
        case .request(.watch(let query)):
            query.resourceVersion.map { "watch from \($0)" } ?? "watch with initial events"
        case .wait: "wait"
        case .close: "close"
        case .beginReplacement(let trustsKnown): trustsKnown ? "begin" : "begin from nothing"
        case .commitReplacement(let version): "commit \(version)"
        case .abandonReplacement: "abandon"
        case .stage: "stage"
        case .apply: "apply"
        case .advance(let version): "advance \(version)"
        case .report(let fault): "report \(word(fault))"
        }
    }

    private static func word(_ fault: ReflectorFault) -> String {
        switch fault {
        case .expired: "expired"
        case .refused(let status): "refused \(status.code)"
        case .disconnected: "disconnected"
        case .cut: "cut"
        case .malformed: "malformed"
        case .silent: "silent"
        case .noWatchList: "no watch-list"
        case .suspect: "suspect"
        }
    }
}
