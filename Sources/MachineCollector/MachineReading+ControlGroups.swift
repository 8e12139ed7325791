import Diagnosis
import JSONTree
import LinuxHost
import SystemCalls

extension MachineReading {
    private static var mostGroups: Int { 4096 }

    /// How often the groups of pods, kubelet and runtime were stopped by their CPU limit, and killed by their memory's:
    /// cpu.stat, cpu.max and memory.events (Documentation/admin-guide/cgroup-v2.rst), or their forerunners of version 1.
    mutating func readControlGroups() {
        let part = NodeEvidence.Part.controlGroups.path
        let second = seen("/sys/fs/cgroup")
        let first = ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu"].first {
            (try? FileSystem.exists(seen("\($0)/cpu.stat"))) == true
        }
        let hasSecond = (try? FileSystem.exists("\(second)/cgroup.controllers")) == true
        guard hasSecond || first != nil else {
            return miss(part, because: "there are no control groups at /sys/fs/cgroup")
        }
        let root = hasSecond ? "/sys/fs/cgroup" : first ?? ""
        var groups: [JSONValue] = []
        var folders = names(in: root).filter { Self.isWorthwhile($0) }.map { ("/\($0)", 1) }
        var looked = 0
        while let (folder, depth) = folders.popLast(), looked < Self.mostGroups {
            looked += 1
            if let group = group(folder, below: root, isSecond: hasSecond) { groups.append(group) }
            guard depth < 6 else { continue }
            for name in (try? Directories.sortedList(seen(root + folder))) ?? [] {
                // Files of a group have a dot and no such ending.
                let isGroup = !name.contains(".") || [".slice", ".scope", ".service"].contains(where: name.hasSuffix)
                if isGroup, depth > 1 || folder.contains("kube") || Self.isKeeper(name),
                    (try? FileSystem.status(seen("\(root)\(folder)/\(name)")))?.isDirectory == true
                {
                    folders.append(("\(folder)/\(name)", depth + 1))
                }
            }
        }
        add(JSONValue.array(groups).serialized(), part, command: "cat \(root)/kubepods*/*/cpu.stat")
    }

    private static func isWorthwhile(_ name: String) -> Bool {
        name.hasPrefix("kube") || name == "system.slice" || name == "podruntime.slice" || name == "runtime.slice"
    }

    private static func isKeeper(_ name: String) -> Bool {
        ["kubelet", "containerd", "crio", "k3s", "rke2", "docker"].contains { name.hasPrefix($0) }
    }

    /// Nil of a group without a limit that never was stopped: there is nothing to say of it.
    private func group(_ folder: String, below root: String, isSecond: Bool) -> JSONValue? {
        let path = seen(root + folder)
        func numbers(_ name: String) -> [String: Int64] {
            guard let bytes = (try? AtomicFile.read("\(path)/\(name)", limit: 64 << 10)) ?? nil else { return [:] }
            var found: [String: Int64] = [:]
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count == 2, let value = Int64(words[1]) { found[String(words[0])] = value }
            }
            return found
        }
        func word(_ name: String) -> [Substring] {
            guard let bytes = (try? AtomicFile.read("\(path)/\(name)", limit: 4096)) ?? nil else { return [] }
            return Substring(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        }
        let usage = numbers("cpu.stat")
        let limits = isSecond ? word("cpu.max") : word("cpu.cfs_quota_us") + word("cpu.cfs_period_us")
        let quota = limits.first.flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
        let kills = isSecond ? numbers("memory.events")["oom_kill"] ?? 0 : 0
        guard quota != nil || usage["nr_throttled"] ?? 0 > 0 || kills > 0 else { return nil }
        var members = [JSONMember("cgroup", .string(folder))]
        if let pod = Self.pod(of: folder) { members.append(JSONMember("pod", .string(pod))) }
        for name in ["nr_periods", "nr_throttled"] {
            if let value = usage[name] { members.append(JSONMember(name, .int(value))) }
        }
        // Version 1 counts nanoseconds.
        if let value = usage["throttled_usec"] ?? usage["throttled_time"].map({ $0 / 1000 }) {
            members.append(JSONMember("throttled_usec", .int(value)))
        }
        if let quota { members.append(JSONMember("quota_usec", .int(quota))) }
        if limits.count > 1, let period = Int64(limits[1]) { members.append(JSONMember("period_usec", .int(period))) }
        if kills > 0 { members.append(JSONMember("oom_kill", .int(kills))) }
        return .object(members)
    }

    /// The pod's UID in `/kubepods.slice/kubepods-pod1234_5678.slice/...` or `/kubepods/burstable/pod1234-5678/...`
    /// (pkg/kubelet/cm: systemd's names have underscores).
    static func pod(of folder: String) -> String? {
        for part in folder.split(separator: "/") {
            guard let start = part.firstRange(of: "pod", startingAfter: part.hasPrefix("kubepods") ? 8 : 0) else {
                continue
            }
            var name = part[start...]
            if name.hasSuffix(".slice") { name = name.dropLast(6) }
            let uid = String(name.map { $0 == "_" ? "-" : $0 })
            // 36 characters of a UUID, or 32 of a static pod's hash.
            if uid.count == 36 || uid.count == 32, uid.allSatisfy({ $0.isHexDigit || $0 == "-" }) { return uid }
        }
        return nil
    }
}

extension Substring {
    /// Where what follows `word` begins.
    fileprivate func firstRange(of word: String, startingAfter count: Int) -> Index? {
        guard let from = index(startIndex, offsetBy: count, limitedBy: endIndex) else { return nil }
        return self[from...].firstRange(of: word)?.upperBound
    }
}
