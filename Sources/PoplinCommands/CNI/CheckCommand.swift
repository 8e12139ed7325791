import ArgumentParser
import CNI
import CNIRuntime

struct CheckCommand: OutputCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check that an attachment is as ADD made it (CHECK).",
        usage: "poplin cni check <network> [<namespace>] [<options>]",
        discussion: """
            Examples:
              poplin cni check pods blue
              poplin cni check pods --container-id web-0 --ifname net1 -o json

            \(CommandStatus.help)
            """)

    @OptionGroup var attachment: AttachmentOptions
    @OptionGroup var options: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func run(on console: Console) throws {
        let list = try options.network(attachment.network, console)
        let runtime = options.runtime(console)
        let wanted = try attachment.existing(console)
        let report = runtime.check(list, wanted)
        console.endProgress()
        try output.show(ReportView(report), console)
    }
}
