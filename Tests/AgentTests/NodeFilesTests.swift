import Addressing
import Fabric
import Findings
import Foundation
import JSONTree
import KubernetesModel
import LinuxHost
import Logging
import Netlink
import SystemCalls
import Testing

@testable import Agent

/// A directory that is gone after the test.
final class ScratchDirectory {
    let path = "/tmp/poplin-agent-files-\(UUID().uuidString.prefix(8))"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct ConflistFileTests {
    private func file(_ directory: String) -> ConflistFile {
        ConflistFile(
            directory: "\(directory)/net.d", network: "poplin", socketPath: "/run/poplin/agent.sock", nodeName: "n1",
            agentPod: "poplin-system/poplin-agent-x7")
    }

    @Test func itIsWrittenOnceAndPutBack() throws {
        let scratch = try ScratchDirectory()
        let file = file(scratch.path)
        #expect(try file.ensure())
        #expect(try !file.ensure())
        try FileManager.default.removeItem(atPath: file.path)
        #expect(try file.ensure())
        let root = try JSONTree(parsing: try #require(try AtomicFile.read(file.path))).root
        #expect(root.member("cniVersion")?.string == "1.0.0")
        #expect(root.member("cniVersions")?.elements.compactMap(\.string) == ["1.0.0", "1.1.0"])
        let plugins = Array(try #require(root.member("plugins")).elements)
        #expect(plugins.compactMap { $0.member("type")?.string } == ["poplin"])
        let capabilities = plugins[0].member("capabilities")?.members.filter { $0.value.bool == true }.map { $0.key }
        #expect(Set(capabilities ?? []) == ["portMappings", "bandwidth"])
        #expect(plugins[0].member("agentPod")?.string == "poplin-system/poplin-agent-x7")
        // Nothing but the file: a runtime reads every file of the directory.
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/net.d") == [ConflistFile.name])
    }

    @Test func rivalsAreThoseThatComeBefore() throws {
        let scratch = try ScratchDirectory()
        let file = file(scratch.path)
        _ = try file.ensure()
        for name in ["05-other.conflist", "10-aaa.conf", "87-podman.conflist", "00-readme.txt", ".10-x.conflist"] {
            try Data().write(to: URL(fileURLWithPath: "\(scratch.path)/net.d/\(name)"))
        }
        #expect(try file.rivals() == ["05-other.conflist", "10-aaa.conf"])
    }
}

@Suite struct NodeMarksTests {
    private func node(_ json: String) throws -> Node { try Node(decoding: try JSONTree(parsing: json).root) }

    @Test func theConditionIsWrittenUnlessItIsThere() throws {
        let plain = try node(#"{"metadata":{"name":"n1"}}"#)
        let now = try #require(Timestamp("2026-01-02T03:04:05Z"))
        let patch = try #require(NodeMarks.condition(plain, now: now))
        let condition = try #require(patch.at("status", "conditions")?.elements.first)
        #expect(condition.member("type")?.stringValue == "NetworkUnavailable")
        #expect(condition.member("status")?.stringValue == "False")
        #expect(condition.member("lastTransitionTime")?.stringValue == "2026-01-02T03:04:05Z")
        let marked = try node(
            """
            {"metadata":{"name":"n1"},"status":{"conditions":[
              {"type":"NetworkUnavailable","status":"False","reason":"PoplinIsUp","message":""}]}}
            """)
        #expect(NodeMarks.condition(marked, now: now) == nil)
    }

    @Test func whatIsWrongIsWrittenOnceAndTakenBack() throws {
        let now = try #require(Timestamp("2026-01-02T03:04:05Z"))
        let plain = try node(#"{"metadata":{"name":"n1"}}"#)
        #expect(NodeMarks.problem(plain, nil, now: now) == nil)
        let problem = (reason: "FabricProblem", message: "Node n2: no address")
        let patch = try #require(NodeMarks.problem(plain, problem, now: now))
        let condition = try #require(patch.at("status", "conditions")?.elements.first)
        #expect(
            condition.text == """
                {"type":"PodNetworkProblem","status":"True","reason":"FabricProblem","message":"Node n2: no address",\
                "lastHeartbeatTime":"2026-01-02T03:04:05Z","lastTransitionTime":"2026-01-02T03:04:05Z"}
                """)
        let marked = try node(
            #"{"metadata":{"name":"n1"},"status":{"conditions":[{"type":"PodNetworkProblem","status":"True","#
                + #""reason":"FabricProblem","message":"Node n2: no address"}]}}"#)
        #expect(NodeMarks.problem(marked, problem, now: now) == nil)
        let other = try #require(NodeMarks.problem(marked, (reason: "NoAddresses", message: "none"), now: now))
        #expect(other.at("status", "conditions")?.elements.first?.member("lastTransitionTime") == nil)
        let well = try #require(NodeMarks.problem(marked, nil, now: now))
        #expect(well.at("status", "conditions")?.elements.first?.member("status")?.stringValue == "False")
    }

    @Test func whatPassesByItselfIsNotTold() {
        var trouble = NodeMarks.Trouble()
        let second: UInt64 = 1_000_000_000
        #expect(trouble.look(nil, now: 0) == .tell)
        #expect(trouble.look("a", now: 1 * second) == .lookAgain)
        #expect(trouble.look("b", now: 2 * second) == .lookAgain)
        #expect(trouble.look("b", now: 4 * second) == .wait)
        #expect(trouble.look("b", now: 5 * second) == .tell)
        #expect(trouble.look("b", now: 90 * second) == .tell)
        #expect(trouble.look(nil, now: 91 * second) == .tell)
        #expect(trouble.look("b", now: 92 * second) == .lookAgain)
    }

    @Test func whatIsWrongIsOfEveryPartThatIsNotOnlyWaitingForAnother() {
        let readiness = AgentReadiness()
        #expect(readiness.problem == nil)
        readiness.set(.fabric, .waiting("no interface"))
        readiness.set(.conflist, .waiting("not written yet: fabric: no interface"))
        #expect(readiness.problem?.reason == "FabricProblem" && readiness.problem?.message == "no interface")
        readiness.set(.configuration, .waiting("Network changed"))
        #expect(readiness.problem?.message == "Network changed; no interface")
        readiness.set(.configuration, .ready)
        readiness.set(.fabric, .ready)
        readiness.set(.addresses, .ready)
        readiness.set(.conflist, .impaired("a runtime takes 05-other.conflist before it"))
        #expect(readiness.problem?.reason == "ConflistProblem")
        readiness.set(.conflist, .ready)
        #expect(readiness.problem == nil)
    }

    @Test func onlyOurTaintGoes() throws {
        let tainted = try node(
            """
            {"metadata":{"name":"n1","resourceVersion":"7"},"spec":{"taints":[
              {"key":"node.poplin.dev/agent-not-ready","effect":"NoSchedule"},
              {"key":"node.poplin.dev/agent-not-ready","effect":"NoExecute"},
              {"key":"dedicated","value":"db","effect":"NoSchedule"}]}}
            """)
        let patch = try #require(NodeMarks.removingTaint(tainted))
        #expect(
            patch.text == """
                {"metadata":{"resourceVersion":"7"},\
                "spec":{"taints":[{"key":"dedicated","value":"db","effect":"NoSchedule"}]}}
                """)
        #expect(NodeMarks.removingTaint(try node(#"{"metadata":{"name":"n1"}}"#)) == nil)
    }
}

@Suite struct NodeCheckpointTests {
    private static func nodes() -> [FabricNode] {
        let prefixes = ["10.244.2.0/24", "fd00:244:2::/64"].compactMap { IPPrefix($0) }
        let addresses = ["192.168.100.11", "fd00:c8::11"].compactMap { IPAddress($0) }
        return [
            FabricNode(name: "n1", addresses: addresses, podCIDRs: prefixes),
            FabricNode(
                name: "n2", addresses: addresses, podCIDRs: prefixes,
                backend: BackendAnnouncement(
                    type: "vxlan", vxlanIdentifier: 7, vxlanPort: 4789, tunnelMAC: MACAddress("02:00:00:00:00:07"),
                    publicAddresses: ["198.51.100.7"].compactMap { IPAddress($0) },
                    tunnelAddresses: ["10.244.2.0"].compactMap { IPAddress($0) })),
            FabricNode(name: "n3", addresses: [], backend: BackendAnnouncement(type: "host-gw")),
        ]
    }

    @Test func whatIsWrittenIsRead() throws {
        let scratch = try ScratchDirectory()
        let checkpoint = NodeCheckpoint(directory: scratch.path)
        #expect(checkpoint.read().nodes.isEmpty && checkpoint.read().problem == nil)
        try checkpoint.write(Self.nodes())
        let reading = checkpoint.read()
        #expect(reading.problem == nil)
        #expect(Set(reading.nodes) == Set(Self.nodes()))
    }

    @Test(arguments: ["", "{", "[]", #"{"v":2,"nodes":[]}"#, #"{"v":1,"nodes":[7]}"#])
    func aFileThatCannotBeReadIsNone(_ content: String) throws {
        let scratch = try ScratchDirectory()
        let checkpoint = NodeCheckpoint(directory: scratch.path)
        try checkpoint.write([])
        try content.write(toFile: checkpoint.path, atomically: true, encoding: .utf8)
        let reading = checkpoint.read()
        #expect(reading.nodes.isEmpty)
        #expect(reading.problem?.hasPrefix(checkpoint.path) == true)
    }
}

@Suite struct NodeLockTests {
    /// What a second agent is told while there is a first.
    private static func refusal(_ directory: String, pod: String = "") throws -> String {
        let first = try NodeLock.take(directory: directory, pod: pod)
        var message = "it was given"
        do throws(AgentFault) { _ = try NodeLock.take(directory: directory) } catch { message = "\(error)" }
        _ = consume first
        return message
    }

    @Test func onlyRootIsAnAgent() throws {
        #expect(AgentConfiguration.objection(user: 0) == nil)
        let finding = try #require(AgentConfiguration.objection(user: 1000))
        #expect("\(finding)".contains("the agent runs as user 1000 and needs root"))
    }

    @Test func aSecondAgentIsToldWhoIsThere() throws {
        let scratch = try ScratchDirectory()
        let message = try Self.refusal(scratch.path)
        #expect(message.contains("another agent runs on this node: process \(getpid())"))
        // A pod's process has a number of its own there, 1 mostly, and who looks from outside finds another.
        let ofPod = try Self.refusal(scratch.path, pod: "poplin-system/poplin-agent-x7")
        #expect(ofPod.contains("another agent runs on this node: Pod poplin-system/poplin-agent-x7"), "\(ofPod)")
        #expect(ofPod.contains("kubectl get pod -n poplin-system poplin-agent-x7"), "\(ofPod)")
        // Gone with its owner.
        _ = try NodeLock.take(directory: scratch.path)
    }
}

@Suite struct CNIInstallationTests {
    private func program(_ directory: String, _ mark: String) throws -> String {
        let path = "\(directory)/poplin-cni"
        try "#!/bin/sh\n# \(mark)\nprintf 'loopback\\nportmap\\npoplin\\n'\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func pluginsOfOthersKeepTheirNames() throws {
        let scratch = try ScratchDirectory()
        let directory = "\(scratch.path)/opt/cni/bin"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try "theirs".write(toFile: "\(directory)/portmap", atomically: true, encoding: .utf8)
        let first = try CNIInstallation(directory: directory, program: try program(scratch.path, "one")).run()
        #expect(first == .init(installed: ["loopback", "poplin"], left: ["portmap"]))
        // A newer release takes the names that were ours.
        let second = try CNIInstallation(directory: directory, program: try program(scratch.path, "two")).run()
        #expect(second == first)
        for name in ["loopback", "poplin", "poplin-cni"] {
            #expect(try text("\(directory)/\(name)").contains("# two"), "\(name)")
        }
        #expect(try text("\(directory)/portmap") == "theirs")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(names == ["loopback", "poplin", "poplin-cni", "portmap"])
    }

    @Test func aProgramThatIsNoPluginIsRefused() throws {
        let scratch = try ScratchDirectory()
        var fault: AgentFault?
        do throws(AgentFault) {
            _ = try CNIInstallation(directory: scratch.path, program: "/bin/true").run()
        } catch {
            fault = error
        }
        #expect(fault?.description.contains("/bin/true --list") == true)
    }
}

@Suite struct NodeRecordTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func nodes(_ count: Int) throws -> [String: FabricNode] {
        var nodes: [String: FabricNode] = [:]
        for number in 0..<count {
            nodes["n\(number)"] = FabricNode(
                name: "n\(number)", addresses: [try IPAddress(parsing: "192.0.2.\(number + 1)")],
                podCIDRs: [try IPPrefix(parsing: "10.244.\(number).0/24")])
        }
        return nodes
    }

    @Test func whatIsKeptIsWrittenWithoutAnybodyWaiting() async throws {
        let scratch = try ScratchDirectory()
        let checkpoint = NodeCheckpoint(directory: scratch.path)
        let record = NodeRecord(checkpoint, written: [], pause: .milliseconds(1), logger: logger)
        #expect(!record.isThere)
        for count in 1...50 { record.keep(try nodes(count)) }
        let wanted = try Set(nodes(50).values)
        while Set(checkpoint.read().nodes) != wanted { try await Task.sleep(for: .milliseconds(5)) }
        // After a rest, too.
        try await Task.sleep(for: .milliseconds(50))
        record.keep(try nodes(3))
        while try Set(checkpoint.read().nodes) != Set(nodes(3).values) { try await Task.sleep(for: .milliseconds(5)) }
        #expect(checkpoint.read().problem == nil && record.isThere)
    }

    @Test func whatIsStillToBeWrittenIsWrittenInTheEnd() throws {
        let scratch = try ScratchDirectory()
        let checkpoint = NodeCheckpoint(directory: scratch.path)
        let record = NodeRecord(checkpoint, written: [], pause: .seconds(3600), logger: logger)
        for count in 1...20 { record.keep(try nodes(count)) }
        record.finish()
        #expect(try Set(checkpoint.read().nodes) == Set(nodes(20).values))
    }

    @Test func aDiskThatTakesNothingIsTriedAgain() throws {
        let scratch = try ScratchDirectory()
        let directory = "\(scratch.path)/state"
        try Data().write(to: URL(fileURLWithPath: directory))
        let checkpoint = NodeCheckpoint(directory: directory)
        let record = NodeRecord(checkpoint, written: [], pause: .seconds(3600), logger: logger)
        record.keep(try nodes(2))
        record.finish()
        #expect(!record.isThere)
        try FileManager.default.removeItem(atPath: directory)
        record.keep(try nodes(2))
        record.finish()
        #expect(record.isThere && checkpoint.read().nodes.count == 2)
    }
}

@Suite struct KernelGapTests {
    /// As the kernel answers without the part: seen with requests that were changed on their way to it.
    @Test(arguments: [
        ("NFT_MSG_GETGEN", Errno.EINVAL, "poplin.json: masquerade needs nf_tables, which this kernel does not have"),
        (
            "socket", KernelGap.noSuchProtocol,
            "poplin.json: masquerade needs nf_tables, which this kernel does not have"
        ),
        ("NFT_MSG_NEWTABLE inet poplin", .EOPNOTSUPP, "poplin.json: masquerade needs nf_tables, which this kernel"),
        (
            "NFT_MSG_NEWRULE inet poplin leaving", .ENOENT,
            "poplin.json: masquerade needs an expression or a chain that this kernel's nf_tables does not have"
        ),
        ("NFT_MSG_NEWRULE inet poplin leaving", .EBUSY, "masquerading: NFT_MSG_NEWRULE inet poplin leaving"),
    ])
    func whatTheKernelLacksIsNamedWithTheFieldThatAsksForIt(request: String, errno: Errno, begins: String) {
        let finding = KernelGap.masquerading(NetlinkError(request: request, errno: errno))
        #expect(finding.message.hasPrefix(begins), "\(finding.message)")
        #expect(finding.next?.isEmpty == false)
    }
}
