import ArgumentParser
import Findings
import JSONTree
import Manifests
import Policy

struct PolicyDiffCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "What two sets of policies allow differently: who gains, who loses, by which rule.",
        usage: "poplin policy diff <old> <new> [-f <file>] [--flows <file>] [<options>]",
        discussion: """
            Each side is a file, a directory, - for standard input, live for the cluster, or REVISION:PATH of \
            the git repository around the current directory. The difference is exact, between classes of pods that no policy \
            of either side tells apart. Pods and namespaces come from both sides and from -f; where both \
            have an object, the new one counts.

            Examples:
              poplin policy diff main:deploy deploy
              poplin policy diff old.yaml new.yaml -f cluster-dump.json
              poplin policy diff live deploy    what would applying it change?
              poplin policy diff main:deploy deploy --flows last-week.jsonl

            Exit status: 0 no difference, 1 differences, 2 usage, 3 could not determine, 4 internal.
            """)

    @Argument(help: "The policies as they were.")
    var old: String
    @Argument(help: "The policies as they would be.")
    var new: String
    @Option(
        name: [.customShort("f"), .customLong("filename")], help: "Pods, namespaces and services of both sides.",
        completion: .file())
    var files: [String] = []
    @Option(help: "Recorded flows, one JSON object a line: which would be dropped or let through?", completion: .file())
    var flows: String?
    @OptionGroup(title: "The cluster of live") var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let live = old == "live" || new == "live" ? try self.cluster.livePolicies(console) : nil
        let before = try manifests(old)
        let after = try manifests(new)
        let common = ManifestReading(paths: files)
        let oldPolicies = PolicyFiles.read(before, old == "live" ? live : nil)
        let newPolicies = PolicyFiles.read(after, new == "live" ? live : nil)
        var input = PolicyInput()
        for document in live?.documents ?? [] { input.read(document) }
        for reading in [common, before, after] { for manifest in reading.manifests { input.read(manifest) } }
        let cluster = input.finish().cluster
        let shared = PolicyFiles.read(common)
        let problems = shared.findings + oldPolicies.findings + newPolicies.findings
        console.printError(problems)
        let sets = (
            Self.merged(shared.policies, oldPolicies.policies), Self.merged(shared.policies, newPolicies.policies)
        )
        let difference = ReachDifference(in: cluster, from: sets.0, to: sets.1)
        var replay: FlowReplay?
        if let flows {
            let file = try FlowFile(path: flows)
            console.printError(file.findings)
            replay = FlowReplay(file.flows, cluster, from: sets.0, to: sets.1)
        }
        let screen = DifferenceScreen(
            difference: difference, replay: replay,
            engines: (
                PolicyEngine(cluster: cluster, policies: sets.0), PolicyEngine(cluster: cluster, policies: sets.1)
            ))
        console.print(try output.format == .table ? screen.rendered(console.paint) : output.format.text(screen.value))
        if problems.contains(where: { $0.severity == .error }) { throw CommandFailure(.undetermined, []) }
        if !difference.isEmpty || replay?.changed.isEmpty == false { throw CommandFailure(.findings, []) }
    }

    private static func merged(_ common: PolicySet, _ own: PolicySet) -> PolicySet {
        var set = common
        for policy in own.policies.values { set.update(policy) }
        for tier in own.tiers.values { set.update(tier) }
        return set
    }

    private func manifests(_ side: String) throws(CommandFailure) -> ManifestReading {
        if side == "live" { return ManifestReading() }
        if let revision = GitRevision(side) {
            var reading = ManifestReading()
            for (path, bytes) in try revision.files() { reading.read(bytes, file: "\(revision.name):\(path)") }
            return reading
        }
        let reading = ManifestReading(paths: [side])
        if reading.manifests.isEmpty, reading.hasErrors { throw CommandFailure(.undetermined, reading.findings) }
        return reading
    }
}

/// Recorded flows judged by both sides.
struct FlowReplay {
    struct Change {
        let flow: Flow
        let isAllowedNow: Bool
        /// The rule that lets it through on the side that does, or that refuses it on the side that does.
        let decidedBy: String
    }

    let judged: Int
    let unknown: Int
    let changed: [Change]

    init(_ flows: [Flow], _ cluster: Cluster, from old: PolicySet, to new: PolicySet) {
        let engines = (PolicyEngine(cluster: cluster, policies: old), PolicyEngine(cluster: cluster, policies: new))
        var changed: [Change] = []
        var unknown = 0
        for flow in flows {
            guard let before = try? engines.0.verdict(flow), let after = try? engines.1.verdict(flow) else {
                unknown += 1
                continue
            }
            if before.isAllowed == after.isAllowed { continue }
            changed.append(Change(flow: flow, isAllowedNow: after.isAllowed, decidedBy: Self.decision(flow, engines.1)))
        }
        judged = flows.count - unknown
        self.unknown = unknown
        self.changed = changed
    }

    /// What decides a flow: a rule, or the policies that select an end without a rule for it.
    static func decision(_ flow: Flow, _ engine: PolicyEngine) -> String {
        guard let walks = try? engine.walk(flow) else { return "" }
        let sides = [walks.egress, walks.ingress]
        let deciding =
            sides.first { !$0.verdict.isAllowed } ?? sides.first { $0.verdict.decidedBy != nil } ?? walks.ingress
        if let rule = deciding.verdict.decidedBy { return "\(rule)" }
        if deciding.verdict.reason == .noRule {
            return "\(deciding.isolatedBy.map(\.description).joined(separator: ", ")) (no rule for it)"
        }
        return "no policy in its way"
    }
}

/// Who gains and who loses.
struct DifferenceScreen {
    let difference: ReachDifference
    let replay: FlowReplay?
    let engines: (old: PolicyEngine, new: PolicyEngine)

    func rendered(_ paint: Paint) -> String {
        var lines: [String] = []
        let gains = difference.entries.filter { !$0.gained.isEmpty }
        let losses = difference.entries.filter { !$0.lost.isEmpty }
        if difference.isEmpty {
            lines.append("no difference: \(difference.pairs) pairs of classes compared")
        } else {
            lines.append(
                "\(counted(gains.count, "pair")) \(gains.count == 1 ? "gains" : "gain"), \(counted(losses.count, "pair")) \(losses.count == 1 ? "loses" : "lose")"
            )
        }
        for entry in gains {
            lines.append(
                "\(paint.green("+")) \(entry.source.name) -> \(entry.destination.name)  \(entry.gained)\(families(entry))"
            )
            if let rule = decision(entry, entry.gained, engines.new) { lines.append(paint.faint("    now: \(rule)")) }
        }
        for entry in losses {
            lines.append(
                "\(paint.red("-")) \(entry.source.name) -> \(entry.destination.name)  \(entry.lost)\(families(entry))")
            if let rule = decision(entry, entry.lost, engines.new) { lines.append(paint.faint("    now: \(rule)")) }
        }
        if let replay {
            lines.append("")
            let dropped = replay.changed.filter { !$0.isAllowedNow }
            lines.append(
                "\(counted(replay.judged, "flow")) replayed, \(dropped.count) would be dropped, \(replay.changed.count - dropped.count) newly let through"
            )
            if replay.unknown > 0 { lines.append("\(replay.unknown) not judged: an end of them does not exist") }
            for change in replay.changed {
                let mark = change.isAllowedNow ? paint.green("+") : paint.red("-")
                lines.append("\(mark) \(change.flow)  \(paint.faint(change.decidedBy))")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func families(_ entry: ReachDifference.Entry) -> String {
        entry.families == difference.families ? "" : " (\(entry.families.map { "\($0)" }.joined(separator: ", ")) only)"
    }

    private func decision(_ entry: ReachDifference.Entry, _ set: TrafficSet, _ engine: PolicyEngine) -> String? {
        guard let example = set.example, let family = entry.families.first else { return nil }
        var destination = entry.destination.example
        if entry.source == entry.destination, case .pod(let name) = destination,
            let other = entry.destination.members.last
        {
            destination = .pod(PodName(namespace: name.namespace, name: other))
        }
        let flow = Flow(
            from: entry.source.example, to: destination, transport: example.transport, port: example.port,
            family: family,
            icmpType: example.transport.isICMP ? UInt8(example.port >> 8) : nil,
            icmpCode: example.transport.isICMP ? UInt8(example.port & 255) : nil)
        return FlowReplay.decision(flow, engine)
    }

    var value: JSONValue {
        var members: [JSONMember] = [
            JSONMember("pairs", .int(Int64(difference.pairs))),
            JSONMember(
                "changes",
                .array(
                    difference.entries.map { entry in
                        let set = entry.gained.isEmpty ? entry.lost : entry.gained
                        return entry.value.settingMember(
                            "decidedBy", to: decision(entry, set, engines.new).map { .string($0) } ?? .null)
                    })),
        ]
        if let replay {
            members.append(
                JSONMember(
                    "flows",
                    [
                        "judged": .int(Int64(replay.judged)), "unknown": .int(Int64(replay.unknown)),
                        "changed": .array(
                            replay.changed.map {
                                [
                                    "flow": $0.flow.value, "verdict": .string($0.isAllowedNow ? "allow" : "deny"),
                                    "decidedBy": .string($0.decidedBy),
                                ]
                            }),
                    ]))
        }
        return .object(members)
    }
}
