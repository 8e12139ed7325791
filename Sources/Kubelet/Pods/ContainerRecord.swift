/// What became of one container of a pod, over all its restarts.
struct ContainerRecord: Sendable, Hashable {
    enum State: Sendable, Hashable {
        /// Not started yet.
        case waiting
        /// Nanoseconds since the Epoch.
        case running(since: UInt64)
        case ended(Ending)
        /// It could not be started: the reason that `kubectl get` shows (`ErrImagePull`), and why.
        case refused(reason: String, message: String)
    }

    struct Ending: Sendable, Hashable {
        var id: String
        var exitCode: Int
        var signal = 0
        /// `Completed`, `Error`, `StartError`, `ContainerStatusUnknown`.
        var reason: String
        var message = ""
        var startedAt: UInt64
        var finishedAt: UInt64
    }

    /// Which container of its name this is, from 0; -1 before the first.
    var attempt = -1
    var id = ""
    /// Its first process; 0 until it is known.
    var process: Int32 = 0
    var state = State.waiting
    /// How the one before this ended.
    var last: Ending?
    /// The startup probe has succeeded, or there is none.
    var isStarted = false
    var isReady = false
    var backOff = BackOff()
    /// It ran in a sandbox that is gone: it counts as a restart, but the pod begins anew with its init containers.
    var isOfEarlierSandbox = false
    /// A probe wants it killed and started again: what it said.
    var complaint: String?

    var isRunning: Bool { if case .running = state { true } else { false } }

    var ending: Ending? { if case .ended(let ending) = state { ending } else { nil } }

    var restarts: Int { max(0, attempt) }

    /// It has been started in the sandbox there is.
    var hasStarted: Bool { attempt >= 0 && !isOfEarlierSandbox }

    /// It has done its work in the sandbox there is.
    var hasSucceeded: Bool { ending?.exitCode == 0 && !isOfEarlierSandbox }
}

extension ContainerRecord {
    /// Of a container that the API knows and this node does not any more: after a restart of the node it counts as
    /// ended, as containerd has it (pkg/cri/server/restart.go: exit code 255, reason `Unknown`).
    ///
    /// - Parameter now: nanoseconds since the Epoch.
    init(lost known: PodSpec.Known, now: UInt64, isOfEarlierSandbox: Bool) {
        attempt = known.restarts
        id = known.id
        state = .ended(
            known.ending
                ?? Ending(
                    id: known.id, exitCode: 255, reason: "Unknown", startedAt: known.startedAt, finishedAt: now))
        self.isOfEarlierSandbox = isOfEarlierSandbox
    }
}

/// How long a container that ends again and again waits (kubernetes/pkg/kubelet/kubelet.go: 10 s, doubled up to 300 s,
/// forgotten after twice the most).
struct BackOff: Sendable, Hashable {
    static let first: UInt64 = 10
    static let most: UInt64 = 300

    /// Seconds; 0 before the first restart.
    private(set) var seconds: UInt64 = 0
    private var updatedAt: UInt64 = 0
    private var refusedUntil: UInt64 = 0

    /// When it may be started again after an end (nanoseconds since the Epoch); nil: now.
    func deadline(endedAt: UInt64, now: UInt64) -> UInt64? {
        guard seconds > 0, !isForgotten(endedAt) else { return nil }
        return Self.ahead(endedAt + seconds * 1_000_000_000, now: now, most: seconds)
    }

    /// It is started again.
    mutating func restarted(endedAt: UInt64, now: UInt64) {
        seconds = seconds == 0 || isForgotten(endedAt) ? Self.first : min(Self.most, seconds * 2)
        updatedAt = now
    }

    /// A start was refused and is worth trying again.
    mutating func refused(now: UInt64) {
        seconds = seconds == 0 ? Self.first : min(Self.most, seconds * 2)
        updatedAt = now
        refusedUntil = now + seconds * 1_000_000_000
    }

    /// When a start that was refused is tried again; nil: now.
    func refusalDeadline(now: UInt64) -> UInt64? { Self.ahead(refusedUntil, now: now, most: seconds) }

    /// A deadline that is still to come. One that is further away than it ever was is of a clock that was set back, and
    /// has passed: times are wall clock's here, because they are told to the API and outlive the kubelet.
    ///
    /// - Parameter most: seconds.
    static func ahead(_ deadline: UInt64, now: UInt64, most: UInt64) -> UInt64? {
        deadline > now && deadline - now <= most * 1_000_000_000 ? deadline : nil
    }

    private func isForgotten(_ endedAt: UInt64) -> Bool { endedAt > updatedAt + 2 * Self.most * 1_000_000_000 }

    /// As Go prints it: `10s`, `1m20s`.
    var text: String {
        seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
    }
}
