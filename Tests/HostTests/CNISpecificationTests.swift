import Foundation
import Glibc
import Testing

/// What every plugin does before it does anything: ours and Debian's reference plugins (CNI library of 1.1.1) are given the
/// same environment and input, and must answer with the same code and text, but for the differences listed here with
/// their reasons.
@Suite(.enabled(if: getuid() == 0, "needs root: plugins enter namespaces"), .serialized)
struct CNISpecificationTests {
    enum Agreement: Sendable {
        case codeAndMessage
        /// The message goes on differently behind this beginning.
        case code(beginning: String)
        case differs(ours: Int64, reference: Int64, because: String)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        var changes: [String: String] = [:]
        var input = #"{"name":"n","type":"x","cniVersion":"1.0.0"}"#
        let agreement: Agreement
        var testDescription: String { rule }

        /// A complete ADD with the changes; an empty value removes the variable.
        var environment: [String: String] {
            var environment = [
                "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_NETNS": "/run/netns/pt-nowhere",
                "CNI_IFNAME": "eth0", "CNI_PATH": "/nonexistent",
            ]
            for (name, value) in changes { environment[name] = value.isEmpty ? nil : value }
            return environment
        }
    }

    static let nothingElse = ["CNI_CONTAINERID": "", "CNI_NETNS": "", "CNI_IFNAME": "", "CNI_PATH": ""]

    static let cases: [Case] = [
        Case(rule: "ADD without parameters", changes: nothingElse, agreement: .codeAndMessage),
        Case(
            rule: "DEL without parameters", changes: nothingElse.merging(["CNI_COMMAND": "DEL"]) { $1 },
            agreement: .codeAndMessage),
        Case(
            rule: "CHECK without parameters", changes: nothingElse.merging(["CNI_COMMAND": "CHECK"]) { $1 },
            agreement: .codeAndMessage),
        Case(rule: "without interface", changes: ["CNI_IFNAME": ""], agreement: .codeAndMessage),
        Case(rule: "unknown command", changes: ["CNI_COMMAND": "FROB"], agreement: .codeAndMessage),
        Case(
            rule: "unknown command and nothing else", changes: nothingElse.merging(["CNI_COMMAND": "FROB"]) { $1 },
            input: "",
            agreement: .differs(
                ours: 4, reference: 6, because: "ours says what is wrong, not that the input it needs not is empty")),
        Case(
            rule: "container id with a slash", changes: ["CNI_CONTAINERID": "a/b"], agreement: .codeAndMessage),
        Case(rule: "container id with a dot first", changes: ["CNI_CONTAINERID": ".a"], agreement: .codeAndMessage),
        Case(rule: "interface too long", changes: ["CNI_IFNAME": "abcdefghijklmnop"], agreement: .codeAndMessage),
        Case(rule: "interface ..", changes: ["CNI_IFNAME": ".."], agreement: .codeAndMessage),
        Case(rule: "interface with a colon", changes: ["CNI_IFNAME": "eth0:1"], agreement: .codeAndMessage),
        Case(rule: "interface with a slash", changes: ["CNI_IFNAME": "a/b"], agreement: .codeAndMessage),
        Case(rule: "interface with a blank", changes: ["CNI_IFNAME": "a b"], agreement: .codeAndMessage),
        Case(rule: "no name", input: "{}", agreement: .codeAndMessage),
        Case(rule: "null", input: "null", agreement: .codeAndMessage),
        Case(rule: "empty name", input: #"{"name":""}"#, agreement: .codeAndMessage),
        Case(rule: "bad name", input: #"{"name":"a b","cniVersion":"1.0.0"}"#, agreement: .codeAndMessage),
        Case(
            rule: "bad name and bad container id", changes: ["CNI_CONTAINERID": "a/b"], input: #"{"name":"a b"}"#,
            agreement: .differs(ours: 4, reference: 7, because: "the environment comes first since library 1.2")),
        Case(rule: "no input", input: "", agreement: .code(beginning: "error unmarshall network config: ")),
        Case(
            rule: "trailing comma", input: #"{"name":"n",}"#,
            agreement: .code(beginning: "error unmarshall network config: ")),
        Case(
            rule: "byte order mark", input: "\u{FEFF}{\"name\":\"n\"}",
            agreement: .code(beginning: "error unmarshall network config: ")),
        Case(rule: "an array", input: "[]", agreement: .code(beginning: "error unmarshall network config: ")),
        Case(
            rule: "something behind", input: #"{"name":"n"} x"#,
            agreement: .code(beginning: "error unmarshall network config: ")),
        Case(
            rule: "name of the wrong type", input: #"{"name":7}"#,
            agreement: .differs(
                ours: 7, reference: 6, because: "it is JSON; which field is wrong is said with path and caret")),
        Case(
            rule: "version of the wrong type", input: #"{"name":"n","cniVersion":7}"#,
            agreement: .differs(
                ours: 7, reference: 6, because: "it is JSON; which field is wrong is said with path and caret")),
        Case(rule: "version of the future", input: #"{"name":"n","cniVersion":"9.0.0"}"#, agreement: .codeAndMessage),
        Case(
            rule: "version with a blank", input: #"{"name":"n","cniVersion":"1.0.0 "}"#, agreement: .codeAndMessage),
        Case(
            rule: "CHECK before it existed", changes: ["CNI_COMMAND": "CHECK"],
            input: #"{"name":"n","cniVersion":"0.3.1"}"#, agreement: .codeAndMessage),
        Case(
            rule: "CHECK without version", changes: ["CNI_COMMAND": "CHECK"], input: #"{"name":"n"}"#,
            agreement: .codeAndMessage),
        Case(
            rule: "STATUS before 1.1.0", changes: ["CNI_COMMAND": "STATUS"],
            agreement: .differs(ours: 1, reference: 4, because: "this reference release knows no STATUS")),
        Case(
            rule: "GC before 1.1.0", changes: ["CNI_COMMAND": "GC"],
            agreement: .differs(ours: 1, reference: 4, because: "this reference release knows no GC")),
        Case(
            rule: "the plugin's own namespace", changes: ["CNI_NETNS": "/proc/self/ns/net"], input: "{}",
            agreement: .codeAndMessage),
    ]

    @Test(arguments: cases) func refusal(_ testCase: Case) throws {
        let ours = try answer(PluginSet.poplin().path(of: "loopback"), testCase.environment, testCase.input)
        let reference = try answer(PluginSet.reference.path(of: "loopback"), testCase.environment, testCase.input)
        #expect(ours.status == 1 && reference.status == 1, "\(ours)\n\(reference)")
        let (our, their) = (try errorObject(ours), try errorObject(reference))
        switch testCase.agreement {
        case .codeAndMessage:
            #expect(our.code == their.code)
            #expect(our.message == their.message)
        case .code(let beginning):
            #expect(our.code == their.code)
            #expect(our.message.hasPrefix(beginning) && their.message.hasPrefix(beginning), "\(our) \(their)")
        case .differs(let ourCode, let theirCode, _):
            #expect(our.code == ourCode && their.code == theirCode, "\(our) \(their)")
        }
    }

    @Test func versionWhateverElseIsThere() throws {
        let ours = try PluginSet.poplin()
        for plugin in try plugins(of: ours) {
            for (extra, input) in [
                ([:], ""), (["CNI_IFNAME": "a/b"], "{"), (["CNI_PATH": "/x"], #"{"cniVersion":"0.3.0"}"#),
            ] {
                let environment = ["CNI_COMMAND": "VERSION"].merging(extra) { $1 }
                let our = try versions(answer(ours.path(of: plugin), environment, input))
                let their = try versions(answer(PluginSet.reference.path(of: plugin), environment, input))
                #expect(our.isSuperset(of: their), "\(plugin)")
                #expect(our.contains("1.1.0"), "\(plugin)")
            }
        }
    }

    @Test func aPersonWithoutCommand() throws {
        let ours = try PluginSet.poplin()
        for plugin in try plugins(of: ours) {
            let our = try answer(ours.path(of: plugin), [:], "")
            let their = try answer(PluginSet.reference.path(of: plugin), [:], "")
            for output in [our, their] {
                #expect(output.status == 0 && output.stdout.isEmpty, "\(output)")
                #expect(output.stderr.hasPrefix("CNI \(plugin) plugin"), "\(output)")
                #expect(output.stderr.contains("CNI protocol versions supported: "), "\(output)")
            }
        }
    }

    /// Everything prints one JSON document, whatever goes wrong: the reference prints two when the namespace is its own.
    @Test func theOwnNamespaceIsRefusedBeforeAnythingIsDone() throws {
        try TestNode.with { node in
            let environment = [
                "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_NETNS": node.namespace.path, "CNI_IFNAME": "lo",
                "CNI_PATH": "/nonexistent",
            ]
            let input = #"{"name":"n","type":"loopback","cniVersion":"1.0.0"}"#
            let output = try node.namespace.run(
                [PluginSet.poplin().path(of: "loopback")], stdin: input, environment: environment)
            #expect(try errorObject(output).code == 8)
            let output2 = try node.namespace.run(
                [PluginSet.poplin().path(of: "loopback")], stdin: input,
                environment: environment.merging(["CNI_NETNS_OVERRIDE": "1"]) { $1 })
            #expect(output2.status == 0, "\(output2)")
        }
    }

    @Test func theProgramUnderItsOwnName() throws {
        let program = try PluginSet.poplin().path(of: "poplin-cni")
        let directory = NSTemporaryDirectory() + "pt-install-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        // Twice: the second finds everything there and changes nothing.
        for _ in 0..<2 {
            try Command.check([program, "install", directory + "/a/b"])
            let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/a/b").sorted()
            let listed = try Command.check([program, "--list"]).stdout.split(separator: "\n").map(String.init)
            #expect(names == (listed + ["poplin-cni"]).sorted())
            let inodes = try names.map { name in
                try FileManager.default.attributesOfItem(atPath: "\(directory)/a/b/\(name)")[.systemFileNumber]
                    as? UInt64
            }
            #expect(Set(inodes).count == 1)
        }
        #expect(try Command.run([program]).status == 2)
    }

    /// `/proc/PID/ns/net` of a container that is gone, when PID is a process of the host by now.
    @Test func deleteInTheOwnNamespaceLeavesTheHostAlone() throws {
        try TestNode.with { node in
            try node.namespace.check(["ip", "link", "set", "lo", "up"])
            let output = try node.namespace.run(
                [PluginSet.poplin().path(of: "loopback")],
                stdin: #"{"name":"n","type":"loopback","cniVersion":"1.0.0"}"#,
                environment: [
                    "CNI_COMMAND": "DEL", "CNI_CONTAINERID": "c1", "CNI_NETNS": "/proc/self/ns/net",
                    "CNI_IFNAME": "lo", "CNI_PATH": "/nonexistent",
                ])
            #expect(output.status == 0 && output.stdout.isEmpty, "\(output)")
            #expect(try node.namespace.check(["ip", "link", "show", "lo"]).stdout.contains("UP"))
        }
    }

    @Test func pluginsOfOthersAreKeptAndPutBack() throws {
        let program = try PluginSet.poplin().path(of: "poplin-cni")
        let directory = NSTemporaryDirectory() + "pt-kept-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let bridge = URL(fileURLWithPath: directory + "/bridge")
        try Data("somebody else's".utf8).write(to: bridge)
        try Data("untouched".utf8).write(to: URL(fileURLWithPath: directory + "/calico"))
        for _ in 0..<2 {
            let installed = try Command.check([program, "install", directory])
            #expect(try Data(contentsOf: bridge).count > 1_000_000, "\(installed)")
            #expect(
                try String(contentsOfFile: directory + "/bridge.before-poplin", encoding: .utf8) == "somebody else's")
        }
        let removed = try Command.check([directory + "/poplin-cni", "uninstall", directory])
        #expect(removed.stdout.contains("put back: bridge"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["bridge", "calico"])
        #expect(try String(contentsOf: bridge, encoding: .utf8) == "somebody else's")
    }

    // MARK: -

    private func answer(_ path: String, _ environment: [String: String], _ input: String) throws -> Output {
        try Command.run([path], stdin: input, environment: environment)
    }

    private func errorObject(_ output: Output) throws -> (code: Int64, message: String) {
        guard case .object(let members) = try JSON(parsing: output.stdout), case .int(let code)? = members["code"],
            case .string(let message)? = members["msg"]
        else { throw HarnessError("no error object: \(output)") }
        return (code, message)
    }

    private func versions(_ output: Output) throws -> Set<String> {
        guard output.succeeded, case .object(let members) = try JSON(parsing: output.stdout),
            case .array(let list)? = members["supportedVersions"]
        else { throw HarnessError("no versions: \(output)") }
        return Set(list.compactMap { if case .string(let text) = $0 { text } else { nil } })
    }

    /// Those of ours that the reference has too.
    private func plugins(of set: PluginSet) throws -> [String] {
        try Command.check([set.path(of: "poplin-cni"), "--list"]).stdout.split(separator: "\n").map(String.init)
            .filter { FileManager.default.fileExists(atPath: PluginSet.reference.path(of: $0)) }
    }
}
