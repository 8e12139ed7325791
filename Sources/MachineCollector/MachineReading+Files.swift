import CLinux
import Diagnosis
import JSONTree
import LinuxHost
import SystemCalls

/// A line of `files.json`.
struct FileLine {
    var type: String
    var status: FileStatus
    var target: String?
    /// A link to nothing.
    var isDangling = false
    /// Of an ELF header; empty for a file that has none.
    var machine: String?
}

extension MachineReading {
    /// A file's bytes, at most `limit` of its end; nil when there is none or it is none of the readable kind.
    func bytes(_ path: String, limit: Int) throws(SystemCallError) -> (bytes: [UInt8], cut: Bool)? {
        guard isMachines(path) else { return nil }
        do throws(SystemCallError) {
            let name = seen(path)
            guard try FileSystem.status(name).isRegularFile else { return nil }
            let file = try FileDescriptor.open(name, O_RDONLY | O_NONBLOCK)
            let size = try file.status().size
            // Files of /proc and /sys say zero.
            if size <= Int64(limit) { return (try file.readAll(limit: limit), false) }
            return (try file.read(limit, at: Int(size) - limit), true)
        } catch  where error.errno == .ENOENT || error.errno == .ENOTDIR {
            return nil
        }
    }

    func text(_ path: String, limit: Int = 1 << 20) -> String? {
        (try? bytes(path, limit: limit)).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Keeps a copy under `files`, changed by `redact`.
    mutating func copy(_ path: String, limit: Int = 256 << 10, redact: ([UInt8]) -> [UInt8] = { $0 }) {
        do throws(SystemCallError) {
            guard let (bytes, cut) = try bytes(path, limit: limit) else { return }
            add(redact(bytes), "files\(path)", command: "cat \(path)", cut: cut)
        } catch {
            miss("files\(path)", because: "\(path): \(error.errno)")
        }
    }

    /// Names in a folder, in order; none when there is no such folder.
    mutating func names(in path: String) -> [String] {
        guard isMachines(path) else { return [] }
        do throws(SystemCallError) {
            return try Directories.sortedList(seen(path))
        } catch {
            if error.errno != .ENOENT && error.errno != .ENOTDIR {
                miss("files\(path)/", because: "\(path): \(error.errno)")
            }
            return []
        }
    }

    /// Puts a folder and what is in it on the list, `depth` levels deep and at most `most` names of each folder.
    mutating func list(_ path: String, depth: Int = 1, most: Int = 4096, programs: Bool = false) {
        guard note(path) else { return }
        for name in names(in: path).prefix(most) {
            let inner = "\(path)/\(name)"
            guard note(inner, program: programs) else { continue }
            if depth > 1 && listing[inner]?.type == "directory" { list(inner, depth: depth - 1, most: most) }
        }
    }

    /// False when there is nothing of that name.
    @discardableResult
    mutating func note(_ path: String, program: Bool = false) -> Bool {
        let name = seen(path)
        guard isMachines(path), let status = try? FileSystem.status(name, followingLinks: false) else { return false }
        var line = FileLine(type: Self.type(status), status: status)
        if status.isSymbolicLink {
            line.target = try? FileSystem.readLink(name)
            if let followed = try? FileSystem.status(name) {
                line.status = followed
            } else {
                line.isDangling = true
            }
        }
        if program, line.status.isRegularFile {
            line.machine = (try? FileDescriptor.open(name, O_RDONLY | O_NONBLOCK).read(20, at: 0))
                .map { Self.machine(ofHeader: $0) }
        }
        listing[path] = line
        return true
    }

    private static func type(_ status: FileStatus) -> String {
        switch status.mode & 0o170000 {
        case 0o040000: "directory"
        case 0o120000: "link"
        case 0o140000: "socket"
        case 0o010000: "pipe"
        case 0o060000, 0o020000: "device"
        default: "file"
        }
    }

    /// What an ELF header says it runs on, as `uname -m` spells it (elf.h, `e_machine` at 18); empty for no ELF.
    static func machine(ofHeader bytes: [UInt8]) -> String {
        guard bytes.count >= 20, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { return "" }
        let isBig = bytes[5] == 2
        let number = isBig ? Int(bytes[18]) << 8 | Int(bytes[19]) : Int(bytes[19]) << 8 | Int(bytes[18])
        return switch number {
        case 3: "i686"
        case 21: isBig ? "ppc64" : "ppc64le"
        case 22: "s390x"
        case 40: "armv7l"
        case 62: "x86_64"
        case 183: "aarch64"
        case 243: "riscv64"
        case 258: "loongarch64"
        default: "machine \(number)"
        }
    }

    /// `files.json`, when everything is on the list.
    mutating func addListing() {
        let lines = listing.sorted { $0.key < $1.key }.map { path, line -> JSONValue in
            var members = [
                JSONMember("path", .string(path)), JSONMember("type", .string(line.type)),
                JSONMember("mode", .string("0" + String(line.status.mode & 0o7777, radix: 8))),
                JSONMember("size", .int(line.status.size)),
                JSONMember("mtime", .int(line.status.modified / 1_000_000_000)),
            ]
            if let target = line.target { members.append(JSONMember("target", .string(target))) }
            if line.isDangling { members.append(JSONMember("dangling", .bool(true))) }
            if let machine = line.machine { members.append(JSONMember("machine", .string(machine))) }
            return .object(members)
        }
        add(JSONValue.array(lines).serialized(), NodeEvidence.Part.fileList.path, command: "ls -laR")
    }
}
