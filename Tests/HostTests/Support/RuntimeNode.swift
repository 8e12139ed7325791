import Foundation
import Glibc

/// A test node with mounts and process numbers of its own, for container runtimes: whatever they write to /run,
/// /var/lib or /dev/shm stays inside, and whatever they leave running ends with the node.
final class RuntimeNode {
    let node: TestNode
    /// A machine one hop away (198.51.100.2).
    let outside: TestNamespace
    private let holder: pid_t
    /// The first process of the node's own process numbers; when it ends, all of them do.
    private let first: pid_t
    /// Parent of every cgroup the runtimes make, so that they can be taken away again.
    let cgroup: String

    private init(_ node: TestNode) throws {
        self.node = node
        outside = try node.makeNeighbour()
        cgroup = node.namespace.name
        let ready = "\(node.directory)/ready"
        // Directories are hidden under fresh ones; /etc gets a layer, since runtimes want a real passwd beside the
        // CNI directories that are put there.
        let script = """
            set -e
            mkdir -p \(node.directory)/etc \(node.directory)/etc-work
            for d in /run /dev/shm /var/lib /opt; do mount -t tmpfs tmpfs $d; done
            mkdir -p /run/netns /run/lock
            mount -t tmpfs tmpfs \(node.directory)/etc-work
            mkdir \(node.directory)/etc-work/upper \(node.directory)/etc-work/work
            mount -t overlay -o lowerdir=/etc,upperdir=\(node.directory)/etc-work/upper,workdir=\(node.directory)/etc-work/work overlay /etc
            mkdir -p /etc/cni /opt/cni
            touch \(ready)
            exec sleep infinity
            """
        holder = try Command.start(
            [
                "nsenter", "--net=\(node.namespace.path)", "unshare", "--mount", "--propagation", "private", "--pid",
                "--fork", "--kill-child", "--mount-proc", "sh", "-c", script,
            ], log: "\(node.directory)/holder.log")
        let deadline = Date().addingTimeInterval(20)
        while access(ready, F_OK) != 0 {
            if Date() > deadline {
                let log = (try? String(contentsOfFile: "\(node.directory)/holder.log", encoding: .utf8)) ?? ""
                Command.end(holder, with: SIGKILL)
                throw HarnessError("cannot prepare mounts for a container runtime: \(log)")
            }
            usleep(5_000)
        }
        let children = try String(contentsOfFile: "/proc/\(holder)/task/\(holder)/children", encoding: .utf8)
        guard let child = children.split(separator: " ").first.flatMap({ pid_t($0) }) else {
            Command.end(holder, with: SIGKILL)
            throw HarnessError("the process namespace has no first process")
        }
        first = child
    }

    /// Makes the node, gives it to `body`, and takes everything away.
    static func with<R>(_ body: (RuntimeNode) throws -> R) throws -> R {
        try TestNode.with { node in
            let runtime = try RuntimeNode(node)
            defer { runtime.end() }
            return try body(runtime)
        }
    }

    /// Runs a program in this node's network and mounts.
    func run(_ arguments: [String], environment: [String: String] = [:], timeout: Double = 60) throws -> Output {
        var all = Command.baseEnvironment
        all.merge(environment) { $1 }
        return try Command.run(entering + arguments, environment: all, timeout: timeout)
    }

    @discardableResult
    func check(_ arguments: [String], environment: [String: String] = [:]) throws -> Output {
        let output = try run(arguments, environment: environment)
        guard output.succeeded else { throw HarnessError("\(output)") }
        return output
    }

    /// Starts a daemon there; the caller ends it.
    func start(_ arguments: [String], environment: [String: String] = [:], log: String) throws -> pid_t {
        var all = Command.baseEnvironment
        all.merge(environment) { $1 }
        return try Command.start(entering + arguments, environment: all, log: log)
    }

    private var entering: [String] { ["nsenter", "--target", "\(first)", "--net", "--mount", "--pid", "--"] }

    /// A tree that is enough of a root file system for a container: busybox and a page to serve.
    func makeRootFileSystem() throws -> String {
        let root = "\(node.directory)/rootfs"
        let files = FileManager.default
        for name in ["bin", "proc", "sys", "dev", "etc", "tmp", "www", "run", "var"] {
            try files.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
        }
        let places = ["/usr/bin/busybox", "/bin/busybox"]
        guard let busybox = places.first(where: { files.isExecutableFile(atPath: $0) }) else {
            throw HarnessError("busybox is not installed; `make test` installs what the tests need")
        }
        // By a process of its own, see PluginSet: a container whose program is busy ends as soon as it starts.
        try Command.check(["cp", busybox, "\(root)/bin/busybox"])
        for name in ["sh", "ping", "ping6", "httpd", "wget", "timeout", "sleep", "ip", "cat", "nc"] {
            try files.createSymbolicLink(atPath: "\(root)/bin/\(name)", withDestinationPath: "busybox")
        }
        try "hello from a pod\n".write(toFile: "\(root)/www/index.html", atomically: false, encoding: .utf8)
        try "root:x:0:0:root:/:/bin/sh\n".write(toFile: "\(root)/etc/passwd", atomically: false, encoding: .utf8)
        return root
    }

    /// What is left on the node that was not there before any container: links beyond the harness's own and the
    /// bridge, packet filter text that names `words`, reservations.
    func leftovers(bridge: String, words: [String]) throws -> [String] {
        var found: [String] = []
        let expected: Set<String> = ["lo", "outside0", bridge]
        for link in try node.namespace.json(["ip", "-j", "link"]).elements {
            guard let name = link["ifname"]?.string, !expected.contains(name) else { continue }
            found.append("link \(name)")
        }
        let rules = try node.namespace.check(["nft", "-n", "list", "ruleset"]).stdout
        for word in words + ["poplin"] where rules.contains(word) { found.append("packet filter still names \(word)") }
        for file in node.files(under: node.dataDirectory) {
            // The index beside the reservations keeps its (empty) bitmaps; entries of containers it may not keep.
            if file.hasPrefix(".poplin/") && !file.contains("/by/") { continue }
            if file.contains("last_reserved_ip") || file.hasSuffix("/lock") { continue }
            found.append("reservation \(file)")
        }
        for file in node.files(under: node.tuningDirectory) { found.append("saved settings \(file)") }
        found += try check(["ls", "/run/netns"]).stdout.split(separator: "\n").map { "namespace \($0)" }
        return found
    }

    private func end() {
        // The first process of a process namespace does not hear SIGTERM.
        Command.end(holder, with: SIGKILL)
        // Empty cgroups of the runtimes, deepest first; the kernel refuses to remove one that is in use.
        _ = try? Command.run([
            "find", "/sys/fs/cgroup", "-depth", "-type", "d", "-path", "*/\(cgroup)*", "-exec", "rmdir", "{}", ";",
        ])
    }
}
