import Addressing
import Glibc
import Policy

@main
struct PolicyBench {
    static func main() throws {
        let isQuick = CommandLine.arguments.contains("--quick")
        print("| what | measured | target |\n|---|---|---|")
        if CommandLine.arguments.contains("--reach") { return try ReachBench.run() }
        if CommandLine.arguments.contains("--verdicts") { return try verdicts(count: 2_000_000) }
        try middle()
        try verdicts(count: isQuick ? 200_000 : 2_000_000)
        try large(isQuick: isQuick)
        try ReachBench.run()
    }

    static func row(_ what: String, _ value: String, _ target: String) {
        print("| \(what) | \(value) | \(target) |")
        fflush(nil)
    }

    /// CPU seconds of this process: the machine may be busy with other things.
    static func cpu() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func measure<Result>(_ body: () throws -> Result) rethrows -> (result: Result, seconds: Double) {
        let start = cpu()
        let result = try body()
        return (result, cpu() - start)
    }

    static func peakMemory() -> String {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return "\(usage.ru_maxrss / 1024) MiB"
    }

    static func text(_ seconds: Double) -> String {
        func rounded(_ value: Double) -> String {
            let tenths = Int((value * 100).rounded())
            return "\(tenths / 100).\(tenths % 100 < 10 ? "0" : "")\(tenths % 100)"
        }
        return seconds >= 1
            ? "\(rounded(seconds)) s"
            : seconds >= 0.001 ? "\(rounded(seconds * 1e3)) ms" : "\(rounded(seconds * 1e6)) µs"
    }

    // MARK: Scenarios

    static let medium = Fleet(namespaces: 100, workloads: 10, replicas: 10, policies: 10, nodes: 100)

    static func middle() throws {
        let fleet = medium
        let parsed = try measure { try Fleet.parse(fleet.manifests) }
        row("parse 1,000 policies", text(parsed.seconds), "apart")
        let policies = PolicySet(parsed.result)
        let everywhere = measure { PolicyCompiler(cluster: fleet.cluster, policies: policies, scope: .everywhere) }
        let all = everywhere.result
        row(
            "compile 1,000 policies x 10,000 pods from cold, every pod an endpoint (\(all.programCount) programs, \(all.entryCount) entries)",
            text(everywhere.seconds), "<= 1 s")
        let node = measure { PolicyCompiler(cluster: fleet.cluster, policies: policies, scope: .node("node-7")) }
        row(
            "the same for one node's \(node.result.endpointCount) pods (\(node.result.programCount) programs, \(node.result.entryCount) entries)",
            text(node.seconds), "")
    }

    static func verdicts(count: Int) throws {
        let fleet = medium
        let engine = PolicyEngine(cluster: fleet.cluster, policies: PolicySet(try Fleet.parse(fleet.manifests)))
        let names = fleet.cluster.pods.keys.sorted()
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        // Half of the destinations are in the source's own namespace, a tenth outside the cluster.
        let perNamespace = names.count / 100
        let flows = (0..<min(count, 500_000)).map { _ -> Flow in
            let source = next(names.count)
            let neighbour = source / perNamespace * perNamespace + next(perNamespace)
            let destination: FlowEnd =
                switch next(10) {
                case 0: .address(Fleet.address(0xCB00_7100 + UInt32(next(250))))
                case 1...5: .pod(names[neighbour])
                default: .pod(names[next(names.count)])
                }
            return Flow(from: .pod(names[source]), to: destination, port: [53, 443, 8080, 8090, 9090][next(5)])
        }
        var allowed = 0
        let byName = try measure {
            for index in 0..<count {
                let verdict = try engine.verdict(flows[index % flows.count])
                if verdict.isAllowed { allowed += 1 }
            }
        }
        row(
            "verdicts with the deciding rules, ends by name (\(allowed * 100 / count) % allowed)",
            "\(Int(Double(count) / byName.seconds)) /s", ">= 1,000,000 /s")
        let resolved = try flows.map { (try engine.resolve($0.source, .v4), try engine.resolve($0.destination, .v4)) }
        var passed = 0
        let byEnd = measure {
            for index in 0..<count {
                let place = index % flows.count
                if engine.isAllowed(flows[place], from: resolved[place].0, to: resolved[place].1) { passed += 1 }
            }
        }
        row(
            "verdicts, ends resolved before, allowed or not", "\(Int(Double(count) / byEnd.seconds)) /s",
            ">= 1,000,000 /s")
        let walks = min(count, 20_000)
        var steps = 0
        let walking = try measure {
            for index in 0..<walks { steps += try engine.walk(flows[index]).ingress.tiers.count }
        }
        row(
            "verdicts with the walk that led there",
            "\(Int(Double(walks) / walking.seconds)) /s (\(steps) tiers walked)", "")
        if passed != allowed { print("the two ways disagree: \(passed) and \(allowed)"); exit(1) }
    }

    static func large(isQuick: Bool) throws {
        let spaces = isQuick ? 2_500 : 25_000
        let fleet = Fleet(namespaces: spaces, workloads: 4, replicas: 1, policies: 3, nodes: 1_000)
        let parsed = try measure { try Fleet.parse(fleet.manifests) }
        let policies = PolicySet(parsed.result)
        row("parse \(parsed.result.count) policies", text(parsed.seconds), "apart")
        var compiler = measure { PolicyCompiler(cluster: fleet.cluster, policies: policies, scope: .everywhere) }
        row(
            "compile \(parsed.result.count) policies, \(fleet.cluster.pods.count) pods, \(spaces) namespaces, every pod an endpoint (\(compiler.result.entryCount) entries); peak memory of the process, cluster and parsed manifests included: \(peakMemory())",
            text(compiler.seconds), "<= 10 s, <= 1.5 GiB")

        var known: [Double] = []
        var fresh: [Double] = []
        var number: UInt32 = 0x0B00_0000
        for index in 0..<(isQuick ? 300 : 2_000) {
            number += 1
            let space = (index * 7919) % spaces
            var pod = Fleet.pod("ns-\(space)", 1, 1 + index, number, node: index % 1000)
            known.append(measure { _ = compiler.result.apply(.pod(pod)) }.seconds)
            pod.id.name += "-new"
            pod.labels["version"] = "v\(index)"
            fresh.append(measure { _ = compiler.result.apply(.pod(pod)) }.seconds)
        }
        row(
            "one pod added, labels seen before: p50, p99", "\(percentile(known, 50)), \(percentile(known, 99))",
            "p99 <= 1 ms")
        row("one pod added, new labels: p50, p99", "\(percentile(fresh, 50)), \(percentile(fresh, 99))", "p99 <= 1 ms")
        var changes: [Double] = []
        for index in 0..<300 {
            let space = (index * 104_729) % spaces
            let manifest = Fleet.policy("ns-\(space)", index % 3, 4).replacingFirst("443", with: "\(8000 + index)")
            for policy in try Fleet.parse([manifest]) {
                var policy = policy
                policy.source.file = "changed-\(index)"
                changes.append(measure { _ = compiler.result.apply(.policy(policy)) }.seconds)
            }
        }
        row("one policy changed: p50, worst", "\(percentile(changes, 50)), \(text(changes.max() ?? 0))", "<= 10 ms")
        let resync = measure { compiler.result.apply(fleet.cluster.pods.values.map { .pod($0) }) }
        row(
            "resync of all pods (\(resync.result.isEmpty ? "nothing written" : "WRITES"))", text(resync.seconds),
            "writes nothing")
    }

    static func percentile(_ values: [Double], _ percent: Int) -> String {
        let sorted = values.sorted()
        return text(sorted[min(sorted.count - 1, sorted.count * percent / 100)])
    }
}

extension String {
    func replacingFirst(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return replacingCharacters(in: range, other)
    }

    private func replacingCharacters(in range: Range<Index>, _ other: String) -> String {
        self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
