import ArgumentParser

/// `poplin policy`: what policies allow, why, and what is wrong with them.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "What policies of every dialect allow, why, and what is wrong with them.",
        discussion: """
            NetworkPolicy, AdminNetworkPolicy, ClusterNetworkPolicy, Cilium's and Calico's policies, from \
            manifests, dumps or a live cluster. One engine answers every command.

            Examples:
              poplin policy explain -f manifests shop/web pay/db:5432    why is it refused?
              poplin policy verdict -f manifests --flows flows.jsonl     judge flows
              poplin policy lint -f manifests                            mistakes, by line
              poplin policy diff main:manifests manifests                what changes
              poplin policy suggest -f cluster.yaml --flows seen.jsonl   what was seen
              poplin policy graph -f manifests -o mermaid                who reaches whom

            \(CommandStatus.help)
            """,
        subcommands: [
            PolicyVerdictCommand.self, PolicyExplainCommand.self, PolicyLintCommand.self, PolicyDiffCommand.self,
            PolicySuggestCommand.self,
            PolicyGraphCommand.self,
        ])
}
