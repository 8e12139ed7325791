import AgentProtocol
import Foundation
import Glibc
import Testing

/// A DEL of `poplin` that is done before the program starts, and every way in which it starts after all. That the agent
/// got a call proves that nothing else had run: only what comes before `main` hands one over.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct EarlyRemovalTests {
    private func network(_ node: TestNode, _ agent: FakeAgent) throws -> Network {
        try Network(
            node, ["type": "poplin", "agentSocket": .string(agent.path), "nodeName": "node-a"], name: "poplin")
    }

    private func configuration(_ attachment: Attachment, previous: JSON? = nil) throws -> String {
        attachment.configuration(of: try #require(attachment.entries.first), previous: previous).text
    }

    @Test("The agent takes it: nothing starts, nothing is said", arguments: [true, false])
    func aTakenCallEndsIt(hasNamespace: Bool) throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            agent.meetCalls(.takes)
            let pod = hasNamespace ? try node.makeNamespace() : nil
            let attachment = try network(node, agent).attachment(pod, arguments: "IgnoreUnknown=1;K8S_POD_NAME=web")
            let text = try configuration(attachment, previous: ["cniVersion": "1.1.0", "ips": []])
            for _ in 0..<2 {
                let answer = try attachment.call("DEL", "poplin", configuration: text)
                #expect(answer.succeeded && answer.output.stdout.isEmpty && answer.output.stderr.isEmpty, "\(answer)")
            }
            #expect(agent.requests.isEmpty)
            #expect(agent.calls.count == 2)
            let expected = AgentCall(
                socketPath: agent.path,
                environment: [
                    "CNI_COMMAND": "DEL", "CNI_CONTAINERID": "c1", "CNI_NETNS": pod?.path ?? "", "CNI_IFNAME": "eth0",
                    "CNI_PATH": attachment.plugins.directory, "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAME=web",
                ], configuration: Array(text.utf8))
            #expect(agent.calls.first == expected)
        }
    }

    /// From a pipe, whose end comes when it comes.
    @Test func theConfigurationMayComeInPieces() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            agent.meetCalls(.takes)
            let attachment = try network(node, agent).attachment(nil)
            let text = try configuration(attachment)
            let middle = text.index(text.startIndex, offsetBy: 20)
            let answer = try pipe([String(text[..<middle]), String(text[middle...])], attachment)
            #expect(answer.succeeded, "\(answer)")
            #expect(agent.calls.map(\.configuration) == [Array(text.utf8)])
        }
    }

    private static let done = String(decoding: AgentReply.taken.line, as: UTF8.self)

    @Test(
        "Any other answer: the plugin starts, asks in its own words and removes the link itself",
        arguments: [
            .leaves, .answers(""), .answers("noise\n"), .answers("{\"v\":1}\n"), .answers(String(done.dropLast())),
            .answers(done + "{"), .answers(done.replacing("1", with: "2")), .isSilent,
        ] as [FakeAgent.Manner])
    func anythingElse(_ manner: FakeAgent.Manner) throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            agent.meetCalls(manner)
            let network = try network(node, agent)
            let pod = try node.makeNamespace()
            let result = try network.attach(pod)
            let answer = try network.attachment(pod).delete(result)
            #expect(answer.succeeded, "\(answer)")
            #expect(agent.calls.count == 1)
            #expect(agent.requests.map(\.operation) == [.add, .delete])
            #expect(agent.held.isEmpty)
            #expect(try node.links() == [])
            // One that is silent costs no more than it did: what was waited is taken off.
            let deadline = try #require(agent.requests.last).deadlineMilliseconds
            #expect(manner == .isSilent ? deadline == 5000 : (5001...10_000).contains(deadline), "\(deadline)")
        }
    }

    /// Where the socket is named in a way that is not looked for, and where there is more than is looked at, what was read
    /// of standard input is not lost.
    @Test(
        "An unusual configuration is the program's to read",
        arguments: [
            ("\"nodeName\"", "\"note\":\"agentSocket\",\"nodeName\""),
            ("\"agentSocket\"", "\"agent\\u0053ocket\""), ("/agent.sock", "\\/agent.sock"),
            ("\"nodeName\"", "\"note\":{\"agentSocket\":\"/nowhere\"},\"nodeName\""),
            ("\"nodeName\"", "\"note\":\"\(String(repeating: "x", count: 70_000))\",\"nodeName\""),
            ("\"nodeName\"", "\"note\":\"\(String(repeating: "x", count: 300_000))\",\"nodeName\""),
        ])
    func unusual(_ part: String, _ replacement: String) throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            agent.meetCalls(.takes)
            let attachment = try network(node, agent).attachment(nil)
            let text = try configuration(attachment).replacing(part, with: replacement)
            for answer in [
                try attachment.call("DEL", "poplin", configuration: text), try pipe([text], attachment),
            ] {
                #expect(answer.succeeded && answer.output.stderr.isEmpty, "\(answer)")
            }
            #expect(agent.calls.isEmpty)
            #expect(agent.requests.map(\.operation) == [.delete, .delete])
        }
    }

    /// The same call with more variables than are looked at goes the long way from the start: both must end alike.
    @Test(
        "What is wrong is said as by the program alone",
        arguments: [
            ("DEL", "", [:]), ("DEL", "{", [:]), ("DEL", "null", [:]), ("DEL", "{\"name\":\"poplin\"}", [:]),
            ("DEL", nil, ["CNI_CONTAINERID": nil]), ("DEL", nil, ["CNI_IFNAME": ""]), ("DEL", nil, ["CNI_PATH": nil]),
            ("DEL", nil, ["CNI_CONTAINERID": "a/b"]), ("DEL", nil, ["CNI_NETNS": "/proc/self/ns/net"]),
            ("DEL", nil, ["CNI_NETNS": nil, "CNI_ARGS": nil]), ("DEL", nil, ["CNI_NETNS": "/no/such"]),
            ("DELE", nil, [:]), ("del", nil, [:]), ("", nil, [:]), ("VERSION", nil, [:]), ("STATUS", nil, [:]),
        ] as [(String, String?, [String: String?])])
    func alike(_ command: String, _ text: String?, _ changes: [String: String?]) throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            let attachment = try network(node, agent).attachment(nil)
            let text = try text ?? configuration(attachment)
            let short = try attachment.call(command, "poplin", configuration: text, environment: changes)
            let before = agent.requests
            let many = changes.merging((0..<20).map { ("CNI_MORE_\($0)", "x") }) { $1 }
            let long = try attachment.call(command, "poplin", configuration: text, environment: many)
            #expect(short.output.stdout == long.output.stdout)
            #expect(short.output.stderr == long.output.stderr)
            #expect(short.output.status == long.output.status)
            #expect(agent.requests.dropFirst(before.count).map(\.operation) == before.map(\.operation))
        }
    }

    @Test func closedDescriptorsAreNoneOfItsBusiness() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            agent.meetCalls(.takes)
            let attachment = try network(node, agent).attachment(nil)
            let text = try configuration(attachment)
            let closed = try shell("exec \"$0\" <&-", text, attachment)
            #expect(closed.status == 1)
            #expect(closed.stdout.contains("error unmarshall network config"), "\(closed)")
            #expect(agent.calls.isEmpty)
            let mute = try shell("exec \"$0\" >&- 2>&-", text, attachment)
            #expect(mute.succeeded, "\(mute)")
            #expect(agent.calls.count == 1)
        }
    }

    /// Under another name it is another plugin, and has nothing to ask of an agent.
    @Test func otherPluginsStart() throws {
        try TestNode.with { node in
            let agent = try FakeAgent(node)
            agent.meetCalls(.takes)
            let attachment = try network(node, agent).attachment(nil)
            let answer = try attachment.call("DEL", "loopback", configuration: try configuration(attachment))
            #expect(answer.succeeded, "\(answer)")
            #expect(agent.calls.isEmpty)
        }
    }

    /// Standard input is a pipe, and what is in it comes in these pieces.
    private func pipe(_ pieces: [String], _ attachment: Attachment) throws -> PluginAnswer {
        let files = try pieces.enumerated().map { number, piece in
            let path = "\(attachment.node.directory)/piece-\(number)"
            try piece.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }
        let writer = files.map { "cat \($0)" }.joined(separator: "; sleep 0.1; ")
        return PluginAnswer(output: try shell("(\(writer)) | \"$0\"", "", attachment))
    }

    /// A line of shell with the plugin as `$0`, in the node's namespace.
    private func shell(_ line: String, _ input: String, _ attachment: Attachment) throws -> Output {
        try attachment.node.namespace.run(
            ["sh", "-c", line, attachment.plugins.path(of: "poplin")], stdin: input,
            environment: [
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CNI_COMMAND": "DEL",
                "CNI_CONTAINERID": attachment.containerID, "CNI_IFNAME": attachment.interface,
                "CNI_PATH": attachment.plugins.directory,
            ])
    }
}
