import Foundation
import Glibc
import Testing

/// Our bridge with an address manager that is not ours: the reference's `static` under a name we have no plugin for.
@Suite(.enabled(if: getuid() == 0, "needs root: makes network namespaces"))
struct ForeignAddressManagerTests {
    @Test func aLifeWithTheReferencesStatic() throws {
        try with { node, pod, directory in
            let added = try call("ADD", node, pod, directory)
            #expect(added.status == 0, "\(added)")
            #expect(try pod.check(["ip", "-o", "addr", "show", "eth0"]).stdout.contains("10.77.0.5/24"))
            let check = try call("CHECK", node, pod, directory, previous: added.stdout)
            #expect(check.status == 0, "\(check)")
            for _ in 0..<2 {
                let deleted = try call("DEL", node, pod, directory, previous: added.stdout)
                #expect(deleted.status == 0 && deleted.stdout.isEmpty, "\(deleted)")
            }
            #expect(try !pod.check(["ip", "-o", "link"]).stdout.contains("eth0"))
        }
    }

    /// The delegate fails: its error is the bridge's, its DEL is called, and no link stays.
    @Test func whenItFailsNothingStays() throws {
        try with { node, pod, directory in
            let script = """
                #!/bin/sh
                cat >/dev/null
                echo "$CNI_COMMAND" >> '\(directory)/log'
                [ "$CNI_COMMAND" = DEL ] && exit 0
                echo '{"code":11,"msg":"the address server sleeps"}'
                exit 1
                """
            try replace(directory, script)
            let added = try call("ADD", node, pod, directory)
            #expect(added.status == 1)
            #expect(
                added.stdout.contains("\"code\": 11") && added.stdout.contains("the address server sleeps"), "\(added)")
            #expect(try String(contentsOfFile: directory + "/log", encoding: .utf8) == "ADD\nDEL\n")
            for namespace in [node.namespace, pod] {
                let links = try namespace.check(["ip", "-o", "link"]).stdout
                #expect(!links.contains("veth") && !links.contains("eth0"), "\(links)")
            }
        }
    }

    @Test func whenItIsMissingTheDirectoriesAreNamed() throws {
        try with { node, pod, directory in
            try FileManager.default.removeItem(atPath: directory + "/pt-static")
            let added = try call("ADD", node, pod, directory)
            #expect(added.status == 1)
            #expect(added.stdout.contains("\"code\": 106") && added.stdout.contains(directory), "\(added)")
        }
    }

    private func with(_ body: (TestNode, TestNamespace, String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "pt-foreign-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.copyItem(
            atPath: PluginSet.reference.path(of: "static"), toPath: directory + "/pt-static")
        try TestNode.with { node in try body(node, node.makeNamespace(), directory) }
    }

    private func replace(_ directory: String, _ script: String) throws {
        let path = directory + "/pt-static"
        try FileManager.default.removeItem(atPath: path)
        try Data(script.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    private func call(
        _ command: String, _ node: TestNode, _ pod: TestNamespace, _ directory: String, previous: String? = nil
    ) throws -> Output {
        let chained = previous.map { ",\"prevResult\":\($0)" } ?? ""
        return try node.namespace.run(
            [PluginSet.poplin().path(of: "bridge")],
            stdin: """
                {"name":"pt-foreign","type":"bridge","cniVersion":"1.0.0","bridge":"pt-br0",
                "ipam":{"type":"pt-static","addresses":[{"address":"10.77.0.5/24"}]}\(chained)}
                """,
            environment: [
                "CNI_COMMAND": command, "CNI_CONTAINERID": "c1", "CNI_NETNS": pod.path, "CNI_IFNAME": "eth0",
                "CNI_PATH": directory,
            ])
    }
}
