import Diagnosis
import Foundation
import JSONTree
import Testing

@testable import RuntimeSocket

/// A real containerd with its CRI plugin, on a socket of the test's own and without a network.
@Suite(.enabled(if: Containerd.program != nil, "needs root and containerd")) struct ContainerdTests {
    @Test func containerdSaysThatItHasNoNetwork() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "poplin-containerd-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder.appending(path: "net.d"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path()
        try """
        version = 2
        root = "\(path)/root"
        state = "\(path)/state"
        [grpc]
        address = "\(path)/containerd.sock"
        [ttrpc]
        address = "\(path)/containerd.sock.ttrpc"
        [plugins."io.containerd.internal.v1.opt"]
        path = "\(path)/opt"
        [plugins."io.containerd.grpc.v1.cri".cni]
        conf_dir = "\(path)/net.d"
        bin_dir = "\(path)/bin"
        [plugins."io.containerd.grpc.v1.cri".containerd]
        snapshotter = "native"
        """.write(toFile: "\(path)/config.toml", atomically: true, encoding: .utf8)
        let daemon = Process()
        daemon.executableURL = URL(filePath: try #require(Containerd.program))
        daemon.arguments = ["--config", "\(path)/config.toml", "--log-level", "warn"]
        let log = FileHandle(forWritingAtPath: "/dev/null")
        daemon.standardOutput = log
        daemon.standardError = log
        try daemon.run()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        // It serves when all of its plugins are there.
        var facts = FactBase()
        let end = ContinuousClock.now + .seconds(120)
        while facts.machines.first?[.sandboxes] == nil, ContinuousClock.now < end, daemon.isRunning {
            Thread.sleep(forTimeInterval: 0.2)
            let reading = RuntimeReading(.init(node: "n", limit: 60_000, socket: "\(path)/containerd.sock"))
            facts = FactBase(reading: reading.evidence())
        }
        let found = try #require(facts.machines.first)
        #expect(found.runtimeSandboxes?.isEmpty == true, "\(found.reasonMissing(.sandboxes) ?? "")")
        let information = try #require(found.json(.runtime))
        #expect(information.member("runtimeName")?.string == "containerd")
        #expect(information.at("config", "cni", "confDir")?.string == "\(path)/net.d")
        let complaint = try #require(found.runtimeComplaints.first)
        #expect(found.runtimeComplaints.count == 1)
        #expect(complaint.type == "NetworkReady")
        #expect(complaint.message.contains("cni plugin not initialized"))
        // The doctor of this machine says so, and not that all is well.
        let report = DiagnosisReport(facts, CheckList.all)
        #expect(report.symptoms.map(\.id) == ["node n"])
        #expect(report.status != .healthy)
    }
}

enum Containerd {
    /// Nil without root or without the program.
    static let program: String? =
        getuid() != 0
        ? nil
        : ["/usr/bin/containerd", "/usr/local/bin/containerd"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
}
