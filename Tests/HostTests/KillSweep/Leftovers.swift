import Foundation

/// What there is on a node, one line for each thing, made to be subtracted: what stands in one and not in another was
/// made in between. Read by `ip`, `tc`, `nft` and a walk over the files, and not by anything of ours.
struct Leftovers: Sendable, Equatable, CustomStringConvertible {
    var lines: Set<String> = []

    var description: String { lines.sorted().joined(separator: "\n") }
    var isEmpty: Bool { lines.isEmpty }

    func subtracting(_ other: Leftovers) -> Leftovers { Leftovers(lines: lines.subtracting(other.lines)) }
    func union(_ other: Leftovers) -> Leftovers { Leftovers(lines: lines.union(other.lines)) }

    /// Without what plugins leave on purpose, and which says nothing about a pod: directories, locks, the index of
    /// reservations, and in nf_tables the table with its empty maps and the rules that look into them.
    var withoutSkeleton: Leftovers {
        Leftovers(lines: lines.filter { !Leftovers.isSkeleton($0) })
    }

    /// The addresses, ports and names that sweeps and bad input give to pods.
    private static let podMarks = ["10.88.0.", "fd00:88::", "8080", "5353", "sweep-", "sweptpod", "badpod", "\"bad"]

    private static func isSkeleton(_ line: String) -> Bool {
        if line.hasPrefix("directory ") { return true }
        if line.hasPrefix("file ") {
            let name = line.split(separator: "/").last ?? ""
            return line.contains("/.poplin/") || name == "lock" || name.hasPrefix("last_reserved_ip")
        }
        if line.hasPrefix("nft table ") || line.hasPrefix("nft map ") || line.hasPrefix("nft set ") { return true }
        // Empty maps and the rules that look into them, for as long as they name no pod.
        if line.hasPrefix("nft chain ") || line.hasPrefix("nft rule ") {
            return !podMarks.contains { line.contains($0) }
        }
        return false
    }

    /// - Parameter network: files outside of the node's directory count when this name is in their path.
    /// - Parameter containers: what every container's identifier begins with; a file that mentions one is told.
    static func read(_ node: TestNode, network: String, containers: String) throws -> Leftovers {
        var found = Leftovers()
        try node.namespace.inside {
            try found.readLinks()
            try found.readNetfilter()
        }
        found.readFiles(under: node.directory, network: nil, containers: containers)
        for path in ["/var/lib/poplin", "/run/poplin", "/var/lib/cni", "/run/cni"] {
            found.readFiles(under: path, network: network, containers: containers)
        }
        return found
    }

    /// What is left in a pod whose interface was taken away.
    static func readPod(_ pod: TestNamespace) throws -> Leftovers {
        var found = Leftovers()
        try pod.inside { try found.readLinks() }
        found.lines = Set(found.lines.filter { !$0.hasPrefix("rule ") }.map { "pod: \($0)" })
        return found
    }

    // MARK: Witnesses

    private static func run(_ arguments: [String], stdin: String = "") throws -> [JSON] {
        let output = try Command.check(arguments, stdin: stdin)
        // A batch prints one document for each command.
        return try output.stdout.split(separator: "\n").joined(separator: "\n").jsonDocuments()
    }

    private mutating func readLinks() throws {
        let v4 = try Leftovers.run(
            ["ip", "-j", "-d", "-batch", "-"],
            stdin: "addr show\nroute show table all\nrule show\nneigh show nud permanent\n")
        let v6 = try Leftovers.run(["ip", "-6", "-j", "-batch", "-"], stdin: "route show table all\nrule show\n")
        for document in v4 + v6 {
            for entry in document.elements { add(entry) }
        }
        for entry in try Leftovers.run(["tc", "-j", "qdisc", "show"]).flatMap(\.elements) {
            let kind = entry["kind"]?.string ?? "?"
            if kind != "noqueue", kind != "pfifo_fast", kind != "fq_codel", kind != "mq" {
                lines.insert("qdisc \(kind) on \(entry["dev"]?.string ?? "?")")
            }
        }
    }

    /// An entry of `ip -j`: which list it is from shows in its fields.
    private mutating func add(_ entry: JSON) {
        func text(_ key: String) -> String? {
            switch entry[key] {
            case .string(let value): "\(key) \(value)"
            case .int(let value): "\(key) \(value)"
            default: nil
            }
        }
        if let name = entry["ifname"]?.string {
            guard name != "lo" else { return }
            let kind = entry["linkinfo"]?["info_kind"]?.string ?? "?"
            lines.insert("link \(name) \(kind) \(text("master") ?? "")")
            for address in entry["addr_info"]?.elements ?? [] {
                let local = address["local"]?.string ?? "?"
                if local.hasPrefix("fe80:") { continue }
                lines.insert("address \(local)/\(address["prefixlen"]?.int ?? 0) on \(name)")
            }
        } else if entry["lladdr"] != nil || entry["state"] != nil {
            lines.insert("neighbour " + ["dst", "dev", "lladdr"].compactMap(text).joined(separator: " "))
        } else if entry["srclen"] != nil || entry["src"] != nil, entry["table"] != nil, entry["priority"] != nil {
            lines.insert(
                "rule "
                    + ["priority", "src", "srclen", "dst", "fwmark", "iif", "table"].compactMap(text).joined(
                        separator: " "))
        } else if entry["dst"] != nil {
            let destination = entry["dst"]?.string ?? ""
            // The kernel's own, which come and go with addresses and carriers.
            if entry["table"] == "local" || destination.hasPrefix("fe80:") || destination.hasPrefix("ff00:") { return }
            if entry["type"] == "multicast" || entry["type"] == "anycast" { return }
            lines.insert(
                "route "
                    + ["dst", "dev", "gateway", "table", "type", "prefsrc"].compactMap(text).joined(separator: " "))
        }
    }

    private mutating func readNetfilter() throws {
        let output = try Command.check(["nft", "-j", "list", "ruleset"])
        for object in try JSON(parsing: output.stdout)["nftables"]?.elements ?? [] {
            guard let (kind, value) = object.members.first, kind != "metainfo" else { continue }
            let place = ["family", "table", "chain", "name"].compactMap { value[$0]?.string }.joined(separator: " ")
            for element in value["elem"]?.elements ?? [] {
                lines.insert("nft element \(place): \(element.withoutCounters.text)")
            }
            lines.insert("nft \(kind) \(place) " + value.removing(["elem", "handle", "index"]).withoutCounters.text)
        }
    }

    private mutating func readFiles(under root: String, network: String?, containers: String) {
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        for name in names {
            let path = "\(root)/\(name)"
            if let network, !name.contains(network) { continue }
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { continue }
            lines.insert("\(isDirectory.boolValue ? "directory" : "file") \(path)")
            if !isDirectory.boolValue, let data = FileManager.default.contents(atPath: path),
                data.range(of: Data(containers.utf8)) != nil
            {
                lines.insert("\(path) mentions a container: \(String(decoding: data.prefix(200), as: UTF8.self))")
            }
        }
    }
}

extension JSON {
    /// Without what counts packets, at any depth.
    fileprivate var withoutCounters: JSON {
        switch self {
        case .object(let members):
            .object(
                members.filter { !["packets", "bytes", "handle", "expires"].contains($0.key) }.mapValues(
                    \.withoutCounters))
        case .array(let elements): .array(elements.map(\.withoutCounters))
        default: self
        }
    }
}

extension String {
    /// Several JSON arrays one after the other, as `ip -j -batch` prints them.
    fileprivate func jsonDocuments() throws -> [JSON] {
        var documents: [JSON] = []
        var depth = 0
        var isInString = false
        var isEscaped = false
        var current: [UInt8] = []
        for byte in utf8 {
            current.append(byte)
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 {
                    documents.append(try JSON(parsing: String(decoding: current, as: UTF8.self)))
                    current = []
                }
            default: break
            }
        }
        return documents
    }
}
