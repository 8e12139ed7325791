import JSONTree

/// Text of further programs, and of files that the kernel makes, in the forms that evidence has.
extension MachineText {
    // MARK: ethtool

    /// The devices of `ethtool -k`, each below `Features for eth0:`, with `on` or `off` of every feature.
    static func offloads(_ text: String) -> [String: [String: String]] {
        var devices: [String: [String: String]] = [:]
        var device = ""
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("Features for ") {
                device = String(line.dropFirst("Features for ".count).prefix { $0 != ":" })
                continue
            }
            guard !device.isEmpty, let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].drop(while: \.isWhitespace)
            guard let value = line[line.index(after: colon)...].split(separator: " ").first else { continue }
            devices[device, default: [:]][String(name)] = String(value)
        }
        return devices
    }

    /// `vmxnet3` of `ethtool -i ens192`, whose device is the last word of the file's name.
    static func driver(_ text: String, named path: String) -> (device: String, driver: String)? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let plain =
            [".txt", ".out", ".log"].first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
        guard let line = text.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix("driver:") }),
            let device = plain.split(whereSeparator: { "_ ".contains($0) }).last, device != "-i",
            let driver = line.dropFirst("driver:".count).split(separator: " ").first
        else { return nil }
        return (String(device), String(driver))
    }

    /// As `ethtool.json` has them.
    static func document(offloads: [String: [String: String]]) -> [UInt8] {
        let members = offloads.sorted { $0.key < $1.key }.map { device, features in
            JSONMember(
                device,
                .object(features.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) }))
        }
        return JSONValue.object(members).serialized()
    }

    // MARK: ipvsadm

    /// `ipvsadm -Ln` as `ipvsadm -Sn` prints it.
    static func virtualServers(_ text: String) -> [UInt8] {
        var lines: [String] = []
        var service: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard let first = words.first, words.count > 1 else { continue }
            if first == "->" {
                guard let service, words[1].contains(":"), words[1].contains(where: \.isNumber), words.count > 3 else {
                    continue
                }
                lines.append("-a \(service) -r \(words[1]) -m -w \(words[3])")
            } else if first == "TCP" || first == "UDP" || first == "SCTP" {
                let flag = first == "TCP" ? "-t" : first == "UDP" ? "-u" : "--sctp-service"
                service = "\(flag) \(words[1])"
                lines.append("-A \(flag) \(words[1]) -s \(words.count > 2 ? String(words[2]) : "rr")")
            }
        }
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    // MARK: ip -s link

    /// What `ip -s link` counts, in the columns of /proc/net/dev; nil where it counts nothing.
    static func deviceCounters(_ text: String) -> [UInt8]? {
        var lines: [String] = []
        var device = ""
        var received: [Substring] = []
        var direction = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let first = words.first else { continue }
            if line.first?.isNumber ?? false, words.count > 1 {
                device = String(words[1].prefix { $0 != ":" && $0 != "@" })
                direction = ""
            } else if first == "RX:" || first == "TX:" {
                direction = String(first)
            } else if !direction.isEmpty, words.count >= 4, Int64(first) != nil {
                if direction == "RX:" {
                    received = Array(words.prefix(4))
                } else if received.count == 4, !device.isEmpty {
                    // bytes packets errs drop fifo frame compressed multicast, then the same of what was sent.
                    let own =
                        "\(received.joined(separator: " ")) 0 0 0 0 \(words.prefix(4).joined(separator: " ")) 0 0 0 0"
                    lines.append("  \(device): \(own)\n")
                    received = []
                }
                direction = ""
            }
        }
        return lines.isEmpty ? nil : Array((counterHeading + lines.joined()).utf8)
    }

    private static let counterHeading =
        "Inter-|   Receive                                                |  Transmit\n"
        + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"

    // MARK: conntrack

    /// /proc/net/stat/nf_conntrack, a line of names and one of hexadecimal numbers for each processor, as `conntrack -S`
    /// prints it; nil for another text.
    static func conntrack(_ text: String) -> [UInt8]? {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(whereSeparator: \.isWhitespace) }
        guard let names = lines.first, names.contains("insert_failed"), lines.count > 1 else { return nil }
        let rows = lines.dropFirst().enumerated().map { processor, words in
            // The first column is the table's, not the processor's.
            let counters = zip(names, words).dropFirst().compactMap { name, word in
                UInt64(word, radix: 16).map { "\(name)=\($0)" }
            }
            return "cpu=\(processor) " + counters.joined(separator: " ") + "\n"
        }
        return Array(rows.joined().utf8)
    }

    // MARK: nstat, Envoy

    /// `UdpInCsumErrors 90211 0.0` of `nstat`, as /proc/net/snmp has it: a line of names and one of values for each
    /// protocol. Those of the extended groups stand in /proc/net/netstat; nil where there are no others.
    static func protocolCounters(_ text: String) -> [UInt8]? {
        var groups: [(name: String, names: [Substring], values: [Substring])] = ["UdpLite", "Udp", "Tcp", "Icmp", "Ip"]
            .map { ($0, [], []) }
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, Int64(words[1]) != nil, !words[0].contains("Ext"), !words[0].contains("6"),
                let group = groups.firstIndex(where: { words[0].hasPrefix($0.name) })
            else { continue }
            groups[group].names.append(words[0].dropFirst(groups[group].name.count))
            groups[group].values.append(words[1])
        }
        let lines = groups.filter { !$0.names.isEmpty }.map { group in
            "\(group.name): \(group.names.joined(separator: " "))\n\(group.name): \(group.values.joined(separator: " "))\n"
        }
        return lines.isEmpty ? nil : Array(lines.joined().utf8)
    }

    /// What a proxy's `/stats` prints of the clusters it sends to, `cluster.NAME.upstream_rq_total: 12`, as its
    /// `/stats/prometheus` names the same; nil for another text.
    static func proxyStatistics(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("cluster.") || text.contains("\ncluster.") else { return nil }
        var samples: [String] = []
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("cluster.") {
            guard let colon = line.lastIndex(of: ":"), let dot = line[..<colon].lastIndex(of: "."),
                let value = Int64(line[line.index(after: colon)...].drop { $0 == " " })
            else { continue }
            let name = line[..<dot].dropFirst("cluster.".count)
            let counter = line[line.index(after: dot)..<colon]
            guard !name.isEmpty, counter.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { continue }
            samples.append("envoy_cluster_\(counter){cluster_name=\"\(name)\"} \(value)\n")
        }
        return samples.isEmpty ? nil : Array(samples.joined().utf8)
    }

    // MARK: Control groups

    /// The pod of a control group, by the folder that the kubelet names after its uid: `kubepods-podUID.slice` of systemd,
    /// whose underscores are hyphens, or `podUID`.
    static func podOfControlGroup(_ path: String) -> String? {
        for part in path.split(separator: "/") {
            guard let start = part.firstRange(of: "pod", notFollowedBy: "s") else { continue }
            let rest = part[start.upperBound...].prefix { $0 != "." }
            let uid = String(rest.map { $0 == "_" ? "-" : $0 })
            if uid.count >= 32, uid.allSatisfy({ $0.isHexDigit || $0 == "-" }) { return uid }
        }
        return nil
    }

    /// A line of `cgroups.json` out of cpu.stat and cpu.max of one group; nil where it is no pod's or counts no periods.
    static func controlGroup(_ path: String, stat: String, max: String?) -> JSONValue? {
        guard let pod = podOfControlGroup(path) else { return nil }
        var members = [JSONMember("cgroup", .string(path)), JSONMember("pod", .string(pod))]
        for line in stat.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Int64(words[1]) else { continue }
            switch words[0] {
            case "nr_periods", "nr_throttled", "throttled_usec":
                members.append(JSONMember(String(words[0]), .int(value)))
            // The first version of control groups counts nanoseconds.
            case "throttled_time": members.append(JSONMember("throttled_usec", .int(value / 1000)))
            default: continue
            }
        }
        guard members.contains(where: { $0.key == "nr_periods" }) else { return nil }
        let limits = (max ?? "").split(whereSeparator: \.isWhitespace)
        if limits.count == 2, let quota = Int64(limits[0]), let period = Int64(limits[1]) {
            members += [JSONMember("quota_usec", .int(quota)), JSONMember("period_usec", .int(period))]
        }
        return .object(members)
    }
}

extension Substring {
    /// Where `word` stands first without `other` behind it: `pod` of `kubepods-burstable-pod4411`.
    fileprivate func firstRange(of word: String, notFollowedBy other: Character) -> Range<Index>? {
        var rest = self
        while let range = rest.firstRange(of: word) {
            if range.upperBound == endIndex || self[range.upperBound] != other { return range }
            rest = rest[range.upperBound...]
        }
        return nil
    }
}
