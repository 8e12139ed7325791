import Foundation
import SystemCalls
import Testing

@testable import LinuxHost

/// A directory of the test's own, removed with it.
final class Scratch {
    let path: String
    init() {
        path = NSTemporaryDirectory() + "pt-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
    func callAsFunction(_ name: String) -> String { path + "/" + name }
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? ["unreadable"]).sorted() }
    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: self(name)) ?? Data(), as: UTF8.self)
    }
}

@Suite struct AtomicFileTests {
    let scratch = Scratch()

    @Test(arguments: [AtomicFile.Durability.process, .machine])
    func writeReplacesAndLeavesNothingBeside(durability: AtomicFile.Durability) throws {
        try AtomicFile.write(scratch("a"), "one".utf8, mode: 0o600, durability: durability)
        try AtomicFile.write(scratch("a"), "two".utf8, mode: 0o600, durability: durability)
        #expect(scratch.text("a") == "two")
        #expect(try FileSystem.status(scratch("a")).mode & 0o777 == 0o600)
        #expect(scratch.names == ["a"])
    }

    @Test func createRefusesATakenName() throws {
        try AtomicFile.create(scratch("a"), "one".utf8)
        #expect(throws: SystemCallError("linkat", .EEXIST, on: scratch("a"))) {
            try AtomicFile.create(scratch("a"), "two".utf8)
        }
        #expect(scratch.text("a") == "one")
        #expect(scratch.names == ["a"])
    }

    @Test func whatAKillLeftIsClearedByTheNextWriteOrRemove() throws {
        let left = AtomicFile.stagingName(of: scratch("a"))
        #expect(left == scratch(".a.new"))
        #expect(AtomicFile.target(ofStagingName: ".a.new") == "a")
        #expect(AtomicFile.target(ofStagingName: ".new") == nil)
        try Data("left".utf8).write(to: URL(fileURLWithPath: left))
        try AtomicFile.write(scratch("a"), "one".utf8)
        #expect(scratch.names == ["a"])
        try Data("left".utf8).write(to: URL(fileURLWithPath: left))
        #expect(try AtomicFile.remove(scratch("a")))
        #expect(scratch.names == [])
        #expect(try !AtomicFile.remove(scratch("a")))
    }

    @Test func racingWritersLeaveOneWholeFile() throws {
        let path = scratch("a")
        let wrong = Counter()
        // Often enough that a writer's file is renamed by another and replaced by a third.
        DispatchQueue.concurrentPerform(iterations: 2000) { index in
            let content = String(repeating: String(index % 10), count: 5000 + index)
            do {
                try AtomicFile.write(path, content.utf8)
                let seen = try AtomicFile.read(path) ?? []
                if Set(seen).count != 1 || seen.count < 5000 { wrong.increment() }
            } catch {
                wrong.increment()
            }
        }
        #expect(wrong.value == 0)
        #expect(scratch.names == ["a"])
    }

    @Test func onlyOneOfRacingCreatorsWins() throws {
        let path = scratch("a")
        let winners = Counter()
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            if (try? AtomicFile.create(path, "\(index)".utf8)) != nil { winners.increment() }
        }
        #expect(winners.value == 1)
        #expect(scratch.names == ["a"])
    }

    @Test func missingDirectoryIsAnErrorAndMissingFileIsNil() throws {
        #expect(try AtomicFile.read(scratch("nothing")) == nil)
        #expect(throws: SystemCallError.self) { try AtomicFile.write(scratch("no/a"), "one".utf8) }
    }

    @Test func directoriesAreMadeToTheTop() throws {
        try Directories.make(scratch("a/b/c"))
        try Directories.make(scratch("a/b/c"))
        #expect(try FileSystem.status(scratch("a/b/c")).isDirectory)
        try AtomicFile.create(scratch("file"), "".utf8)
        #expect(throws: SystemCallError("mkdir", .ENOTDIR, on: scratch("file"))) {
            try Directories.make(scratch("file"))
        }
        #expect(try Directories.sortedList(scratch.path) == ["a", "file"])
        #expect(try Directories.sortedList(scratch("nothing")) == [])
    }

    @Test(arguments: [("/a/b", "/a"), ("/a//b//", "/a"), ("/a", nil), ("a", nil), ("a/b", "a"), ("/", nil)])
    func parents(path: String, parent: String?) {
        #expect(Directories.parent(of: path) == parent)
    }
}

final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    func increment() { lock.withLock { count += 1 } }
    var value: Int { lock.withLock { count } }
}
