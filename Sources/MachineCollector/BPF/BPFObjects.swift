import CLinux
import SystemCalls

/// A program in the kernel (`bpftool prog`).
struct BPFProgram {
    var id: UInt32
    var type: String
    var name: String
    var tag: String
    /// Nanoseconds since the machine was started.
    var loadedAt: UInt64
    var user: UInt32
    var maps: [UInt32]
}

/// A map in the kernel (`bpftool map`).
struct BPFMap {
    var id: UInt32
    var type: UInt32
    var name: String
    var flags: UInt32
    /// Bytes.
    var keySize: Int
    var valueSize: Int
    var mostEntries: Int
    /// Keys in it; nil where they were not counted.
    var entries: BPFMapFill.Count?

    var typeName: String { BPFNames.map(type) }
}

/// What holds a program at its place (`bpftool link`, Linux 5.8).
struct BPFLink {
    var id: UInt32
    var type: String
    var program: UInt32
    /// Of XDP, tcx and netkit.
    var interface: UInt32?
    /// BPF_TCX_INGRESS and its kin.
    var attachType: UInt32?
}

/// All of the kernel's programs, maps and links, whichever namespace they work in. Asks for CAP_SYS_ADMIN (linux/bpf.h).
enum BPFObjects {
    /// More of one kind are not looked at: a node with a thousand pods has some ten thousand.
    private static let most = 16_384

    private static func identifiers(_ next: BPFCommand) throws(SystemCallError) -> [UInt32] {
        var found: [UInt32] = []
        var attributes = BPFAttributes()
        while found.count < most {
            attributes[0] = found.last ?? 0
            do throws(SystemCallError) {
                try attributes.call(next)
            } catch {
                if error.errno == .ENOENT { break }
                throw error
            }
            found.append(attributes[4])
        }
        return found
    }

    /// - Parameter flags: BPF_F_RDONLY for maps.
    static func open(_ command: BPFCommand, _ id: UInt32, flags: UInt32 = 0) throws(SystemCallError) -> FileDescriptor {
        var attributes = BPFAttributes()
        attributes[0] = id
        attributes[8] = flags
        return FileDescriptor(owning: try attributes.call(command))
    }

    /// BPF_F_RDONLY.
    static let readOnly: UInt32 = 1 << 3

    static func programs() throws(SystemCallError) -> [BPFProgram] {
        var found: [BPFProgram] = []
        // One that is gone in the meantime is none.
        for id in try identifiers(.nextProgram) { if let program = try? program(id) { found.append(program) } }
        return found
    }

    /// Offsets are those of `struct bpf_prog_info`.
    private static func program(_ id: UInt32) throws(SystemCallError) -> BPFProgram {
        let descriptor = try open(.openProgram, id)
        let information = try BPFInformation(descriptor)
        let count = Int(min(information.uint32(52), 256))
        var maps = [UInt32](repeating: 0, count: count)
        if count > 0 {
            var request = [UInt8](repeating: 0, count: 256)
            let result = maps.withUnsafeMutableBytes { buffer -> Result<BPFInformation, SystemCallError> in
                let address = UInt64(UInt(bitPattern: buffer.baseAddress))
                request.withUnsafeMutableBytes {
                    $0.storeBytes(of: UInt32(count), toByteOffset: 52, as: UInt32.self)
                    $0.storeBytes(of: address, toByteOffset: 56, as: UInt64.self)
                }
                do throws(SystemCallError) {
                    return .success(try BPFInformation(descriptor, request: request))
                } catch {
                    return .failure(error)
                }
            }
            if case .failure = result { maps = [] }
        }
        return BPFProgram(
            id: id, type: BPFNames.program(information.uint32(0)), name: information.text(64, 16),
            tag: information.tag(8, 8), loadedAt: information.uint64(40), user: information.uint32(48), maps: maps)
    }

    static func maps() throws(SystemCallError) -> [BPFMap] {
        var found: [BPFMap] = []
        for id in try identifiers(.nextMap) {
            guard let descriptor = try? open(.openMap, id, flags: readOnly),
                let information = try? BPFInformation(descriptor)
            else { continue }
            found.append(map(information))
        }
        return found
    }

    /// Offsets are those of `struct bpf_map_info`.
    private static func map(_ information: BPFInformation) -> BPFMap {
        BPFMap(
            id: information.uint32(4), type: information.uint32(0), name: information.text(24, 16),
            flags: information.uint32(20), keySize: Int(information.uint32(8)), valueSize: Int(information.uint32(12)),
            mostEntries: Int(information.uint32(16)))
    }

    static func links() throws(SystemCallError) -> [BPFLink] {
        var found: [BPFLink] = []
        for id in try identifiers(.nextLink) {
            guard let descriptor = try? open(.openLink, id), let information = try? BPFInformation(descriptor) else {
                continue
            }
            // `struct bpf_link_info`: what each type says of itself begins at 16.
            let type = information.uint32(0)
            var link = BPFLink(id: id, type: BPFNames.link(type), program: information.uint32(8))
            switch link.type {
            case "xdp": link.interface = information.uint32(16)
            case "tcx", "netkit":
                link.interface = information.uint32(16)
                link.attachType = information.uint32(20)
            default: break
            }
            found.append(link)
        }
        return found
    }

    /// Programs at a place (BPF_PROG_QUERY), in the order they run; empty where the kernel does not know such a place.
    ///
    /// - Parameters:
    ///   - target: a descriptor of a control group, or the number of an interface.
    ///   - type: `enum bpf_attach_type`.
    static func attached(to target: UInt32, _ type: UInt32) -> [UInt32] {
        var programs = [UInt32](repeating: 0, count: 64)
        var attributes = BPFAttributes()
        attributes[0] = target
        attributes[4] = type
        attributes[24] = UInt32(programs.count)
        let isAnswered = programs.withUnsafeMutableBytes { buffer in
            attributes.set(buffer.baseAddress, at: 16)
            return (try? attributes.call(.attached)) != nil
        }
        return isAnswered ? Array(programs.prefix(Int(attributes[24]))) : []
    }

    /// What a name in a BPF file system stands for: `map`, `prog` or `link`, and its number.
    static func pinned(_ path: String) -> (kind: String, id: UInt32)? {
        // Maps may be opened for reading alone; programs and links know only one way.
        for flags in [readOnly, 0] {
            var attributes = BPFAttributes()
            attributes[12] = flags
            let result = path.withCString { name -> Int32? in
                attributes.set(UnsafeRawPointer(name), at: 0)
                return try? attributes.call(.openPinned)
            }
            guard let result else { continue }
            let descriptor = FileDescriptor(owning: result)
            guard let kind = try? FileSystem.readLink("/proc/self/fd/\(descriptor.rawValue)"),
                let information = try? BPFInformation(descriptor)
            else { return nil }
            if kind.contains("bpf-map") { return ("map", information.uint32(4)) }
            if kind.contains("bpf-prog") { return ("prog", information.uint32(4)) }
            return ("link", information.uint32(4))
        }
        return nil
    }
}
