import ArgumentParser
import Diagnosis
import Findings
import KubernetesClient
import YAMLTree

/// `poplin doctor why A -> B:port`: the way of one connection, in both directions, up to the first step that is broken.
struct DoctorWhyCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Why one connection works or does not, step by step.",
        usage: "poplin doctor why <from> to <to>:<port>[/udp] [<options>]",
        discussion: """
            Follows the connection from name to socket and back: resolve, Service, egress policy, ingress policy, route, \
            size, listener, reply. It stops at the first broken step and shows what stands in the way, the smallest \
            change, and everything else that change would open. What the evidence does not show is "not checked". \
            Only with --probe something is sent: queries to the DNS servers, and one TCP connection to each \
            place where it may arrive.

            An end is namespace/pod, a workload's or Service's name (payments, payments.pay, payments.pay.svc), node/NAME \
            or an address. An arrow between them has to be quoted.

            Examples:
              poplin doctor why shop/cart to payments.pay:8443
              poplin doctor why --bundle x.tar.gz shop/cart-7d9 '->' 10.96.0.10:53/udp
              poplin doctor why node/node-3 to shop/web-0:8080 -o json

            Exit status: 0 open, 1 blocked, 2 usage, 3 could not say, 4 internal.
            """)

    @Argument(help: "Both ends, the second with its port.")
    var ends: [String] = []

    @OptionGroup var input: DoctorEvidence

    @OptionGroup var output: DoctorOutput

    @OptionGroup(title: "Cluster options") var cluster: ClusterOptions

    /// Of names without one: the context's, as for kubectl.
    private func namespace(on console: Console) -> String {
        if let given = cluster.namespace { return given }
        let connection = input.bundle == nil ? try? cluster.connection(on: console, component: "doctor") : nil
        return connection?.namespace ?? "default"
    }

    /// What would settle the rest, where it is a live cluster that was asked and not everything of it.
    private func more(_ trace: PathTrace, _ style: ScreenStyle) -> String {
        guard trace.verdict == .unknown, input.bundle == nil else { return "" }
        let ways = [
            input.exec || input.debugPod != nil ? nil : "--exec reads the nodes",
            input.debugPod == nil
                ? input.exec ? "--debug-pod IMAGE reads the pods as well" : "--debug-pod IMAGE the pods as well" : nil,
            input.probe ? nil : "--probe tries the connection",
        ].compactMap { $0 }
        if ways.isEmpty { return "" }
        let lines = WrappedText.lines(ways.joined(separator: ", "), label: " more  ")
        return "\n" + lines.map { style.paint.faint($0) }.joined(separator: "\n")
    }

    /// Where nobody could look at the pods, that a name is not among them says nothing.
    private static func unknownEnd(_ error: PathError, _ collected: DoctorEvidence.Collected) -> Finding {
        let facts = FactBase(reading: collected.evidence)
        guard !error.isUsage, let reason = facts.reasonMissing(.objects("pods")) else {
            return Finding(error.description, next: error.next)
        }
        let note = collected.notes.first
        return Finding(
            "it is not known what pods there are: \(note ?? reason)",
            next: note == nil
                ? "ask for a role that may list pods, or hand in a bundle: --bundle FILE"
                : "name a kubeconfig with --kubeconfig or KUBECONFIG, or a bundle with --bundle")
    }

    func run(on console: Console) throws {
        let request: PathRequest
        do throws(PathError) {
            request = try PathRequest(parsing: ends, namespace: namespace(on: console))
        } catch {
            throw CommandFailure.usage(error.description, next: error.next)
        }
        var input = input
        input.path = request
        let collected = try input.collect(cluster, on: console)
        let trace: PathTrace
        do throws(PathError) {
            trace = try PathTrace(request, FactBase(reading: collected.evidence))
        } catch {
            throw CommandFailure(.undetermined, collected.problems + [Self.unknownEnd(error, collected)])
        }
        try output.print(value: trace.value, trace.stepList, on: console) { style in
            PathScreen(trace, style) { (try? YAMLWriter.text($0))?.split(separator: "\n").map(String.init) ?? [] }.text
                + more(trace, style)
        }
        if output.format == .text {
            for note in collected.wrappedNotes { console.printError(note) }
            console.printWrappedError(collected.problems)
        }
        switch trace.verdict {
        case .open: return
        case .blocked: throw CommandFailure(.findings, [])
        case .unknown: throw CommandFailure(.undetermined, [])
        }
    }
}
