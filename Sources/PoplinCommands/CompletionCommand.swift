import ArgumentParser

struct CompletionCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a completion script for a shell.",
        discussion: """
            Examples:
              source <(poplin completion bash)
              poplin completion zsh > "${fpath[1]}/_poplin"
              poplin completion fish > ~/.config/fish/completions/poplin.fish

            \(CommandStatus.help)
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var kind: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run(on console: Console) throws {
        console.print(CompletionScript(PoplinCommand.completionScript(for: shell.kind), for: shell).text)
    }
}
