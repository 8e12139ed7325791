import Foundation
import SystemCalls
import Testing

@testable import LinuxHost

@Suite("Directories removed with what is below them")
struct FileTreeTests {
    @Test("links are removed, not followed")
    func links() throws {
        let root = NSTemporaryDirectory() + "poplin-tree-\(UUID().uuidString)"
        try Directories.make("\(root)/remove/deep/er")
        try Directories.make("\(root)/keep")
        try AtomicFile.write("\(root)/keep/file", Array("kept".utf8))
        try AtomicFile.write("\(root)/remove/deep/file", Array("gone".utf8))
        try FileSystem.symbolicLink(to: "\(root)/keep", at: "\(root)/remove/link")
        try FileSystem.symbolicLink(to: "/nonexistent", at: "\(root)/remove/deep/er/dangling")
        try FileTree.remove("\(root)/remove")
        #expect(try FileSystem.list(root) == ["keep"])
        #expect(try AtomicFile.read("\(root)/keep/file") == Array("kept".utf8))
        // What is not there is fine.
        try FileTree.remove("\(root)/remove")
        try FileTree.remove(root)
        #expect(try !FileSystem.exists(root))
    }
}

@Suite("A line there and a line back over a socket with a path")
struct UnixSocketTests {
    @Test("one question, one answer; a caller without an answerer is told")
    func exchange() throws {
        let path = NSTemporaryDirectory() + "poplin-\(UUID().uuidString.prefix(8)).sock"
        #expect(throws: SystemCallError("connect", .ENOENT, on: path)) { _ = try UnixSocket.connect(path) }
        do {
            let listening = try UnixSocket.listen(path)
            #expect(try FileSystem.status(path).mode & 0o777 == 0o600)
            let caller = try UnixSocket.connect(path)
            try caller.writeAll(Array("question\nmore".utf8))
            let answerer = try UnixSocket.accept(listening)
            #expect(try UnixSocket.readLine(answerer, limit: .seconds(60)) == Array("question".utf8))
            try answerer.writeAll(Array("answer\n".utf8))
            #expect(try UnixSocket.readLine(caller, limit: .seconds(60)) == Array("answer".utf8))
        }
        // A child that another test is just starting may hold the listener for a moment longer.
        var refusal: SystemCallError?
        for _ in 0..<6000 where refusal == nil {
            do throws(SystemCallError) { _ = try UnixSocket.connect(path) } catch { refusal = error }
            if refusal == nil { Clock.sleep(nanoseconds: 10_000_000) }
        }
        #expect(refusal == SystemCallError("connect", .ECONNREFUSED, on: path))
        // A socket that was left is replaced.
        _ = try UnixSocket.listen(path)
        try FileSystem.unlink(path)
    }
}

private let groupsAreThere = geteuid() == 0 && ((try? ControlGroup.hierarchy()) ?? nil) != nil

@Suite(
    "Groups of processes", .enabled(if: groupsAreThere, "needs root and the unified hierarchy (cgroup v2)"))
struct ControlGroupTests {
    @Test("everything in a group is killed together, and the group goes")
    func killAll() throws {
        let hierarchy = try #require(try ControlGroup.hierarchy())
        let group = ControlGroup(path: "\(hierarchy)/poplin-test-\(UUID().uuidString.prefix(8))")
        let inner = ControlGroup(path: "\(group.path)/inner")
        try inner.make()
        // It forks only when it is in the group.
        let go = try Pipe.make()
        let process = try BackgroundProcess.start(
            BackgroundProcess.Launch(
                "/bin/sh", ["-c", "read word; sleep 600 & sleep 600"],
                environment: Environment(["PATH": "/usr/bin:/bin"]), input: go.reading.rawValue))
        try inner.add(process.identifier)
        try go.writing.writeAll(Array("go\n".utf8))
        #expect(group.isPopulated)
        #expect(try group.processes().contains(process.identifier))
        #expect(try group.killAll(limit: .seconds(60)))
        #expect(process.waitForEnd(limit: .seconds(60)))
        try group.remove(limit: .seconds(60))
        #expect(!group.exists)
        // Again, with nothing there.
        #expect(try group.killAll())
        try group.remove()
    }
}
