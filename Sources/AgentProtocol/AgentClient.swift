import CLinux
import SystemCalls

/// The plugin's end of the agent's socket: asks once, waits no longer than it says, blocks its thread.
public struct AgentClient: Sendable {
    /// Where the agent listens unless its configuration says otherwise.
    public static let defaultPath = "/run/poplin/agent.sock"
    /// How long an agent whose backlog is full may take to accept, in milliseconds. One that is not there is known at
    /// once; both are told from each other by the error.
    public static let connectMilliseconds = 150

    public let path: String

    public init(path: String = AgentClient.defaultPath) { self.path = path }

    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Nobody listens: no socket, or its owner is gone.
        case absent(path: String, SystemCallError)
        /// It listens, and did not answer within so many milliseconds.
        case silent(path: String, milliseconds: Int)
        /// It answered something that is no reply, or hung up before it had.
        case unreadable(path: String, reason: String)
        /// The question could not be asked for a reason that is not the agent's.
        case refused(SystemCallError)

        public var description: String {
            switch self {
            case .absent(let path, let error): "nobody answers at \(path): \(error.errno.message)"
            case .silent(let path, let milliseconds): "no answer from \(path) within \(milliseconds) ms"
            case .unreadable(let path, let reason): "the answer from \(path) cannot be read: \(reason)"
            case .refused(let error): "\(error)"
            }
        }
    }

    /// Sends the request and waits for the reply as long as the request says.
    public func ask(_ request: AgentRequest) throws(Failure) -> AgentReply {
        let line: [UInt8]
        do throws(SystemCallError) {
            line = try exchange(request.line, until: Deadline(milliseconds: request.deadlineMilliseconds))
        } catch {
            throw failure(for: error, request)
        }
        guard line.last == UInt8(ascii: "\n") else {
            throw .unreadable(path: path, reason: line.isEmpty ? "it hung up without one" : "it hung up in between")
        }
        do throws(AgentMessageError) {
            return try AgentReply(line: line)
        } catch {
            throw .unreadable(path: path, reason: "\(error)")
        }
    }

    private func failure(for error: SystemCallError, _ request: AgentRequest) -> Failure {
        switch error.errno {
        case .ENOENT, .ENOTDIR, .ECONNREFUSED, .EAGAIN: .absent(path: path, error)
        case .ETIMEDOUT: .silent(path: path, milliseconds: request.deadlineMilliseconds)
        case .EPIPE, .ECONNRESET: .unreadable(path: path, reason: "it hung up (\(error.errno.name))")
        case .EFBIG: .unreadable(path: path, reason: "it is longer than \(AgentRequest.longestLine) bytes")
        default: .refused(error)
        }
    }

    // MARK: Bytes

    private func exchange(_ line: [UInt8], until deadline: Deadline) throws(SystemCallError) -> [UInt8] {
        let socket = try Sockets.make(
            domain: AF_UNIX, type: Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), protocol: 0)
        try connect(socket)
        try send(line, over: socket, until: deadline)
        return try receive(from: socket, until: deadline)
    }

    /// A full backlog (EAGAIN) is the one thing worth waiting for: a burst of pods.
    private func connect(_ socket: borrowing FileDescriptor) throws(SystemCallError) {
        let deadline = Deadline(milliseconds: Self.connectMilliseconds)
        while true {
            do throws(SystemCallError) {
                return try Sockets.connect(socket, toUnixPath: path)
            } catch {
                guard error.errno == .EAGAIN, deadline.remaining != nil else { throw error }
                // There is nothing to poll for: the socket is not connected.
                var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
                nanosleep(&pause, nil)
            }
        }
    }

    private func send(
        _ bytes: [UInt8], over socket: borrowing FileDescriptor, until deadline: Deadline
    ) throws(SystemCallError) {
        var sent = 0
        while sent < bytes.count {
            do throws(SystemCallError) {
                sent += try bytes.span.bytes.withUnsafeBytes { buffer throws(SystemCallError) in
                    try Sockets.send(socket, UnsafeRawBufferPointer(rebasing: buffer[sent...]))
                }
            } catch {
                guard error.errno == .EAGAIN else { throw error }
                guard let rest = deadline.remaining, try Sockets.waitWritable(socket, milliseconds: rest) else {
                    throw SystemCallError("send", .ETIMEDOUT, on: path)
                }
            }
        }
    }

    /// Everything up to the first newline, that included; less when the other side hangs up before.
    private func receive(
        from socket: borrowing FileDescriptor, until deadline: Deadline
    ) throws(SystemCallError) -> [UInt8] {
        var line: [UInt8] = []
        while line.count <= AgentRequest.longestLine {
            guard let rest = deadline.remaining, try Sockets.waitReadable(socket, milliseconds: rest) else {
                throw SystemCallError("recv", .ETIMEDOUT, on: path)
            }
            let chunk = try Self.chunk(from: socket)
            guard let chunk else { continue }
            if chunk.isEmpty { return line }
            if let end = chunk.firstIndex(of: UInt8(ascii: "\n")) { return line + chunk[...end] }
            line += chunk
        }
        throw SystemCallError("recv", .EFBIG, on: path)
    }

    /// What is there; empty at the end, nil when there is nothing after all.
    private static func chunk(from socket: borrowing FileDescriptor) throws(SystemCallError) -> [UInt8]? {
        var outcome: Result<Int?, SystemCallError> = .success(0)
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, initialized in
            do throws(SystemCallError) {
                let count = try Sockets.receive(socket, into: UnsafeMutableRawBufferPointer(buffer))
                initialized = count ?? 0
                outcome = .success(count)
            } catch {
                outcome = .failure(error)
            }
        }
        return try outcome.get() == nil ? nil : bytes
    }
}
