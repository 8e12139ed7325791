import ArgumentParser

/// `poplin apiserver`: serves by itself; what else is done with a server's directory has a word of its own.
struct APIServerGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apiserver", abstract: "Run the embedded Kubernetes API server.",
        discussion: """
            Examples:
              poplin apiserver --dir ./cluster               run it until SIGTERM
              poplin apiserver import ./manifests --dir ./cluster
              poplin help apiserver serve                    every option of running it

            \(CommandStatus.help)
            """,
        subcommands: [APIServerCommand.self, ImportCommand.self], defaultSubcommand: APIServerCommand.self)
}
