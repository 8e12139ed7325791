import CLinux
import Diagnosis
import JSONTree
import LinuxHost
import Netlink
import SystemCalls

extension MachineReading {
    /// Milliseconds that counting the keys of maps may take.
    private static var patience: UInt64 { 200 }

    /// Programs, where they are attached, maps with what is in them, and names in BPF file systems: the forms of
    /// `bpftool -j prog`, `map`, `net` and `cgroup tree`.
    ///
    /// - Parameter details: of the machine's own links, with their XDP programs.
    mutating func readBPF(_ details: [LinkDetails]) {
        let path = NodeEvidence.Part.bpf.path
        do throws(SystemCallError) {
            let programs = try BPFObjects.programs()
            var maps = try BPFObjects.maps()
            let fill = BPFMapFill(milliseconds: Self.patience)
            // The small ones first, so that as many as possible are whole.
            for index in maps.indices.sorted(by: { maps[$0].mostEntries < maps[$1].mostEntries }) {
                maps[index].entries = fill.count(maps[index])
            }
            let pinned = pinnedObjects()
            let names = Dictionary(programs.map { ($0.id, $0.name) }) { first, _ in first }
            let members = [
                JSONMember("programs", .array(programs.map { Self.form($0, pinned) })),
                JSONMember("maps", .array(maps.map { Self.form($0, pinned) })),
                JSONMember("net", Self.attachments(details, names)),
                JSONMember("cgroups", .array(controlGroupPrograms(names))),
                JSONMember(
                    "pinned",
                    .array(
                        pinned.map { entry in
                            ["path": .string(entry.path), "kind": .string(entry.kind), "id": .int(Int64(entry.id))]
                        })),
            ]
            add(JSONValue.object(members).serialized(), path, command: "bpftool -j prog; bpftool -j map")
        } catch {
            switch error.errno {
            case .EPERM, .EACCES: miss(path, because: "only root may look at BPF programs and maps (\(error.errno))")
            case .ENOSYS: miss(path, because: "this kernel has no bpf(2)")
            default: miss(path, because: "\(error)")
            }
        }
    }

    // MARK: Forms

    private typealias Pinned = (path: String, kind: String, id: UInt32)

    private static func form(_ program: BPFProgram, _ pinned: [Pinned]) -> JSONValue {
        .object(
            [
                JSONMember("id", .int(Int64(program.id))), JSONMember("type", .string(program.type)),
                JSONMember("name", .string(program.name)), JSONMember("tag", .string(program.tag)),
                // Seconds since 1970, as bpftool computes it.
                JSONMember("loaded_at", .uint((Clock.bootTime() + program.loadedAt) / 1_000_000_000)),
                JSONMember("uid", .int(Int64(program.user))),
                JSONMember("map_ids", .array(program.maps.map { .int(Int64($0)) })),
            ] + places(pinned, "prog", program.id))
    }

    private static func form(_ map: BPFMap, _ pinned: [Pinned]) -> JSONValue {
        var members = [
            JSONMember("id", .int(Int64(map.id))), JSONMember("type", .string(map.typeName)),
            JSONMember("name", .string(map.name)), JSONMember("flags", .int(Int64(map.flags))),
            JSONMember("bytes_key", .int(Int64(map.keySize))), JSONMember("bytes_value", .int(Int64(map.valueSize))),
            JSONMember("max_entries", .int(Int64(map.mostEntries))),
        ]
        if let count = map.entries {
            members.append(JSONMember("entries", .int(Int64(count.entries))))
            if !count.isWhole { members.append(JSONMember("entries_at_least", .bool(true))) }
        }
        return .object(members + places(pinned, "map", map.id))
    }

    private static func places(_ pinned: [Pinned], _ kind: String, _ id: UInt32) -> [JSONMember] {
        let paths = pinned.filter { $0.kind == kind && $0.id == id }.map { JSONValue.string($0.path) }
        return paths.isEmpty ? [] : [JSONMember("pinned", .array(paths))]
    }

    // MARK: Places

    /// XDP, tcx, and classifiers of tc on every interface of this namespace.
    private static func attachments(_ details: [LinkDetails], _ names: [UInt32: String]) -> JSONValue {
        func place(_ link: LinkDetails, _ kind: String, _ id: UInt32, name: String? = nil) -> JSONValue {
            [
                "devname": .string(link.name), "ifindex": .int(Int64(link.index)), "kind": .string(kind),
                "name": .string(name ?? names[id] ?? ""), "id": .int(Int64(id)),
            ]
        }
        var xdp: [JSONValue] = []
        var classifiers: [JSONValue] = []
        let filtered = Set((try? filterPlaces()) ?? [])
        for link in details {
            if let program = link.program { xdp.append(place(link, program.mode, program.id)) }
            for (type, kind) in BPFNames.tcx {
                for id in BPFObjects.attached(to: UInt32(bitPattern: link.index), type) {
                    classifiers.append(place(link, kind, id))
                }
            }
            guard filtered.contains(link.index) else { continue }
            for (parent, kind) in [
                (TrafficControlHandle.ingressFilters, "clsact/ingress"), (.egressFilters, "clsact/egress"),
            ] {
                for filter in (try? BPFFilter.list(on: link.index, parent)) ?? [] {
                    classifiers.append(place(link, kind, filter.program, name: filter.name))
                }
            }
        }
        return ["xdp": .array(xdp), "tc": .array(classifiers)]
    }

    /// Interfaces that can have filters on what comes in.
    private static func filterPlaces() throws(NetlinkError) -> [Int32] {
        var socket = try RouteSocket()
        return try socket.queueingDisciplines().compactMap { discipline in
            switch discipline.kind {
            case .clsact, .ingress: discipline.interface.rawValue
            default: nil
            }
        }
    }

    /// Of the top control groups: agents attach to the root, systemd to its slices.
    private func controlGroupPrograms(_ names: [UInt32: String]) -> [JSONValue] {
        var found: [JSONValue] = []
        for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/run/cilium/cgroupv2"] {
            guard (try? FileSystem.exists(seen("\(root)/cgroup.controllers"))) == true else { continue }
            let children = ((try? Directories.sortedList(seen(root))) ?? []).map { "\(root)/\($0)" }
            for folder in [root] + children.prefix(48) {
                guard let directory = try? FileDescriptor.open(seen(folder), O_RDONLY | O_DIRECTORY) else { continue }
                for (type, name) in BPFNames.controlGroups {
                    for id in BPFObjects.attached(to: UInt32(directory.rawValue), type) {
                        found.append([
                            "cgroup": .string(folder), "attach_type": .string(name), "id": .int(Int64(id)),
                            "name": .string(names[id] ?? ""),
                        ])
                    }
                }
            }
        }
        return found
    }

    /// Names in every BPF file system that is mounted.
    private func pinnedObjects() -> [Pinned] {
        var found: [Pinned] = []
        var folders: [(path: String, depth: Int)] = ((try? Mounts.all()) ?? []).filter { $0.type == "bpf" }
            .map { ($0.target, 0) }
        while let (folder, depth) = folders.popLast(), found.count < 2048 {
            for name in (try? Directories.sortedList(folder)) ?? [] {
                let path = "\(folder)/\(name)"
                guard let status = try? FileSystem.status(path, followingLinks: false) else { continue }
                if status.isDirectory {
                    if depth < 6, folders.count < 512 { folders.append((path, depth + 1)) }
                } else if let object = BPFObjects.pinned(path) {
                    found.append((unseen(path), object.kind, object.id))
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }
}
