import Foundation
import SystemCalls
import Testing

@testable import LinuxHost

/// One after the other, because they count this process's descriptors.
@Suite(.serialized) struct ChildProcessTests {
    let scratch = Scratch()

    func shell(
        _ script: String, input: [UInt8] = [], environment: Environment = Environment(["PATH": "/usr/bin:/bin"]),
        limit: Duration? = nil, grace: Duration = .seconds(5), outputLimit: Int = 64 << 20
    ) throws -> ChildProcess.Outcome {
        try ChildProcess.run(
            ChildProcess.Command(
                "/bin/sh", ["-c", script], environment: environment, input: input, limit: limit, grace: grace,
                outputLimit: outputLimit))
    }

    @Test func bothOutputsAndTheStatusComeBack() throws {
        let outcome = try shell("cat; echo oops >&2; exit 7", input: Array("in".utf8))
        #expect(outcome.output == Array("in".utf8))
        #expect(outcome.errors == Array("oops\n".utf8))
        #expect(outcome.termination == .exited(7))
        #expect(outcome.termination.description == "exit status 7")
        #expect(!outcome.ranOutOfTime)
    }

    /// More than a pipe holds in all three directions at once.
    @Test func nothingDeadlocksWhenEveryPipeIsFull() throws {
        let input = [UInt8](repeating: 0x78, count: 3_000_000)
        let outcome = try shell("tee /dev/stderr", input: input)
        #expect(outcome.output == input)
        #expect(outcome.errors == input)
    }

    @Test func aChildThatDoesNotReadItsInputIsNoError() throws {
        let outcome = try shell("echo done", input: [UInt8](repeating: 0, count: 3_000_000))
        #expect(outcome.output == Array("done\n".utf8))
        #expect(outcome.termination == .exited(0))
    }

    @Test func onlyTheGivenEnvironmentAndDescriptorsAreInherited() throws {
        // Opened without close-on-exec, as a library of somebody else would.
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        let outcome = try ChildProcess.run(
            ChildProcess.Command("/usr/bin/env", environment: Environment(["A": "1", "B": "x=y"])))
        #expect(outcome.output == Array("A=1\nB=x=y\n".utf8))
        let listed = try shell("ls /proc/self/fd | tr '\\n' ' '")
        // 3 is the directory that ls reads.
        #expect(String(decoding: listed.output, as: UTF8.self) == "0 1 2 3 ")
        // Signals 32 and 33 are glibc's own, and its posix_spawn(3) ignores them in every child.
        let signals = try shell("sed -nE 's/^Sig(Blk|Ign):\\t//p' /proc/self/status")
        let masks = String(decoding: signals.output, as: UTF8.self).split(separator: "\n").map { UInt64($0, radix: 16) }
        #expect(masks.map { ($0 ?? 1) & ~0x1_8000_0000 } == [0, 0])
    }

    @Test func nameOfTheProgramCanBeAnother() throws {
        let outcome = try ChildProcess.run(
            ChildProcess.Command("/bin/sh", ["-c", "echo $0"], name: "bridge", environment: Environment()))
        #expect(outcome.output == Array("bridge\n".utf8))
    }

    @Test func theLimitEndsIt() throws {
        let outcome = try shell("exec sleep 60", limit: .milliseconds(20))
        #expect(outcome.termination == .killed(signal: SIGTERM))
        #expect(outcome.termination.description == "killed by SIGTERM")
        #expect(outcome.ranOutOfTime)
    }

    @Test func whoIgnoresTheLimitIsKilled() throws {
        let outcome = try shell(
            "trap '' TERM; echo ready; while :; do read x < /dev/zero; done", limit: .milliseconds(200),
            grace: .milliseconds(20))
        #expect(outcome.termination == .killed(signal: SIGKILL))
        #expect(outcome.ranOutOfTime)
    }

    @Test func aDaemonLeftBehindIsNotWaitedFor() throws {
        let outcome = try shell("sleep 60 & echo $!", limit: .seconds(30))
        #expect(outcome.termination == .exited(0))
        let daemon = try #require(Int32(String(decoding: outcome.output, as: UTF8.self).dropLast()))
        #expect(kill(daemon, SIGKILL) == 0)
    }

    @Test func aFloodIsCutOff() {
        #expect(throws: SystemCallError("read", .EFBIG, on: "output of /bin/sh")) {
            _ = try shell("exec cat /dev/zero", outputLimit: 1 << 20)
        }
    }

    @Test(arguments: [("/nonexistent", Errno.ENOENT), ("/etc/passwd", .EACCES), ("/tmp", .EACCES)])
    func whatCannotBeStartedSaysWhy(path: String, errno: Errno) {
        #expect(throws: SystemCallError("execve", errno, on: path)) {
            _ = try ChildProcess.run(ChildProcess.Command(path, environment: Environment()))
        }
    }

    /// An installer still writes the program: the kernel says ETXTBSY until it closes the file.
    @Test func aBusyProgramIsTriedAgain() throws {
        let program = scratch("program")
        try FileManager.default.copyItem(atPath: "/bin/true", toPath: program)
        let writer = open(program, O_WRONLY)
        Thread.detachNewThread {
            usleep(30_000)
            close(writer)
        }
        let outcome = try ChildProcess.run(ChildProcess.Command(program, environment: Environment()))
        #expect(outcome.termination == .exited(0))
    }

    @Test func noDescriptorAndNoChildIsLeft() throws {
        func once() throws {
            _ = try shell("cat", input: [1, 2, 3])
            _ = try? shell("exec cat /dev/zero", outputLimit: 1 << 16)
            _ = try? ChildProcess.run(ChildProcess.Command("/nonexistent", environment: Environment()))
            _ = try? FileLock.take("/nonexistent/lock")
            _ = try? NetworkNamespace.open("/etc/passwd")
            _ = try NetworkNamespace.current()
            try AtomicFile.write(scratch("file"), [1])
            _ = try Sysctl.read("net.ipv4.ip_forward")
        }
        try once()
        // Other suites open descriptors of their own meanwhile; a leak in fifty rounds would outgrow them.
        let before = try FileSystem.list("/proc/self/fd").count
        for _ in 0..<50 { try once() }
        let after = try FileSystem.list("/proc/self/fd").count
        #expect(after < before + 25)
    }
}
