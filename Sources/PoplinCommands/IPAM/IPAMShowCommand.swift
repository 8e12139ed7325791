import Addressing
import ArgumentParser
import Diagnosis
import IPAMKubernetes
import JSONTree
import KubernetesModel

struct IPAMShowCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Pools (or nodes' ranges) and how full they are.",
        usage: "poplin ipam show [--show-blocks] [<options>]",
        discussion: """
            With pools (ipam.mode cluster-pool) each pool and, with --show-blocks, the blocks nodes have of it; without \
            pools each node's own ranges. HELD are addresses that nobody can have although no pod has them: at rest after \
            their release, or reserved; -o json tells the two apart.

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
        if output.format == .table, audit.groups.isEmpty {
            console.print("there is no pool, and no node has a range")
        } else if output.format == .table {
            let columns = console.isOutputTerminal ? ScreenStyle.columns : nil
            console.print(Self.table(audit, showBlocks: showBlocks, columns: columns))
            for line in audit.forecast { console.print("note: \(line)") }
        } else {
            console.print(try output.format.text(["groups": .array(audit.groups.map(Self.value))]))
        }
    }

    /// - Parameter columns: of the terminal that shows it; nil where nobody watches.
    static func table(_ audit: AddressAudit, showBlocks: Bool, columns: Int? = nil) -> String {
        var table = BorderedTable(
            ["GROUPING", "CIDR", "TOTAL", "IN USE", "HELD", "FREE"], rightAligned: [2, 3, 4, 5])
        for group in audit.groups {
            let title = (group.isPool ? "Pool " : "Node ") + group.name
            if group.ranges.isEmpty { table.add([title, "none", "0", "0", "0", "0"]) }
            for range in group.ranges {
                table.add([
                    title, range.cidr.description, count(range.total), share(UInt128(range.inUse), range.total),
                    count(UInt128(range.resting) + range.reserved), count(range.free),
                ])
                guard showBlocks else { continue }
                for block in range.blocks {
                    let used = UInt128(block.inUse + block.resting)
                    table.add([
                        "  \(block.node)", block.cidr.description, count(block.total),
                        share(UInt128(block.inUse), block.total), "\(block.resting)",
                        count(block.total > used ? block.total - used : 0),
                    ])
                }
            }
        }
        return table.rendered(columns: columns)
    }

    /// A number that a person can read: beyond 2^32 three digits and the power of ten, as calicoctl shows it.
    private static func count(_ number: UInt128) -> String {
        guard number > UInt128(UInt32.max) else { return "\(number)" }
        var (mantissa, exponent) = (number, 2)
        while mantissa >= 10_000 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        // Four digits rounded to three.
        mantissa = (mantissa + 5) / 10
        exponent += mantissa == 1_000 ? 2 : 1
        let digits = "\(mantissa)"
        return "\(digits.prefix(1)).\(digits.dropFirst().prefix(2))e+\(exponent)"
    }

    private static func share(_ part: UInt128, _ whole: UInt128) -> String {
        // Of a /64 even the percentage of all pods is nothing.
        whole == 0 ? count(part) : "\(count(part)) (\((part * 100 + whole / 2) / whole)%)"
    }

    private static func value(_ group: AddressAudit.Group) -> JSONValue {
        [
            "name": .string(group.name), "kind": group.isPool ? "IPPool" : "Node",
            "ranges": .array(group.ranges.map(value)),
        ]
    }

    private static func value(_ range: AddressAudit.RangeLine) -> JSONValue {
        func count(_ number: UInt128) -> JSONValue {
            Int64(exactly: number).map { .int($0) } ?? .number("\(number)")
        }
        return [
            "cidr": .string(range.cidr.description), "total": count(range.total), "inUse": .int(Int64(range.inUse)),
            "resting": .int(Int64(range.resting)), "reserved": count(range.reserved), "free": count(range.free),
            "freeBlocks": range.freeBlocks.map { .uint($0) } ?? .null,
            "blocks": .array(
                range.blocks.map { block in
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
