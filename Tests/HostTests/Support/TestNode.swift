import CLinux
import Foundation
import Glibc
import Synchronization

/// A network namespace that a test made: a node, a pod, or a machine outside of the node.
final class TestNamespace: Sendable {
    /// As `ip netns` shows it.
    let name: String
    /// The path a container runtime would hand to a plugin (`CNI_NETNS`).
    var path: String { "/run/netns/\(name)" }
    private let removed = Mutex(false)

    fileprivate init(name: String) throws {
        self.name = name
        try Command.check(["ip", "netns", "add", name])
        // Addresses are settled at once instead of after the up to two seconds that duplicate address detection
        // takes: with no probes to send and no delay, the kernel finishes it in the next softirq.
        try write(sysctl: "net/ipv6/conf/default/dad_transmits", "0")
        try write(sysctl: "net/ipv6/conf/default/router_solicitation_delay", "0")
    }

    deinit { remove() }

    /// Runs a program inside. `nsenter` and not `ip netns exec`, which also makes a mount namespace and a new /sys.
    func run(
        _ arguments: [String], stdin: String = "", environment: [String: String]? = nil, timeout: Double = 60
    ) throws -> Output {
        try Command.run(
            ["nsenter", "--net=\(path)", "--"] + arguments, stdin: stdin, environment: environment, timeout: timeout)
    }

    @discardableResult
    func check(_ arguments: [String], stdin: String = "", environment: [String: String]? = nil) throws -> Output {
        let output = try run(arguments, stdin: stdin, environment: environment)
        guard output.succeeded else { throw HarnessError("in \(name): \(output)") }
        return output
    }

    /// What a `-j` witness prints, read; no output counts as an empty list, as `ip -j` prints nothing for nothing.
    func json(_ arguments: [String]) throws -> JSON {
        let text = try check(arguments).stdout.trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? .array([]) : try JSON(parsing: text)
    }

    /// Runs `body` with the calling thread inside this namespace. Sockets made there stay there.
    /// The body must not suspend, since the thread and not the task is moved.
    func inside<R>(_ body: () throws -> R) throws -> R {
        let home = Glibc.open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        let there = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        defer {
            _ = Glibc.close(home)
            _ = Glibc.close(there)
        }
        guard home >= 0, there >= 0, setns(there, CLONE_NEWNET) == 0 else {
            throw HarnessError("cannot enter \(path): \(String(cString: strerror(errno)))")
        }
        // A thread that cannot go home would run unrelated tests in this namespace.
        defer { precondition(setns(home, CLONE_NEWNET) == 0, "cannot leave \(path)") }
        return try body()
    }

    /// Reads `net/ipv4/ip_forward` (a path under /proc/sys) as this namespace has it.
    func read(sysctl path: String) throws -> String {
        try inside {
            try String(contentsOfFile: "/proc/sys/\(path)", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    func write(sysctl path: String, _ value: String) throws {
        try inside {
            let number = Glibc.open("/proc/sys/\(path)", O_WRONLY | O_CLOEXEC)
            defer { _ = Glibc.close(number) }
            guard number >= 0, Glibc.write(number, value, value.utf8.count) == value.utf8.count else {
                throw HarnessError("cannot write /proc/sys/\(path) in \(name): \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Takes the namespace away; what is in it goes with it. Any number of times.
    func remove() {
        let first = removed.withLock { done in
            defer { done = true }
            return !done
        }
        if first { _ = try? Command.run(["ip", "netns", "delete", name]) }
    }
}

/// A machine of its own for one test: a node's namespace, pods, and directories for everything plugins store.
/// All of it is gone when ``with(_:_:)`` returns, however it returns.
final class TestNode: Sendable {
    let namespace: TestNamespace
    /// Root of this node's files; removed with it.
    let directory: String
    private let label: String
    private let namespaces: Mutex<[TestNamespace]>
    private let counter = Atomic<Int>(0)

    /// host-local's `dataDir`.
    var dataDirectory: String { "\(directory)/networks" }
    /// A runtime's result cache.
    var cacheDirectory: String { "\(directory)/cache" }
    /// Where configuration lists are put.
    var configurationDirectory: String { "\(directory)/net.d" }
    /// tuning's `dataDir`.
    var tuningDirectory: String { "\(directory)/tuning" }

    private init() throws {
        TestNode.sweepOnce
        label = "pt-\(TestNode.prefix)-\(TestNode.serial.wrappingAdd(1, ordering: .relaxed).newValue)"
        directory = "\(NSTemporaryDirectory().trimmingSuffix("/"))/\(label)"
        namespace = try TestNamespace(name: "\(label)-node")
        namespaces = Mutex([])
        for path in [dataDirectory, cacheDirectory, configurationDirectory, tuningDirectory] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try namespace.check(["ip", "link", "set", "lo", "up"])
    }

    deinit { remove() }

    /// Makes a node, gives it to `body`, and removes it with every pod in it.
    static func with<R>(_ body: (TestNode) throws -> R) throws -> R {
        let node = try TestNode()
        defer { node.remove() }
        return try body(node)
    }

    /// A new, empty namespace beside the node's: a pod's, or another machine's.
    func makeNamespace(_ role: String = "pod") throws -> TestNamespace {
        let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
        let made = try TestNamespace(name: "\(label)-\(role)\(number)")
        namespaces.withLock { $0.append(made) }
        return made
    }

    /// A machine one hop away from the node: 198.51.100.2 and 2001:db8:51::2 there, .1 and ::1 on the node's
    /// `outside0`. It has no route to pods unless the test adds one, as a real neighbour would not.
    func makeNeighbour() throws -> TestNamespace {
        let outside = try makeNamespace("outside")
        try outside.check(["ip", "link", "set", "lo", "up"])
        try namespace.check([
            "ip", "link", "add", "outside0", "type", "veth", "peer", "name", "node0", "netns", outside.name,
        ])
        for (side, link, v4, v6) in [
            (namespace, "outside0", "198.51.100.1/24", "2001:db8:51::1/64"),
            (outside, "node0", "198.51.100.2/24", "2001:db8:51::2/64"),
        ] {
            try side.check(["ip", "addr", "add", v4, "dev", link])
            try side.check(["ip", "addr", "add", v6, "dev", link, "nodad"])
            try side.check(["ip", "link", "set", link, "up"])
        }
        return outside
    }

    /// Every namespace, directory and reservation of this node.
    func remove() {
        let all = namespaces.withLock { list in
            defer { list = [] }
            return list
        }
        for one in all { one.remove() }
        namespace.remove()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Files under `directory` that are left, with sizes; what a test prints when it expected none.
    func files(under path: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return found.filter { name in
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isDirectory)
            return !isDirectory.boolValue
        }.sorted()
    }

    private static let serial = Atomic<Int>(0)
    private static let prefix = "h\(getpid())"

    /// Namespaces and directories of a test run that was killed: the process in the name is gone. Only names this
    /// harness makes.
    private static let sweepOnce: Void = {
        func isStale(_ name: String, _ prefix: String) -> Bool {
            guard name.hasPrefix(prefix), let process = pid_t(name.dropFirst(prefix.count).prefix { $0.isNumber })
            else { return false }
            return kill(process, 0) != 0 && errno == ESRCH
        }
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: "/run/netns")) ?? [] where isStale(name, "pt-h") {
            _ = try? Command.run(["ip", "netns", "delete", name])
        }
        let temporary = NSTemporaryDirectory().trimmingSuffix("/")
        for name in (try? files.contentsOfDirectory(atPath: temporary)) ?? []
        where isStale(name, "pt-h") || isStale(name, "pt-plugins-") {
            try? files.removeItem(atPath: "\(temporary)/\(name)")
        }
    }()
}

extension String {
    /// Without `suffix`, when it ends so.
    func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) && count > suffix.count ? String(dropLast(suffix.count)) : self
    }
}
