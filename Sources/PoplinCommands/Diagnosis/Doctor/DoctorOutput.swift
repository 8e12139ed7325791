import ArgumentParser
import CNI
import Diagnosis
import Findings
import JSONTree
import LinuxHost

/// How a diagnosis is printed, for every command that makes one.
struct DoctorOutput: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, yaml, junit, sarif, html

        /// Other commands call their text a table.
        init?(argument: String) { self.init(rawValue: argument == "table" ? "text" : argument) }
    }

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "Format: json and yaml have all that the screen has; html is one file that needs nothing else.")
    var format: Format = .text

    @Option(help: "Colours: auto (only on a terminal, never with NO_COLOR), always or never.")
    var color: ColorChoice = .auto

    @Flag(help: "No glyphs but ASCII; the default where the locale is not UTF-8.")
    var ascii = false

    @Flag(name: [.customShort("v"), .customLong("verbose")], help: "Every cause whole, and everything not checked.")
    var isVerbose = false

    func style(on console: Console) -> ScreenStyle {
        ScreenStyle(
            paint: Paint(color, in: console.environment, isTerminal: console.isOutputTerminal),
            hasGlyphs: !ascii && ScreenStyle.hasGlyphs { console.environment[$0] }, isVerbose: isVerbose)
    }

    func print(_ report: DiagnosisReport, on console: Console) throws(CommandFailure) {
        switch format {
        case .text: console.print(ReportScreen(report, style(on: console)).text)
        case .json: console.print(try OutputFormat.json.text(report.value))
        case .yaml: console.print(try OutputFormat.yaml.text(report.value))
        case .junit: console.print(report.junit)
        case .sarif: console.print(try OutputFormat.json.text(report.sarif(version: Release.version)))
        case .html: console.print(report.html)
        }
    }

    /// What is no report: a runbook, the way of a connection, a message.
    func print(
        value: JSONValue, _ steps: @autoclosure () -> StepList, on console: Console,
        _ screen: (ScreenStyle) -> String
    ) throws(CommandFailure) {
        switch format {
        case .text: console.print(screen(style(on: console)))
        case .json: console.print(try OutputFormat.json.text(value))
        case .yaml: console.print(try OutputFormat.yaml.text(value))
        case .junit: console.print(steps().junit(at: Int64(Clock.now() / 1_000_000_000)))
        case .sarif: console.print(try OutputFormat.json.text(steps().sarif(version: Release.version)))
        case .html: console.print(steps().html(screen(ScreenStyle(isVerbose: isVerbose))))
        }
    }

    /// Prints, and ends with the status that the report has.
    func conclude(_ report: DiagnosisReport, on console: Console) throws(CommandFailure) {
        try print(report, on: console)
        // A screen says the problems of a bundle beside the data, so that a pipe is not broken by them.
        if format == .text { console.printWrappedError(report.problems) }
        switch report.status {
        case .healthy: return
        case .findings: throw CommandFailure(.findings, [])
        case .couldNotSay: throw CommandFailure(.undetermined, [])
        }
    }

    /// What is asked before an install, with everything the checks found below it in the formats of programs.
    func conclude(_ preflight: Preflight, _ report: DiagnosisReport, on console: Console) throws(CommandFailure) {
        let value = preflight.stepList.value.settingMember("report", to: report.value)
        try print(value: value, preflight.stepList, on: console) { preflight.screen($0) }
        if format == .text { console.printWrappedError(report.problems) }
        switch preflight.status {
        case .healthy: return
        case .findings: throw CommandFailure(.findings, [])
        case .couldNotSay: throw CommandFailure(.undetermined, [])
        }
    }
}
