import Foundation
import JSONTree
import Lab
import LinuxHost
import SystemCalls
import Testing

/// What these tests need, and what of it is missing.
enum LabNeeds {
    /// The program beside the tests.
    static let program: String = {
        if let named = Environment.value(of: "POPLIN"), !named.isEmpty { return named }
        return beside + "poplin"
    }()

    /// The plugins' program: a static one starts sooner than the one beside the tests.
    static let plugins: String = {
        if let named = Environment.value(of: "POPLIN_CNI"), !named.isEmpty { return named }
        return beside + "poplin-cni"
    }()

    private static let beside: String = {
        let own = (try? ProgramFile.path()) ?? ""
        return String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)]) + "/"
    }()

    static let kubectl = ["/usr/local/bin/kubectl", "/usr/bin/kubectl"].first(
        where: FileManager.default.isExecutableFile(atPath:))

    static let isRoot = geteuid() == 0

    /// In words; without root nothing else matters.
    static let missing: [String] = {
        var missing: [String] = []
        for (path, name) in [(program, "POPLIN"), (plugins, "POPLIN_CNI")]
        where !FileManager.default.isExecutableFile(atPath: path) {
            missing.append("\(path) (swift build makes it; \(name) names another)")
        }
        if kubectl == nil { missing.append("kubectl (Debian's kubernetes-client)") }
        return missing
    }()
}

/// Where a lab could run and something is missing, somebody should hear of it: tests that are skipped are not read.
@Suite("What labs need") struct LabNeedsTests {
    @Test("nothing is missing", .enabled(if: LabNeeds.isRoot, "needs root"))
    func nothingIsMissing() {
        #expect(LabNeeds.missing == [])
    }
}

/// Every test with a lab: one after the other, for a lab takes all the processors it gets.
@Suite(
    "Labs", .serialized,
    .enabled(if: LabNeeds.isRoot && LabNeeds.missing.isEmpty, "needs root, kubectl, and poplin and poplin-cni built"))
enum Labs {}

/// A lab of a test, taken down at the end whatever happens.
final class TestLab {
    let name: String

    init(_ name: String) {
        self.name = "test-\(name)-\(getpid())"
    }

    deinit { _ = try? run(LabNeeds.program, ["lab", "down", "--name", name]) }

    struct Output {
        var status: ChildProcess.Termination
        var text: String
        var errors: String
    }

    /// `poplin lab WORDS --name NAME`.
    @discardableResult
    func lab(_ words: String..., after: [String] = []) throws -> Output {
        try run(LabNeeds.program, ["lab"] + words + ["--name", name] + (after.isEmpty ? [] : ["--"] + after))
    }

    /// As ``lab(_:after:)``, and it must succeed.
    @discardableResult
    func must(_ words: String..., after: [String] = [], sourceLocation: SourceLocation = #_sourceLocation) throws
        -> String
    {
        let output = try run(
            LabNeeds.program, ["lab"] + words + ["--name", name] + (after.isEmpty ? [] : ["--"] + after))
        try #require(
            output.status.isSuccess,
            "lab \(words.joined(separator: " ")): \(output.status)\n\(output.text)\(output.errors)\n\(logs())",
            sourceLocation: sourceLocation)
        return output.text
    }

    /// `poplin WORDS` against the lab's cluster.
    func poplin(_ words: String...) throws -> Output { try run(LabNeeds.program, words) }

    /// kubectl against the lab, which must succeed.
    @discardableResult
    func kubectl(_ words: String..., input: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws
        -> String
    {
        let output = try run(
            LabNeeds.kubectl ?? "", ["--kubeconfig", "/var/lib/poplin/lab/\(name)/kubeconfig"] + words, input: input)
        try #require(
            output.status.isSuccess,
            "kubectl \(words.joined(separator: " ")): \(output.status)\n\(output.errors)\n\(logs())",
            sourceLocation: sourceLocation)
        return output.text
    }

    func run(_ program: String, _ arguments: [String], input: String = "") throws -> Output {
        var environment = Environment.current()
        environment["NO_COLOR"] = "1"
        environment["POPLIN_CNI"] = LabNeeds.plugins
        environment["KUBECONFIG"] = "/var/lib/poplin/lab/\(name)/kubeconfig"
        let outcome = try ChildProcess.run(
            ChildProcess.Command(
                program, arguments, environment: environment, input: Array(input.utf8), limit: .seconds(180)))
        return Output(
            status: outcome.termination, text: String(decoding: outcome.output, as: UTF8.self),
            errors: String(decoding: outcome.errors, as: UTF8.self))
    }

    /// What the lab's programs said last, for a failure's message.
    private func logs() -> String {
        let directory = "/var/lib/poplin/lab/\(name)/log"
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.sorted().map { file in
            let text = (try? String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)) ?? ""
            return "--- \(file)\n" + text.split(separator: "\n").suffix(8).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    // MARK: Processes

    /// The process numbers in the lab's state file, by name.
    func processes() throws -> [String: Int32] {
        let bytes = try #require(try AtomicFile.read("/var/lib/poplin/lab/\(name)/lab.json"))
        var processes: [String: Int32] = [:]
        for (name, process) in try #require(try JSONTree(parsing: bytes).root.member("processes")).members {
            processes[name] = process.member("pid")?.int.map { Int32($0) }
        }
        return processes
    }

    /// Every process of the lab whose command line has these words beside each other.
    func processes(running words: [String]) throws -> [Int32] {
        let group = try #require(try LabDirectory(name).controlGroup())
        let wanted = words.joined(separator: "\0")
        return try group.processes().filter { number in
            guard let command = (try? AtomicFile.read("/proc/\(number)/cmdline")) ?? nil else { return false }
            return String(decoding: command, as: UTF8.self).contains(wanted)
        }
    }

    /// Waits until `condition` holds, a minute at most.
    func wait(
        for what: String, _ condition: () throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if try condition() { return }
            try #require(
                ContinuousClock.now < deadline, "waited for \(what)\n\(logs())", sourceLocation: sourceLocation)
            Clock.sleep(nanoseconds: 100_000_000)
        }
    }
}

/// A pod of one container on a node.
struct TestPod {
    var name: String
    var namespace = "default"
    var node: String
    /// `host` takes a command of this machine, `poplin-workload` words of the built-in workloads.
    var image: String
    var words: [String]
    var annotations: [String: String] = [:]

    init(_ name: String, on node: String, image: String, words: [String]) {
        self.name = name
        self.node = node
        self.image = image
        self.words = words
    }

    var text: String {
        let list = words.map { "\"\($0)\"" }.joined(separator: ",")
        let notes = annotations.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
        return """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"\(name)","namespace":"\(namespace)",
            "annotations":{\(notes.joined(separator: ","))}},
            "spec":{"nodeName":"\(node)","terminationGracePeriodSeconds":1,"containers":[{"name":"main",
            "image":"\(image)","\(image == "host" ? "command" : "args")":[\(list)]}]}}

            """
    }
}

/// What a lab must leave as it was.
struct HostCensus: Equatable {
    var links: [String]
    var mounts: Int
    var namespaces: [String]

    static func take() throws -> HostCensus {
        HostCensus(
            links: try FileManager.default.contentsOfDirectory(atPath: "/sys/class/net").sorted(),
            mounts: try Mounts.all().count,
            namespaces: ((try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []).sorted())
    }
}
