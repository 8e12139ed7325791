import ArgumentParser
import CNI
import Conntest
import Findings
import JSONTree
import KubernetesClient
import LinuxHost

/// `poplin conntest`: who reaches whom in a cluster, tried out.
struct ConntestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conntest", abstract: "Try out who reaches whom in a cluster, and say why somebody does not.",
        discussion: """
            Makes a namespace with pods on every node and asks from each of them: pods of the same and of another \
            node, nodes, ports of nodes, full packets and one byte more, IPv4 and IPv6, over TCP, UDP and ICMP. \
            Nothing outside the cluster is asked. The namespace goes again whatever happens.

            Examples:
              poplin conntest
              poplin conntest --test pod-to-pod --junit report.xml
              poplin conntest --test '!icmp' -o json | jq '.tests[]|select(.passed|not)'
              poplin conntest --image registry.example/poplin:1 --program /usr/bin/poplin

            \(CommandStatus.help)
            """,
        subcommands: [ConntestRunCommand.self, ConntestProbeCommand.self, ConntestServeCommand.self],
        defaultSubcommand: ConntestRunCommand.self)
}

struct ConntestRunCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the test: `poplin conntest` without a word.",
        usage: "poplin conntest [<options>]",
        discussion: """
            Examples:
              poplin conntest --only '/tcp/' --timestamp

            \(CommandStatus.help)
            """)

    @OptionGroup var output: OutputOptions

    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    @Option(
        name: [.customLong("test"), .customLong("only")],
        help: ArgumentHelp(
            "Only tests whose name matches, such as pod-to-pod or '/udp-mtu/'; '!' before it turns it round. May be "
                + "repeated.", valueName: "regex"))
    var tests: [String] = []

    @Option(help: ArgumentHelp("Write the results as JUnit XML too.", valueName: "file"))
    var junit: String?

    @Flag(help: "Begin each line with the time.")
    var timestamp = false

    @Option(
        help: ArgumentHelp("The image with the program; the agents' own when this is not said.", valueName: "image"))
    var image: String?

    @Option(help: ArgumentHelp("The program in that image.", valueName: "path"))
    var program = "poplin"

    @Option(help: ArgumentHelp("How long the pods may take to be ready.", valueName: "time"))
    var startTimeout = "2m"

    @Option(help: ArgumentHelp("How long one probe may take.", valueName: "time"))
    var probeTimeout = "3s"

    @Option(help: ArgumentHelp("Pods that are asked from at once, and probes at once in each.", valueName: "number"))
    var concurrency = 4

    func validate() throws {
        for text in [startTimeout, probeTimeout] where TimeText.duration(text) == nil {
            throw ValidationError("\(text) is no time: write a number with s, m or h, such as 30s")
        }
        for text in tests {
            do { _ = try TestFilter(text) } catch {
                throw ValidationError("--test \(text): that is no regular expression")
            }
        }
        if !(1...64).contains(concurrency) { throw ValidationError("--concurrency is 1 to 64") }
    }

    func run(on console: Console) throws {
        let connection = try cluster.connection(on: console, component: "conntest")
        let screen = ConntestScreen(console, isQuiet: output.format != .table, hasTimestamps: timestamp)
        let signals = EndSignals()
        let outcome = Waiting<Result<ConntestReport, ConntestFailure>>()
        let (patience, probePatience) = (TimeText.duration(startTimeout), TimeText.duration(probeTimeout))
        let filters = tests.compactMap { try? TestFilter($0) }
        let environment = console.environment
        let work = Task {
            let transport = HTTPTransport(connection, environment: environment)
            let result: Result<ConntestReport, ConntestFailure>
            do throws(ConntestFailure) {
                let name = try await chosenImage(transport)
                var options = Conntest.Options(image: name ?? "poplin:\(Release.version)")
                options.program = program
                options.concurrency = concurrency
                if let patience { options.startPatience = patience }
                if let probePatience { options.probePatience = probePatience }
                options.isWanted = { test in filters.allSatisfy { $0.wants(test) } }
                result = .success(try await Conntest(transport, options) { screen.show($0) }.run())
            } catch {
                result = .failure(error)
            }
            await transport.close()
            outcome.set(result)
        }
        Task {
            let signal = await signals.first()
            console.printError("\(signal): removing the test's namespace")
            work.cancel()
        }
        let report: ConntestReport
        do {
            report = try outcome.wait().get()
        } catch {
            // Whoever interrupts knows it.
            if case .api(let failure) = error, case .cancelled = failure.kind {
                throw CommandFailure(.undetermined, [])
            }
            throw CommandFailure(.undetermined, error.finding)
        }
        try finish(report, screen, console)
    }

    /// What was said, or what the cluster's agents are made of.
    private func chosenImage(_ transport: HTTPTransport) async throws(ConntestFailure) -> String? {
        if let image { return image }
        do throws(KubernetesFailure) {
            return try await Conntest.agentImage(ClusterClient(transport), namespace: ClusterFacts.namespace)
        } catch {
            throw .api(error)
        }
    }

    private func finish(_ report: ConntestReport, _ screen: ConntestScreen, _ console: Console) throws {
        if let junit {
            do { try AtomicFile.write(junit, Array(report.junit.utf8)) } catch {
                throw CommandFailure(.undetermined, Finding(code: "conntest", "cannot write \(junit): \(error)"))
            }
        }
        if output.format == .table {
            screen.show(report)
        } else {
            console.print(try output.format.text(report.value))
        }
        if report.tests.isEmpty {
            throw CommandFailure.usage(
                "no test matches --test \(tests.joined(separator: " "))",
                next: "a name is scenario/kind/family, such as pod-to-pod-other-node/tcp/ipv4")
        }
        if report.failedTests > 0 { throw CommandFailure(.findings, []) }
        if report.isUndetermined { throw CommandFailure(.undetermined, []) }
    }
}

/// `--test`: a regular expression, turned round by an exclamation mark.
struct TestFilter: @unchecked Sendable {
    /// Read only after it was made.
    private let expression: Regex<AnyRegexOutput>
    private let isTurned: Bool

    init(_ text: String) throws {
        isTurned = text.hasPrefix("!")
        expression = try Regex(isTurned ? String(text.dropFirst()) : text)
    }

    func wants(_ name: String) -> Bool { name.contains(expression) != isTurned }
}
