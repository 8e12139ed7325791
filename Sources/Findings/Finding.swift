import JSONTree

/// Something a person should act on: what, where, why, and what to do next. CNI errors, problems of files and checks
/// all print in this one shape:
///
///     error[CNI-7]: plugins[0].mtu must be a whole number, not a string
///        --> 10-pods.conflist:4:12
///         |
///       4 |     "mtu": "1500"
///         |            ^^^^^^
///       next: remove the quotes
public struct Finding: Sendable, Equatable {
    public enum Severity: String, Sendable, CaseIterable {
        case error, warning, note
    }

    public var severity: Severity
    /// What stands in the brackets; empty for none.
    public var code: String
    public var message: String
    public var place: Place?
    /// Why, in lines.
    public var reasons: [String]
    public var next: String?

    /// A place in a file, or a file as a whole.
    public struct Place: Sendable, Equatable {
        public var file: String
        public var position: JSONPosition?
        /// Arrow, source line and carets, as compilers show them.
        public var lines: [String]

        public init(file: String, position: JSONPosition? = nil, rendered: String? = nil) {
            self.file = file
            self.position = position
            lines = (rendered ?? " --> \(file)").split(separator: "\n").map(String.init)
        }

        public init(file: String, node: JSONNode) {
            self.init(file: file, position: node.position, rendered: node.renderedPlace(named: file))
        }

        public init(file: String, _ error: JSONSyntaxError) {
            self.init(file: file, position: error.position, rendered: error.renderedPlace(named: file))
        }
    }

    public init(
        _ severity: Severity = .error, code: String = "", _ message: String, at place: Place? = nil,
        because reasons: [String] = [], next: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.place = place
        self.reasons = reasons
        self.next = next
    }

    /// An error without a code.
    public init(_ message: String, next: String? = nil) { self.init(.error, message, next: next) }
}

extension Finding {
    /// Lines without a newline at the end.
    public func rendered(_ paint: Paint = .none) -> String {
        let label = code.isEmpty ? severity.rawValue : "\(severity.rawValue)[\(code)]"
        let painted =
            switch severity {
            case .error: paint.red(label)
            case .warning: paint.yellow(label)
            case .note: paint.blue(label)
            }
        var lines = ["\(painted): \(paint.bold(message))"]
        if let place {
            lines += place.lines.enumerated().map { index, line in
                index == 3 ? "  \(paint.red(line))" : "  \(line)"
            }
        }
        lines += reasons.map { "  \(paint.blue("|"))  \($0)" }
        if let next { lines.append("  \(paint.green("next:")) \(next)") }
        return lines.joined(separator: "\n")
    }

    /// In one line, for a log or a list.
    public var sentence: String { message + (next.map { " (\($0))" } ?? "") }

    /// The same for programs.
    public var value: JSONValue {
        var members = [JSONMember("severity", .string(severity.rawValue))]
        if !code.isEmpty { members.append(JSONMember("code", .string(code))) }
        members.append(JSONMember("message", .string(message)))
        if let place {
            members.append(JSONMember("file", .string(place.file)))
            if let position = place.position {
                members.append(JSONMember("line", .int(Int64(position.line))))
                members.append(JSONMember("column", .int(Int64(position.column))))
            }
        }
        if !reasons.isEmpty { members.append(JSONMember("details", .array(reasons.map { .string($0) }))) }
        if let next { members.append(JSONMember("next", .string(next))) }
        return .object(members)
    }
}
