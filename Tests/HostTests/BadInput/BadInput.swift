import Foundation
import Glibc
import Testing

/// Something a plugin is given that cannot work, and the one error it must answer.
struct BadInput: Sendable, CustomTestStringConvertible {
    /// What is wrong.
    let name: String
    var plugin = "bridge"
    var command = "ADD"
    /// Standard input. `@DATA@`, `@NODE@`, `@POD@`, `@FILES@` stand for host-local's directory, the two namespaces'
    /// paths and the node's directory.
    var input: String
    /// Replaces, or with nil removes, variables.
    var environment: [String: String?] = [:]
    /// In front of the plugin's path.
    var through: [String] = []
    var prepare: @Sendable (TestNode, TestNamespace) throws -> Void = { _, _ in }
    let code: Int64
    /// What `msg` must contain.
    var message: [String] = []
    /// What `details` must contain.
    var details: [String] = []

    var testDescription: String { name }

    /// A configuration of the network `bad`; `members` replace or (as null) take away what is there by default.
    static func configuration(_ type: String, _ members: JSON = [:], version: String = "1.0.0") -> String {
        var configuration: JSON = ["cniVersion": .string(version), "name": "bad", "type": .string(type)]
        if ["bridge", "ptp"].contains(type) { configuration["ipam"] = hostLocal(["subnet": "10.88.0.0/24"]) }
        if type == "bridge" { configuration["bridge"] = "cni0" }
        if ["portmap", "bandwidth", "firewall", "tuning"].contains(type) {
            configuration["prevResult"] = [
                "cniVersion": .string(version),
                "interfaces": [["name": "eth0", "sandbox": "@POD@", "mac": "02:00:00:00:00:01"]],
                "ips": [["address": "10.88.0.2/24", "interface": 0]],
            ]
        }
        for (key, value) in members.members { configuration[key] = value }
        return configuration.text
    }

    static func hostLocal(_ range: JSON) -> JSON {
        ["type": "host-local", "dataDir": "@DATA@", "ranges": [[range]]]
    }

    static func hostLocal(sets: JSON) -> JSON { ["type": "host-local", "dataDir": "@DATA@", "ranges": sets] }
}

/// Each gives exactly one CNI error a person can act on, and leaves nothing behind.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct BadInputTests {
    @Test(arguments: BadInput.all) func isOneErrorAndLeavesNothing(_ bad: BadInput) throws {
        try TestNode.with { node in
            let pod = try node.makeNamespace()
            try bad.prepare(node, pod)
            func filled(_ text: String) -> String {
                text.replacingOccurrences(of: "@DATA@", with: node.dataDirectory)
                    .replacingOccurrences(of: "@NODE@", with: node.namespace.path)
                    .replacingOccurrences(of: "@POD@", with: pod.path)
                    .replacingOccurrences(of: "@FILES@", with: node.directory)
            }
            // Directories and locks of a network are no trace of a pod.
            func state() throws -> Leftovers {
                try Leftovers.read(node, network: "bad", containers: "badpod").union(Leftovers.readPod(pod))
                    .withoutSkeleton
            }
            let before = try state()
            let plugins = try PluginSet.poplin()
            var environment = [
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CNI_COMMAND": bad.command, "CNI_CONTAINERID": "badpod1",
                "CNI_NETNS": pod.path, "CNI_IFNAME": "eth0", "CNI_PATH": plugins.directory,
            ]
            for (name, value) in bad.environment { environment[name] = value.map(filled) }
            let answer = PluginAnswer(
                output: try node.namespace.inside {
                    try Command.run(
                        bad.through + [plugins.path(of: bad.plugin)], stdin: filled(bad.input), environment: environment
                    )
                })
            #expect(answer.output.status == 1, "\(answer)")
            let error = try #require(answer.json, "not one JSON document: \(answer)")
            #expect(error["code"] == .int(bad.code), "\(answer)")
            let message = error["msg"]?.string ?? ""
            #expect(!message.isEmpty && !message.contains("\n"), "\(answer)")
            for text in bad.message { #expect(message.contains(filled(text)), "\(answer)") }
            let details = error["details"]?.string ?? ""
            for text in bad.details { #expect(details.contains(filled(text)), "\(answer)") }
            #expect(answer.output.stderr == "", "\(answer)")
            let left = try state().subtracting(before)
            #expect(left.isEmpty, "left behind:\n\(left)\n\(answer)")
            // A runtime calls DEL after an ADD that failed, and DEL must not fail over what made the ADD fail, unless it
            // cannot even know which network it is about.
            if bad.command == "ADD", ![1, 4, 6, 8].contains(bad.code), bad.through.isEmpty {
                environment["CNI_COMMAND"] = "DEL"
                let deleted = try node.namespace.inside {
                    try Command.run([plugins.path(of: bad.plugin)], stdin: filled(bad.input), environment: environment)
                }
                // An address manager that cannot be found cannot release either: silence would leak.
                #expect(deleted.succeeded || [7, 106].contains(bad.code), "DEL: \(deleted)")
                let left = try state().subtracting(before)
                #expect(left.isEmpty, "left behind by DEL:\n\(left)")
                let taken = before.subtracting(try state())
                #expect(taken.isEmpty, "DEL took what it had not made:\n\(taken)")
            }
        }
    }
}
