import Addressing
import ArgumentParser
import Findings
import IPAMKubernetes
import KubernetesClient
import KubernetesModel

struct IPAMReleaseCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Give back the blocks of a node that is gone.",
        usage: "poplin ipam release --node <name> [--dry-run] [<options>]",
        discussion: """
            Removes the IPAMBlocks of a node that is not in the cluster any more, so that others can claim them. Blocks \
            of a node that is there are its agent's to give back, and are refused. Each block is removed only as it was \
            seen: one that its node wrote to meanwhile stays.

            Examples:
              poplin ipam release --node node-7 --dry-run
              poplin ipam release --node node-7

            \(CommandStatus.help)
            """)

    @Option(help: ArgumentHelp("The node that is gone.", valueName: "name"))
    var node: String

    @Flag(help: "Only say what would be removed.")
    var dryRun = false

    @OptionGroup var cluster: ClusterOptions

    func run(on console: Console) throws {
        let (node, dryRun) = (node, dryRun)
        let outcome = try cluster.run(on: console, component: "ipam") { client async throws(KubernetesFailure) in
            try await Self.release(node, dryRun: dryRun, client)
        }
        if outcome.isThere {
            throw CommandFailure(
                .findings,
                Finding(
                    code: "IPAM", "Node \(node) is in the cluster: its blocks are its agent's",
                    next: "kubectl delete node \(node), if that machine is really gone"))
        }
        console.print(Self.screen(outcome, node: node))
        if outcome.blocks.contains(where: { $0.result == "changed meanwhile, left alone" }) {
            throw CommandFailure(
                .findings,
                Finding(code: "IPAM", "a block was written to while it was looked at: its node may be alive"))
        }
    }

    static func screen(_ outcome: Outcome, node: String) -> String {
        if outcome.blocks.isEmpty { return "Node \(node) has no blocks." }
        return outcome.blocks.map { "\($0.range) \($0.result)" }.joined(separator: "\n")
    }

    struct Outcome: Sendable {
        var isThere = false
        var blocks: [(range: String, result: String)] = []
    }

    private static func release(
        _ node: String, dryRun: Bool, _ client: ClusterClient
    ) async throws(KubernetesFailure) -> Outcome {
        var outcome = Outcome()
        // The blocks first: a node that comes back in between claims new ones or writes to these.
        let blocks = try await client.listIfServed(IPAMBlock.self).filter { $0.node == node }
        if try await client.collection(of: Node.self).find(node) != nil {
            outcome.isThere = true
            return outcome
        }
        for block in blocks.sorted(by: { $0.cidr < $1.cidr }) {
            let range = block.cidr.description
            if dryRun {
                outcome.blocks.append((range, "would be removed"))
                continue
            }
            do throws(KubernetesFailure) {
                try await client.collection(of: IPAMBlock.self).delete(
                    block.metadata.name,
                    DeleteOptions(uid: block.metadata.uid, resourceVersion: block.metadata.resourceVersion))
                outcome.blocks.append((range, "removed"))
            } catch {
                if error.status?.isNotFound == true {
                    outcome.blocks.append((range, "removed"))
                } else if error.status?.isConflict == true {
                    outcome.blocks.append((range, "changed meanwhile, left alone"))
                } else {
                    throw error
                }
            }
        }
        return outcome
    }
}
