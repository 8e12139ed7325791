import Addressing
import Foundation
import JSONTree
import KubernetesClient
import KubernetesModel

/// `informer-bench memory|decode|events [PODS]`: one measurement, printed as one JSON object. Each in a process of its
/// own, because memory that has been used once is not given back.
@main
struct InformerBench {
    static func main() async {
        let arguments = CommandLine.arguments
        let pods = PodSource(count: arguments.count > 2 ? Int(arguments[2]) ?? 20_000 : 20_000)
        switch arguments.count > 1 ? arguments[1] : "" {
        case "memory": await memory(pods)
        case "decode": await decode(pods)
        case "events": await events(pods)
        default:
            print("informer-bench memory|decode|events [PODS]")
            exit(2)
        }
    }

    /// What a policy engine or a service table needs of a pod.
    struct Workload: Sendable {
        var labels: [String: String]
        var node: String
        var addresses: [IPAddress]
        var hostNetwork: Bool
        var phase: String

        static let projection = Projection { (pod) throws(FieldError) in
            let metadata = pod.member("metadata")
            let spec = pod.member("spec")
            let status = pod.member("status")
            var labels: [String: String] = [:]
            if let members = metadata?.member("labels")?.members {
                for (key, value) in members { labels[key] = value.string ?? "" }
            }
            return Workload(
                labels: labels, node: spec?.member("nodeName")?.string ?? "",
                addresses: status?.member("podIPs")?.elements.compactMap {
                    $0.member("ip")?.string.flatMap { IPAddress($0) }
                }
                    ?? [],
                hostNetwork: spec?.member("hostNetwork")?.bool ?? false,
                phase: status?.member("phase")?.string ?? "")
        }
    }

    static func informer<Value>(
        _ server: PodServer, _ projection: Projection<Value>, _ indices: [InformerIndex<Value>] = []
    ) -> Informer<Value> {
        var settings = ReflectorSettings()
        settings.usesWatchList = false
        return Informer(
            InformerScope(Pod.resource), projection: projection, indices: indices, over: server, settings: settings)
    }

    static func memory(_ pods: PodSource) async {
        let before = Process.anonymousMemory
        let server = PodServer(pods, prepares: false, events: 0)
        let node = InformerIndex<Workload>("node") { _, pod in [pod.node] }
        let informer = informer(server, Workload.projection, [node, .byNamespace])
        let running = Task { await informer.run() }
        try? await informer.waitUntilSynced()
        let after = Process.anonymousMemory
        print(
            "{\"pods\":\(informer.count),\"bytesPerPod\":\(pods.pod(1).utf8.count),\"before\":\(before),\"after\":\(after)}"
        )
        running.cancel()
        await running.value
    }

    static func decode(_ pods: PodSource) async {
        let server = PodServer(pods, prepares: true, events: 0)
        let octets = server.prepared.reduce(0) { $0 + $1.count }
        for round in 0..<3 {
            let small = await synced(informer(server, Workload.projection))
            let typed = await synced(informer(server, Projection(Pod.self)))
            let floor = parsed(pods)
            guard round == 2 else { continue }
            let (count, costs) = (pods.count, "\"projection\":\(small),\"typed\":\(typed),\"parser\":\(floor)")
            print("{\"pods\":\(count),\"bytes\":\(octets),\(costs)}")
        }
    }

    /// CPU seconds of parsing as many objects, each alone, and looking at nothing.
    static func parsed(_ pods: PodSource) -> Double {
        let few = (0..<min(pods.count, 2000)).map { Array(pods.pod($0).utf8) }
        let start = Process.cpu
        var found = 0
        for number in 0..<pods.count {
            if let tree = try? JSONTree(parsing: few[number % few.count]), tree.root.kind == .object { found += 1 }
        }
        return found == pods.count ? Process.cpu - start : .infinity
    }

    /// CPU seconds until everything has been listed.
    static func synced<Value>(_ informer: Informer<Value>) async -> Double {
        let start = Process.cpu
        let running = Task { await informer.run() }
        try? await informer.waitUntilSynced()
        let cost = Process.cpu - start
        running.cancel()
        await running.value
        return cost
    }

    static func events(_ pods: PodSource) async {
        let few = PodSource(count: min(pods.count, 2000))
        let count = 40_000
        let server = PodServer(few, prepares: true, events: count)
        let informer = informer(server, Workload.projection, [.byNamespace])
        let subscription = informer.subscribe()
        let start = Process.cpu
        let wall = ContinuousClock.now
        let running = Task { await informer.run() }
        var delivered = 0
        while delivered + subscription.merged < count, let event = await subscription.next() {
            if case .updated = event { delivered += 1 }
        }
        let cost = Process.cpu - start
        let time = wall.duration(to: .now)
        print(
            "{\"events\":\(count),\"delivered\":\(delivered),\"merged\":\(subscription.merged),\"cpu\":\(cost),"
                + "\"wall\":\(Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds))}")
        running.cancel()
        await running.value
    }
}

enum Process {
    /// CPU seconds of this process.
    static var cpu: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
    }

    /// Anonymous resident memory in KiB (`RssAnon` of /proc/self/status).
    static var anonymousMemory: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
}
