import Addressing
import IPAMKubernetes
import Synchronization

/// What the agent counts.
final class AgentMetrics: Sendable {
    struct Counts: Sendable {
        /// By operation and result code; 0 is success.
        var requests: [RequestLabel: Int] = [:]
        var requestTimes: [String: Histogram] = [:]
        var releasedByCensus = 0
        var convergences = 0
        var failedConvergences = 0
        var convergenceTimes = Histogram()
        var fabricObjects = 0
        var nodesRouted = 0
        var nodesRefused = 0
        var tracksPodToPod = true
        var apiFailures = 0
        var eventsOfUnenforced = 0
    }

    struct RequestLabel: Hashable, Comparable, Sendable {
        var operation: String
        var code: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.operation, left.code) < (right.operation, right.code)
        }
    }

    private let counts = Mutex(Counts())

    func count(_ body: (inout Counts) -> Void) { counts.withLock { body(&$0) } }

    var snapshot: Counts { counts.withLock { $0 } }

    /// The page, with what is known at this moment.
    func page(version: String, node: String, isReady: Bool, usage: [AddressUsage], endpoints: Int) -> String {
        let counts = snapshot
        var page = MetricsPage()
        page.family(
            "poplin_agent_info", .gauge, "The agent that answers; always 1.",
            [([("version", version), ("node", node)], 1)])
        page.value("poplin_agent_ready", .gauge, "1 when pods can be connected.", isReady ? 1 : 0)
        page.value("poplin_agent_endpoints", .gauge, "Pod interfaces that hold addresses.", Double(endpoints))
        page.family(
            "poplin_agent_requests_total", .counter,
            "Requests of the plugin by operation and code of the CNI specification; 0 is success.",
            counts.requests.sorted { $0.key < $1.key }.map { label, number in
                ([("operation", label.operation), ("code", String(label.code))], Double(number))
            })
        page.histogram(
            "poplin_agent_request_seconds", "Time to answer a request.",
            counts.requestTimes.sorted { $0.key < $1.key }.map { ([("operation", $0.key)], $0.value) })
        page.family(
            "poplin_ipam_addresses", .gauge, "Addresses of the node's ranges by state.",
            usage.flatMap { usage in
                [
                    ("allocated", Double(usage.allocated)), ("cooling", Double(usage.cooling)),
                    ("reserved", Double(usage.reserved)), ("free", Double(usage.free)),
                ].map { state, number in
                    ([("pool", usage.pool), ("range", usage.range.description), ("state", state)], number)
                }
            })
        page.value(
            "poplin_ipam_released_without_request_total", .counter,
            "Addresses given back because their link was gone and no request to release them had come.",
            Double(counts.releasedByCensus))
        page.family(
            "poplin_fabric_nodes", .gauge, "Other nodes by what became of them.",
            [
                ([("state", "routed")], Double(counts.nodesRouted)),
                ([("state", "refused")], Double(counts.nodesRefused)),
            ])
        page.value(
            "poplin_fabric_pod_to_pod_tracked", .gauge, "1 while the kernel tracks connections between pods.",
            counts.tracksPodToPod ? 1 : 0)
        page.value(
            "poplin_fabric_objects", .gauge, "Kernel objects of the fabric.", Double(counts.fabricObjects))
        page.family(
            "poplin_fabric_convergences_total", .counter, "Times the kernel was brought to the wanted state.",
            [
                ([("result", "settled")], Double(counts.convergences)),
                ([("result", "failed")], Double(counts.failedConvergences)),
            ])
        page.histogram(
            "poplin_fabric_convergence_seconds", "Time to bring the kernel to the wanted state.",
            [([], counts.convergenceTimes)])
        page.value(
            "poplin_api_failures_total", .counter, "Requests to the API server that failed.",
            Double(counts.apiFailures))
        page.value(
            "poplin_unenforced_objects_total", .counter,
            "Objects that got an event because this version does not act on them.", Double(counts.eventsOfUnenforced))
        return page.text
    }
}
