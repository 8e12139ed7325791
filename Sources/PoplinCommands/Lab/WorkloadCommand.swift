import ArgumentParser
import Diagnosis
import Workloads

/// `poplin lab workload`: what pods of a lab run in place of images.
struct WorkloadCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "workload",
        abstract: "Run what pods run in place of images.",
        usage: "poplin lab workload <kind> [<options>]",
        discussion: """
            \(Workload.usage)

            Examples:
              poplin lab workload http --port 8080
              poplin lab workload client udp://10.244.1.5:7 --interval 1ms --duration 10s

            Exit status of a client: 0 when nothing was lost, else 1. Of the others:
            \(CommandStatus.help)
            """)

    @Argument(parsing: .captureForPassthrough, help: "The kind and its options.")
    var words: [String] = []

    func run(on console: Console) throws {
        if words == ["--help"] || words == ["-h"] {
            console.print(Self.helpMessage(columns: ScreenStyle.columns))
            return
        }
        let workload: Workload
        do throws(Workload.Mistake) {
            workload = try Workload(parsing: words)
        } catch {
            throw CommandFailure.usage(error.description)
        }
        workload.runAndExit()
    }
}
