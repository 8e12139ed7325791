import CNI
import JSONTree

/// What became of one operation on a network: every plugin that was called, how long it took, and how it ended.
public struct OperationReport: Sendable {
    public enum Outcome: Sendable {
        case succeeded
        /// There was nothing to do, and why.
        case skipped(String)
        /// A plugin, or the runtime on its behalf, failed.
        case failed(CNIError)
        /// Nobody knows: what the operation needs could not be read.
        case undetermined(CNIError)
    }

    public var command: CNIRequest.Command
    public var network: String
    public var version: CNIVersion
    /// The attachment it was about; nil for GC, STATUS and VERSION.
    public var parameters: AttachmentParameters?
    /// In the order of execution.
    public var steps: [PluginInvocation] = []
    public var outcome = Outcome.succeeded
    /// The result of ADD.
    public var result: JSONValue?
    /// What was done besides: the DEL after a failed ADD, the DELs of a GC.
    public var others: [OperationReport] = []
    /// What a person should know, and that did not change the outcome.
    public var remarks: [String] = []
    /// Wall time of the whole.
    public var duration = Duration.zero

    init(
        _ command: CNIRequest.Command, network: String, version: CNIVersion,
        parameters: AttachmentParameters? = nil
    ) {
        self.command = command
        self.network = network
        self.version = version
        self.parameters = parameters
    }

    public var error: CNIError? {
        switch outcome {
        case .succeeded, .skipped: nil
        case .failed(let error), .undetermined(let error): error
        }
    }

    public var succeeded: Bool { if case .succeeded = outcome { true } else { false } }

    /// The plugins that failed.
    public var failures: [PluginInvocation] { steps.filter { $0.failure != nil } }

    /// Several failures become one outcome.
    mutating func fail(with errors: [CNIError]) {
        if let error = CNIError.joining(errors) { outcome = .failed(error) }
    }
}
