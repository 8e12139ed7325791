import ArgumentParser

struct CNICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cni", abstract: "Do with a CNI network what a container runtime does.",
        discussion: """
            Examples:
              poplin cni list
              poplin cni try pods
              poplin cni add pods blue --make-netns   an interface in a new namespace blue
              ip netns exec blue ip address
              poplin cni check pods blue
              poplin cni del pods blue                and the namespace goes too

            Networks are the *.conflist, *.conf and *.json files of NETCONFPATH (/etc/cni/net.d), \
            plugins the programs of CNI_PATH (/opt/cni/bin and /usr/lib/cni).

            \(CommandStatus.help)
            """,
        subcommands: [
            AddCommand.self, CheckCommand.self, DeleteCommand.self, CollectGarbageCommand.self, StatusCommand.self,
            PluginVersionsCommand.self, ListCommand.self, ValidateCommand.self, TryCommand.self,
        ])
}
