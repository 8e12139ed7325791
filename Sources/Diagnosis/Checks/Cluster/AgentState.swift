import JSONTree

/// A network agent that does not do its work on a node.
struct AgentState: Sendable {
    enum Kind: Sendable, Hashable {
        /// A container ends again and again, or cannot be made or started.
        case crashing
        case outOfMemory
        case imageMissing
        /// The pod runs and is not ready.
        case unready
        /// Put off the node.
        case evicted
        /// There is no pod, and the DaemonSet is not for this node as it is.
        case notScheduled
        /// There is no pod, though there should be one.
        case absent
    }

    let component: RecognisedComponent
    let node: String
    let pod: APIObject?
    let container: ContainerState?
    let kind: Kind
    /// What the API shows, as one line.
    let line: String
    /// Names of what this breaks.
    let symptoms: Set<String>

    /// Whether something on the node suffers, beside the agent's own pod.
    let hasVictims: Bool

    /// Agents of a component that do not do their work. A pod on its way up, a rolling update and a node that is being
    /// taken away are none.
    static func all(of component: RecognisedComponent, _ facts: FactBase, covered: Set<String>) -> [AgentState] {
        facts.objects("nodes").compactMap { node in
            guard !node.isDeleted, isOurs(node) else { return nil }
            // Of a machine that does not report any more nobody knows how its pods are.
            if node.isCondition("Ready", "Unknown") { return nil }
            let reader = Reader(facts: facts, component: component, node: node)
            let pods = component.pods(on: node.name).filter { !$0.isDeleted }
            if let running = pods.first(where: { $0.text("status", "phase") != "Failed" }) {
                return reader.state(of: running)
            }
            if let failed = pods.first { return reader.evicted(failed) }
            // Pods of it that are being replaced will come back by themselves.
            if component.pods(on: node.name).contains(where: \.isDeleted) || covered.contains(node.name) { return nil }
            return reader.missing()
        }
    }

    /// Machines on which no such agent is meant to run: Windows has its own, virtual nodes have none.
    private static func isOurs(_ node: APIObject) -> Bool {
        let labels = node.labels
        let system = labels["kubernetes.io/os"] ?? node.text("status", "nodeInfo", "operatingSystem") ?? "linux"
        return system == "linux" && labels["type"] != "virtual-kubelet"
            && labels["eks.amazonaws.com/compute-type"] != "fargate"
    }

    private struct Reader {
        let facts: FactBase
        let component: RecognisedComponent
        let node: APIObject

        private func make(_ kind: Kind, _ pod: APIObject?, _ container: ContainerState?, _ line: String) -> AgentState {
            let victims = facts.symptoms(.sandbox, .schedule, .terminate, .node, on: node.name).map(\.id)
            let own = pod.map { pod in
                facts.symptoms(.restarts, .ready, .sandbox, .image, on: node.name).filter { $0.isOf(pod) }.map(\.id)
            }
            return AgentState(
                component: component, node: node.name, pod: pod, container: container, kind: kind, line: line,
                symptoms: Set(victims + (own ?? [])), hasVictims: !Set(victims).subtracting(own ?? []).isEmpty)
        }

        private static let unmade: Set<String> = [
            "CreateContainerError", "CreateContainerConfigError", "RunContainerError", "StartError",
        ]
        private static let unpulled: Set<String> = [
            "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable",
        ]

        func state(of pod: APIObject) -> AgentState? {
            if pod.isCondition("Ready") { return nil }
            let begun = pod.time("status", "startTime") ?? pod.createdAt
            guard facts.isOlder(begun, than: SymptomReader.patience) else { return nil }
            for state in pod.containerStatuses {
                let waits = state.waiting ?? ""
                let what = "\(pod.name) on \(node.name): container \(state.name)"
                if Self.unpulled.contains(waits) {
                    return make(.imageMissing, pod, state, "\(what): \(waits): \(state.waitingMessage)")
                }
                let ended = state.exitCode.map { ", exit \($0) \(state.endReason ?? "")" } ?? ""
                if waits == "CrashLoopBackOff" || Self.unmade.contains(waits) || hasEndedBadly(state) {
                    let kind: Kind = state.endReason == "OOMKilled" ? .outOfMemory : .crashing
                    let text = waits.isEmpty ? "ended" : waits
                    return make(kind, pod, state, "\(what): \(text), \(state.restarts) restarts\(ended)")
                }
            }
            let since = pod.condition("Ready")?.member("lastTransitionTime")?.string.flatMap(APIObject.seconds)
            guard facts.isOlder(since ?? begun, than: 2 * SymptomReader.patience) else { return nil }
            let unready = pod.containerStatuses.first { !$0.isInit && !$0.isReady }
            let state = make(
                .unready, pod, unready,
                "\(pod.name) on \(node.name): \(pod.text("status", "phase") ?? "") and not ready")
            return state.hasVictims ? state : nil
        }

        /// A container that is down now and was not asked to end.
        private func hasEndedBadly(_ state: ContainerState) -> Bool {
            guard let ended = state.node.at("state", "terminated") else { return false }
            return ended.member("exitCode")?.int != 0
        }

        func evicted(_ pod: APIObject) -> AgentState? {
            let state = make(
                .evicted, pod, nil,
                "\(pod.name) on \(node.name): \(pod.text("status", "reason") ?? "Failed"): \(pod.text("status", "message") ?? "")"
            )
            return state.hasVictims ? state : nil
        }

        /// Whether no pod of it was handed over although the DaemonSet counts all of them as ready: the list is of
        /// some pods only, as that of a few descriptions is.
        private func isOnlyUnlisted(_ workload: APIObject) -> Bool {
            guard component.pods.isEmpty, let ready = workload.int("status", "numberReady"), ready > 0 else {
                return false
            }
            return ready >= workload.int("status", "desiredNumberScheduled") ?? .max
        }

        /// Whether its controller has done what it means to do: all that it wants is ready, of this very template.
        private func isSettled(_ workload: APIObject) -> Bool {
            guard let wanted = workload.int("status", "desiredNumberScheduled"), wanted > 0,
                workload.int("status", "numberReady") == wanted
            else { return false }
            return workload.int("status", "observedGeneration") == workload.int("metadata", "generation")
        }

        /// Only when something suffers from it: nodes without the network of the others may be meant so.
        func missing() -> AgentState? {
            guard let workload = component.workload, workload.kind == "DaemonSet",
                facts.isOlder(node.createdAt, than: 2 * SymptomReader.patience),
                facts.isOlder(workload.createdAt, than: 2 * SymptomReader.patience) || isSettled(workload),
                !isOnlyUnlisted(workload)
            else { return nil }
            let fit = DaemonSetFit(workload, node)
            let state = make(
                fit.obstacle == nil ? .absent : .notScheduled, nil, nil,
                "no pod of \(workload.place) on \(node.name)" + (fit.reason.map { ": \($0)" } ?? ""))
            return state.hasVictims ? state : nil
        }
    }
}
