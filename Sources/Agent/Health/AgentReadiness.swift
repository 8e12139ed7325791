import Synchronization

/// What must be so before pods can be connected, part by part, with the reason where one is not.
final class AgentReadiness: Sendable {
    enum Part: String, CaseIterable, Sendable {
        /// The way to other nodes is in the kernel.
        case fabric
        /// There is a range to take addresses from.
        case addresses
        /// The runtime has been told.
        case conflist
        /// The API server answers. Without it the agent goes on from what it knew last.
        case api
        /// The configuration's files are in force.
        case configuration
        /// Whether connections between pods are tracked; impaired says why they are.
        case connections
    }

    enum State: Hashable, Sendable {
        case waiting(String)
        case ready
        /// It works, and something is wrong that does not keep pods from being connected.
        case impaired(String)

        var reason: String? {
            switch self {
            case .ready: nil
            case .waiting(let reason), .impaired(let reason): reason
            }
        }
    }

    private let states = Mutex<[Part: State]>([:])
    private let haveWorked = Mutex<Set<Part>>([])

    subscript(_ part: Part) -> State { states.withLock { $0[part] ?? .waiting("not looked at yet") } }

    /// Whether it is another state than before.
    @discardableResult
    func set(_ part: Part, _ state: State) -> Bool {
        states.withLock { states in
            let isNew = states[part] != state
            states[part] = state
            if case .waiting = state {} else { haveWorked.withLock { _ = $0.insert(part) } }
            return isNew
        }
    }

    /// Why pods that run do not reach what they did: the way to other nodes was there and is not any more.
    var limitation: String? {
        guard case .waiting(let reason) = self[.fabric], haveWorked.withLock({ $0.contains(.fabric) }) else {
            return nil
        }
        return reason
    }

    /// Why an ADD cannot be served; nil when it can.
    var obstacle: String? {
        for part in [Part.fabric, .addresses] {
            if case .waiting(let reason) = self[part] { return "\(part.rawValue): \(reason)" }
        }
        return nil
    }

    /// Nothing is in the way, and the runtime knows the network.
    var isReady: Bool {
        if case .waiting = self[.conflist] { return false }
        return obstacle == nil
    }

    /// What is wrong, for the condition of the Node: a word of the first thing, and all of it in words; nil when nothing
    /// is. That the API server is away could not be written there.
    var problem: (reason: String, message: String)? {
        var problems: [(reason: String, message: String)] = []
        func add(_ part: Part, _ reason: String) {
            if let message = states.withLock({ $0[part] })?.reason { problems.append((reason, message)) }
        }
        add(.configuration, "ConfigurationNotInForce")
        add(.fabric, "FabricProblem")
        add(.addresses, "NoAddresses")
        // Until the rest is there it only waits for that.
        if obstacle == nil { add(.conflist, "ConflistProblem") }
        guard let first = problems.first else { return nil }
        return (first.reason, problems.map(\.message).joined(separator: "; "))
    }

    /// Whether connections between pods are tracked, in words.
    var connections: String {
        switch self[.connections] {
        case .ready: "not tracked"
        case .impaired(let reason): "tracked, \(reason)"
        case .waiting(let reason): reason
        }
    }

    /// As Kubernetes' components show it: one line for each part.
    func report(isVerbose: Bool) -> String {
        if !isVerbose {
            return isReady ? "ok" : "not ready: \(obstacle ?? "conflist: \(self[.conflist].reason ?? "")")"
        }
        var lines: [String] = []
        for part in Part.allCases {
            if part == .connections {
                if case .waiting = self[part] { continue }
                lines.append("[+]connections between pods: \(connections)")
                continue
            }
            switch self[part] {
            case .ready: lines.append("[+]\(part.rawValue) ok")
            case .impaired(let reason): lines.append("[+]\(part.rawValue) impaired: \(reason)")
            case .waiting(let reason):
                switch part {
                case .api: lines.append("[+]api not reached: \(reason)")
                case .configuration: lines.append("[+]configuration not in force: \(reason)")
                default: lines.append("[-]\(part.rawValue) failed: \(reason)")
                }
            }
        }
        lines.append("readyz check \(isReady ? "passed" : "failed")")
        return lines.joined(separator: "\n")
    }
}
