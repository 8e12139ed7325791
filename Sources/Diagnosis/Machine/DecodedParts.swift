import Addressing
import JSONTree
import Synchronization

/// What was decoded from a machine's documents, or computed from all facts, kept so that a hundred checks do it once: who
/// asks while it is being made waits for it.
final class DecodedParts: Sendable {
    private final class Part: Sendable {
        private let kept = Mutex<(any Sendable)?>(nil)

        func value<Value: Sendable>(_ make: () -> Value) -> Value {
            kept.withLock { kept in
                // Bound first: nothing at all would be taken for a nil that was made.
                if let stored = kept, let value = stored as? Value { return value }
                let made = make()
                kept = made
                return made
            }
        }
    }

    private let parts = Mutex<[String: Part]>([:])

    func value<Value: Sendable>(_ key: String, _ make: () -> Value) -> Value {
        let part = parts.withLock { parts in
            if let known = parts[key] { return known }
            let new = Part()
            parts[key] = new
            return new
        }
        return part.value(make)
    }
}

extension NodeEvidence {
    /// - Parameter name: of what is decoded, where a part is decoded into more than one thing.
    private func elements<Element: Sendable>(
        _ part: Part, named name: String? = nil, _ decode: (JSONNode) -> [Element]
    ) -> [Element]? {
        decoded.value(name ?? part.path) { () -> [Element]? in
            guard let root = json(part), root.kind == .array else { return nil }
            return root.elements.flatMap(decode)
        }
    }

    /// Nil when it was not collected or does not parse; so for all of these.
    public var links: [NetworkLink]? {
        elements(.links) { [$0].compactMap { NetworkLink($0) } }
            ?? elements(.addresses, named: "links of addresses") { [$0].compactMap { NetworkLink($0) } }
    }

    public func link(_ name: String) -> NetworkLink? {
        decoded.value("links by name") {
            Dictionary((links ?? []).map { ($0.name, $0) }) { first, _ in first }
        }[name]
    }

    /// Devices of the default routes of the main table, of both families; none where nobody copied the routes.
    var uplinks: [String] { (routes ?? []).filter { $0.isDefault && $0.table == 254 }.compactMap(\.device) }

    /// The device of the first default route of the main table.
    var uplink: String? { (routes ?? []).first { $0.isDefault && $0.table == 254 }?.device }

    public var addresses: [NetworkAddress]? { elements(.addresses, NetworkAddress.list) }

    public var neighbours: [NetworkNeighbour]? { elements(.neighbours) { [$0].compactMap { NetworkNeighbour($0) } } }

    public var forwarding: [NetworkForwarding]? { elements(.forwarding) { [$0].compactMap { NetworkForwarding($0) } } }

    /// Of both families.
    public var routes: [NetworkRoute]? {
        decoded.value("routes") { () -> [NetworkRoute]? in
            let four = elements(.routes) { [$0].compactMap { NetworkRoute($0, family: .v4) } }
            let six = elements(.routes6) { [$0].compactMap { NetworkRoute($0, family: .v6) } }
            guard four != nil || six != nil else { return nil }
            // `table all` without -4 prints IPv6 as well.
            return (four ?? []).filter { six == nil || $0.destination.family == .v4 } + (six ?? [])
        }
    }

    public func rules(_ family: IPFamily) -> [NetworkRule]? {
        elements(family == .v4 ? .rules : .rules6) { [$0].compactMap { NetworkRule($0) } }
    }

    /// Nil without routes.
    public var routeLookup: RouteLookup? {
        decoded.value("route look-up") { () -> RouteLookup? in
            guard let routes else { return nil }
            return RouteLookup(routes: routes, rules: [.v4: rules(.v4) ?? [], .v6: rules(.v6) ?? []])
        }
    }

    public var sysctls: Sysctls? {
        decoded.value(Part.sysctls.path) { text(.sysctls).map { Sysctls($0) } }
    }

    /// Its own addresses that others may reach: neither loopback nor of the link only.
    public var globalAddresses: [NetworkAddress] {
        (addresses ?? []).filter { !$0.address.address.isLoopback && !$0.address.address.isLinkLocal }
    }

    /// `files.json`, by path.
    public var fileList: [String: MachineFile]? {
        decoded.value(Part.fileList.path) { () -> [String: MachineFile]? in
            guard let root = json(.fileList), root.kind == .array else { return nil }
            let files = root.elements.compactMap { MachineFile($0) }
            return Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
        }
    }

    /// The kernel's release, as `uname -r` prints it.
    public var kernelRelease: String? { json(.kernel)?.member("release")?.string }
}

/// A line of `files.json`.
public struct MachineFile: Sendable, Hashable {
    public var path: String
    /// `file`, `directory`, `link`, ...
    public var type: String
    /// Permission bits.
    public var mode: UInt32
    /// Bytes.
    public var size: Int64
    /// Seconds since 1970.
    public var modified: Int64?
    /// Of a link.
    public var target: String?
    /// Of an ELF header; empty for a file that is no ELF, nil when it was not read.
    public var machine: String?
    public var user: Int64?
    /// A link whose end is not there.
    public var isDangling: Bool

    init?(_ node: JSONNode) {
        guard let path = node.member("path")?.string else { return nil }
        self.path = path
        type = node.member("type")?.string ?? "file"
        mode = node.member("mode").flatMap { UInt32($0.string ?? $0.numberText ?? "", radix: 8) } ?? 0o644
        size = node.member("size")?.int ?? 0
        modified = node.member("mtime")?.int
        target = node.member("target")?.string
        machine = node.member("machine")?.string
        user = node.member("uid")?.int
        isDangling = node.member("dangling")?.bool ?? false
    }

    public var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    public var isExecutable: Bool { mode & 0o111 != 0 }
}
