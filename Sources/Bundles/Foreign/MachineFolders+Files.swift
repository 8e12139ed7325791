import Diagnosis
import JSONTree

/// The files of a machine as `files.json` lists them: those that were copied, and those that `ls` printed.
extension MachineFolders {
    private static let machinesOfELF: [UInt8: String] = [
        3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 21: "ppc64", 22: "s390x", 243: "riscv64",
    ]

    /// Nil where nothing of the machine's files is known.
    static func list(
        _ files: [(path: String, file: BundleFiles.File)], _ folders: [FolderListing], collectedAt: Int64? = nil
    ) -> BundleFiles.File? {
        var known: Set<String> = []
        let areTimesKept = areTimesKept(files.compactMap(\.file.modified), collectedAt)
        var lines = files.map { path, file -> JSONValue in
            known.insert(path)
            return line(path, file, withTime: areTimesKept)
        }
        for folder in folders where isWhole(folder, known) {
            if known.insert(folder.folder).inserted {
                lines.append(["path": .string(folder.folder), "type": "directory", "mode": "0755", "size": 4096])
            }
            for one in folder.lines where known.insert("\(folder.folder)/\(one.name)").inserted {
                var members = [
                    JSONMember("path", .string("\(folder.folder)/\(one.name)")), JSONMember("type", .string(one.type)),
                    JSONMember("mode", .string("0" + String(one.mode, radix: 8))), JSONMember("size", .int(one.size)),
                ]
                if let target = one.target { members.append(JSONMember("target", .string(target))) }
                lines.append(.object(members))
            }
        }
        return lines.isEmpty ? nil : BundleFiles.File(bytes: JSONValue.array(lines).serialized(), isTruncated: false)
    }

    /// Which configuration wins is known only where each of them can be read, so that a list of names beside which one
    /// was not copied says too little.
    private static func isWhole(_ folder: FolderListing, _ copied: Set<String>) -> Bool {
        folder.lines.allSatisfy { one in
            let isConfiguration = [".conf", ".conflist", ".json"].contains(where: one.name.hasSuffix)
            return !isConfiguration || one.size == 0 || copied.contains("\(folder.folder)/\(one.name)")
        }
    }

    /// Who copies a machine's files without their times leaves those of the copying: all of one moment, or long after
    /// everything that was collected.
    private static func areTimesKept(_ times: [Int64], _ collectedAt: Int64?) -> Bool {
        guard let first = times.min(), let last = times.max() else { return false }
        if let collectedAt, last > collectedAt + 86_400 { return false }
        return times.count < 3 || last - first > 120
    }

    private static func line(_ path: String, _ file: BundleFiles.File, withTime: Bool) -> JSONValue {
        var members = [
            JSONMember("path", .string(path)), JSONMember("type", "file"),
            JSONMember("mode", .string("0" + String((file.mode ?? 0o644) & 0o7777, radix: 8))),
            JSONMember("size", .int(Int64(file.size ?? file.bytes.count))),
        ]
        if withTime, let modified = file.modified { members.append(JSONMember("mtime", .int(modified))) }
        if file.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]), file.bytes.count > 18 {
            members.append(JSONMember("machine", .string(machinesOfELF[file.bytes[18]] ?? "")))
        }
        return .object(members)
    }

    // MARK: Logs

    static let logNames: Set<String> = [
        "kubelet.log", "containerd.log", "kernel.log", "audit.log", "NetworkManager.log",
    ]

    /// Names of logs that checks look for.
    static func logName(_ name: String) -> String {
        let plain = name.lowercased()
        for unit in ["kubelet", "containerd", "crio", "audit"] where plain.contains(unit) {
            return unit == "crio" ? "containerd.log" : "\(unit).log"
        }
        if plain.contains("networkmanager") { return "NetworkManager.log" }
        if ["dmesg", "kern.log", "kernel", "journalctl-k", "journalctl_-k"].contains(where: plain.contains) {
            return "kernel.log"
        }
        return name
    }
}
