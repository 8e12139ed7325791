import Addressing
import ArgumentParser
import IPAMKubernetes
import JSONTree
import KubernetesModel

struct IPAMShowCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Pools (or nodes' ranges) and how full they are.",
        usage: "poplin ipam show [--show-blocks] [<options>]",
        discussion: """
            With pools (ipam.mode cluster-pool) each pool and, with --show-blocks, the blocks nodes have of it; without \
            pools each node's own ranges. Addresses that rest after their release count as used: nobody can have them \
            yet.

            Examples:
              poplin ipam show
              poplin ipam show --show-blocks -o json

            \(CommandStatus.help)
            """)

    @Flag(help: "A line for each block beneath its pool.")
    var showBlocks = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let audit = try cluster.addressAudit(console)
        if output.format == .table {
            console.print(Self.table(audit, showBlocks: showBlocks))
            for line in audit.forecast { console.print("note: \(line)") }
        } else {
            console.print(try output.format.text(["groups": .array(audit.groups.map(Self.value))]))
        }
    }

    static func table(_ audit: AddressAudit, showBlocks: Bool) -> String {
        var table = BorderedTable(
            ["GROUPING", "CIDR", "IPS TOTAL", "IPS IN USE", "IPS RESTING", "IPS RESERVED", "IPS FREE", "NODE"],
            rightAligned: [2, 3, 4, 5, 6])
        for group in audit.groups {
            let isPool = group.freeBlocks != nil
            table.add([
                isPool ? "IP Pool \(group.name)" : "Node range",
                group.cidrs.map(\.description).joined(separator: " "), "\(group.total)",
                share(UInt128(group.inUse), group.total), "\(group.resting)", "\(group.reserved)",
                share(group.free, group.total), isPool ? "" : group.name,
            ])
            guard showBlocks else { continue }
            for block in group.blocks {
                let used = UInt128(block.inUse + block.resting)
                table.add([
                    "  Block", block.cidr.description, "\(block.total)", share(UInt128(block.inUse), block.total),
                    "\(block.resting)", "", share(block.total > used ? block.total - used : 0, block.total), block.node,
                ])
            }
        }
        return table.rendered
    }

    private static func share(_ part: UInt128, _ whole: UInt128) -> String {
        // Of a /64 even the percentage of all pods is nothing.
        whole == 0 ? "\(part)" : "\(part) (\((part * 100 + whole / 2) / whole)%)"
    }

    private static func value(_ group: AddressAudit.Group) -> JSONValue {
        func count(_ number: UInt128) -> JSONValue {
            Int64(exactly: number).map { .int($0) } ?? .number("\(number)")
        }
        return [
            "name": .string(group.name), "kind": group.freeBlocks == nil ? "Node" : "IPPool",
            "cidrs": .array(group.cidrs.map { .string($0.description) }), "total": count(group.total),
            "inUse": .int(Int64(group.inUse)), "resting": .int(Int64(group.resting)),
            "reserved": count(group.reserved), "free": count(group.free),
            "freeBlocks": group.freeBlocks.map { .uint($0) } ?? .null,
            "blocks": .array(
                group.blocks.map { block in
                    [
                        "cidr": .string(block.cidr.description), "node": .string(block.node),
                        "total": count(block.total), "inUse": .int(Int64(block.inUse)),
                        "resting": .int(Int64(block.resting)),
                        "observedAt": block.observedAt.map { .string($0.description) } ?? .null,
                    ]
                }),
        ]
    }
}
