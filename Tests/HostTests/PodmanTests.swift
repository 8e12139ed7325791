import Foundation
import Glibc
import Testing

/// podman, a container runtime we did not write, drives the plugins: containers get addresses, reach each other and
/// answer on a published port, and nothing is left when they are removed.
@Suite(.enabled(if: getuid() == 0, "needs root"))
struct PodmanTests {
    @Test func containersOnTheReferencePlugins() throws {
        try podmanStory(.reference, firewall: ["type": "firewall", "backend": "iptables"])
    }

    @Test func containersOnPoplin() throws {
        try podmanStory(.poplin(), firewall: ["type": "firewall"])
    }

    private func podmanStory(_ plugins: PluginSet, firewall: JSON) throws {
        try RuntimeNode.with { runtime in
            let podman = try Podman(runtime, plugins: plugins, firewall: firewall)
            let web = try podman.start("web", ["-p", "8088:80"], ["/bin/httpd", "-f", "-p", "80", "-h", "/www"])
            let client = try podman.start("client", [], ["/bin/sleep", "600"])
            #expect(web.addresses == ["10.86.0.2", "fd00:86::2"])
            #expect(client.addresses == ["10.86.0.3", "fd00:86::3"])

            #expect(try podman.run(["exec", "client", "ping", "-c1", "-W2", "10.86.0.2"]).succeeded)
            #expect(try podman.run(["exec", "client", "ping6", "-c1", "-W2", "fd00:86::2"]).succeeded)
            #expect(
                try podman.run(["exec", "client", "timeout", "5", "wget", "-qO-", "http://10.86.0.2/"]).stdout
                    == "hello from a pod\n")
            #expect(try podman.run(["exec", "web", "cat", "/proc/sys/net/core/somaxconn"]).stdout == "1024\n")

            // The published port: from the node, from another machine, from the other container.
            // Not with wget's own -T, which crashes in Debian's static busybox.
            let fetch = ["timeout", "5", "busybox", "wget", "-qO-"]
            #expect(try runtime.node.namespace.run(fetch + ["http://127.0.0.1:8088/"]).stdout == "hello from a pod\n")
            #expect(try runtime.outside.run(fetch + ["http://198.51.100.1:8088/"]).stdout == "hello from a pod\n")
            #expect(
                try podman.run(["exec", "client", "timeout", "5", "wget", "-qO-", "http://198.51.100.1:8088/"]).stdout
                    == "hello from a pod\n")

            let queues = try runtime.node.namespace.json(["tc", "-j", "qdisc"]).elements.filter { $0["kind"] == "tbf" }
            #expect(queues.count == 4, "two shaped directions of two containers: \(queues.map(\.text))")

            try podman.check(["rm", "-f", "-t", "0", "web", "client"])
            #expect(try podman.check(["ps", "-aq"]).stdout.isEmpty)
            let left = try runtime.leftovers(
                bridge: "poplin0",
                words: web.addresses + client.addresses + [web.identifier, client.identifier, "8088"])
            #expect(left == [])
            #expect(
                try runtime.outside.run(["timeout", "2", "busybox", "wget", "-qO-", "http://198.51.100.1:8088/"])
                    .succeeded
                    == false)
        }
    }

    /// A container that died is removed by `podman rm` with its namespace gone from under the plugins' feet.
    @Test func aKilledContainerLeavesNothing() throws {
        try RuntimeNode.with { runtime in
            let podman = try Podman(runtime, plugins: try .poplin(), firewall: ["type": "firewall"])
            let web = try podman.start("web", ["-p", "8088:80"], ["/bin/httpd", "-f", "-p", "80", "-h", "/www"])
            try podman.check(["kill", "-s", "KILL", "web"])
            try podman.check(["rm", "-f", "web"])
            #expect(try runtime.leftovers(bridge: "poplin0", words: web.addresses + [web.identifier]) == [])
        }
    }
}

/// podman with every directory of its own under the node's, its CNI backend, runc and the demo's network.
struct Podman {
    let runtime: RuntimeNode
    private let rootfs: String
    private let directory: String

    struct Container {
        let identifier: String
        /// IPv4 first.
        let addresses: [String]
    }

    init(_ runtime: RuntimeNode, plugins: PluginSet, firewall: JSON) throws {
        self.runtime = runtime
        let node = runtime.node
        directory = node.directory
        rootfs = try runtime.makeRootFileSystem()
        let list: JSON = [
            "cniVersion": "1.0.0", "name": "demo",
            "plugins": [
                [
                    "type": "bridge", "bridge": "poplin0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
                    "ipam": [
                        "type": "host-local", "dataDir": .string(node.dataDirectory),
                        "ranges": [[["subnet": "10.86.0.0/24"]], [["subnet": "fd00:86::/64"]]],
                        "routes": [["dst": "0.0.0.0/0"], ["dst": "::/0"]],
                    ],
                ],
                ["type": "portmap", "capabilities": ["portMappings": true]], firewall,
                [
                    "type": "bandwidth", "ingressRate": 200_000_000, "ingressBurst": 8_000_000,
                    "egressRate": 200_000_000, "egressBurst": 8_000_000,
                ],
                [
                    "type": "tuning", "dataDir": .string(node.tuningDirectory),
                    "sysctl": ["net.core.somaxconn": "1024"],
                ],
            ],
        ]
        try list.prettyText.write(
            toFile: "\(node.configurationDirectory)/10-demo.conflist", atomically: false, encoding: .utf8)
        try """
        [containers]
        apparmor_profile = "unconfined"
        [network]
        network_backend = "cni"
        cni_plugin_dirs = ["\(plugins.directory)"]
        network_config_dir = "\(node.configurationDirectory)"
        [engine]
        cgroup_manager = "cgroupfs"
        runtime = "runc"
        events_logger = "none"
        """.write(toFile: "\(directory)/containers.conf", atomically: false, encoding: .utf8)
    }

    @discardableResult
    func check(_ arguments: [String]) throws -> Output {
        let output = try run(arguments)
        guard output.succeeded else { throw HarnessError("\(output)") }
        return output
    }

    func run(_ arguments: [String]) throws -> Output {
        let places = [
            "--root", "\(directory)/p/root", "--runroot", "\(directory)/p/run", "--tmpdir", "\(directory)/p/tmp",
        ]
        return try runtime.run(
            ["podman"] + places + arguments, environment: ["CONTAINERS_CONF": "\(directory)/containers.conf"])
    }

    /// `podman run -d`; the limits are those every machine grants.
    func start(_ name: String, _ options: [String], _ command: [String]) throws -> Container {
        let output = try check(
            ["run", "-d", "--name", name, "--network", "demo", "--cgroup-parent", "/\(runtime.cgroup)"]
                + ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"] + options
                + ["--rootfs", rootfs] + command)
        let network = try JSON(parsing: try check(["inspect", name]).stdout)[0]?["NetworkSettings"]?["Networks"]?[
            "demo"]
        return Container(
            identifier: output.stdout.trimmingCharacters(in: .whitespacesAndNewlines),
            addresses: ["IPAddress", "GlobalIPv6Address"].compactMap { network?[$0]?.string })
    }
}
