import Agent
import ArgumentParser
import Diagnosis
import Findings
import JSONTree
import KubernetesModel
import LinuxHost
import Synchronization

/// `poplin doctor watch`: looks again and again, and tells only what changed.
struct DoctorWatchCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Look again and again, tell only what changed, export metrics.",
        usage: "poplin doctor watch [<options>]",
        discussion: """
            One line for each cause that appears, changes or goes, with the time. With --metrics the counts are served \
            for Prometheus under /metrics.

            Examples:
              poplin doctor watch --interval 1m
              poplin doctor watch --metrics :9470
              poplin doctor watch -o json | jq -c '.changes[]'

            \(CommandStatus.help)
            """)

    @Option(help: ArgumentHelp("Time between two looks, such as 30s or 5m.", valueName: "time"))
    var interval = "1m"

    @Option(
        help: ArgumentHelp(
            "Serve metrics on this address: :9470 is this machine alone, 0.0.0.0:9470 everybody.", valueName: "address")
    )
    var metrics: String?

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "Format: json is one object a line, for the first look and for each at which something changed.")
    var format: Format = .text

    @Option(help: ArgumentHelp("End after so many looks; 0 is never.", valueName: "number"))
    var count = 0

    @OptionGroup var input: DoctorEvidence
    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    func validate() throws {
        if TimeText.duration(interval) == nil {
            throw ValidationError("--interval \(interval): write a number with s, m or h, such as 30s")
        }
        if let metrics, Self.address(metrics) == nil {
            throw ValidationError("--metrics \(metrics): write an address and a port, such as 127.0.0.1:9470 or :9470")
        }
        if count < 0 { throw ValidationError("--count \(count): write 0 or more") }
    }

    static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        return (host.isEmpty ? "127.0.0.1" : host, Int(port))
    }

    func run(on console: Console) throws {
        let page = Page()
        let server = try metrics.flatMap(Self.address).map { try Self.serve(page, $0.host, $0.port, console) }
        defer { if let server { Task { await server.stop() } } }
        let pause = TimeText.duration(interval) ?? .seconds(60)
        var last: DiagnosisReport?
        var looks = 0
        while true {
            do {
                let report = try input.collect(cluster, on: console).report(on: console)
                let change = DiagnosisChange(from: last, to: report)
                tell(report, change, isFirst: last == nil, on: console)
                page.text.withLock { $0 = report.metrics }
                last = report
            } catch let failure as CommandFailure {
                // A server that is away for a while is watched on.
                if looks == 0 { throw failure }
                console.printWrappedError(failure.findings)
            }
            looks += 1
            if count > 0, looks >= count { break }
            Clock.sleep(nanoseconds: UInt64(pause.components.seconds) * 1_000_000_000)
        }
        switch last?.status {
        case .findings: throw CommandFailure(.findings, [])
        case .couldNotSay: throw CommandFailure(.undetermined, [])
        default: return
        }
    }

    private func tell(_ report: DiagnosisReport, _ change: DiagnosisChange, isFirst: Bool, on console: Console) {
        let time = "\(Timestamp(seconds: Int64(Clock.now() / 1_000_000_000)))"
        if format == .json {
            if change.isEmpty, !isFirst { return }
            let value: JSONValue = [
                "time": .string(time), "status": .string(report.status.rawValue), "headline": .string(report.headline),
                "changes": change.value,
            ]
            return console.print(value.text)
        }
        var lines = isFirst ? [report.headline] : []
        lines += change.lines
        if !isFirst, !change.isEmpty, report.status == .healthy { lines.append(report.headline) }
        for line in lines { console.print(WrappedText.lines(line, label: "\(time)  ").joined(separator: "\n")) }
    }

    private final class Page: Sendable {
        let text = Mutex("")
    }

    private static func serve(
        _ page: Page, _ host: String, _ port: Int, _ console: Console
    ) throws(CommandFailure) -> HealthServer {
        let outcome = Waiting<Result<HealthServer, any Error>>()
        Task {
            do {
                let server = try await HealthServer.start(host: host, port: port) { path, _ in
                    guard path == "/metrics" else { return nil }
                    return HealthServer.Answer(
                        status: 200, type: "text/plain; version=0.0.4; charset=utf-8", text: page.text.withLock { $0 })
                }
                outcome.set(.success(server))
            } catch {
                outcome.set(.failure(error))
            }
        }
        switch outcome.wait() {
        case .success(let server):
            console.printError("metrics: http://\(host):\(server.port)/metrics")
            return server
        case .failure(let error):
            throw CommandFailure(
                .undetermined,
                Finding("cannot serve metrics: \(error)", next: "name another address with --metrics"))
        }
    }
}
