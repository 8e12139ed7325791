import JSONTree

/// A number or a name: ports that may be named, counts that may be percentages.
public enum IntOrString: Hashable, Sendable, CustomStringConvertible {
    case int(Int32)
    case string(String)

    public init?(_ node: JSONNode) {
        if let number = node.int.flatMap({ Int32(exactly: $0) }) {
            self = .int(number)
        } else if let text = node.string {
            self = .string(text)
        } else {
            return nil
        }
    }

    public var value: JSONValue {
        switch self {
        case .int(let number): .int(Int64(number))
        case .string(let text): .string(text)
        }
    }

    public var description: String {
        switch self {
        case .int(let number): String(number)
        case .string(let text): text
        }
    }
}
