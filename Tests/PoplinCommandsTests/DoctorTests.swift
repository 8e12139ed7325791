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
        #expect(recorder.output.contains("NEW PODS DO NOT START"))
    }

    @Test(
        arguments: [
            (["--bundle", "DIR/nowhere"], .undetermined, "there is no such file or folder"),
            (["--bundle", "DIR/line.log"], .undetermined, "neither a folder, a tar archive"),
            (["--aws", "DIR/line.log", "-o", "text"], .undetermined, "aws ec2 describe-subnets"),
            (["--bundle", "DIR/b", "--wait"], .usage, "--wait is for what can change"),
        ] as [([String], CommandStatus, String)])
    func mistakes(_ arguments: [String], _ status: CommandStatus, _ words: String) {
        let placed = arguments.map { $0.replacing("DIR", with: recorder.directory) }
        let answer = PoplinCommand.invoke(["doctor"] + placed, on: recorder.console())
        #expect(answer == status, "\(recorder.output)")
        #expect(recorder.errors.contains(words), "\(recorder.errors)")
    }
}
