import ArgumentParser
import Findings
import Foundation
import IPAMKubernetes
import JSONTree

struct IPAMCheckCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Look for leaked and duplicate addresses, and for blocks nobody answers for.",
        usage: "poplin ipam check [--show-problem-ips] [<options>]",
        discussion: """
            Compares pods, blocks, pools and nodes: an address given out that no pod has, an address two pods have, a \
            pod's address that no block knows of, a block of a node that is gone, a block outside of its pool. Agents \
            write into their blocks every few seconds: what the next of these mends is looked at again and not told.

            Examples:
              poplin ipam check
              poplin ipam check --show-problem-ips
              poplin ipam check -o json

            \(CommandStatus.help)
            """)

    @Flag(name: .customLong("show-problem-ips"), help: "A line for each problem, and what to do about it.")
    var showProblemIPs = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let audit = try settled(on: console)
        if output.format == .table {
            console.print(Self.summary(audit))
        } else {
            console.print(try output.format.text(Self.value(audit)))
        }
        if audit.problems.isEmpty { return }
        let findings = audit.problems.map { problem in
            Finding(code: "IPAM-\(problem.kind.rawValue)", problem.message, next: problem.next)
        }
        if showProblemIPs || output.format != .table { throw CommandFailure(.findings, findings) }
        throw CommandFailure(
            .findings,
            Finding(
                code: "IPAM", "\(counted(audit.problems.count, "problem")) with addresses",
                next: "poplin ipam check --show-problem-ips"))
    }

    /// Looks again while something may only be on its way into a block.
    private func settled(on console: Console) throws(CommandFailure) -> AddressAudit {
        let deadline = ContinuousClock.now + .seconds(Self.patience)
        var audit = try cluster.addressAudit(console)
        while audit.problems.contains(where: \.mayPass), ContinuousClock.now < deadline {
            console.progress("looking again: \(counted(audit.problems.count, "address", "addresses")) on the way")
            Thread.sleep(forTimeInterval: 1)
            audit = try cluster.addressAudit(console)
        }
        console.endProgress()
        return audit
    }

    /// Seconds: half as long again as between two writes of an agent.
    private static let patience = 15

    static func summary(_ audit: AddressAudit) -> String {
        let counts = audit.counts
        var lines = [
            "Looked at \(counted(counts.pools, "pool")), \(counted(counts.blocks, "block")), "
                + "\(counted(counts.nodes, "node")) and \(counted(counts.pods, "pod")) with addresses of their own."
        ]
        for kind in AddressAudit.Problem.Kind.allCases {
            let count = audit.problems.filter { $0.kind == kind }.count
            lines.append("  \(title(kind)): \(count)")
        }
        lines += audit.forecast.map { "note: \($0)" }
        lines.append(
            audit.problems.isEmpty ? "No problems found." : "\(counted(audit.problems.count, "problem")) found.")
        return lines.joined(separator: "\n")
    }

    private static func title(_ kind: AddressAudit.Problem.Kind) -> String {
        switch kind {
        case .leaked: "addresses given out that no pod has"
        case .duplicate: "addresses that two pods have"
        case .unrecorded: "addresses of pods that no block knows of"
        case .orphan: "blocks of nodes that are not in the cluster"
        case .misplaced: "blocks outside of their pool or over another block"
        case .pool: "things wrong with pools themselves"
        }
    }

    private static func value(_ audit: AddressAudit) -> JSONValue {
        [
            "pools": .int(Int64(audit.counts.pools)), "blocks": .int(Int64(audit.counts.blocks)),
            "nodes": .int(Int64(audit.counts.nodes)), "pods": .int(Int64(audit.counts.pods)),
            "problems": .array(
                audit.problems.map { problem in
                    [
                        "kind": .string(problem.kind.rawValue), "subject": .string(problem.subject),
                        "message": .string(problem.message), "next": problem.next.map { .string($0) } ?? .null,
                    ]
                }), "forecast": .array(audit.forecast.map { .string($0) }),
        ]
    }
}
