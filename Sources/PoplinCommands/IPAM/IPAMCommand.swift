import ArgumentParser
import IPAMKubernetes
import KubernetesClient
import KubernetesModel

/// `poplin ipam`: the cluster's pod addresses.
struct IPAMCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ipam", abstract: "Pod addresses: what is given out, what is left, what does not fit together.",
        discussion: """
            Examples:
              poplin ipam show --show-blocks
              poplin ipam check --show-problem-ips
              poplin ipam release --node node-7

            \(CommandStatus.help)
            """,
        subcommands: [IPAMShowCommand.self, IPAMCheckCommand.self, IPAMReleaseCommand.self])
}

extension ClusterOptions {
    /// Everything that says something about addresses.
    func addressAudit(_ console: Console) throws(CommandFailure) -> AddressAudit {
        try run(on: console, component: "ipam") { client async throws(KubernetesFailure) in
            let pools = try await client.poolsIfServed()
            return AddressAudit(
                pools: pools.pools, complaints: pools.complaints(),
                blocks: try await client.listIfServed(IPAMBlock.self), nodes: try await client.list(Node.self).objects,
                pods: try await client.list(Pod.self).objects)
        }
    }
}

extension ClusterClient {
    /// The pools; none when the server has no such kind.
    func poolsIfServed() async throws(KubernetesFailure) -> PoolReading {
        do throws(KubernetesFailure) {
            return try await pools()
        } catch {
            if error.status?.isNotFound == true { return PoolReading([]) }
            throw error
        }
    }

    /// The objects of a kind; none when the server has no such kind, as where the cluster does without pools.
    func listIfServed<Kind: KubernetesKind>(_ kind: Kind.Type) async throws(KubernetesFailure) -> [Kind] {
        do throws(KubernetesFailure) {
            return try await list(kind).objects
        } catch {
            if error.status?.isNotFound == true { return [] }
            throw error
        }
    }
}
