import Addressing
import JSONTree

/// Limits of the kernel that are reached: inotify (NOD-02), neighbours (NOD-03), connection tracking (SVC-09); counters
/// that say that checksums are wrong (RTE-05).
struct LimitCheck: Check {
    let name = "limits of the kernel"
    let codes = ["NOD-02", "NOD-03", "SVC-09", "RTE-05"]
    let needs: [FactName] = []

    func applies(to facts: FactBase) -> Bool { !facts.clusterMachines.isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        facts.clusterMachines.flatMap { machine in
            [
                inotify(machine, facts), neighbours(machine, facts),
                tracking(machine, facts) ?? allowance(machine, facts), checksums(machine, facts),
            ].compactMap { $0 }
        }
    }

    // MARK: NOD-02

    private func inotify(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        guard let sysctls = machine.sysctls, let most = sysctls.int("fs.inotify.max_user_instances") else { return nil }
        let used =
            machine.json(.processes)?.member("inotifyInstances").map { users in
                users.members.map { (user: $0.key, count: Int(clamping: $0.value.int ?? 0)) }.max {
                    $0.count < $1.count
                }
            } ?? nil
        let watches = watches(machine, sysctls)
        let isFull = used.map { $0.count >= most } ?? false || watches != nil
        // "too many open files" of a watcher is inotify's; of a socket it would be the process's own limit.
        let words = ["inotify", "fsnotify", "watcher", "watch "]
        var line: (String, FactSource)?
        var isSure = false
        for pod in facts.pods(on: machine.name) {
            for (path, document) in facts.evidence.documents(under: "\(EvidencePath.logs)\(pod.namespace)/\(pod.name)/")
            where document.holds("too many open files") {
                let all = document.lines.filter { text in
                    text.contains("too many open files")
                        && !["accept", "socket", "dial"].contains { text.contains($0) }
                }
                let sure = all.last { text in words.contains { text.contains($0) } }
                // Where so few instances are left to go round, a program that cannot start is likely short of them.
                isSure = isSure || sure != nil
                let found = sure ?? (most <= 128 ? all.last : nil)
                if let found {
                    line = (
                        String(found),
                        FactSource(
                            "\(pod.namespace)/\(pod.name) \(path)",
                            command: "kubectl -n \(pod.namespace) logs \(pod.name)", age: document.source.age)
                    )
                }
            }
        }
        if line == nil,
            let found =
                (machine.logLines(.kubeletLog, containing: "too many open files")
                + machine.logLines(.runtimeLog, containing: "too many open files"))
                .last(where: { text in words.contains { text.contains($0) } })
        {
            line = (found, machine.source(.kubeletLog))
            isSure = true
        }
        let limits = InotifyLimits(
            instances: most, watches: sysctls.int("fs.inotify.max_user_watches"),
            lacksInstances: watches == nil || used.map { $0.count >= most } ?? false, lacksWatches: watches != nil)
        let isSmall = most <= 256 || (sysctls.int("fs.inotify.max_user_watches") ?? .max) <= 8192
        guard isFull || (line != nil && isSmall) else { return nil }
        var evidence: [Diagnosis.Evidence] = []
        if limits.lacksInstances {
            evidence.append(
                machine.quote(
                    "fs.inotify.max_user_instances = \(most)", .sysctls, "sysctl fs.inotify.max_user_instances",
                    telling: "\(most)"))
        }
        if let used, limits.lacksInstances {
            evidence.append(
                machine.quote(
                    "\(used.count) instances of user \(used.user)", .processes,
                    "find /proc/*/fd -lname anon_inode:inotify | wc -l"))
        }
        if let watches { evidence.append(watches) }
        if let line { evidence.append(.init(line.0, from: line.1)) }
        return .machine(
            "NOD-02", "\(machine.name) is out of inotify \(limits.lacking)", isFull || isSure ? .certain : .likely,
            at: [machine.place] + limits.keys, evidence: evidence, because: limits.because,
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "sysctl -w \(limits.raised)   # on \(machine.name)",
                    "printf '%s\\n' \(limits.raised) > /etc/sysctl.d/99-inotify.conf",
                ], undo: "sysctl -w \(limits.asTheyAre)", risk: "a little kernel memory", seconds: 5),
            prevent: "the same file in the node image", deadEnds: ["ulimit -n: the limit is not of open files"],
            needs: isFull || isSure ? [] : ["find /proc/*/fd -lname anon_inode:inotify | wc -l"])
    }

    /// A user whose watches are used up.
    private func watches(_ machine: NodeEvidence, _ sysctls: Sysctls) -> Diagnosis.Evidence? {
        guard let most = sysctls.int("fs.inotify.max_user_watches"),
            let used = machine.json(.processes)?.member("inotifyWatches")?.members
                .map({ (user: $0.key, count: Int(clamping: $0.value.int ?? 0)) }).max(by: { $0.count < $1.count }),
            used.count >= most
        else { return nil }
        return machine.quote(
            "\(used.count) of \(most) watches of user \(used.user)", .processes,
            "cat /proc/*/fdinfo/* 2>/dev/null | grep -c ^inotify", telling: "\(used.count)")
    }

    // MARK: NOD-03

    private func neighbours(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let most = machine.sysctls?.int("net.ipv4.neigh.default.gc_thresh3")
        // Permanent entries, which overlays write for every node, are not counted by the limit (gc_entries in
        // net/core/neighbour.c, since Linux 5.0).
        let count = machine.neighbours?.count { $0.address.family == .v4 && !$0.isPermanent }
        let line =
            machine.logLines(.kernelLog, containing: "neighbor table overflow").last
            ?? machine.logLines(.kernelLog, containing: "neighbour table overflow").last
        let isNearlyFull = most.flatMap { most in count.map { $0 * 100 >= most * 95 } } ?? false
        let isFull = most.flatMap { most in count.map { $0 >= most } } ?? false
        guard isNearlyFull || line != nil else { return nil }
        var evidence: [Diagnosis.Evidence] = []
        if let line {
            evidence.append(
                machine.quote(line, .kernelLog, "dmesg | grep -i 'table overflow'", telling: "table overflow"))
        }
        if let most {
            evidence.append(
                machine.quote(
                    "net.ipv4.neigh.default.gc_thresh3 = \(most)", .sysctls, "sysctl net.ipv4.neigh.default.gc_thresh3",
                    telling: "\(most)"))
        }
        if let count {
            evidence.append(
                machine.quote(
                    "\(count) neighbours", .neighbours, "ip -4 neigh show nud all | grep -vc -e PERMANENT -e NOARP"))
        }
        let wanted = max(8192, (most ?? 1024) * 8)
        return .machine(
            "NOD-03", "The neighbour table of \(machine.name) is full", line != nil || isFull ? .certain : .likely,
            at: [machine.place, "net.ipv4.neigh.default.gc_thresh3"], evidence: evidence,
            because: [
                "the limit counts all namespaces of the machine together; beyond it new neighbours get no entry, and packets to them are lost"
            ],
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "sysctl -w net.ipv4.neigh.default.gc_thresh1=\(wanted / 4) net.ipv4.neigh.default.gc_thresh2=\(wanted / 2) net.ipv4.neigh.default.gc_thresh3=\(wanted)   # on \(machine.name)",
                    "the same three lines in /etc/sysctl.d/99-neigh.conf",
                ], undo: "sysctl -w net.ipv4.neigh.default.gc_thresh3=\(most ?? 1024)", risk: "a little kernel memory",
                seconds: 5),
            prevent: "size it for all pods and nodes that a machine may speak with")
    }

    // MARK: SVC-09

    private static let allowance = "conntrack_allowance_exceeded"

    /// What Amazon's card counts of an instance whose allowance of tracked connections is used up (ENA driver,
    /// `ethtool -S`): two readings that differ, or one that says that nothing is left.
    private func allowance(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        var readings: [(value: Int, line: Substring, source: FactSource)] = []
        var isUsedUp = false
        for (path, document) in machine.documents.sorted(by: { $0.key < $1.key })
        where path.hasPrefix("exec/") && document.holds(Self.allowance) {
            for line in document.lines {
                let parts = line.split(separator: ":")
                guard parts.count == 2, let value = Int(parts[1].trimmingBlanks) else { continue }
                switch parts[0].trimmingBlanks {
                case Self.allowance: readings.append((value, line, document.source))
                case "conntrack_allowance_available": isUsedUp = isUsedUp || value == 0
                default: break
                }
            }
        }
        guard let least = readings.map(\.value).min(), let most = readings.map(\.value).max(),
            most > least || (isUsedUp && most > 0)
        else { return nil }
        return .machine(
            "SVC-09", "The instance of \(machine.name) may track no more connections",
            most > least ? .certain : .likely, at: [machine.place],
            evidence: readings.prefix(2).map { .init($0.line.trimmingBlanks, from: $0.source) },
            because: [
                "the cloud keeps a table of connections for each instance, with an allowance of its own; beyond it it drops the first packet of a new one",
                "the machine's own table may have room all the while",
            ], explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                ["a larger instance, or its pods on several; fewer connections that stay open without use"],
                risk: "pods move", seconds: nil),
            prevent: "security groups whose rules need no tracking; watch conntrack_allowance_available",
            needs: most > least ? [] : ["ethtool -S of the card, twice: does \(Self.allowance) grow?"])
    }

    private func tracking(_ machine: NodeEvidence, _ facts: FactBase) -> Diagnosis? {
        let count = machine.sysctls?.int("net.netfilter.nf_conntrack_count")
        let most = machine.sysctls?.int("net.netfilter.nf_conntrack_max")
        let line = machine.logLines(.kernelLog, containing: "nf_conntrack", "table full").last
        let share = count.flatMap { count in most.flatMap { $0 > 0 ? Double(count) / Double($0) : nil } }
        // `drop` and `early_drop` grow when there was no room; they never fall, so that a table with room now is well.
        let counters = machine.text(.conntrack).map { Self.dropped($0) } ?? []
        guard
            (share ?? 0) >= 0.95 || (line != nil && (share ?? 1) >= 0.7) || (!counters.isEmpty && (share ?? 0) >= 0.9)
        else { return nil }
        var evidence: [Diagnosis.Evidence] = []
        if let count, let most {
            evidence.append(
                machine.quote(
                    "\(count) of \(most) connections", .sysctls,
                    "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max", telling: "\(count)"))
        }
        if let line {
            evidence.append(machine.quote(line, .kernelLog, "dmesg | grep nf_conntrack", telling: "table full"))
        }
        if !counters.isEmpty {
            evidence.append(
                machine.quote(counters.joined(separator: " "), .conntrack, "conntrack -S", telling: counters[0]))
        }
        let wanted = (most ?? 131_072) * 4
        return .machine(
            "SVC-09", "The connection tracking table of \(machine.name) is full", .certain,
            at: [machine.place, "net.netfilter.nf_conntrack_max"], evidence: evidence,
            because: [
                "a new connection needs an entry; without room the kernel drops its first packet: random timeouts on this node"
            ],
            explains: facts.unreadyPods(on: machine.name),
            fix: .init(
                [
                    "sysctl -w net.netfilter.nf_conntrack_max=\(wanted)   # on \(machine.name)",
                    "set conntrack.maxPerCore in kube-proxy's configuration, which sets it again at its start",
                    "conntrack -L | awk '{print $4, $5}' | sort | uniq -c | sort -rn | head   # who fills it",
                ], undo: "sysctl -w net.netfilter.nf_conntrack_max=\(most ?? 131_072)",
                risk: "about 320 bytes of memory per entry", seconds: 5),
            prevent: "watch node_nf_conntrack_entries against its limit")
    }

    /// `early_drop=12`, over all processors; of those that are not zero.
    static func dropped(_ text: String) -> [String] {
        ["drop", "early_drop"].compactMap { name in
            let sum = text.split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix(name + "=") }
                .reduce(0) { $0 + (Int($1.dropFirst(name.count + 1)) ?? 0) }
            return sum > 0 ? "\(name)=\(sum)" : nil
        }
    }

    /// A counter of /proc/net/snmp.
    static func value(_ group: String, _ name: String, in text: String) -> Int? {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: " ") }
        for (names, values) in zip(lines, lines.dropFirst())
        where names.first == "\(group):" && values.first == names.first {
            guard let index = names.firstIndex(of: Substring(name)), index < values.count, Int(values[index]) != nil
            else { continue }
            return Int(values[index])
        }
        return nil
    }
}

/// What of inotify is used up, and what it is raised to: never to less than there is.
private struct InotifyLimits {
    let instances: Int
    let watches: Int?
    let lacksInstances: Bool
    let lacksWatches: Bool

    var lacking: String {
        [lacksInstances ? "instances" : nil, lacksWatches ? "watches" : nil].compactMap { $0 }
            .joined(separator: " and ")
    }

    private var changes: [(key: String, old: Int, new: Int)] {
        var changes: [(key: String, old: Int, new: Int)] = []
        if instances < 8192 || lacksInstances {
            changes.append(("fs.inotify.max_user_instances", instances, max(8192, instances * 2)))
        }
        if let watches, watches < 524_288 || lacksWatches {
            changes.append(("fs.inotify.max_user_watches", watches, max(524_288, watches * 2)))
        }
        return changes
    }

    var keys: [String] {
        [
            lacksInstances ? "fs.inotify.max_user_instances" : nil, lacksWatches ? "fs.inotify.max_user_watches" : nil,
        ].compactMap { $0 }
    }

    var raised: String { changes.map { "\($0.key)=\($0.new)" }.joined(separator: " ") }
    var asTheyAre: String { changes.map { "\($0.key)=\($0.old)" }.joined(separator: " ") }

    var because: [String] {
        var lines: [String] = []
        if lacksInstances {
            lines.append(
                "every program that watches files needs an instance, and all containers of root share \(instances): the next one gets \"too many open files\""
            )
        }
        if lacksWatches, let watches {
            lines.append(
                "each file that is watched needs a watch, and all containers of root share \(watches): the next one gets \"no space left on device\""
            )
        }
        return lines
    }
}
