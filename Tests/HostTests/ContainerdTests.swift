import Foundation
import Glibc
import Testing

/// containerd with `ctr run --cni`: another runtime, another CNI library version, and other habits than podman's: the
/// namespace is `/proc/<pid>/ns/net`, and by the time of DEL that process is gone.
@Suite(.enabled(if: getuid() == 0, "needs root"))
struct ContainerdTests {
    @Test func containersOnTheReferencePlugins() throws {
        try containerdStory(.reference)
    }

    @Test func containersOnPoplin() throws {
        try containerdStory(.poplin())
    }

    private func containerdStory(_ plugins: PluginSet) throws {
        try RuntimeNode.with { runtime in
            let node = runtime.node
            let rootfs = try runtime.makeRootFileSystem()
            let list: JSON = [
                "cniVersion": "1.0.0", "name": "demo",
                "plugins": [
                    [
                        "type": "bridge", "bridge": "poplin0", "isGateway": true,
                        "ipam": [
                            "type": "host-local", "dataDir": .string(node.dataDirectory),
                            "ranges": [[["subnet": "10.87.0.0/24"]], [["subnet": "fd00:87::/64"]]],
                            "routes": [["dst": "0.0.0.0/0"]],
                        ],
                    ],
                    [
                        "type": "tuning", "dataDir": .string(node.tuningDirectory),
                        "sysctl": ["net.core.somaxconn": "1024"],
                    ],
                ],
            ]
            let file = "\(node.directory)/10-demo.conflist"
            try list.prettyText.write(toFile: file, atomically: false, encoding: .utf8)
            // ctr knows only the default places; they are this node's own.
            try runtime.check(["mkdir", "-p", "/etc/cni/net.d", "/opt/cni"])
            try runtime.check(["cp", file, "/etc/cni/net.d/"])
            try runtime.check(["ln", "-s", plugins.directory, "/opt/cni/bin"])

            let place = "\(node.directory)/containerd"
            try """
            version = 2
            root = "\(place)/root"
            state = "\(place)/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
            [grpc]
            address = "\(place).sock"
            [ttrpc]
            address = "\(place).ttrpc"
            """.write(toFile: "\(place).toml", atomically: false, encoding: .utf8)
            let daemon = try runtime.start(["containerd", "--config", "\(place).toml"], log: "\(place).log")
            defer { Command.end(daemon) }
            let ctr = ["ctr", "-a", "\(place).sock"]
            let deadline = Date().addingTimeInterval(20)
            while try !runtime.run(ctr + ["version"]).succeeded {
                if Date() > deadline {
                    throw HarnessError(
                        (try? String(contentsOfFile: "\(place).log", encoding: .utf8)) ?? "containerd is silent")
                }
                usleep(50_000)
            }

            let run = ctr + ["run", "--rm", "--cni", "--cgroup", "/\(runtime.cgroup)", "--rootfs", rootfs]
            let server = try runtime.start(
                run + ["server", "/bin/httpd", "-f", "-p", "80", "-h", "/www"], log: "\(place)-server.log")
            defer { Command.end(server) }
            // The first container has the first address; its server is up when it answers.
            let fetch = ["timeout", "2", "busybox", "wget", "-qO-", "http://10.87.0.2/"]
            while try !runtime.run(fetch).succeeded {
                if Date() > deadline.addingTimeInterval(20) {
                    throw HarnessError((try? String(contentsOfFile: "\(place)-server.log", encoding: .utf8)) ?? "")
                }
                usleep(100_000)
            }

            let script = """
                ip -o addr show eth0; cat /proc/sys/net/core/somaxconn; \
                ping -c1 -W2 10.87.0.2 && ping6 -c1 -W2 fd00:87::2 && wget -qO- http://10.87.0.2/
                """
            let client = try runtime.check(run + ["client", "/bin/sh", "-c", script]).stdout
            for text in ["10.87.0.3/24", "fd00:87::3/64", "1024", "hello from a pod"] {
                #expect(client.contains(text), "\(client)")
            }

            try runtime.check(ctr + ["task", "kill", "-s", "KILL", "server"])
            while try runtime.check(ctr + ["container", "list", "-q"]).stdout.contains("server") {
                if Date() > deadline.addingTimeInterval(40) { throw HarnessError("ctr does not remove the container") }
                usleep(100_000)
            }
            #expect(try runtime.leftovers(bridge: "poplin0", words: ["10.87.0.2", "10.87.0.3"]) == [])
        }
    }
}
