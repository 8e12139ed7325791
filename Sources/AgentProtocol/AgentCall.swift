/// A DEL that the plugin hands over as the runtime made it, before it has started: environment and standard input,
/// which it has not read. The agent reads them in its place, and either does what the plugin would have asked and answers
/// ``AgentReply/taken``, or refuses; then the plugin starts, and asks in its own words.
///
///     call 1 LENGTH\n
///     AGENT_SOCKET=/run/poplin/agent.sock\0
///     CNI_COMMAND=DEL\0
///     CNI_CONTAINERID=c1\0
///     \0
///     {"cniVersion":"1.1.0","name":"poplin","type":"poplin",...}
///
/// Without the line breaks. LENGTH is what comes after the head, in bytes. The plugin's end is `CEarlyRemoval`.
public struct AgentCall: Hashable, Sendable {
    /// How long the plugin waits, in milliseconds. Then it starts and asks again, for as long as is left of the ten
    /// seconds that a DEL gives an agent.
    public static let patienceMilliseconds = 5000

    /// The socket it came to, as the plugin calls it.
    public var socketPath: String
    /// The variables whose names begin with `CNI_`.
    public var environment: [String: String]
    /// What came on standard input.
    public var configuration: [UInt8]

    public init(socketPath: String, environment: [String: String], configuration: [UInt8]) {
        self.socketPath = socketPath
        self.environment = environment
        self.configuration = configuration
    }

    /// Reads what comes after the head.
    public init(body: some RandomAccessCollection<UInt8>) throws(AgentMessageError) {
        var rest = body[...]
        var variables: [String: String] = [:]
        while true {
            guard let end = rest.firstIndex(of: 0) else { throw .malformed("a call whose variables do not end") }
            let variable = rest[..<end]
            rest = rest[rest.index(after: end)...]
            if variable.isEmpty { break }
            guard let equals = variable.firstIndex(of: UInt8(ascii: "=")) else {
                throw .malformed("a call with a variable that has no value")
            }
            let name = String(decoding: variable[..<equals], as: UTF8.self)
            // The first counts, as with getenv(3).
            if variables[name] == nil {
                variables[name] = String(decoding: variable[variable.index(after: equals)...], as: UTF8.self)
            }
        }
        guard let path = variables.removeValue(forKey: Self.socketVariable) else {
            throw .malformed("a call that does not say which socket it came to")
        }
        self.init(socketPath: path, environment: variables, configuration: Array(rest))
    }

    /// As it goes over the socket, the head included.
    public var bytes: [UInt8] {
        var body = Array("\(Self.socketVariable)=\(socketPath)\0".utf8)
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { body += Array("\(name)=\(value)\0".utf8) }
        body.append(0)
        body += configuration
        return Array("\(Self.head)\(body.count)\n".utf8) + body
    }

    private static let socketVariable = "AGENT_SOCKET"
    static let head = "call \(AgentRequest.version) "
}

/// What comes over one connection to the agent, in whatever pieces: a line, or a call.
public struct AgentMessageBuffer: Sendable {
    public enum Message: Hashable, Sendable {
        /// Newline included.
        case line([UInt8])
        case call(AgentCall)
    }

    private var bytes: [UInt8] = []
    /// Where the call's body lies, once its head is there.
    private var body: Range<Int>?

    public init() {}

    /// The message, when these bytes complete it.
    public mutating func take(_ more: some Sequence<UInt8>) throws(AgentMessageError) -> Message? {
        let before = bytes.count
        bytes += more
        if body == nil {
            guard let end = bytes[before...].firstIndex(of: UInt8(ascii: "\n")) else {
                if bytes.count <= AgentRequest.longestLine { return nil }
                throw .malformed("the request is longer than \(AgentRequest.longestLine) bytes")
            }
            guard let length = Self.length(head: bytes[..<end]) else { return .line(Array(bytes[...end])) }
            body = end + 1..<end + 1 + length
        }
        guard let body, bytes.count >= body.upperBound else { return nil }
        return .call(try AgentCall(body: bytes[body]))
    }

    /// What a call's head says; nil when it is none that we can read. As a line it will be refused.
    private static func length(head: ArraySlice<UInt8>) -> Int? {
        let prefix = AgentCall.head.utf8
        guard head.starts(with: prefix),
            let length = Int(String(decoding: head.dropFirst(prefix.count), as: UTF8.self)),
            (0...AgentRequest.longestLine).contains(length)
        else { return nil }
        return length
    }
}
