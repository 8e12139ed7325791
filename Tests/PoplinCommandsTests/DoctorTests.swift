import Diagnosis
import Foundation
import JSONTree
import LinuxHost
import Testing

@testable import PoplinCommands

/// `poplin doctor` as it is typed.
@Suite struct DoctorTests {
    private let recorder: Recorder

    init() throws {
        recorder = try Recorder()
        try recorder.write(
            "b/evidence.json",
            "{\"version\":1,\"collectedAt\":\"2026-11-21T03:00:00Z\",\"missing\":{\"cloud/\":\"none\"}}")
        try recorder.write(
            "b/cluster/resources/pods.json",
            """
            {"kind":"PodList","items":[{"metadata":{"namespace":"shop","name":"web-0"},"spec":{"nodeName":"node-7",
            "containers":[{"name":"app","env":[{"name":"DB_PASSWORD","value":"hunter2"}]}]},
            "status":{"phase":"Pending","startTime":"2026-11-21T02:41:00Z",
            "containerStatuses":[{"name":"app","state":{"waiting":{"reason":"ContainerCreating"}}}]}}]}
            """)
        try recorder.write(
            "b/cluster/resources/nodes.json", "{\"kind\":\"NodeList\",\"items\":[{\"metadata\":{\"name\":\"node-7\"}}]}"
        )
        try recorder.write(
            "line.log",
            "plugin type=\"bridge\" failed (add): failed to find plugin \"portmap\" in path [/opt/cni/bin]\n")
    }

    private func doctor(_ arguments: String...) -> CommandStatus {
        let placed = arguments.map { $0.replacing("DIR", with: recorder.directory) }
        return PoplinCommand.invoke(["doctor"] + placed, on: recorder.console())
    }

    @Test func aLineOfALog() throws {
        #expect(doctor("--logs", "DIR/line.log", "-o", "json") == .findings, "\(recorder.errors)")
        let report = try JSONTree(parsing: Array(recorder.output.utf8)).root
        #expect(report.at("causes")?[0]?.member("code")?.string == "INS-03")
    }

    /// Alone it is likely at most: nobody said that pods wait.
    @Test(arguments: [(0, .findings), (12, .healthy)] as [(Int, CommandStatus)])
    func aSubnetThatWasPasted(_ free: Int, _ status: CommandStatus) throws {
        try recorder.write(
            "subnets.json",
            "{\"Subnets\":[{\"SubnetId\":\"subnet-0a1\",\"CidrBlock\":\"10.0.0.0/24\",\"AvailableIpAddressCount\":\(free)}]}"
        )
        #expect(doctor("--aws", "DIR/subnets.json", "-o", "json") == status, "\(recorder.output)")
        let causes = try JSONTree(parsing: Array(recorder.output.utf8)).root.member("causes")
        #expect(causes?[0]?.member("code")?.string == (free == 0 ? "AWS-02" : nil))
    }

    @Test func whatNobodyExplainsIsNotHealth() {
        #expect(doctor("--bundle", "DIR/b") == .undetermined)
        #expect(recorder.output.hasPrefix("NEW PODS DO NOT START on node-7"), "\(recorder.output)")
    }

    /// The bundle of a bundle gives the identical screen, without what was secret.
    @Test(arguments: ["x.tar.gz", "x.tar", "folder"])
    func collectedAndReadAgain(_ name: String) throws {
        #expect(doctor("collect", "--bundle", "DIR/b", "-o", "DIR/\(name)") == .healthy, "\(recorder.errors)")
        #expect(recorder.output.contains("left out: 1 environment variable"))
        let other = try Recorder()
        let again = PoplinCommand.invoke(
            ["doctor", "--bundle", "\(recorder.directory)/\(name)", "-v"], on: other.console())
        #expect(again == .undetermined)
        let first = try Recorder()
        _ = PoplinCommand.invoke(["doctor", "--bundle", "\(recorder.directory)/b", "-v"], on: first.console())
        #expect(other.output == first.output)
        if name == "folder" {
            let pods = try String(
                contentsOfFile: "\(recorder.directory)/folder/cluster/resources/pods.json", encoding: .utf8)
            #expect(!pods.contains("hunter2") && pods.contains("REDACTED"))
        }
    }

    @Test func runbooks() {
        #expect(doctor("runbook", "container-creating", "--logs", "DIR/line.log") == .findings, "\(recorder.errors)")
        #expect(recorder.output.contains("<- here it breaks"), "\(recorder.output)")
        #expect(doctor("runbook", "container-creatin", "--bundle", "DIR/b") == .usage)
        #expect(recorder.errors.contains("did you mean container-creating?"))
    }

    @Test func aWatchTellsWhatThereIs() {
        #expect(doctor("watch", "--bundle", "DIR/b", "--count", "1") == .undetermined, "\(recorder.errors)")
        for line in recorder.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(recorder.output.contains("NEW PODS DO NOT START"))
    }

    @Test(
        arguments: [
            (["--bundle", "DIR/nowhere"], .undetermined, "there is no such file or folder"),
            (["--bundle", "DIR/line.log"], .undetermined, "neither a folder, a tar archive"),
            (["--bundle", "/"], .undetermined, "the root of a machine that runs"),
            (["--aws", "DIR/line.log", "-o", "text"], .undetermined, "aws ec2 describe-subnets"),
            (["--bundle", "DIR/b", "--wait"], .usage, "--wait is for what can change"),
        ] as [([String], CommandStatus, String)])
    func mistakes(_ arguments: [String], _ status: CommandStatus, _ words: String) {
        let placed = arguments.map { $0.replacing("DIR", with: recorder.directory) }
        let answer = PoplinCommand.invoke(["doctor"] + placed, on: recorder.console())
        #expect(answer == status, "\(recorder.output)")
        let errors = recorder.errors
        #expect(errors.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(words), "\(errors)")
    }

    // MARK: Formats

    /// Every command of the doctor has every format, and its status whatever the format.
    @Test(
        arguments: [
            ["--bundle", "DIR/b"], ["--pre", "--bundle", "DIR/b"], ["runbook", "addresses", "--bundle", "DIR/b"],
            ["why", "--bundle", "DIR/b", "shop/web-0", "->", "10.0.0.1:80"],
        ], ["text", "json", "yaml", "junit", "sarif", "html"])
    func formats(_ arguments: [String], _ format: String) throws {
        let placed = arguments.map { $0.replacing("DIR", with: recorder.directory) }
        let plain = try Recorder()
        let expected = PoplinCommand.invoke(["doctor"] + placed, on: plain.console())
        let status = PoplinCommand.invoke(["doctor"] + placed + ["-o", format], on: recorder.console())
        #expect(status == expected, "\(recorder.errors)")
        let text = recorder.output
        switch format {
        case "json": _ = try JSONTree(parsing: Array(text.utf8))
        case "sarif":
            let root = try JSONTree(parsing: Array(text.utf8)).root
            #expect(root.member("version")?.string == "2.1.0")
            #expect(root.member("runs")?[0]?.at("tool", "driver", "name")?.string?.hasPrefix("poplin") == true)
        case "junit": #expect(text.hasPrefix("<?xml") && text.contains("</testsuite>"))
        case "html":
            #expect(text.hasPrefix("<!DOCTYPE html>") && !text.contains("<script") && !text.contains("http"))
        default:
            #expect(!text.isEmpty)
            if format == "text" { for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") } }
        }
        if !["text", "yaml"].contains(format) {
            let verdict = try FormatReader.verdict(on: text, as: format)
            #expect(verdict == "ok", "\(verdict)")
        }
    }

    /// What a scraper gets, of a report with a finding and of one without.
    @Test func metrics() throws {
        for causes in [[], [Diagnosis("RTE-02", "x \"y\"", .likely)]] {
            let report = DiagnosisReport(FactBase(), [FixedCheck(found: causes)])
            let verdict = try FormatReader.verdict(on: report.metrics, as: "metrics")
            #expect(verdict == "ok", "\(verdict)")
        }
    }

    private struct FixedCheck: Check {
        let name = "fixed"
        let codes = ["RTE-02"]
        let needs: [FactName] = []
        let found: [Diagnosis]

        func applies(to facts: FactBase) -> Bool { true }
        func findings(_ facts: FactBase) -> [Diagnosis] { found }
    }

    @Test(arguments: ["text", "json", "yaml", "junit", "sarif", "html"])
    func explainFormats(_ format: String) {
        let line = "failed to find plugin \"portmap\" in path [/opt/cni/bin]"
        #expect(PoplinCommand.invoke(["explain", line, "-o", format], on: recorder.console()) == .findings)
        #expect(recorder.output.contains("INS-03"))
        #expect(PoplinCommand.invoke(["explain", "POL-06", "-o", format], on: recorder.console()) == .healthy)
    }

    /// Without colours, in ASCII where the locale has nothing else.
    @Test func asciiAndNoColour() {
        let environment = Environment(entries: ["LANG=C", "NO_COLOR=1", "TERM=xterm"])
        let status = PoplinCommand.invoke(
            ["doctor", "--bundle", "\(recorder.directory)/b"], on: recorder.console(environment, isTerminal: true))
        #expect(status == .undetermined)
        #expect(recorder.output.utf8.allSatisfy { $0 < 0x80 && $0 != 0x1B }, "\(recorder.output)")
    }

    // MARK: What is handed in

    @Test func aLogOfWindows() throws {
        let line = "failed to find plugin \"portmap\" in path [/opt/cni/bin]\r\n"
        var bytes: [UInt8] = [0xFF, 0xFE]
        for unit in line.utf16 { bytes += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        try Data(bytes).write(to: URL(filePath: "\(recorder.directory)/wide.log"))
        #expect(doctor("--logs", "DIR/wide.log", "-o", "json") == .findings)
        #expect(recorder.output.contains("INS-03"))
    }

    /// A bundle is of another time: nothing is sent, and that is said.
    @Test func aBundleIsNotProbed() {
        #expect(doctor("--bundle", "DIR/b", "--probe") == .undetermined)
        #expect(recorder.output.contains("Nothing is sent"))
    }

    @Test func plannedRanges() {
        #expect(doctor("--pre", "--bundle", "DIR/b", "--range", "10.0.0.0/33") == .usage)
        #expect(doctor("--range", "10.0.0.0/8", "--bundle", "DIR/b") == .usage)
        #expect(doctor("--pre", "--bundle", "DIR/b", "--range", "10.0.0.0/8", "--range", "10.1.0.0/16") == .findings)
        #expect(recorder.output.contains("both planned and overlap"), "\(recorder.output)")
    }

    // MARK: No cluster to ask

    /// Nobody listens on port 1 of loopback: one sentence says so.
    @Test func aServerThatIsAway() async {
        let recorder = recorder
        let status = await onOwnThread {
            PoplinCommand.invoke(
                ["doctor", "--server", "https://127.0.0.1:1", "--request-timeout", "5s"], on: recorder.console())
        }
        #expect(status == .undetermined)
        let errors = recorder.errors
        let first = "error[connection]: cannot reach the server: 127.0.0.1:1: Connection refused\n"
        #expect(errors.hasPrefix(first), "\(errors)")
        #expect(errors.contains("sudo poplin doctor node"))
        for line in errors.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(recorder.output.isEmpty)
    }

    /// What somebody handed in is looked at all the same.
    @Test func aServerThatIsAwayAndALog() async {
        let recorder = recorder
        let status = await onOwnThread {
            PoplinCommand.invoke(
                [
                    "doctor", "--server", "https://127.0.0.1:1", "--request-timeout", "5s", "--logs",
                    recorder.directory + "/line.log",
                ], on: recorder.console())
        }
        #expect(status == .findings)
        #expect(recorder.output.contains("INS-03"), "\(recorder.output)")
        #expect(recorder.output.contains("The cluster could not be asked: cannot reach the server"))
        for line in recorder.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    /// A log without a word of trouble does not make a cluster healthy that nobody could ask.
    @Test func aServerThatIsAwayAndAQuietLog() async throws {
        try recorder.write("quiet.log", "all is well\n")
        let recorder = recorder
        let status = await onOwnThread {
            PoplinCommand.invoke(
                [
                    "doctor", "--server", "https://127.0.0.1:1", "--request-timeout", "5s", "--logs",
                    recorder.directory + "/quiet.log",
                ], on: recorder.console())
        }
        #expect(status == .undetermined)
        #expect(recorder.output.contains("CANNOT SAY: nodes and pods cannot be read"), "\(recorder.output)")
    }

    /// What somebody named and cannot be read is no reason to look somewhere else.
    @Test(arguments: [("--kubeconfig", "DIR/none", "none"), ("--context", "none", "no cluster")])
    func aClusterThatIsNotThere(_ option: String, _ value: String, _ words: String) {
        let status = PoplinCommand.invoke(
            ["doctor", option, value.replacing("DIR", with: recorder.directory)], on: recorder.console())
        #expect(status == .undetermined)
        #expect(recorder.output.isEmpty && recorder.errors.contains(words), "\(recorder.errors)")
    }
}
