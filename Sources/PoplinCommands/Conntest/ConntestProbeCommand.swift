import ArgumentParser
import CNI
import Conntest
import Findings
import Foundation
import JSONTree
import LinuxHost
import Synchronization

/// `poplin conntest probe`: asks from where it runs. conntest runs it in pods.
struct ConntestProbeCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Ask from here: kind,address,port (conntest runs this in pods).",
        usage: "poplin conntest probe <probes> ... [<options>]",
        discussion: """
            Kinds are \(Probe.Kind.allCases.map(\.rawValue).joined(separator: ", ")). Prints one line of JSON for \
            each probe, in the order in which they end.

            Examples:
              poplin conntest probe tcp,10.244.1.5,8087 icmp,10.244.1.5,0

            \(CommandStatus.help)
            """, shouldDisplay: false)

    @Argument(help: "kind,address,port")
    var probes: [String]

    @Option(help: ArgumentHelp("For one probe.", valueName: "milliseconds"))
    var patience = 3000

    @Option(help: ArgumentHelp("Probes at once.", valueName: "number"))
    var concurrency = 4

    func run(on console: Console) throws {
        var parsed: [Probe] = []
        for text in probes {
            guard let probe = Probe(text) else {
                throw CommandFailure.usage("\(text) is no probe", next: "such as tcp,10.244.1.5,8087")
            }
            parsed.append(probe)
        }
        let next = Mutex(0)
        let failed = Mutex(0)
        let all = parsed
        let done = DispatchGroup()
        for _ in 0..<max(1, min(concurrency, 64, all.count)) {
            done.enter()
            Thread.detachNewThread {
                while true {
                    let index = next.withLock { number in
                        defer { number += 1 }
                        return number
                    }
                    guard index < all.count else { break }
                    let result = all[index].run(patience: .milliseconds(max(1, patience)))
                    if !result.isReached { failed.withLock { $0 += 1 } }
                    let line: JSONValue = ["probe": .string(all[index].description), "result": result.value]
                    console.print(line.text)
                }
                done.leave()
            }
        }
        done.wait()
        if failed.withLock({ $0 }) > 0 { throw CommandFailure(.findings, []) }
    }
}

/// `poplin conntest serve`: answers probes. What conntest's pods run.
struct ConntestServeCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answer probes over TCP and UDP (conntest's pods run this).",
        discussion: """
            Examples:
              poplin conntest serve --port 8087

            \(CommandStatus.help)
            """, shouldDisplay: false)

    @Option(help: "The port, TCP and UDP, of every address.")
    var port: UInt16 = TestMatrix.port

    @Option(help: ArgumentHelp("What the server calls itself (env: POPLIN_CONNTEST_NAME).", valueName: "name"))
    var name: String?

    func run(on console: Console) throws {
        let signals = EndSignals()
        let server: EchoServer
        do {
            server = try EchoServer(port: port, name: name ?? console.environment["POPLIN_CONNTEST_NAME"] ?? "unnamed")
        } catch {
            throw CommandFailure(
                .undetermined, Finding(code: "conntest", "cannot listen: \(error)", next: "choose another --port"))
        }
        console.print("answering on port \(server.port)")
        let outcome = Waiting<Bool>()
        Task {
            _ = await signals.first()
            outcome.set(true)
        }
        _ = outcome.wait()
    }
}
