import Foundation
import Synchronization
import Testing

/// Sweeps one scenario on a node of its own: does a fault at one system call of an ADD after the other, has a runtime
/// clean up, and looks for what is left.
final class Sweep {
    /// What a runtime does after an ADD that died.
    enum Remedy: String {
        /// DEL of the whole list, without a previous result: the runtime never got one.
        case delete = "DEL"
        /// The pod is gone, and GC is told that nothing is valid.
        case garbageCollection = "GC"
    }

    let node: TestNode
    let scenario: SweepScenario
    let plugins: PluginSet
    let network: String
    /// Every call instead of only those that change something.
    let isThorough: Bool
    private var list: JSON
    private var pod: TestNamespace
    private var attachments = 0
    private var failures = 0
    /// What the plugins leave on purpose for the next pod: the bridge, the tables, the directory. Learned from an ADD
    /// and DEL that nothing disturbed.
    private var skeleton = Leftovers()

    static let containerPrefix = "sweptpod"
    private static let serial = Atomic<Int>(0)

    init(_ scenario: SweepScenario, on node: TestNode, isThorough: Bool) throws {
        self.node = node
        self.scenario = scenario
        self.isThorough = isThorough
        plugins = try PluginSet.poplin()
        network = "sweep-\(getpid())-\(Self.serial.wrappingAdd(1, ordering: .relaxed).newValue)"
        list = scenario.list(node, network: network)
        pod = try node.makeNamespace()
    }

    private var entries: [JSON] { list["plugins"]?.elements ?? [] }
    private var container: String { "\(Self.containerPrefix)\(attachments)" }
    private var tracePath: String { "/tmp/pt-trace-\(network)" }

    deinit { try? FileManager.default.removeItem(atPath: tracePath) }

    // MARK: Sweeps

    /// Kills plugin `index` of the list at each call of its ADD. With `fresh` nothing was ever made on the node, so
    /// that what the first pod makes is swept as well.
    func killAdds(of index: Int, remedy: Remedy, fresh: Bool) throws {
        let points = try learn(index, again: !fresh).filter { isThorough || $0.isMutating }
        var swept = 0
        for point in points where failures < 5 {
            if fresh { try reset() }
            try nextPod(anew: remedy == .garbageCollection || fresh)
            let previous = try addAll(before: index)
            _ = try call("ADD", index, previous: previous, fault: .kill, at: point)
            guard SystemCallTrace.wasReached(.kill, inTraceAt: tracePath) else {
                try delete(throughout: index, after: "an ADD that \(point) did not stop")
                continue
            }
            swept += 1
            let story =
                "\(scenario.name), \(plugin(index)) killed at \(point), then \(remedy.rawValue)\(fresh ? ", first pod" : "")"
            switch remedy {
            case .delete: try delete(throughout: index, after: story)
            case .garbageCollection:
                pod.remove()
                try collectGarbage(throughout: index, after: story)
            }
            try expectNothingLeft(after: story, inPod: remedy == .delete)
            try expectThatAnAddWorks(throughout: index, after: story)
        }
        Tally.shared.add(swept, "\(scenario.name): \(plugin(index)) ADD killed, \(remedy.rawValue)", plugin(index))
    }

    /// Kills plugin `index` at each call of its DEL, and deletes again.
    func killDeletes(of index: Int) throws {
        _ = try learn(index, again: false)
        try nextPod(anew: false)
        var result = try addAll(before: index + 1)
        _ = try call("DEL", index, previous: result, recording: true)
        let points = try SystemCallTrace.points(inTraceAt: tracePath).filter { isThorough || $0.isMutating }
        try delete(throughout: index, after: "a DEL that nothing disturbed")
        var swept = 0
        for point in points where failures < 5 {
            try nextPod(anew: false)
            result = try addAll(before: index + 1)
            _ = try call("DEL", index, previous: result, fault: .kill, at: point)
            let story = "\(scenario.name), DEL of \(plugin(index)) killed at \(point), then DEL"
            if SystemCallTrace.wasReached(.kill, inTraceAt: tracePath) { swept += 1 }
            try delete(throughout: index, previous: result, after: story)
            try expectNothingLeft(after: story, inPod: true)
        }
        Tally.shared.add(swept, "\(scenario.name): \(plugin(index)) DEL killed, DEL", plugin(index))
    }

    /// Has each call of plugin `index`'s ADD fail. The ADD either copes, or says so as a CNI error and has taken back
    /// everything itself.
    func failAdds(of index: Int, interrupting: Bool = false) throws {
        // Before `main`, which begins with setting SIGPIPE aside, the language's own start-up reads its memory map, and
        // aborts when it cannot. Nothing is made there.
        let points = try learn(index, again: true)
            .drop { !($0.name == "rt_sigaction" && $0.arguments.hasPrefix("SIGPIPE")) }
            .filter { isThorough || $0.isMutating }
        expect(!points.isEmpty, "\(scenario.name): the start of main was not found")
        try nextPod(anew: false)
        var previous = try addAll(before: index)
        var before = try leftovers()
        /// Ends this attachment as a runtime would, and makes the next one ready. The limits that bandwidth puts on the
        /// host's end go with the link, as in the reference, so DEL is that of the list.
        func renew(_ result: JSON?, after story: String) throws {
            try delete(throughout: index, previous: result, after: story)
            try expectNothingLeft(after: "\(story), then DEL", inPod: true)
            try nextPod(anew: false)
            previous = try addAll(before: index)
            before = try leftovers()
        }
        var swept = 0
        for point in points where failures < 5 {
            guard let name = interrupting ? (point.canBeInterrupted ? "EINTR" : nil) : point.plausibleError else {
                continue
            }
            let fault = Fault.error(name)
            let answer = try call("ADD", index, previous: previous, fault: fault, at: point)
            let story = "\(scenario.name), \(plugin(index)): \(name) at \(point)"
            guard SystemCallTrace.wasReached(fault, inTraceAt: tracePath) else {
                try renew(answer.json, after: "\(story), which was not reached")
                continue
            }
            swept += 1
            // What cannot be printed cannot be told: the exit code has to do. And a thread that cannot go back to its
            // namespace aborts, by design.
            let isPrinting = SystemCallTrace.wasPrinting(inTraceAt: tracePath)
            let isAborting = point.name == "setns" && answer.output.status > 128
            if answer.succeeded {
                expect(answer.json != nil, "\(story): success without a result\n\(answer)")
                try renew(answer.json, after: story)
            } else if isAborting || isPrinting {
                try renew(nil, after: story)
            } else {
                expect(!interrupting, "\(story): an interrupted call was taken for a failed one\n\(answer)")
                let code = answer.json?["code"]?.int
                expect(
                    answer.output.status == 1 && code != nil && code != 999
                        && !(answer.json?["msg"]?.string ?? "").isEmpty,
                    "\(story): not one CNI error\n\(answer)")
            }
            let left = try settled(against: before)
            if !left.isEmpty {
                fail("\(story): left behind\n\(left)\n\(answer)")
                try reset()
                try nextPod(anew: true)
                return
            }
        }
        try delete(throughout: index, after: "errors in \(plugin(index))")
        Tally.shared.add(
            swept, "\(scenario.name): \(plugin(index)) \(interrupting ? "interrupted" : "errors")", plugin(index))
    }

    // MARK: Steps of a runtime

    /// Runs the list up to and with `index` undisturbed on a node where nothing was ever made, or `again` where
    /// everything that stays is there already; answers the calls of `index`'s ADD.
    private func learn(_ index: Int, again: Bool) throws -> [SystemCallPoint] {
        try reset()
        var points: [SystemCallPoint] = []
        for _ in 0..<(again ? 2 : 1) {
            try nextPod(anew: true)
            let answer = try call("ADD", index, previous: try addAll(before: index), recording: true)
            try expectSuccess(answer, "ADD of \(plugin(index))")
            points = try SystemCallTrace.points(inTraceAt: tracePath)
            try delete(throughout: index, after: "an ADD that nothing disturbed")
        }
        skeleton = Leftovers()
        skeleton = try leftovers()
        let mentions = skeleton.lines.filter { $0.contains(Self.containerPrefix) }
        expect(
            mentions.isEmpty, "\(scenario.name): an undisturbed ADD and DEL leave\n\(mentions.joined(separator: "\n"))")
        return points
    }

    /// ADD of the plugins before `index`; answers the last result.
    private func addAll(before index: Int) throws -> JSON? {
        var previous: JSON?
        for position in 0..<index {
            let answer = try call("ADD", position, previous: previous)
            try expectSuccess(answer, "ADD of \(plugin(position))")
            previous = answer.json
        }
        return previous
    }

    private func delete(throughout index: Int, previous: JSON? = nil, after story: String) throws {
        for position in (0...index).reversed() {
            let answer = try call("DEL", position, previous: previous)
            expect(answer.succeeded, "\(story): DEL of \(plugin(position)) failed\n\(answer)")
        }
    }

    private func collectGarbage(throughout index: Int, after story: String) throws {
        for position in 0...index {
            let answer = try call("GC", position, previous: nil)
            expect(answer.succeeded, "\(story): GC of \(plugin(position)) failed\n\(answer)")
        }
    }

    private func expectNothingLeft(after story: String, inPod: Bool) throws {
        var left = try settled(against: skeleton)
        if inPod && !scenario.isAddressManager { left = left.union(try Leftovers.readPod(pod)) }
        if !left.isEmpty {
            fail("\(story): left behind\n\(left)")
            try reset()
        }
    }

    /// The pool holds one address of each family: a reservation nobody can see would show here.
    private func expectThatAnAddWorks(throughout index: Int, after story: String) throws {
        try nextPod(anew: !FileManager.default.fileExists(atPath: pod.path))
        var previous: JSON?
        for position in 0...index {
            let answer = try call("ADD", position, previous: previous)
            guard answer.succeeded else {
                fail("\(story): the next ADD fails\n\(answer)")
                try reset()
                return
            }
            previous = answer.json
        }
        try delete(throughout: index, previous: previous, after: "\(story), and one more ADD")
    }

    /// The kernel takes a veth away some time after its namespace; what is still there after seconds is left.
    private func settled(against allowed: Leftovers) throws -> Leftovers {
        let deadline = Date().addingTimeInterval(5)
        while true {
            let left = try leftovers().subtracting(allowed).withoutSkeleton
            if left.isEmpty || Date() > deadline
                || !left.lines.allSatisfy({ !$0.hasPrefix("file") && !$0.hasPrefix("nft") })
            {
                return left
            }
            usleep(5_000)
        }
    }

    private func leftovers() throws -> Leftovers {
        try Leftovers.read(node, network: network, containers: Self.containerPrefix)
    }

    /// Another container, in the same namespace or a new one.
    private func nextPod(anew: Bool) throws {
        attachments += 1
        guard anew else { return }
        pod.remove()
        pod = try node.makeNamespace()
    }

    /// Makes the node what it was before the first pod.
    private func reset() throws {
        try node.namespace.inside {
            let links = try JSON(parsing: Command.check(["ip", "-j", "link", "show"]).stdout).elements
            let names = links.compactMap { $0["ifname"]?.string }.filter { $0 != "lo" }
            // Deleting one end of a pair deletes the other: -force goes on.
            _ = try Command.run(["ip", "-force", "-batch", "-"], stdin: names.map { "link del \($0)\n" }.joined())
            try Command.check(["nft", "flush", "ruleset"])
        }
        for setting in ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"] {
            try node.namespace.write(sysctl: setting, "0")
        }
        for directory in [node.dataDirectory, node.tuningDirectory] {
            try? FileManager.default.removeItem(atPath: directory)
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
    }

    private func plugin(_ index: Int) -> String { entries[index]["type"]?.string ?? "?" }

    private func call(
        _ command: String, _ index: Int, previous: JSON?, recording: Bool = false, fault: Fault? = nil,
        at point: SystemCallPoint? = nil
    ) throws -> PluginAnswer {
        let attachment = Attachment(
            node: node, plugins: plugins, list: list, containerID: container, interface: scenario.interface, pod: pod,
            capabilities: scenario.capabilities)
        var configuration = attachment.configuration(of: entries[index], previous: previous)
        if command == "GC" { configuration["cni.dev/valid-attachments"] = [] }
        var arguments = [plugins.path(of: plugin(index))]
        if recording { arguments = SystemCallTrace.recording(to: tracePath) + arguments }
        if let fault, let point { arguments = SystemCallTrace.injecting(fault, at: point, to: tracePath) + arguments }
        let environment = [
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CNI_COMMAND": command, "CNI_CONTAINERID": container,
            "CNI_NETNS": pod.path, "CNI_IFNAME": scenario.interface, "CNI_PATH": plugins.directory,
        ]
        return PluginAnswer(
            output: try node.namespace.inside {
                try Command.run(arguments, stdin: configuration.text, environment: environment)
            })
    }

    private func expectSuccess(_ answer: PluginAnswer, _ what: String) throws {
        guard answer.succeeded else { throw HarnessError("\(scenario.name): \(what) failed undisturbed: \(answer)") }
    }

    private func expect(_ condition: Bool, _ story: @autoclosure () -> String) {
        if !condition { fail(story()) }
    }

    private func fail(_ story: String) {
        failures += 1
        Issue.record("\(story)")
    }
}

/// Counts what was swept, and says it when the tests end.
final class Tally: Sendable {
    static let shared = Tally()
    private let state = Mutex((points: 0, plugins: Set<String>()))

    private init() {
        atexit { Tally.shared.printTotal() }
    }

    func add(_ points: Int, _ what: String, _ plugin: String) {
        state.withLock {
            $0.points += points
            $0.plugins.insert(plugin)
        }
        print("swept \(points) points: \(what)")
    }

    private func printTotal() {
        let (points, plugins) = state.withLock { $0 }
        if points > 0 {
            print("swept \(points) points over \(plugins.count) plugins (\(plugins.sorted().joined(separator: ", ")))")
        }
        fflush(nil)
    }
}
