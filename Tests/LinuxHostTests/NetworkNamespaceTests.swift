import Foundation
import SystemCalls
import Testing

@testable import LinuxHost

let isRoot = getuid() == 0

final class Box<Value>: @unchecked Sendable { var value: Result<Value, any Error>? }

/// Runs `body` on a thread that ends with it, so that what it does to its namespaces ends too.
func onFreshThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
    let box = Box<Result>()
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
        box.value = Swift.Result { try body() }
        done.signal()
    }
    done.wait()
    guard let value = box.value else { fatalError("the thread signalled before it was done") }
    return try value.get()
}

@Suite struct NetworkNamespaceTests {
    let scratch = Scratch()

    @Test func theCurrentOne() throws {
        let current = try NetworkNamespace.current()
        let isCurrent = try current.isCurrent()
        #expect(isCurrent)
        #expect(current.identity.description == (try FileSystem.readLink("/proc/thread-self/ns/net")))
        let again = try NetworkNamespace.open("/proc/self/ns/net")
        let same = current.isSame(as: again)
        #expect(same)
    }

    @Test func whatIsNoNetworkNamespaceIsNamed() throws {
        try AtomicFile.create(scratch("empty"), "".utf8)
        #expect(mkfifo(scratch("fifo"), 0o600) == 0)
        let cases: [(String, NetworkNamespace.Failure)] = [
            (scratch("nothing"), .missing(path: scratch("nothing"))),
            (scratch("empty") + "/x", .missing(path: scratch("empty") + "/x")),
            (scratch("empty"), .notANetworkNamespace(path: scratch("empty"), found: "an empty file")),
            (scratch("fifo"), .notANetworkNamespace(path: scratch("fifo"), found: "a FIFO")),
            (scratch.path, .notANetworkNamespace(path: scratch.path, found: "a directory")),
            ("/etc/passwd", .notANetworkNamespace(path: "/etc/passwd", found: "a regular file")),
            ("/dev/null", .notANetworkNamespace(path: "/dev/null", found: "a device")),
            ("/proc/self/ns/mnt", .notANetworkNamespace(path: "/proc/self/ns/mnt", found: "a mount namespace")),
            ("/proc/self/ns/uts", .notANetworkNamespace(path: "/proc/self/ns/uts", found: "a UTS namespace")),
        ]
        for (path, failure) in cases {
            #expect(throws: failure) { _ = try NetworkNamespace.open(path) }
        }
        #expect(NetworkNamespace.Failure.missing(path: "/x").meansGone)
        #expect(
            "\(NetworkNamespace.Failure.notANetworkNamespace(path: "/x", found: "a FIFO"))"
                == "/x is not a network namespace but a FIFO")
    }

    @Test(.enabled(if: isRoot, "needs root")) func runGoesThereAndBack() throws {
        try onFreshThread {
            let home = try NetworkNamespace.current()
            let other = try NetworkNamespace.anonymous()
            #expect(try NetworkNamespace.current().identity == home.identity)
            #expect(home.identity != other.identity)
            let interfaces = try other.run { () throws(SystemCallError) in
                // /proc/thread-self/net is the namespace's own: a new one has nothing but lo.
                try FileDescriptor.open("/proc/thread-self/net/dev", O_RDONLY).readAll()
            }
            #expect(String(decoding: interfaces, as: UTF8.self).split(separator: "\n").count == 3)
            #expect(try NetworkNamespace.current().identity == home.identity)
            let lost = #expect(throws: NetworkNamespace.RunFailure<SystemCallError>.self) {
                try other.run { () throws(SystemCallError) in throw SystemCallError("x", .EIO) }
            }
            #expect(lost?.description == "x: Input/output error (EIO)")
            #expect(try NetworkNamespace.current().identity == home.identity)
        }
    }

    @Test(.enabled(if: isRoot, "needs root")) func sysctlsAreThoseOfTheThreadsNamespace() throws {
        try onFreshThread {
            let outside = try Sysctl.read("net.ipv4.ip_default_ttl")
            let other = try NetworkNamespace.anonymous()
            try other.run { () throws(SystemCallError) in
                #expect(try Sysctl.change("net.ipv4.ip_default_ttl", to: "77") == .written(over: "64"))
                #expect(try Sysctl.change("net.ipv4.ip_default_ttl", to: "77") == .none)
                #expect(try Sysctl.read("net.ipv4.ip_default_ttl") == "77")
                do {
                    try Sysctl.write("net.ipv4.ip_default_ttl", "many")
                    Issue.record("the kernel took a word for a number")
                } catch {
                    #expect(
                        "\(error)"
                            == "write /proc/sys/net/ipv4/ip_default_ttl (value \"many\"): Invalid argument (EINVAL)")
                }
            }
            #expect(try Sysctl.read("net.ipv4.ip_default_ttl") == outside)
        }
    }

    @Test(.enabled(if: isRoot, "needs root")) func namedOnesAreThoseOfIpNetns() throws {
        let name = "pt-host-\(getpid())"
        try onFreshThread {
            let namespace = try NetworkNamespace.create(named: name)
            defer { try? NetworkNamespace.remove(named: name) }
            #expect(try NetworkNamespace.open(NetworkNamespace.path(ofName: name)).identity == namespace.identity)
            #expect(try NetworkNamespace.names().contains(name))
            let listed = try ChildProcess.run(
                ChildProcess.Command(
                    "/usr/bin/env", ["ip", "netns", "exec", name, "readlink", "/proc/self/ns/net"],
                    environment: .current()))
            #expect(String(decoding: listed.output, as: UTF8.self) == "\(namespace.identity)\n")
            #expect(
                throws: NetworkNamespace.Failure.refused(SystemCallError("open", .EEXIST, on: "/run/netns/\(name)"))
            ) {
                _ = try NetworkNamespace.create(named: name)
            }
            try NetworkNamespace.remove(named: name)
            try NetworkNamespace.remove(named: name)
            #expect(throws: NetworkNamespace.Failure.missing(path: "/run/netns/\(name)")) {
                _ = try NetworkNamespace.open("/run/netns/\(name)")
            }
        }
    }

    @Test(arguments: ["", ".", "..", "a/b"]) func namesThatAreNoFileNamesAreRefused(name: String) {
        #expect(throws: NetworkNamespace.Failure.self) { _ = try NetworkNamespace.create(named: name) }
        #expect(throws: NetworkNamespace.Failure.self) { try NetworkNamespace.remove(named: name) }
    }
}
