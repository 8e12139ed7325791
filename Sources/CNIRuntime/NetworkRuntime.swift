import CNI
import JSONTree
import LinuxHost

/// What a container runtime does with a network: calls its plugins one after the other, hands each the result of the
/// one before, keeps the last result, and calls the plugins again with it to check or undo.
///
/// Where libcni leaves something to its caller, this does it: a failed ADD is followed by DEL of the whole list, a
/// second ADD is refused, the same container is never worked on twice at a time, and GC is alone on its network. Every
/// operation answers a report rather than throwing, because the steps before a failure are what a person wants to see.
public struct NetworkRuntime: Sendable {
    public var executor: PluginExecutor
    public var cache: ResultCache
    /// Where the locks lie; beside the results, so that runtimes which share those share the locks.
    public var lockDirectory: String
    /// How long an operation waits for others that exclude it.
    public var lockPatience = Duration.seconds(60)
    /// Called before each plugin, for showing progress.
    public var willRun: (@Sendable (_ command: CNIRequest.Command, _ type: String) -> Void)?
    /// Whether somebody wants an end: ADD then stops before its next plugin and undoes what it did, and a DEL that a
    /// signal killed (^C on a terminal reaches plugins too) is run again.
    public var isInterrupted: (@Sendable () -> Bool)?

    public init(executor: PluginExecutor, cache: ResultCache = ResultCache(), lockDirectory: String? = nil) {
        self.executor = executor
        self.cache = cache
        self.lockDirectory = lockDirectory ?? "\(cache.directory)/poplin-locks"
    }

    var locks: RuntimeLocks { RuntimeLocks(directory: lockDirectory, patience: lockPatience) }

    /// How often a DEL is run again that a signal killed.
    private static let deleteAttempts = 3

    func run(_ type: String, _ request: CNIRequest, configuration: [UInt8]) -> PluginInvocation {
        willRun?(request.command, type)
        var invocation = executor.run(type, request, configuration: configuration)
        var attempts = 1
        while invocation.wasKilled, request.command == .delete, isInterrupted?() == true,
            attempts < Self.deleteAttempts
        {
            invocation = executor.run(type, request, configuration: configuration)
            attempts += 1
        }
        return invocation
    }
}

// MARK: - ADD

extension NetworkRuntime {
    /// Attaches a container to a network. When a plugin fails, or the result cannot be kept, DEL of the whole list
    /// follows in reverse order, that of the failed plugin and of those behind it too: the specification wants a DEL
    /// after every ADD.
    ///
    /// - Parameter notes: members to keep in the cache file beside libcni's.
    public func add(
        _ list: NetworkConfigurationList, _ attachment: RuntimeAttachment, notes: [JSONMember] = []
    ) -> OperationReport {
        var report = OperationReport(.add, list.name)
        do throws(CNIError) {
            try attachment.validate(for: .add)
            try locks.holding(network: list.name, container: attachment.containerID) { () throws(CNIError) in
                try refuseSecondAdd(list, attachment)
                addHeld(list, attachment, notes, &report)
            }
        } catch {
            report.outcome = .failed(error)
        }
        return report
    }

    /// The specification forbids ADD for what was added already, and the plugins' refusal would be followed by a DEL
    /// that takes the first attachment away.
    private func refuseSecondAdd(
        _ list: NetworkConfigurationList, _ attachment: RuntimeAttachment
    ) throws(CNIError) {
        switch try cache.answer(network: list.name, attachment.attachment) {
        case .nothing, .unreadable:
            return
        case .found(let entry):
            let isUndone = entry.notes.contains { $0.key == Self.undoneNote }
            throw CNIError(
                .alreadyTaken,
                isUndone
                    ? "an ADD of \(attachment.attachment) to \(list.name) failed and could not be undone"
                    : "\(attachment.attachment) is attached to \(list.name) already",
                details: "DEL it first; kept in \(cache.path(network: list.name, attachment.attachment))")
        case .foreign(let entry, let path):
            throw CNIError(
                .alreadyTaken, "\(path) belongs to \(entry.attachment.attachment) of network \(entry.network)",
                details: "the names run together to the same file name: use another container id")
        }
    }

    /// Marks an entry of an ADD that failed and whose clean-up failed too: for the DEL or GC to come.
    private static let undoneNote = "poplinUndone"

    private func addHeld(
        _ list: NetworkConfigurationList, _ attachment: RuntimeAttachment, _ notes: [JSONMember],
        _ report: inout OperationReport
    ) {
        var result: CNIResult?
        var completed = 0
        do throws(CNIError) {
            for entry in list.plugins {
                if isInterrupted?() == true {
                    throw CNIError(.tryAgainLater, "interrupted before plugin \(entry.type)")
                }
                result = try addOne(list, entry, attachment, after: result, &report)
                completed += 1
            }
            try cache.store(entry(of: list, attachment, result, notes))
            report.result = result
        } catch {
            report.outcome = .failed(error)
            // The plugins behind the one that failed have made nothing, so that their failure says nothing.
            let undo = deleteAll(list, attachment, result, haltingBelow: completed, &report)
            report.cleanupError = undo.error
            guard undo.halted, result != nil else { return }
            let mark = JSONMember(Self.undoneNote, .bool(true))
            do throws(CNIError) {
                try cache.store(self.entry(of: list, attachment, result, notes + [mark]))
            } catch {
                report.notes.append("\(error)")
            }
        }
    }

    private func addOne(
        _ list: NetworkConfigurationList, _ entry: NetworkConfigurationList.Entry, _ attachment: RuntimeAttachment,
        after previous: CNIResult?, _ report: inout OperationReport
    ) throws(CNIError) -> CNIResult {
        let configuration = try list.request(
            for: entry, previousResult: previous, capabilityArguments: attachment.capabilityArguments)
        let invocation = run(entry.type, attachment.request(.add), configuration: configuration)
        var result = CNIResult()
        var failure = invocation.failure
        if let root = invocation.result?.root {
            do throws(CNIError) {
                result = try CNIResult(decoding: root, assuming: list.cniVersion)
            } catch {
                failure = error.during("plugin \(entry.type) answered ADD with a result that is none")
            }
        }
        report.steps.append(
            OperationReport.Step(
                invocation, attachment: attachment.attachment, result: failure == nil ? result : nil, error: failure))
        if let failure { throw failure }
        return result
    }

    private func entry(
        of list: NetworkConfigurationList, _ attachment: RuntimeAttachment, _ result: CNIResult?,
        _ notes: [JSONMember]
    ) -> ResultCache.Entry {
        ResultCache.Entry(
            network: list.name, attachment: attachment, configuration: list.keptSource, result: result,
            version: list.cniVersion, notes: notes)
    }
}
