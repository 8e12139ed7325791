import JSONTree

/// What is otherwise than in evidence that was collected when all was well: kernels, agents' images, links, sysctls.
public struct BaselineChanges: Sendable {
    /// `node-7: kernel 6.1.0-12 is now 6.1.0-13`, in the order of the machines.
    public let lines: [String]

    /// - Parameter facts: with the earlier evidence under `baseline/`; without it nothing changed.
    public init(_ facts: FactBase) {
        let earlier = facts.evidence.documents(under: "baseline/")
        if earlier.isEmpty {
            lines = []
            return
        }
        var tree = EvidenceTree()
        for (path, document) in earlier { tree.add(document, at: path) }
        let before = FactBase(reading: tree)
        lines = Self.objects(before, facts) + Self.machines(before, facts)
    }

    private static func objects(_ before: FactBase, _ now: FactBase) -> [String] {
        var lines: [String] = []
        func compare(_ resource: String, _ value: (APIObject) -> [String: String]) {
            let old = Dictionary(
                before.objects(resource).map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
            for object in now.objects(resource) {
                guard let known = old[object.place] else { continue }
                lines += differences(value(known), value(object), of: object.place)
            }
        }
        compare("nodes") { node in
            var values: [String: String] = [:]
            for field in ["kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion"] {
                values[field] = node.text("status", "nodeInfo", field)
            }
            values["podCIDR"] = node.text("spec", "podCIDR")
            return values
        }
        compare("daemonsets.apps") { set in
            var images: [String: String] = [:]
            for container in set.list("spec", "template", "spec", "containers") {
                images["image of \(container.member("name")?.string ?? "")"] = container.member("image")?.string
            }
            return images
        }
        return lines
    }

    private static func machines(_ before: FactBase, _ now: FactBase) -> [String] {
        now.machines.flatMap { machine -> [String] in
            guard let known = before.machines.first(where: { $0.name == machine.name }) else { return [] }
            return differences(links(known), links(machine), of: machine.name)
                + differences(sysctls(known), sysctls(machine), of: machine.name)
        }
    }

    /// MAC address and MTU by the link's name. Those of single pods come and go.
    private static func links(_ machine: NodeEvidence) -> [String: String] {
        var values: [String: String] = [:]
        for link in machine.json(.links)?.elements.map({ $0 }) ?? [] {
            guard let name = link.member("ifname")?.string, link.at("linkinfo", "info_kind")?.string != "veth" else {
                continue
            }
            values["MAC of \(name)"] = link.member("address")?.string
            values["MTU of \(name)"] = link.member("mtu")?.numberText
        }
        return values
    }

    /// Counters and what the kernel sets by itself are no settings.
    private static func sysctls(_ machine: NodeEvidence) -> [String: String] {
        var values: [String: String] = [:]
        for line in (machine.text(.sysctls) ?? "").split(separator: "\n") where line.hasPrefix("net.") {
            let parts = line.split(separator: "=", maxSplits: 1)
            let key = parts[0].filter { $0 != " " }
            if parts.count == 2, !key.hasSuffix("_count"), !key.contains(".neigh."), !key.contains(".conf.veth"),
                !key.contains(".conf.cali"), !key.contains(".conf.lxc")
            {
                values[key] = parts[1].split(separator: " ").joined(separator: " ")
            }
        }
        return values
    }

    private static func differences(_ old: [String: String], _ new: [String: String], of place: String) -> [String] {
        old.keys.sorted().compactMap { key in
            guard let was = old[key], let value = new[key], was != value else { return nil }
            return "\(place): \(key) was \(was), is now \(value)"
        }
    }
}
