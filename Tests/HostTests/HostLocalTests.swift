import Foundation
import Glibc
import Testing

/// host-local as a program, beside Debian's on one directory. It needs no namespace and no privileges but those on
/// its directory.
@Suite("host-local as a program", .enabled(if: getuid() == 0, "needs root"))
struct HostLocalProgramTests {
    /// A directory of its own, removed with the value.
    final class Place: Sendable {
        let directory = NSTemporaryDirectory() + "pt-host-local-\(UUID().uuidString)"
        init() throws {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: directory) }

        var data: String { "\(directory)/data" }
        /// What holds addresses.
        var reservations: [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(data)/net")) ?? [])
                .filter { $0 != "lock" && !$0.hasPrefix("last_reserved_ip") }.sorted()
        }

        func configuration(_ ranges: String) -> String {
            """
            {"cniVersion": "1.0.0", "name": "net", "type": "bridge",
             "ipam": {"type": "host-local", "dataDir": "\(data)", "ranges": [\(ranges)]}}
            """
        }

        func environment(_ command: String, _ container: String) -> [String: String] {
            var environment = Command.baseEnvironment
            environment["CNI_COMMAND"] = command
            environment["CNI_CONTAINERID"] = container
            environment["CNI_NETNS"] = "/run/netns/pt-nowhere"
            environment["CNI_IFNAME"] = "eth0"
            environment["CNI_PATH"] = "/usr/lib/cni"
            return environment
        }

        func run(_ set: PluginSet, _ command: String, _ container: String, _ ranges: String) throws -> Output {
            try Command.run(
                [set.path(of: "host-local")], stdin: configuration(ranges),
                environment: environment(command, container))
        }

        func add(_ set: PluginSet, _ container: String, _ ranges: String) throws -> [String] {
            let output = try run(set, "ADD", container, ranges)
            guard output.succeeded else { throw HarnessError("\(output)") }
            return try JSON(parsing: output.stdout)["ips"]?.elements.map { $0["address"]?.string ?? "" } ?? []
        }
    }

    private let dual = #"[{"subnet": "10.1.0.0/24", "rangeEnd": "10.1.0.40"}], [{"subnet": "fd00::/64"}]"#

    @Test("A node changes hands any number of times: one round, one holder for each address") func interplay() throws {
        let place = try Place()
        let sets = [PluginSet.reference, try PluginSet.poplin()]
        var seen: [String] = []
        for number in 0..<12 {
            let addresses = try place.add(sets[number % 2], "c\(number)", dual)
            seen += addresses
            #expect(addresses == ["10.1.0.\(number + 2)/24", "fd00::\(String(number + 2, radix: 16))/64"])
        }
        #expect(Set(seen).count == seen.count)
        for number in 0..<12 {
            for set in sets { #expect(try place.run(set, "CHECK", "c\(number)", dual).succeeded) }
            // Whoever did not reserve releases.
            #expect(try place.run(sets[(number + 1) % 2], "DEL", "c\(number)", dual).succeeded)
            for set in sets { #expect(try !place.run(set, "CHECK", "c\(number)", dual).succeeded) }
        }
        #expect(place.reservations.isEmpty)
        for number in 0..<4 {
            #expect(try place.add(sets[number % 2], "d\(number)", dual).first == "10.1.0.\(number + 14)/24")
        }
    }

    @Test("Sixteen at once, half of them the reference: no address twice, none lost") func parallel() throws {
        let place = try Place()
        let sets = [try PluginSet.poplin(), try PluginSet.poplin(), .reference, try PluginSet.poplin()]
        let lock = NSLock()
        nonisolated(unsafe) var seen: [String] = []
        nonisolated(unsafe) var failures: [String] = []
        let ranges = #"[{"subnet": "10.1.0.0/22"}]"#
        DispatchQueue.concurrentPerform(iterations: 16) { worker in
            for round in 0..<8 {
                do {
                    let container = "c\(worker)-\(round)"
                    let addresses = try place.add(sets[(worker + round) % 4], container, ranges)
                    lock.withLock { seen += addresses }
                    if round % 4 == 3 { _ = try place.run(sets[worker % 4], "DEL", container, ranges) }
                } catch {
                    lock.withLock { failures.append("\(error)") }
                }
            }
        }
        #expect(failures.isEmpty, "\(failures.first ?? "")")
        #expect(seen.count == 128 && Set(seen).count == 128)
        #expect(place.reservations.count == 96)
        for worker in 0..<16 {
            for round in 0..<8 {
                #expect(try place.run(sets[0], "DEL", "c\(worker)-\(round)", ranges).succeeded)
            }
        }
        #expect(place.reservations.isEmpty)
    }

    /// System calls that concern files, by name.
    private func fileCalls(_ place: Place, _ command: String, _ container: String, _ ranges: String) throws -> Int {
        let trace = "\(place.directory)/trace"
        let output = try Command.run(
            [
                "strace", "-f", "-qq", "-o", trace, "-e",
                "trace=%file,read,write,pread64,pwrite64,getdents64,ftruncate,flock",
                try PluginSet.poplin().path(of: "host-local"),
            ], stdin: place.configuration(ranges), environment: place.environment(command, container))
        guard output.succeeded else { throw HarnessError("\(output)") }
        return try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
            .count { $0.contains("(") && !$0.contains("getdents64") }
    }

    @Test("ADD and DEL make as many file operations beside 5000 reservations as beside 10") func constantCost() throws {
        let ranges = #"[{"subnet": "10.0.0.0/18"}]"#
        var counts: [[Int]] = []
        for count in [10, 5000] {
            let place = try Place()
            try FileManager.default.createDirectory(
                atPath: "\(place.data)/net", withIntermediateDirectories: true)
            for number in 2..<(2 + count) {
                try Data("c\(number)\r\neth0".utf8).write(
                    to: URL(fileURLWithPath: "\(place.data)/net/10.0.\(number >> 8).\(number & 255)"))
            }
            // The first call after the reference's reads what is there, once.
            #expect(try place.add(PluginSet.poplin(), "first", ranges).count == 1)
            counts.append([
                try fileCalls(place, "ADD", "traced", ranges), try fileCalls(place, "CHECK", "traced", ranges),
                try fileCalls(place, "DEL", "traced", ranges), try fileCalls(place, "DEL", "traced", ranges),
            ])
            #expect(place.reservations.count == count + 1)
        }
        #expect(counts[0] == counts[1])
        #expect(counts[0].allSatisfy { $0 < 70 }, "\(counts)")
    }

    /// Calls that change something and each of their occurrences, in a run that is not disturbed.
    private func mutatingCalls(_ place: Place, _ command: String, _ ranges: String) throws -> [(String, Int)] {
        let trace = "\(place.directory)/trace"
        let names = [
            "mkdir", "openat", "write", "pwrite64", "linkat", "link", "symlink", "unlink", "ftruncate", "utimensat",
            "rename",
        ]
        _ = try Command.run(
            [
                "strace", "-f", "-qq", "-o", trace, "-e", "trace=" + names.joined(separator: ","),
                try PluginSet.poplin().path(of: "host-local"),
            ],
            stdin: place.configuration(ranges), environment: place.environment(command, "killed"))
        let text = try String(contentsOfFile: trace, encoding: .utf8)
        return names.flatMap { name in
            let count = text.split(separator: "\n").count { $0.contains(" \(name)(") }
            return (0..<count).map { (name, $0 + 1) }
        }
    }

    @Test(
        "A kill before any changing system call of ADD or DEL leaves no address behind a DEL",
        arguments: ["ADD", "DEL"])
    func killed(_ command: String) throws {
        let poplin = try PluginSet.poplin()
        func prepared() throws -> Place {
            let place = try Place()
            _ = try place.add(poplin, "other", dual)
            if command == "DEL" { _ = try place.add(poplin, "killed", dual) }
            return place
        }
        let points = try mutatingCalls(try prepared(), command, dual)
        #expect(points.count > 10)
        for (name, occurrence) in points {
            let place = try prepared()
            _ = try Command.run(
                [
                    "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(name)",
                    "-e", "inject=\(name):signal=KILL:when=\(occurrence)", poplin.path(of: "host-local"),
                ],
                stdin: place.configuration(dual), environment: place.environment(command, "killed"))
            for file in place.reservations {
                let size = try FileManager.default.attributesOfItem(atPath: "\(place.data)/net/\(file)")[.size] as? Int
                #expect((size ?? 0) > 0, "\(command) killed at \(name) \(occurrence): \(file) is empty")
            }
            #expect(try place.run(poplin, "DEL", "killed", dual).succeeded)
            #expect(
                place.reservations == ["10.1.0.2", "fd00::2"], "\(command) killed at \(name) \(occurrence)")
            #expect(try place.add(poplin, "after", dual).count == 2)
            #expect(try place.run(PluginSet.reference, "CHECK", "after", dual).succeeded)
        }
        print("host-local \(command): killed at \(points.count) points, nothing left")
    }

    @Test("A namespace that is gone gives its address back when the pool is exhausted; one that lives does not")
    func goneNamespace() throws {
        let place = try Place()
        let poplin = try PluginSet.poplin()
        let name = "pt-hl-\(UInt32.random(in: 0 ... .max))"
        try Command.check(["ip", "netns", "add", name])
        defer { _ = try? Command.run(["ip", "netns", "delete", name]) }
        let ranges = #"[{"subnet": "10.1.0.0/30"}]"#
        func add(_ container: String) throws -> Output {
            var environment = place.environment("ADD", container)
            environment["CNI_NETNS"] = "/run/netns/\(name)"
            return try Command.run(
                [poplin.path(of: "host-local")], stdin: place.configuration(ranges), environment: environment)
        }
        #expect(try add("one").succeeded)
        // As if it had been made two minutes ago; the record's own time counts.
        let record = "\(place.data)/.poplin/net/by/one:eth0"
        try Command.check(["touch", "-h", "-d", "2 minutes ago", record, "\(place.data)/net/10.1.0.2"])
        #expect(try !add("two").succeeded)
        try Command.check(["ip", "netns", "delete", name])
        let output = try add("two")
        #expect(output.succeeded, "\(output)")
        #expect(output.stderr.contains("10.1.0.2 given back: the container one eth0 does not exist any more"))
    }
}
