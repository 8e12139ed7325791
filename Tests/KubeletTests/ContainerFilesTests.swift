import JSONTree
import KubernetesServer
import LinuxHost
import SystemCalls
import Testing

@testable import Kubelet

@Suite("Logs, images, roots and specifications of containers")
struct ContainerFilesTests {
    @Test("a log line as runtimes write it, there and back")
    func logLine() throws {
        let line = LogLine(time: 1_700_000_000_000_000_042, stream: .errors, content: Array("a b  c".utf8))
        let text = String(decoding: line.bytes, as: UTF8.self)
        #expect(text == "2023-11-14T22:13:20.000000042Z stderr F a b  c\n")
        #expect(LogLine(line.bytes.dropLast()) == line)
        #expect(LogLine(Array("2023-11-14T22:13".utf8)) == nil)
        #expect(LogLine(Array("2023-11-14T22:13:20Z stdout X a".utf8)) == nil)
    }

    @Test("what is written is cut into lines, long ones into parts")
    func cutting() {
        var cutter = LogCutter(.output)
        var lines = cutter.cut(Array("one\ntw".utf8), time: 1)
        lines += cutter.cut(Array("o\n".utf8), time: 2)
        #expect(lines.map { String(decoding: $0.content, as: UTF8.self) } == ["one", "two"])
        let long = cutter.cut([UInt8](repeating: 120, count: LogLine.contentLimit + 5), time: 3)
        #expect(long.map(\.isPartial) == [true])
        let rest = cutter.rest(time: 4)
        #expect(rest?.content.count == 5)
        #expect(rest?.isPartial == true)
        #expect(cutter.rest(time: 5) == nil)
    }

    @Test("tail, since, timestamps and limits of logs")
    func query() {
        let lines = (1...5).map { LogLine(time: UInt64($0), stream: .output, content: [48 + UInt8($0)]) }
        var query = LogQuery()
        query.tail = 2
        #expect(query.select(lines).map(\.time) == [4, 5])
        query.tail = 0
        #expect(query.select(lines).isEmpty)
        query.tail = nil
        query.since = 3
        #expect(query.select(lines).map(\.time) == [3, 4, 5])
        query.hasTimestamps = true
        #expect(String(decoding: query.text(lines[0]), as: UTF8.self) == "1970-01-01T00:00:00.000000001Z 1\n")
        let parts = [
            LogLine(time: 1, stream: .output, content: [1]),
            LogLine(time: 2, stream: .output, isPartial: true, content: [2]),
            LogLine(time: 3, stream: .output, content: [3]),
        ]
        var last = LogQuery()
        last.tail = 1
        #expect(last.select(parts).map(\.time) == [2, 3])
        let read = LogQuery(
            QueryParameters([.init("sinceSeconds", "2"), .init("tailLines", "7")]), now: 10_000_000_000)
        #expect(read.since == 8_000_000_000)
        #expect(read.tail == 7)
    }

    private static let catalogue = ImageCatalogue(program: "/opt/poplin/bin/poplin") { command, _ in
        ["sh": "/usr/bin/sh", "busybox": "/usr/bin/busybox", "curl": "/usr/bin/curl"][command]
    }

    @Test(
        "images by the last component of their names",
        arguments: [
            ("nginx", "nginx"), ("docker.example/library/nginx:1.27-alpine", "nginx"),
            ("r.example:5000/a/pause:3.9@sha256:00", "pause"), ("host:echo a", "host"),
        ])
    func imageNames(image: String, name: String) { #expect(ImageCatalogue.name(of: image) == name) }

    @Test("what runs for an image")
    func images() throws {
        let catalogue = Self.catalogue
        let nginx = try catalogue.command(image: "x.example/nginx:1", command: [], arguments: ["-g", "daemon off;"])
        #expect(nginx.arguments == ["poplin", "lab", "workload", "http", "--server", "nginx", "--port", "80"])
        let net = try catalogue.command(image: "agnhost:2", command: [], arguments: ["netexec", "--http-port=8080"])
        #expect(net.arguments == ["poplin", "lab", "workload", "agnhost", "netexec", "--http-port=8080"])
        let shell = try catalogue.command(image: "busybox", command: ["/bin/sh", "-c"], arguments: ["id"])
        #expect(shell.executable == "/usr/bin/busybox")
        #expect(shell.arguments == ["sh", "-c", "id"])
        let host = try catalogue.command(image: "host:echo a", command: [], arguments: [])
        #expect(host.arguments == ["sh", "-c", "echo a"])
        let agent = try catalogue.command(image: "poplin:lab", command: ["/usr/bin/poplin"], arguments: ["agent"])
        #expect(agent.executable == "/opt/poplin/bin/poplin")
        #expect(agent.arguments == ["poplin", "agent"])
        let replaced = try catalogue.command(image: "nginx", command: ["curl"], arguments: ["-v"])
        #expect(replaced.executable == "/usr/bin/curl")
    }

    @Test("an image that is none says what is possible")
    func unknownImage() {
        let catalogue = Self.catalogue
        let refusal = #expect(throws: ImageCatalogue.Refusal.self) {
            try catalogue.command(image: "r.example/postgres:16", command: [], arguments: [])
        }
        #expect(refusal?.reason == "ErrImagePull")
        #expect(refusal?.message.contains("nginx") == true)
        let absent = #expect(throws: ImageCatalogue.Refusal.self) {
            try catalogue.command(image: "debian", command: ["nothing-like-it"], arguments: [])
        }
        #expect(absent?.reason == "StartError")
    }

    @Test("mount points follow the links of the node's root, except a file that replaces one")
    func resolving() throws {
        let links = ["/var/run": "/run", "/lib": "usr/lib", "/etc/resolv.conf": "../run/resolv.conf", "/loop": "loop"]
        func resolve(_ path: String, keepingLast: Bool = false) throws -> String {
            try RootTree.resolve(path, keepingLast: keepingLast) { links[$0] }
        }
        #expect(try resolve("/var/run/secrets/x") == "/run/secrets/x")
        #expect(try resolve("/lib/modules") == "/usr/lib/modules")
        #expect(try resolve("/etc/resolv.conf", keepingLast: true) == "/etc/resolv.conf")
        #expect(try resolve("/etc/resolv.conf") == "/run/resolv.conf")
        #expect(try resolve("/a/../../b/./c") == "/b/c")
        // The container's /tmp is its own: a link in the node's is not there.
        #expect(
            try RootTree.resolve("/tmp/a/b", keepingLast: false) { $0 == "/tmp/a" ? "elsewhere" : nil } == "/tmp/a/b")
        #expect(throws: SystemCallError.self) { try resolve("/loop") }
    }

    @Test("a specification goes to the daemon and back unchanged")
    func specification() throws {
        var spec = ContainerSpec()
        (spec.id, spec.podUID, spec.podNamespace, spec.podName, spec.name) = ("1", "2", "3", "4", "5")
        (spec.attempt, spec.executable, spec.arguments, spec.environment) = (6, "/x", ["x", "y"], ["A=\"b\n"])
        (spec.hostName, spec.networkNamespace, spec.isPrivileged) = ("h", "/run/netns/n", true)
        (spec.user, spec.groups, spec.capabilities) = (7, [8, 9], [12, 13])
        spec.mounts = [.init("/a", at: "/b", isReadOnly: true, isFile: true)]
        (spec.hasInput, spec.isTerminal, spec.logPath) = (true, true, "/l")
        #expect(ContainerSpec(decoding: try spec.value.tree().root) == spec)
        var state = ContainerState(spec, process: 42, startedAt: 1)
        state.end = .init(exitCode: 137, signal: 9, finishedAt: 2)
        #expect(ContainerState(decoding: try state.value.tree().root) == state)
    }

    @Test("frames of an attached client, whole and in pieces")
    func frames() {
        var bytes = DaemonConnection.frame(1, [1, 2, 3]) + DaemonConnection.frame(255, [])
        let first = DaemonConnection.nextFrame(&bytes)
        #expect(first?.channel == 1)
        #expect(first?.bytes == [1, 2, 3])
        let second = DaemonConnection.nextFrame(&bytes)
        #expect(second?.channel == 255)
        var torn = Array(DaemonConnection.frame(2, [9, 9]).dropLast())
        #expect(DaemonConnection.nextFrame(&torn) == nil)
    }
}
