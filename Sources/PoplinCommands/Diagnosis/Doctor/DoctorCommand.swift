import Addressing
import ArgumentParser
import Bundles
import Diagnosis
import Findings
import LinuxHost

/// `poplin doctor`: what is broken, how sure that is, and what to type. Options belong to the subcommands, of which
/// `cluster` is meant where none is named.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Find the one cause: the evidence, how sure it is, the smallest fix.",
        usage: "poplin doctor [<options>]",
        discussion: """
            Looks at any cluster with any CNI and needs nothing installed: the Kubernetes API alone, this machine, or \
            evidence of another time and place. It only reads. What cannot be read is "not checked", with the reason; \
            it is neither good nor bad. Without a kubeconfig it is the doctor of this machine, and says so.

            Examples:
              poplin doctor
              poplin doctor --bundle incident.tar.gz -o json
              journalctl -u kubelet | poplin doctor --logs -
              aws ec2 describe-subnets --output json | poplin doctor --aws -
              poplin doctor why shop/cart to payments:8443
              poplin doctor --pre                    before an install or an upgrade
              poplin doctor collect -o incident.tar.gz

            What is asked for most; poplin doctor cluster --help has all options:
              --bundle PATH     evidence of another time or place, instead of a cluster
              --logs FILE       a log as further evidence, - for standard input
              --exec            read-only commands inside agents' pods that already run
              --debug-pod IMAGE a pod on each node reads the machine and is deleted
              --probe           send traffic: DNS queries, TCP connections, pings
              --wait            look again until nothing is found
              -o FORMAT, -v     text, json, yaml, junit, sarif or html; everything
              --kubeconfig FILE, --context NAME, --as USER    as kubectl has them

            \(CommandStatus.help)
            """,
        subcommands: [
            DoctorClusterCommand.self, DoctorNodeCommand.self, DoctorCollectCommand.self, DoctorRunbookCommand.self,
            DoctorWatchCommand.self, DoctorWhyCommand.self,
        ],
        defaultSubcommand: DoctorClusterCommand.self)
}

/// `poplin doctor [cluster]`.
struct DoctorClusterCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "Diagnose a cluster, a bundle, or what is handed in (the default).",
        usage: "poplin doctor [<options>]",
        discussion: """
            What is handed in (--logs, --aws ...) is looked at together with the cluster, or alone where there is none.

            Examples:
              poplin doctor --bundle incident.tar.gz -v
              poplin doctor --wait --wait-duration 2m
              poplin doctor --probe -v
              poplin doctor --pre --range 10.244.0.0/16 --range 10.96.0.0/12
              poplin doctor -o sarif > doctor.sarif

            \(CommandStatus.help)
            """)

    @OptionGroup var input: DoctorEvidence
    @OptionGroup var output: DoctorOutput

    @Flag(
        help: ArgumentHelp(
            """
            Before an install or an upgrade, question by question: kernels, ports, ranges, leftovers of other networks, \
            versions, addresses, agents, certificates.
            """))
    var pre = false

    @Option(
        help: ArgumentHelp(
            "With --pre: a range that pods or Services are to get; may be repeated.", valueName: "range"))
    var range: [String] = []

    @Flag(help: "Look again until nothing is found, or --wait-duration is over.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait, such as 30s or 5m.", valueName: "time"))
    var waitDuration = "5m"

    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    func validate() throws {
        if TimeText.duration(waitDuration) == nil {
            throw ValidationError("--wait-duration \(waitDuration): write a number with s, m or h, such as 30s")
        }
        if let wrong = range.first(where: { IPPrefix($0) == nil }) {
            throw ValidationError("--range \(wrong): write a range such as 10.244.0.0/16")
        }
        if !range.isEmpty, !pre {
            throw ValidationError("--range is for --pre: poplin doctor --pre --range \(range[0])")
        }
        if wait, input.bundle != nil { throw ValidationError("--wait is for what can change: a bundle does not") }
    }

    func run(on console: Console) throws {
        var told = ""
        let deadline = ContinuousClock.now + (wait ? TimeText.duration(waitDuration) ?? .zero : .zero)
        while true {
            let collected: DoctorEvidence.Collected
            do {
                collected = try input.collect(cluster, on: console)
            } catch let failure as CommandFailure {
                // An API server that is starting is waited for as well.
                guard wait, failure.status == .undetermined, ContinuousClock.now < deadline else { throw failure }
                say(failure.findings.first?.message ?? "no answer", &told, on: console)
                continue
            }
            let report = collected.report(pre ? CheckList.preflight : CheckList.all, on: console)
            let preflight =
                pre ? Preflight(FactBase(reading: collected.evidence, by: .cores), report, planned: planned) : nil
            if (preflight?.status ?? report.status) == .healthy || ContinuousClock.now >= deadline {
                collected.say(output, on: console)
                if let preflight { return try output.conclude(preflight, report, on: console) }
                return try output.conclude(report, on: console)
            }
            say(preflight?.headline ?? report.headline, &told, on: console)
        }
    }

    /// On a terminal the line is written over; in a log each change is a line. Then a pause.
    private func say(_ state: String, _ told: inout String, on console: Console) {
        if console.isErrorTerminal {
            console.progress("waiting: \(state)")
        } else if state != told {
            console.printError("waiting: \(state)")
            told = state
        }
        Clock.sleep(nanoseconds: 2_000_000_000)
    }

    private var planned: [IPPrefix] { range.compactMap { IPPrefix($0) } }
}

extension DoctorEvidence.Collected {
    /// Before the report, or beside it where a program reads the output.
    func say(_ output: DoctorOutput, on console: Console) {
        for note in wrappedNotes {
            if output.format == .text { console.print(note + "\n") } else { console.printError(note) }
        }
    }

    func report(_ checks: [any Check] = CheckList.all, on console: Console) -> DiagnosisReport {
        var report = DiagnosisReport(FactBase(reading: evidence, by: .cores), checks)
        report.problems = problems
        report.notes = notes
        return report
    }
}

/// `poplin doctor node`: this machine alone.
struct DoctorNodeCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Diagnose this machine alone.",
        usage: "poplin doctor node [<options>]",
        discussion: """
            Configuration and plugins as the runtime reads them, links, routes, packet filters, sysctls, BPF, sandboxes, \
            logs, clock. It reads files and the kernel, and executes nothing but the plugins' VERSION. Without root a \
            part cannot be read, and is "not checked".

            Examples:
              sudo poplin doctor node
              poplin doctor node --name node-7 -o json
              sudo poplin doctor node --pre --range 10.244.0.0/16

            \(CommandStatus.help)
            """)

    @Option(help: ArgumentHelp("The name of its Node object, where it is not the host name.", valueName: "node"))
    var name: String?

    @Flag(help: "Before an install: kernel, ports, ranges, leftovers of other networks.")
    var pre = false

    @Option(
        help: ArgumentHelp(
            "With --pre: a range that pods or Services are to get; may be repeated.", valueName: "range"))
    var range: [String] = []

    @OptionGroup var output: DoctorOutput

    func validate() throws {
        if let wrong = range.first(where: { IPPrefix($0) == nil }) {
            throw ValidationError("--range \(wrong): write a range such as 10.244.0.0/16")
        }
    }

    func run(on console: Console) throws {
        let collected = DoctorEvidence.Collected(evidence: DoctorEvidence.machine(named: name, on: console))
        let report = collected.report(on: console)
        if pre {
            let planned = range.compactMap { IPPrefix($0) }
            let preflight = Preflight(FactBase(reading: collected.evidence, by: .cores), report, planned: planned)
            return try output.conclude(preflight, report, on: console)
        }
        try output.conclude(report, on: console)
    }
}
