import CNI
import JSONTree

/// What became of one execution of one plugin.
public struct PluginInvocation: Sendable {
    /// The plugin's name, as `type` in the configuration says it.
    public var type: String
    public var command: CNIRequest.Command
    /// The program that was executed; nil when none was found.
    public var path: String?
    /// Wall time from the look-up to the end of the child.
    public var duration: Duration
    /// What the plugin wrote to standard error.
    public var errorOutput: [UInt8]
    public var answer: Answer
    /// Oddities that did not matter, such as a result printed by a verb that has none.
    public var remarks: [String]
    /// Whether a signal ended the plugin: SIGINT from a terminal goes to the whole process group.
    public var wasKilled: Bool

    public enum Answer: Sendable {
        /// The result of ADD (or the answer to VERSION) as it stands.
        case result(JSONTree)
        /// Success of a verb that has no result.
        case done
        case failure(CNIError)
    }

    public init(
        type: String, command: CNIRequest.Command, path: String? = nil, duration: Duration = .zero,
        errorOutput: [UInt8] = [], answer: Answer, remarks: [String] = [], wasKilled: Bool = false
    ) {
        self.type = type
        self.command = command
        self.path = path
        self.duration = duration
        self.errorOutput = errorOutput
        self.answer = answer
        self.remarks = remarks
        self.wasKilled = wasKilled
    }

    public var failure: CNIError? {
        if case .failure(let error) = answer { error } else { nil }
    }

    public var result: JSONTree? {
        if case .result(let tree) = answer { tree } else { nil }
    }
}
