import Findings
import JSONTree

extension ClusterHealth {
    /// One screen, eighty columns.
    func screen(_ paint: Paint) -> String {
        var blocks: [String] = []
        var head = "Poplin on \(server) (Kubernetes \(version))\n"
        for component in components {
            head += "\n" + line(component.name, component.state.rawValue, component.state, component.text, paint)
        }
        head += "\n" + addressLine(paint) + "\n" + podLine(paint)
        blocks.append(head)
        if !nodes.isEmpty { blocks.append(paint.bold("Nodes") + "\n" + nodeTable.rendered(paint)) }
        if !pools.isEmpty { blocks.append(paint.bold("Addresses") + "\n" + poolTable.rendered(paint)) }
        if !tracked.isEmpty { blocks.append(paint.bold("Connections between pods are tracked") + "\n" + list(tracked)) }
        if !errors.isEmpty { blocks.append(paint.red("Errors") + "\n" + list(errors)) }
        if !warnings.isEmpty { blocks.append(paint.yellow("Warnings") + "\n" + list(warnings)) }
        let verdict =
            isUndetermined
            ? paint.yellow("cannot say: too little could be looked at")
            : errors.isEmpty
                ? paint.green("healthy")
                : paint.red(errors.count == 1 ? "1 error" : "\(errors.count) errors")
        let more = warnings.isEmpty ? "" : warnings.count == 1 ? ", 1 warning" : ", \(warnings.count) warnings"
        return blocks.joined(separator: "\n\n") + "\n\n" + verdict + more
    }

    private func addressLine(_ paint: Paint) -> String {
        let needed = ["configmaps", "pods"] + (addressMode == "kubernetes" ? ["nodes"] : ["ippools.poplin.dev"])
        guard needed.allSatisfy(isKnown) else { return line("IPAM", "unknown", .unknown, "", paint) }
        let used = pools.map(\.used).reduce(0, +)
        let text = "mode \(addressMode), \(used) \(used == 1 ? "address" : "addresses") in use"
        return line("IPAM", "OK", .ok, text, paint)
    }

    private func podLine(_ paint: Paint) -> String {
        guard ["pods", "nodes"].allSatisfy(isKnown) else { return line("Pods", "unknown", .unknown, "", paint) }
        let isCovered = managedPods == allPods
        let host = hostPods > 0 ? " (\(hostPods) more on the host network)" : ""
        return line(
            "Pods", isCovered ? "OK" : "partly", isCovered ? .ok : .trouble,
            "\(managedPods)/\(allPods) managed by Poplin\(host)", paint)
    }

    private func line(
        _ name: String, _ word: String, _ state: Component.State, _ text: String, _ paint: Paint
    ) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        let padding = text.isEmpty ? word : padded(word, 14)
        let painted =
            switch state {
            case .ok: paint.green(padding)
            case .unknown: paint.yellow(padding)
            case .trouble, .absent: paint.red(padding)
            }
        return "  \(padded(name, 8))\(painted)\(text)"
    }

    private var nodeTable: TextTable {
        var table = TextTable(["NAME", "READY", "NETWORK", "BACKEND", "ADDRESS", "PODS"], indent: 2)
        for node in nodes {
            let network: TextTable.Cell =
                switch node.hasNetwork {
                case true?: .init("up", .good)
                case false?: .init("down", .bad)
                case nil: .init("no agent", .bad)
                }
            table.add(
                .init(node.name), node.isReady ? .init("yes", .good) : .init("no", .bad), network, .init(node.backend),
                .init(node.addresses.first ?? "none"), "\(node.managed)/\(node.pods)")
        }
        return table
    }

    private var poolTable: TextTable {
        let isPool = pools.contains { $0.blocks != nil }
        var table = TextTable([isPool ? "POOL" : "NODE", "RANGES", "IN USE", "BLOCKS"], indent: 2)
        for pool in pools {
            let use =
                pool.size.map { "\(pool.used) of \($0) (\($0 == 0 ? 0 : pool.used * 100 / $0) %)" } ?? "\(pool.used)"
            table.add(
                .init(pool.name), .init(pool.ranges.joined(separator: ", ")), .init(use),
                .init(pool.blocks.map(String.init) ?? ""))
        }
        return table
    }

    /// The object first, then what is wrong, folded at eighty columns.
    private func list(_ problems: [Problem]) -> String {
        problems.map { problem in
            let text = problem.object.isEmpty ? problem.message : "\(problem.object): \(problem.message)"
            return Self.folded(text, indent: 2, width: 80)
        }.joined(separator: "\n")
    }

    static func folded(_ text: String, indent: Int, width: Int) -> String {
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: { $0 == " " || $0.isNewline }) {
            let margin = lines.isEmpty ? indent : indent + 2
            if !line.isEmpty, margin + line.count + 1 + word.count > width {
                lines.append(String(repeating: " ", count: margin) + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        if !line.isEmpty {
            lines.append(String(repeating: " ", count: lines.isEmpty ? indent : indent + 2) + line)
        }
        return lines.joined(separator: "\n")
    }

    /// The same for programs.
    var value: JSONValue {
        func list(_ problems: [Problem]) -> JSONValue {
            .array(problems.map { ["object": .string($0.object), "message": .string($0.message)] })
        }
        func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
        return [
            "apiVersion": "poplin.dev/v1alpha1", "kind": "ClusterStatus",
            "healthy": isUndetermined ? .null : .bool(isHealthy),
            "server": ["address": .string(server), "version": .string(version)],
            "components": .array(
                components.map {
                    ["name": .string($0.name), "state": .string($0.state.rawValue), "text": .string($0.text)]
                }),
            "pods": [
                "managed": .int(Int64(managedPods)), "total": .int(Int64(allPods)),
                "hostNetwork": .int(Int64(hostPods)),
            ],
            "nodes": .array(
                nodes.map { node in
                    [
                        "name": .string(node.name), "ready": .bool(node.isReady),
                        "network": node.hasNetwork.map { .bool($0) } ?? .null, "backend": .string(node.backend),
                        "addresses": texts(node.addresses), "podCIDRs": texts(node.ranges),
                        "podConnections": node.connections.map { .string($0) } ?? .null,
                        "pods": ["managed": .int(Int64(node.managed)), "total": .int(Int64(node.pods))],
                    ]
                }),
            "ipam": [
                "mode": .string(addressMode),
                "pools": .array(
                    pools.map { pool in
                        [
                            "name": .string(pool.name), "ranges": texts(pool.ranges), "used": .int(Int64(pool.used)),
                            "size": pool.size.map { .int(Int64($0)) } ?? .null,
                            "blocks": pool.blocks.map { .int(Int64($0)) } ?? .null,
                        ]
                    }),
            ], "errors": list(errors), "warnings": list(warnings),
            "unknown": .array(
                unknown.map { ["resource": .string($0.resource), "reason": .string($0.reason)] }),
        ]
    }
}
