import Conntest
import Findings
import KubernetesModel
import LinuxHost
import Synchronization

/// What a person sees while the test runs, and at its end.
final class ConntestScreen: Sendable {
    private let console: Console
    private let isQuiet: Bool
    private let hasTimestamps: Bool

    init(_ console: Console, isQuiet: Bool, hasTimestamps: Bool) {
        self.console = console
        self.isQuiet = isQuiet
        self.hasTimestamps = hasTimestamps
    }

    private func say(_ text: String) {
        let time = MicroTime(microseconds: Int64(Clock.now() / 1000))
        let stamped = hasTimestamps ? "\(time) \(text)" : text
        // With data on standard output the story goes beside it.
        if isQuiet { console.printError(stamped) } else { console.print(stamped) }
    }

    func show(_ step: Conntest.Step) {
        switch step {
        case .made(let namespace, let image):
            console.endProgress()
            if !isQuiet { say("namespace \(namespace), image \(image)") }
        case .waiting(let text): console.progress(text)
        case .ready(let nodes, let tests, let probes):
            console.endProgress()
            if !isQuiet {
                say("\(tests) tests, \(probes) probes from \(nodes) \(nodes == 1 ? "node" : "nodes")")
            }
        case .finished(_, let done, let all): console.progress("\(done) of \(all) probes")
        case .removed(let namespace):
            console.endProgress()
            if !isQuiet { say("namespace \(namespace) removed") }
        case .notRemoved(let namespace, let reason):
            console.endProgress()
            say("namespace \(namespace) is still there: \(reason); next: kubectl delete namespace \(namespace)")
        }
    }

    func show(_ report: ConntestReport) {
        let paint = console.paint
        for (index, test) in report.tests.enumerated() {
            let bad = test.failed.count + test.unknown.count
            let count = "\(test.results.count - bad)/\(test.results.count)"
            let mark = bad == 0 ? paint.green("ok  ") : paint.red("FAIL")
            say("\(mark) [\(index + 1)/\(report.tests.count)] \(test.name) \(paint.faint(count))")
            for line in Self.summarised(test, report) { say(line) }
        }
        say("")
        let verdict = report.verdict
        say(
            (report.isPassed ? paint.green(verdict) : paint.red(verdict))
                + " in \(Int(report.seconds.rounded())) s")
    }

    /// A test in which very much fails the same way shows the first few.
    private static func summarised(_ test: ConntestReport.Test, _ report: ConntestReport) -> [String] {
        let bad = test.failed + test.unknown
        var lines: [String] = []
        for result in bad.prefix(6) {
            let texts = report.lines(of: result)
            for (index, text) in texts.enumerated() {
                lines.append(
                    index == 0
                        ? ClusterHealth.folded("x \(text)", indent: 5, width: 100)
                        : ClusterHealth.folded("because \(text)", indent: 9, width: 100))
            }
        }
        if bad.count > 6 { lines.append("     and \(bad.count - 6) more") }
        return lines
    }
}
