import CNI

/// What an operation on a network did: every plugin that was executed, how long it took and how it ended.
public struct OperationReport: Sendable {
    public enum Outcome: Sendable, Equatable {
        case succeeded
        /// There was nothing to do, and why.
        case skipped(String)
        /// A plugin, or the runtime on its behalf, failed.
        case failed(CNIError)
        /// Nobody knows: what the operation needs is not there or cannot be read.
        case undetermined(CNIError)
    }

    public let command: CNIRequest.Command
    public let network: String
    /// In the order of execution. DELs within the report of an ADD are the clean-up after its failure.
    public internal(set) var steps: [Step] = []
    public internal(set) var outcome = Outcome.succeeded
    /// ADD: what the last plugin answered, when all succeeded.
    public internal(set) var result: CNIResult?
    /// What a person should know although nothing failed because of it.
    public internal(set) var notes: [String] = []

    init(_ command: CNIRequest.Command, _ network: String) {
        self.command = command
        self.network = network
    }

    /// Why the operation as a whole failed, or could not find out.
    public var error: CNIError? {
        switch outcome {
        case .succeeded, .skipped: nil
        case .failed(let error), .undetermined(let error): error
        }
    }

    /// Nothing failed; what was skipped counts as well.
    public var succeeded: Bool { error == nil }

    /// The sum over the steps.
    public var duration: Duration { steps.reduce(.zero) { $0 + $1.duration } }

    /// The error of the clean-up after a failed ADD: something is left that only another DEL can remove.
    public internal(set) var cleanupError: CNIError?

    mutating func skip(_ reason: String) {
        outcome = .skipped(reason)
        notes.append(reason)
    }
}

extension OperationReport {
    /// One execution of one plugin.
    public struct Step: Sendable {
        public let plugin: String
        public let command: CNIRequest.Command
        /// Which container; GC deletes several.
        public let attachment: CNIAttachment?
        /// Wall time.
        public let duration: Duration
        /// ADD: what this plugin answered.
        public let result: CNIResult?
        public let error: CNIError?
        /// VERSION: what the plugin says it speaks; it may know versions that we do not.
        public let versions: [String]
        /// The program; nil when none was found.
        public let path: String?
        /// What the plugin wrote to standard error.
        public let errorOutput: [UInt8]
        /// Oddities that did not matter.
        public let remarks: [String]

        public var succeeded: Bool { error == nil }

        init(
            _ invocation: PluginInvocation, attachment: CNIAttachment? = nil, result: CNIResult? = nil,
            error: CNIError? = nil, versions: [String] = []
        ) {
            plugin = invocation.type
            command = invocation.command
            self.attachment = attachment
            duration = invocation.duration
            self.result = result
            self.error = error ?? invocation.failure
            self.versions = versions
            path = invocation.path
            errorOutput = invocation.errorOutput
            remarks = invocation.remarks
        }
    }
}
