import CLinux
import SystemCalls
import Testing

@testable import LinuxHost

@Suite("Processes that go on without whoever started them")
struct BackgroundProcessTests {
    @Test("gets the descriptors it is given, leads a session, and is known by number and start")
    func start() throws {
        let output = try Pipe.make()
        let passed = try Pipe.make()
        try passed.writing.writeAll(Array("from three".utf8))
        let process = try BackgroundProcess.start(
            BackgroundProcess.Launch(
                "/bin/sh",
                ["-c", "head -c 10 <&3; echo; ls /proc/self/fd | wc -l; cut -d' ' -f6 /proc/$$/stat; sleep 60"],
                environment: Environment(["PATH": "/usr/bin:/bin"]), output: output.writing.rawValue,
                passed: [passed.reading.rawValue]))
        defer {
            process.signal(SIGKILL)
            _ = process.waitForEnd(limit: .seconds(60))
        }
        let reading = output.keepingReading()
        #expect(try UnixSocket.readLine(reading, limit: .seconds(60)).starts(with: Array("from three".utf8)))
        #expect(process.isAlive)
        #expect(BackgroundProcess(identifier: process.identifier) == process)
        let other = BackgroundProcess(identifier: process.identifier, startTime: process.startTime + 1)
        #expect(!other.isAlive)
        #expect(!other.signal(SIGKILL))
        #expect(getsid(process.identifier) == process.identifier)
        #expect(process.signal(SIGTERM))
        #expect(process.waitForEnd(limit: .seconds(60)))
        #expect(BackgroundProcess(identifier: process.identifier) == nil)
    }

    @Test("a program that is not there is ENOENT")
    func missing() {
        let launch = BackgroundProcess.Launch("/nonexistent/program", [], environment: Environment())
        #expect(throws: SystemCallError("execve", .ENOENT, on: "/nonexistent/program")) {
            _ = try BackgroundProcess.start(launch)
        }
    }
}

@Suite("Lines of mountinfo")
struct MountsTests {
    @Test("optional fields, escapes and namespaces are read (proc_pid_mountinfo(5))")
    func parse() {
        let entries = Mounts.parse(
            """
            36 35 98:0 /mnt1 /mnt/two\\040words rw,noatime master:1 shared:7 - ext4 /dev/root rw,errors=continue
            1219 30 0:4 net:[4026532281] /run/netns/pod rw shared:3 - nsfs nsfs rw
            40 1 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
            short line
            """)
        #expect(
            entries == [
                Mounts.Entry(target: "/mnt/two words", root: "/mnt1", type: "ext4", source: "/dev/root"),
                Mounts.Entry(target: "/run/netns/pod", root: "net:[4026532281]", type: "nsfs", source: "nsfs"),
                Mounts.Entry(target: "/sys/fs/cgroup", root: "/", type: "cgroup2", source: "cgroup2"),
            ])
    }

    @Test("this machine's own are read")
    func own() throws {
        let mounts = try Mounts.all()
        #expect(mounts.contains { $0.target == "/" })
        #expect(mounts.contains { $0.target == "/proc" && $0.type == "proc" })
    }
}
