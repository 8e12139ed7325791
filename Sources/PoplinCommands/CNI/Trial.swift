import CNI
import CNIRuntime
import Findings
import JSONTree

/// ADD, CHECK and DEL of one attachment.
struct Trial {
    let list: NetworkConfigurationList
    let attachment: RuntimeAttachment
    private(set) var reports: [OperationReport] = []

    init(list: NetworkConfigurationList, attachment: RuntimeAttachment) {
        self.list = list
        self.attachment = attachment
    }

    /// Runs all three; after an interruption only DEL.
    mutating func run(_ runtime: NetworkRuntime, isInterrupted: () -> Bool) {
        if !isInterrupted() {
            let add = runtime.add(list, attachment)
            reports.append(add)
            if add.succeeded && list.cniVersion.hasCheck && !list.disableCheck && !isInterrupted() {
                reports.append(runtime.check(list, attachment))
            }
            // A failed ADD has run DEL of everything itself.
            if !add.succeeded && add.cleanupError == nil { return }
        }
        let delete = runtime.delete(
            network: list.name, configured: list, attachment, continuesPastErrors: true)
        reports.append(delete)
    }

    var succeeded: Bool { reports.allSatisfy(\.succeeded) }

    var findings: [Finding] { reports.flatMap { ReportView($0).findings } }

    /// `ADD, CHECK and DEL`.
    var verbs: String {
        let names = reports.map(\.command.rawValue)
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return "\(names.dropLast().joined(separator: ", ")) and \(last)"
    }

    var value: JSONValue {
        .object([
            JSONMember("network", .string(list.name)),
            JSONMember("containerID", .string(attachment.containerID)),
            JSONMember("succeeded", .bool(succeeded)),
            JSONMember("operations", .array(reports.map { ReportView($0).value })),
        ])
    }
}
