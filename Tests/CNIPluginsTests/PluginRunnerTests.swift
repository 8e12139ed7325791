import CNI
import JSONTree
import SystemCalls
import Testing

@testable import CNIPlugins

@Suite struct PluginRunnerTests {
    // MARK: Before the plugin is called

    struct Refusal: Sendable, CustomTestStringConvertible {
        let rule: String
        var environment = CNIEnvironment.complete(.add)
        var source = #"{"name":"n","type":"recording","cniVersion":"1.0.0"}"#
        let code: CNIError.Code
        let message: String
        /// The version the error object says.
        var version = CNIVersion.newest
        var testDescription: String { rule }
    }

    @Test(arguments: [
        Refusal(
            rule: "unknown command", environment: .complete("FROB"), code: .invalidEnvironment,
            message: "unknown CNI_COMMAND: FROB"),
        Refusal(
            rule: "commands are told apart by case", environment: .complete("add"), code: .invalidEnvironment,
            message: "unknown CNI_COMMAND: add"),
        Refusal(
            rule: "nothing but the command", environment: CNIEnvironment { $0 == "CNI_COMMAND" ? "ADD" : nil },
            code: .invalidEnvironment,
            message: "required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH] missing"),
        Refusal(
            rule: "no input", source: "", code: .decoding,
            message: "error unmarshall network config: line 1, column 1: "),
        Refusal(rule: "no name", source: "{}", code: .invalidConfiguration, message: "missing network name"),
        Refusal(
            rule: "a version the plugin does not speak", source: #"{"name":"n","cniVersion":"0.2.0"}"#,
            code: .incompatibleVersion, message: "incompatible CNI versions"),
        Refusal(
            rule: "our own namespace", environment: .complete(.add, namespace: "/proc/self/ns/net"),
            code: .ownNetworkNamespace, message: "plugin's netns and netns from CNI_NETNS should not be the same",
            version: .v100),
        Refusal(
            rule: "our own namespace, CHECK", environment: .complete(.check, namespace: "/proc/thread-self/ns/net"),
            code: .ownNetworkNamespace, message: "plugin's netns and netns from CNI_NETNS should not be the same",
            version: .v100),
    ]) func isRefused(_ refusal: Refusal) throws {
        let calls = Recording.Journal()
        let outcome = Recording.$journal.withValue(calls) {
            PluginRunner.run(Recording.self, environment: refusal.environment) { Array(refusal.source.utf8) }
        }
        #expect(outcome.exitCode == 1)
        let object = try JSONTree(parsing: outcome.output).root
        #expect(object["code"]?.int == Int64(refusal.code.rawValue))
        #expect(object["msg"]?.string?.hasPrefix(refusal.message) == true, "\(outcome.outputText)")
        #expect(object["cniVersion"]?.string == refusal.version.description)
        #expect(calls.verbs.isEmpty)
    }

    @Test func unreadableInput() throws {
        let outcome = PluginRunner.run(Recording.self, environment: .complete(.add)) {
            () throws(SystemCallError) in throw SystemCallError("read", .EIO)
        }
        let object = try JSONTree(parsing: outcome.output).root
        #expect(object["code"]?.int == 5)
        #expect(object["msg"]?.string == "error reading from stdin: read: Input/output error (EIO)")
    }

    @Test func aPersonGetsUsageAndSuccess() {
        for environment in [CNIEnvironment(), CNIEnvironment { $0 == "CNI_COMMAND" ? "" : "x" }] {
            let outcome = PluginRunner.run(Recording.self, environment: environment) { [] }
            #expect(outcome.exitCode == 0)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.hasPrefix("CNI recording plugin, Poplin "))
            #expect(outcome.errors.contains("CNI protocol versions supported: 0.4.0, 1.0.0, 1.1.0\n"))
        }
    }

    @Test func versionNeedsNeitherParametersNorInput() {
        let outcome = PluginRunner.run(
            Recording.self, environment: CNIEnvironment { $0 == "CNI_COMMAND" ? "VERSION" : nil }
        ) { () throws(SystemCallError) in throw SystemCallError("read", .EIO) }
        #expect(outcome.exitCode == 0)
        #expect(outcome.outputText == #"{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}"# + "\n")
    }

    // MARK: The verbs

    struct Verb: Sendable, CustomTestStringConvertible {
        let command: CNIRequest.Command
        let members: String
        let called: [String]
        var testDescription: String { "\(command) \(members)" }
    }

    @Test(arguments: [
        Verb(command: .delete, members: "", called: ["DEL"]),
        Verb(command: .check, members: "", called: ["CHECK"]),
        Verb(command: .status, members: "", called: ["STATUS"]),
        Verb(command: .collectGarbage, members: "", called: []),
        Verb(command: .collectGarbage, members: #","cni.dev/valid-attachments":[]"#, called: ["GC []"]),
        Verb(
            command: .collectGarbage,
            members: #","cni.dev/valid-attachments":[{"containerID":"c","ifname":"e"}]"#, called: ["GC [c/e]"]),
    ]) func isCalledAndPrintsNothing(_ verb: Verb) {
        let calls = Recording.Journal()
        let outcome = Recording.$journal.withValue(calls) {
            PluginRunner.run(Recording.self, environment: .complete(verb.command)) {
                Array("{\"name\":\"n\",\"type\":\"recording\",\"cniVersion\":\"1.1.0\"\(verb.members)}".utf8)
            }
        }
        #expect(outcome == PluginRunner.Outcome())
        #expect(calls.verbs == verb.called)
    }

    @Test(arguments: [CNIVersion.v040, .v100, .v110]) func addAnswersInTheConfigurationsVersion(_ version: CNIVersion)
        throws
    {
        let outcome = PluginRunner.run(Recording.self, environment: .complete(.add)) {
            Array("{\"name\":\"n\",\"cniVersion\":\"\(version)\"}".utf8)
        }
        #expect(outcome.exitCode == 0)
        let node = try JSONTree(parsing: outcome.output).root
        #expect(node["cniVersion"]?.string == version.description)
        #expect(node["interfaces"]?[0]?["name"]?.string == "eth0")
    }

    @Test func anAnswerNobodyCanBeGivenIsTakenBack() throws {
        let calls = Recording.Journal()
        let outcome = Recording.$journal.withValue(calls) {
            PluginRunner.run(Layer2.self, environment: .complete(.add)) {
                Array(#"{"name":"n","cniVersion":"0.2.0"}"#.utf8)
            }
        }
        #expect(outcome.exitCode == 1)
        #expect(try JSONTree(parsing: outcome.output).root["code"]?.int == 108)
        #expect(calls.verbs == ["ADD", "DEL"])
    }

    @Test func thePluginsErrorIsPrinted() throws {
        let calls = Recording.Journal(failure: CNIError(.alreadyTaken, "eth0 exists", details: "since then"))
        let outcome = Recording.$journal.withValue(calls) {
            PluginRunner.run(Recording.self, environment: .complete(.add)) {
                Array(#"{"name":"n","cniVersion":"1.0.0"}"#.utf8)
            }
        }
        #expect(outcome.exitCode == 1)
        #expect(
            outcome.outputText == """
                {
                    "cniVersion": "1.0.0",
                    "code": 102,
                    "msg": "eth0 exists",
                    "details": "since then"
                }

                """)
    }

    /// The process number of a container that is gone belongs to a process of the host by now: nothing of the host may be
    /// touched, and what lies outside of the container's namespace must go all the same.
    @Test func deleteInOurOwnNamespaceIsDeleteWithoutOne() {
        let calls = Recording.Journal()
        let outcome = Recording.$journal.withValue(calls) {
            PluginRunner.run(Recording.self, environment: .complete(.delete, namespace: "/proc/self/ns/net")) {
                Array(#"{"name":"n","cniVersion":"1.0.0"}"#.utf8)
            }
        }
        #expect(outcome.exitCode == 0 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("the container's is taken as gone"))
        #expect(calls.verbs == ["DEL without namespace"])
    }

    @Test func aResultNobodyTakesIsTakenBack() {
        let calls = Recording.Journal()
        let outcome = Recording.$journal.withValue(calls) {
            PluginRunner.run(Recording.self, environment: .complete(.add)) {
                Array(#"{"name":"n","cniVersion":"1.0.0"}"#.utf8)
            } deliver: { (_) throws(SystemCallError) in
                throw SystemCallError("write", .EPIPE)
            }
        }
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("Broken pipe") && outcome.errors.contains("what ADD had made was removed"))
        #expect(calls.verbs == ["ADD", "DEL"])
    }

    @Test func anErrorNobodyTakesChangesNothing() {
        let calls = Recording.Journal(failure: CNIError(.alreadyTaken, "eth0 exists"))
        let outcome = Recording.$journal.withValue(calls) {
            PluginRunner.run(Recording.self, environment: .complete(.add)) {
                Array(#"{"name":"n","cniVersion":"1.0.0"}"#.utf8)
            } deliver: { (_) throws(SystemCallError) in
                throw SystemCallError("write", .EPIPE)
            }
        }
        #expect(outcome.exitCode == 1)
        #expect(calls.verbs == ["ADD"])
    }

    @Test func theOverridePermitsOurOwnNamespace() {
        var environment = CNIEnvironment.complete(.check, namespace: "/proc/self/ns/net")
        environment.networkNamespaceOverride = "1"
        let outcome = PluginRunner.run(Recording.self, environment: environment) {
            Array(#"{"name":"n","cniVersion":"1.0.0"}"#.utf8)
        }
        #expect(outcome.exitCode == 0)
    }
}
