import CKernelProbe
import Diagnosis
import Foundation
import JSONTree
import LinuxHost
import SystemCalls
import Testing

@testable import MachineCollector

/// Offloads beside `ethtool -k`; programs and maps of BPF beside `bpftool`, `tc` and `ip`.
@Suite(
    .enabled(if: WitnessNamespace.isPossible, "needs root and iproute2"),
    .enabled(if: Witness.has("bpftool", "ethtool", "tc"), "needs bpftool, ethtool and tc"),
    .serialized)
struct KernelProgramTests {
    @Test func offloadsAreThoseOfEthtool() throws {
        let namespace = try WitnessNamespace()
        defer { namespace.remove() }
        try namespace.within(["ethtool", "-K", "vx0", "tx-checksum-ip-generic", "off"])
        let machine = try namespace.collected()
        let offloads = try #require(machine.json(.offloads))
        for device in ["lo", "vx0", "d0", "br0"] {
            let own = try #require(offloads.member(device), "\(device)")
            var compared = 0
            for line in try Witness.lines(["ip", "netns", "exec", namespace.name, "ethtool", "-k", device]) {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                let name = String(parts[0].drop { $0 == "\t" || $0 == " " })
                // ethtool has names of its own for some, and for groups.
                guard let state = own.member(name)?.string else { continue }
                // `off [requested on]` is off for now.
                let words = parts[1].split(separator: " ")
                let theirs = (words.first.map(String.init) ?? "") + (words.contains("[fixed]") ? " [fixed]" : "")
                #expect(state == theirs, "\(device) \(name)")
                compared += 1
            }
            #expect(compared > 20, "\(device): \(compared)")
        }
        #expect(offloads.at("vx0", "tx-checksum-ip-generic")?.string == "off")
    }

    @Test func countersOfLinksAreThoseOfIP() throws {
        let namespace = try WitnessNamespace()
        defer { namespace.remove() }
        // On a bridge nothing is sent by itself before it has an address.
        let machine = try namespace.collected()
        let own = try #require(machine.json(.links)?.elements.first { $0.member("ifname")?.string == "lo" })
        let output = try namespace.ip("-s", "-j", "link", "show", "lo")
        let theirs = try #require(try JSONTree(parsing: output).root[0])
        for direction in ["rx", "tx"] {
            for counter in ["bytes", "packets", "errors", "dropped"] {
                #expect(
                    own.at("stats64", direction, counter)?.int == theirs.at("stats64", direction, counter)?.int,
                    "\(direction) \(counter)")
            }
        }
    }

    @Test func mapsAreCountedAsBpftoolCountsThem() throws {
        let hash = try KernelObject.map(type: 1, key: 4, value: 8, most: 100, named: "poplin_hash")
        let trie = try KernelObject.map(type: 11, key: 8, value: 4, most: 50, flags: 1, named: "poplin_trie")
        let array = try KernelObject.map(type: 2, key: 4, value: 4, most: 7, named: "poplin_array")
        for number in UInt32(1)...100 {
            try hash.insert(key: Self.bytes(number), value: [UInt8](repeating: 1, count: 8))
        }
        for number in UInt32(1)...9 {
            // A prefix's length in the machine's order, then its address.
            try trie.insert(key: [32, 0, 0, 0] + Self.bytes(number), value: [0, 0, 0, 0])
        }
        let facts = FactBase(reading: MachineCollector(MachineCollectorOptions(node: "here")).collect())
        let machine = try #require(facts.machines.first)
        let maps = try #require(machine.kernelMaps)
        #expect(maps.first { $0.name == "poplin_hash" }?.entries == 100)
        #expect(maps.first { $0.name == "poplin_hash" }?.mostEntries == 100)
        #expect(maps.first { $0.name == "poplin_trie" }?.entries == 9)
        #expect(maps.first { $0.name == "poplin_trie" }?.type == "lpm_trie")
        #expect(maps.first { $0.name == "poplin_array" }?.entries == nil)

        let theirs = try JSONTree(parsing: try Witness.run(["bpftool", "-j", "map"])).root
        for name in ["poplin_hash", "poplin_trie", "poplin_array"] {
            let other = try #require(theirs.elements.first { $0.member("name")?.string == name })
            let own = try #require(maps.first { $0.name == name })
            #expect(own.id == other.member("id")?.int)
            #expect(own.type == other.member("type")?.string)
            #expect(own.mostEntries == other.member("max_entries")?.int)
        }
        let id = try #require(maps.first { $0.name == "poplin_hash" }?.id)
        let dump = try JSONTree(parsing: try Witness.run(["bpftool", "-j", "map", "dump", "id", "\(id)"])).root
        #expect(Array(dump.elements).count == 100)
        withExtendedLifetime((hash, trie, array)) {}
    }

    @Test func programsAreFoundWhereTheyAreAttached() throws {
        let namespace = try WitnessNamespace()
        defer { namespace.remove() }
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "poplin-bpf-\(UInt32.random(in: 0 ... .max))"
        )
        .path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Mounts.mountNew("bpf", on: folder)
        defer {
            try? Mounts.detach(folder)
            try? FileManager.default.removeItem(atPath: folder)
        }
        let classifier = try KernelObject.program(type: 3, named: "poplin_tc")
        let express = try KernelObject.program(type: 6, named: "poplin_xdp")
        let map = try KernelObject.map(type: 1, key: 4, value: 4, most: 4, named: "poplin_pin")
        try classifier.pin(at: "\(folder)/poplin_tc")
        try express.pin(at: "\(folder)/poplin_xdp")
        try map.pin(at: "\(folder)/poplin_pin")
        try namespace.within(["tc", "qdisc", "add", "dev", "d0", "clsact"])
        try namespace.within([
            "tc", "filter", "add", "dev", "d0", "ingress", "bpf", "da", "object-pinned", "\(folder)/poplin_tc",
        ])
        try namespace.within([
            "ip", "link", "set", "dev", "d1", "xdpgeneric", "pinned", "\(folder)/poplin_xdp",
        ])
        let bpf = try #require(try namespace.collected().json(.bpf))
        let filter = try #require(
            bpf.at("net", "tc")?.elements.first { $0.member("kind")?.string == "clsact/ingress" })
        #expect(filter.member("devname")?.string == "d0")
        #expect(filter.member("id")?.int == Int64(try classifier.identifier()))
        let xdp = try #require(bpf.at("net", "xdp")?.elements.first { $0.member("devname")?.string == "d1" })
        #expect(xdp.member("id")?.int == Int64(try express.identifier()))
        #expect(xdp.member("kind")?.string == "generic")
        let pinned = Dictionary(
            (bpf.member("pinned").map { Array($0.elements) } ?? []).compactMap { entry in
                entry.member("path")?.string.map { ($0, entry.member("kind")?.string ?? "") }
            }
        ) { first, _ in first }
        #expect(pinned["\(folder)/poplin_tc"] == "prog")
        #expect(pinned["\(folder)/poplin_pin"] == "map")

        let theirs = try JSONTree(parsing: try Witness.run(["bpftool", "-j", "prog"])).root
        for name in ["poplin_tc", "poplin_xdp"] {
            let own = try #require(bpf.member("programs")?.elements.first { $0.member("name")?.string == name })
            let other = try #require(theirs.elements.first { $0.member("name")?.string == name })
            for key in ["id", "type", "tag"] {
                #expect(own.member(key)?.description == other.member(key)?.description, "\(name) \(key)")
            }
        }
        withExtendedLifetime((classifier, express, map)) {}
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}

/// Something of the tests' own in the kernel, gone with its descriptor.
final class KernelObject {
    private let descriptor: Int32

    struct Refused: Error { var errno: Int32 }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    private static func call(
        _ command: UInt32, _ fields: [(offset: Int, value: UInt64, size: Int)], name: String = "", at: Int = 0
    )
        throws -> Int32
    {
        var attributes = [UInt8](repeating: 0, count: 128)
        for field in fields {
            withUnsafeBytes(of: field.value.littleEndian) {
                attributes.replaceSubrange(field.offset..<(field.offset + field.size), with: $0.prefix(field.size))
            }
        }
        attributes.replaceSubrange(at..<(at + name.utf8.count), with: name.utf8)
        let result = attributes.withUnsafeMutableBytes {
            kernel_probe_bpf(command, $0.baseAddress, UInt32($0.count))
        }
        if result < 0 { throw Refused(errno: -result) }
        return result
    }

    /// BPF_MAP_CREATE.
    static func map(type: UInt64, key: UInt64, value: UInt64, most: UInt64, flags: UInt64 = 0, named: String) throws
        -> KernelObject
    {
        KernelObject(
            try call(
                0, [(0, type, 4), (4, key, 4), (8, value, 4), (12, most, 4), (16, flags, 4)], name: named, at: 28))
    }

    /// BPF_PROG_LOAD of `r0 = 2; exit`: XDP_PASS.
    static func program(type: UInt64, named: String) throws -> KernelObject {
        let instructions: [UInt64] = [0x0000_0002_0000_00B7, 0x0000_0000_0000_0095]
        let licence = Array("GPL".utf8) + [0]
        return try instructions.withUnsafeBytes { code in
            try licence.withUnsafeBytes { text in
                KernelObject(
                    try call(
                        5,
                        [
                            (0, type, 4), (4, UInt64(instructions.count), 4),
                            (8, UInt64(UInt(bitPattern: code.baseAddress)), 8),
                            (16, UInt64(UInt(bitPattern: text.baseAddress)), 8),
                        ], name: named, at: 48))
            }
        }
    }

    /// BPF_MAP_UPDATE_ELEM.
    func insert(key: [UInt8], value: [UInt8]) throws {
        try key.withUnsafeBytes { key in
            try value.withUnsafeBytes { value in
                _ = try Self.call(
                    2,
                    [
                        (0, UInt64(descriptor), 4), (8, UInt64(UInt(bitPattern: key.baseAddress)), 8),
                        (16, UInt64(UInt(bitPattern: value.baseAddress)), 8),
                    ])
            }
        }
    }

    /// BPF_OBJ_PIN.
    func pin(at path: String) throws {
        try path.withCString { name in
            _ = try Self.call(6, [(0, UInt64(UInt(bitPattern: name)), 8), (8, UInt64(descriptor), 4)])
        }
    }

    /// Of a program, as fdinfo says it.
    func identifier() throws -> UInt32 {
        let text = try String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("prog_id:") {
            return UInt32(line.split(separator: "\t").last ?? "") ?? 0
        }
        return 0
    }
}

/// Runs a witness.
enum Witness {
    static func has(_ programs: String...) -> Bool { programs.allSatisfy { path($0) != nil } }

    static func path(_ program: String) -> String? {
        ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"].map { $0 + program }.first {
            (try? FileSystem.exists($0)) == true
        }
    }

    static func run(_ command: [String]) throws -> [UInt8] {
        let outcome = try ChildProcess.run(
            ChildProcess.Command(
                path(command[0]) ?? command[0], Array(command.dropFirst()),
                environment: Environment(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]), limit: .seconds(60)))
        guard outcome.termination.isSuccess else {
            throw WitnessNamespace.Failed(
                description: "\(command.joined(separator: " ")): \(String(decoding: outcome.errors, as: UTF8.self))")
        }
        return outcome.output
    }

    static func lines(_ command: [String]) throws -> [String] {
        String(decoding: try run(command), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
