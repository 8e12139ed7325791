import Addressing
import JSONTree
import SystemCalls

/// Why a CNI operation failed, as the specification wants it told: a code a runtime can act on, one sentence, and
/// details of any number of lines.
public struct CNIError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// One sentence without a line break: what was tried and why it could not be.
    public var message: String
    /// What a person needs to act: the place in the configuration, the holders of a pool, the next command. Empty when
    /// the message says it all.
    public var details: String
    /// Where in the configuration it is wrong, for programs that read configurations from files. Not printed, and so no
    /// part of what makes two errors equal.
    public var position: JSONPosition?

    public init(_ code: Code, _ message: String, details: String = "", at position: JSONPosition? = nil) {
        self.code = code
        self.message = message
        self.details = details
        self.position = position
    }

    public static func == (left: CNIError, right: CNIError) -> Bool {
        left.code == right.code && left.message == right.message && left.details == right.details
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(message)
        hasher.combine(details)
    }

    public var description: String {
        details.isEmpty ? "\(message) (code \(code))" : "\(message) (code \(code))\n\(details)"
    }

    /// The same error with more lines at the end of its details.
    public func adding(_ lines: String) -> CNIError {
        CNIError(code, message, details: details.isEmpty ? lines : details + "\n" + lines, at: position)
    }

    /// The same error, its message introduced by what was being done: `bridge cni0: ...`.
    public func during(_ activity: String) -> CNIError {
        CNIError(code, "\(activity): \(message)", details: details, at: position)
    }

    /// Several failures of an operation that goes on through errors (DEL, GC) as one error: the first one's code and
    /// message, the others in the details. Nil when there are none.
    public static func joining(_ errors: [CNIError]) -> CNIError? {
        guard let first = errors.first else { return nil }
        if errors.count == 1 { return first }
        var joined = CNIError(
            first.code, "\(first.message) (and \(errors.count - 1) more)", details: first.details)
        for error in errors.dropFirst() { joined = joined.adding("also: \(error)") }
        return joined
    }
}

extension CNIError {
    /// A refused system call. Refused permission has a code of its own, because the remedy is another one.
    public init(_ error: SystemCallError, during activity: String? = nil) {
        let code = Code(error.errno)
        let text = error.description
        self.init(code, activity.map { "\($0): \(text)" } ?? text)
    }
}

extension CNIError {
    /// The object a plugin prints on standard output: `cniVersion`, `code`, `msg` and, when there are any, `details`.
    public func value(version: CNIVersion) -> JSONValue { value(versionText: version.description) }

    func value(versionText: String) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("cniVersion", .string(versionText)),
            JSONMember("code", .int(Int64(code.rawValue))),
            JSONMember("msg", .string(message)),
        ]
        if !details.isEmpty { members.append(JSONMember("details", .string(details))) }
        return .object(members)
    }

    /// Reads the error object of another plugin. Nil when `node` is not one: it must have a `code` other than 0 or a
    /// `msg`.
    public init?(decoding node: JSONNode) {
        guard node.kind == .object else { return nil }
        let code = node["code"]?.int ?? 0
        let message = node["msg"]?.string ?? ""
        if code == 0 && message.isEmpty { return nil }
        self.init(Code(rawValue: Int(code)), message, details: node["details"]?.string ?? "")
    }
}
