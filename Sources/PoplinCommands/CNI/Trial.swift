import CNI
import CNIRuntime
import JSONTree

/// ADD, CHECK and DEL of one attachment.
struct Trial {
    let list: NetworkList
    let parameters: AttachmentParameters
    private(set) var reports: [OperationReport] = []

    init(list: NetworkList, parameters: AttachmentParameters) {
        self.list = list
        self.parameters = parameters
    }

    /// Attempts at a DEL that fails after an interruption: ^C on a terminal reaches the plugin too, and may end it in
    /// the middle.
    private static let deleteAttempts = 3

    /// Runs all three; after an interruption only DEL.
    mutating func run(_ runtime: NetworkRuntime, isInterrupted: () -> Bool) {
        if !isInterrupted() {
            let add = runtime.add(list, parameters)
            reports.append(add)
            if add.succeeded && list.version.hasCheck && !list.disableCheck && !isInterrupted() {
                reports.append(runtime.check(list, parameters))
            }
            // A failed ADD has run DEL of everything itself.
            if !add.succeeded && add.others.contains(where: { $0.command == .delete && $0.succeeded }) { return }
        }
        var delete = runtime.delete(network: list.name, list, parameters, continuesPastErrors: true)
        for _ in 1..<Self.deleteAttempts where !delete.succeeded && isInterrupted() {
            delete = runtime.delete(network: list.name, list, parameters, continuesPastErrors: true)
        }
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
            JSONMember("containerID", .string(parameters.containerID)),
            JSONMember("succeeded", .bool(succeeded)),
            JSONMember("operations", .array(reports.map { ReportView($0).value })),
        ])
    }
}
