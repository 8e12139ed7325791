/// A line from the socket that is no request or no reply.
public enum AgentMessageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not JSON, not an object, or a field of a wrong kind or value; the reason names the field.
    case malformed(String)
    /// `v` is another version than ours: one of the two programs is older.
    case version(Int64)

    public var description: String {
        switch self {
        case .malformed(let reason): reason
        case .version(let number):
            "version \(number) is spoken where version \(AgentRequest.version) is expected: the plugin in the CNI"
                + " directory and the agent are of different releases"
        }
    }
}
