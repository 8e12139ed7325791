import KubernetesModel

/// What is run in a container, and which of its streams are attached.
public struct ExecOptions: Sendable, Hashable {
    public var command: [String]
    /// Empty for the pod's only (or default) container.
    public var container: String
    public var hasInput: Bool
    public var hasOutput: Bool
    /// With a terminal there is one output only.
    public var hasErrorOutput: Bool
    public var isTerminal: Bool

    public init(
        _ command: [String], container: String = "", hasInput: Bool = false, hasOutput: Bool = true,
        hasErrorOutput: Bool = true, isTerminal: Bool = false
    ) {
        self.command = command
        self.container = container
        self.hasInput = hasInput
        self.hasOutput = hasOutput
        self.hasErrorOutput = hasErrorOutput && !isTerminal
        self.isTerminal = isTerminal
    }

    var fields: [KubernetesField] {
        var fields = command.map { KubernetesField("command", $0) }
        if !container.isEmpty { fields.append(KubernetesField("container", container)) }
        if hasInput { fields.append(KubernetesField("stdin", "true")) }
        if hasOutput { fields.append(KubernetesField("stdout", "true")) }
        if hasErrorOutput { fields.append(KubernetesField("stderr", "true")) }
        if isTerminal { fields.append(KubernetesField("tty", "true")) }
        return fields
    }
}

/// What a running command wrote.
public enum ExecOutput: Sendable, Hashable {
    case output([UInt8])
    case errorOutput([UInt8])
}

/// The input of a running command.
public struct ExecInput: Sendable {
    let link: WebSocketLink
    let version: RemoteCommandVersion

    /// Messages are cut to this many bytes, as kubectl does it.
    static let piece = 32 << 10

    public func write(_ bytes: [UInt8]) async throws(KubernetesFailure) {
        var start = 0
        while start < bytes.count {
            let end = min(start + Self.piece, bytes.count)
            try await link.send(RemoteCommandMessage.input(Array(bytes[start..<end])).bytes)
            start = end
        }
    }

    /// Ends the input, so that a command that reads it to the end can finish. Servers before 1.30 (protocol v4) have no
    /// message for it; then the answer is false and the command goes on waiting.
    @discardableResult
    public func close() async throws(KubernetesFailure) -> Bool {
        guard version.canCloseInput else { return false }
        try await link.send(RemoteCommandMessage.closed(0).bytes)
        return true
    }

    public func resize(width: UInt16, height: UInt16) async throws(KubernetesFailure) {
        try await link.send(RemoteCommandMessage.resize(width: width, height: height).bytes)
    }
}

/// The bytes we send through a forwarded port.
public struct PortForwardInput: Sendable {
    let link: WebSocketLink

    public func write(_ bytes: [UInt8]) async throws(KubernetesFailure) {
        var start = 0
        while start < bytes.count {
            let end = min(start + ExecInput.piece, bytes.count)
            try await link.send([0] + bytes[start..<end])
            start = end
        }
    }

    /// Ends the connection: this protocol cannot close one direction alone.
    public func close() async { await link.close() }
}

/// exec, port-forward and logs. They need a connection of their own (a WebSocket), so they are asked of the HTTP transport
/// itself.
public struct PodStreams: Sendable {
    let transport: HTTPTransport
    private static let pods = Pod.resource

    public init(_ transport: HTTPTransport) { self.transport = transport }

    /// Runs a command in a container to its end.
    /// - Parameters:
    ///   - input: runs beside it, and is cancelled when the command has ended.
    ///   - output: each piece is handed over before the next one is read.
    public func exec(
        _ pod: ObjectKey, _ options: ExecOptions,
        input: (@Sendable (ExecInput) async throws(KubernetesFailure) -> Void)? = nil,
        output: @escaping @Sendable (ExecOutput) async -> Void
    ) async throws(KubernetesFailure) -> CommandEnd {
        let request = KubernetesRequest(
            .get, path: Self.pods.path(namespace: pod.namespace, name: pod.name, subresource: "exec"),
            query: options.fields, isStream: true)
        return try await transport.webSocket(request, protocols: RemoteCommandVersion.allCases.map(\.rawValue)) {
            link throws(KubernetesFailure) in
            guard let version = RemoteCommandVersion(rawValue: link.subprotocol) else {
                throw KubernetesFailure(
                    .malformed("the server speaks \"\(link.subprotocol)\", not \(RemoteCommandVersion.v5.rawValue)"))
            }
            let writing = input.map { input in
                Task { try? await input(ExecInput(link: link, version: version)) }
            }
            defer { writing?.cancel() }
            var end: CommandEnd?
            let isClosed = try await link.receive { message throws(KubernetesFailure) in
                switch RemoteCommandMessage(received: message) {
                case .output(let bytes): if !bytes.isEmpty { await output(.output(bytes)) }
                case .errorOutput(let bytes): if !bytes.isEmpty { await output(.errorOutput(bytes)) }
                case .status(let bytes):
                    // The channel is opened with an empty message.
                    if !bytes.isEmpty { end = try CommandEnd(status: bytes) }
                case .input, .resize, .closed, nil: break
                }
                return true
            }
            if let end { return end }
            throw KubernetesFailure(
                .cutOff(isClosed ? "the server closed the stream before the command ended" : "the stream broke off"))
        }
    }

    /// One connection to a port of a pod, until either side closes it.
    public func portForward(
        _ pod: ObjectKey, port: UInt16,
        input: @escaping @Sendable (PortForwardInput) async throws(KubernetesFailure) -> Void,
        output: @escaping @Sendable ([UInt8]) async -> Void
    ) async throws(KubernetesFailure) {
        let request = KubernetesRequest(
            .get, path: Self.pods.path(namespace: pod.namespace, name: pod.name, subresource: "portforward"),
            query: [KubernetesField("ports", String(port))], isStream: true)
        try await transport.webSocket(request, protocols: [RemoteCommandVersion.v4.rawValue]) {
            link throws(KubernetesFailure) in
            var decoder = PortForwardDecoder(port: port)
            let writing = Task { try? await input(PortForwardInput(link: link)) }
            defer { writing.cancel() }
            let isClosed = try await link.receive { message throws(KubernetesFailure) in
                switch try decoder.decode(message) {
                case .data(let bytes)?: await output(bytes)
                case .error(let text)?: throw KubernetesFailure(.unreachable("port \(port) of \(pod): \(text)"))
                case nil: break
                }
                return true
            }
            if !isClosed { throw KubernetesFailure(.cutOff("the stream broke off")) }
        }
    }

    /// What a container printed, and with `follow` what it prints until it ends or the reader stops.
    public func log(
        _ pod: ObjectKey, container: String = "", follow: Bool = false, tailLines: Int? = nil,
        previous: Bool = false, timestamps: Bool = false
    ) async throws(KubernetesFailure) -> KubernetesBody {
        var query: [KubernetesField] = []
        if !container.isEmpty { query.append(KubernetesField("container", container)) }
        if follow { query.append(KubernetesField("follow", "true")) }
        if let tailLines { query.append(KubernetesField("tailLines", String(tailLines))) }
        if previous { query.append(KubernetesField("previous", "true")) }
        if timestamps { query.append(KubernetesField("timestamps", "true")) }
        let request = KubernetesRequest(
            .get, path: Self.pods.path(namespace: pod.namespace, name: pod.name, subresource: "log"), query: query,
            headers: [KubernetesField("Accept", "*/*")], isStream: true)
        return try await transport.stream(request).body
    }
}
