import CNI
import JSONTree

/// One thing that is wrong, or odd, in a configuration file: what, where, and what to do about it.
public struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Severity: String, Sendable {
        /// The network cannot be used.
        case error
        /// It can, and probably not as meant.
        case warning
    }

    public var severity: Severity
    /// A diagnosis code (`CFG-02`), or `CNI-` and the specification's number.
    public var code: String
    /// One sentence without capital and full stop.
    public var message: String
    public var file: String
    public var position: JSONPosition?
    /// Place, source line and caret, several lines; for a file that could not be read only its name.
    public var place: String
    /// What to do next; empty when the message says it.
    public var next: String

    public init(
        _ code: String, _ message: String, severity: Severity = .error, file: String, at node: JSONNode? = nil,
        next: String = ""
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.file = file
        self.position = node?.position
        self.place = node?.renderedPlace(named: file) ?? " --> \(file)"
        self.next = next
    }

    /// A file that is not JSON.
    init(_ error: JSONSyntaxError, file: String) {
        severity = .error
        code = Code.malformed
        message = "not valid JSON: \(error.reason)"
        self.file = file
        position = error.position
        place = error.renderedPlace(named: file)
        next = ""
    }

    public var isError: Bool { severity == .error }

    /// `file:line:column: sentence`, for one line.
    public var description: String {
        position.map { "\(file):\($0.line):\($0.column): \(message)" } ?? "\(file): \(message)"
    }

    /// The diagnosis codes that problems of configuration files have.
    public enum Code {
        /// No usable configuration file.
        public static let none = "CFG-01"
        /// Malformed or empty JSON.
        public static let malformed = "CFG-02"
        /// The file cannot be read.
        public static let unreadable = "CFG-03"
        /// Several files compete for one name.
        public static let shadowed = "CFG-04"
        /// The versions of configuration and plugin do not match.
        public static let version = "CFG-07"
        /// A plugin's program is missing.
        public static let missingPlugin = "INS-02"
        /// A program of the reference plugins is missing.
        public static let missingReferencePlugin = "INS-03"
        /// JSON that says something impossible: the specification's error 7.
        public static let invalid = "CNI-7"
    }
}
