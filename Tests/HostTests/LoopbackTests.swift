import Foundation
import Glibc
import Testing

@Suite(.enabled(if: getuid() == 0, "needs root: makes network namespaces"))
struct LoopbackTests {
    @Test func aLife() throws {
        try with { node, pod in
            let added = try call("ADD", node, pod.path)
            #expect(added.status == 0, "\(added)")
            #expect(added.stdout.contains("\"127.0.0.1/8\"") && added.stdout.contains("\"::1/128\""))
            try pod.check(["ping", "-c1", "-W2", "127.0.0.1"])
            let result = added.stdout
            let check = try call("CHECK", node, pod.path, previous: result)
            #expect(check.status == 0 && check.stdout.isEmpty, "\(check)")
            for _ in 0..<2 {
                let deleted = try call("DEL", node, pod.path, previous: result)
                #expect(deleted.status == 0 && deleted.stdout.isEmpty, "\(deleted)")
            }
            #expect(try call("CHECK", node, pod.path, previous: result).stdout.contains("\"code\": 103"))
        }
    }

    @Test func checkSeesALostAddress() throws {
        try with { node, pod in
            let result = try call("ADD", node, pod.path).stdout
            try pod.check(["ip", "addr", "del", "127.0.0.1/8", "dev", "lo"])
            let check = try call("CHECK", node, pod.path, previous: result)
            #expect(check.status == 1)
            #expect(check.stdout.contains("\"code\": 103") && check.stdout.contains("lost 127.0.0.1/8"), "\(check)")
        }
    }

    @Test func aChainsResultIsPassedOnWhole() throws {
        try with { node, pod in
            let previous =
                #"{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"/x"}],"vendor":{"n":12345678901234567890123}}"#
            let added = try call("ADD", node, pod.path, previous: previous)
            #expect(added.stdout.contains("12345678901234567890123") && added.stdout.contains("eth0"), "\(added)")
            #expect(!added.stdout.contains("127.0.0.1"))
        }
    }

    @Test func aForeignAddressIsRefusedAndNothingChanged() throws {
        try with { node, pod in
            try pod.check(["ip", "addr", "add", "192.0.2.1/32", "dev", "lo"])
            let added = try call("ADD", node, pod.path)
            #expect(added.status == 1 && added.stdout.contains("non-loopback address 192.0.2.1/32"), "\(added)")
            #expect(try !pod.check(["ip", "link", "show", "lo"]).stdout.contains("UP"))
        }
    }

    /// cni-user-pains: DEL is called again and again, with namespaces that are gone, were never there, or are files.
    @Test func deleteOfWhatIsGone() throws {
        try with { node, _ in
            for path in ["/run/netns/pt-never", "", "/etc/hostname", "/nonexistent/deep/path"] {
                let deleted = try call("DEL", node, path)
                #expect(deleted.status == 0 && deleted.stdout.isEmpty, "\(path): \(deleted)")
            }
        }
    }

    @Test(arguments: [
        ("/run/netns/pt-never", "no such network namespace"), ("/etc/hostname", "a regular file"),
        ("/proc/self/ns/mnt", "a mount namespace"),
    ])
    func addIntoWhatIsNoNamespace(_ path: String, _ reason: String) throws {
        try with { node, _ in
            let added = try call("ADD", node, path)
            #expect(
                added.status == 1 && added.stdout.contains("\"code\": 4") && added.stdout.contains(reason), "\(added)")
        }
    }

    private func with(_ body: (TestNode, TestNamespace) throws -> Void) throws {
        try TestNode.with { node in try body(node, node.makeNamespace()) }
    }

    private func call(_ command: String, _ node: TestNode, _ path: String, previous: String? = nil) throws -> Output {
        let environment = [
            "CNI_COMMAND": command, "CNI_CONTAINERID": "c1", "CNI_NETNS": path, "CNI_IFNAME": "lo",
            "CNI_PATH": "/nonexistent",
        ]
        let chained = previous.map { ",\"prevResult\":\($0)" } ?? ""
        return try node.namespace.run(
            [PluginSet.poplin().path(of: "loopback")],
            stdin: "{\"name\":\"n\",\"type\":\"loopback\",\"cniVersion\":\"1.0.0\"\(chained)}", environment: environment
        )
    }
}
