import CLinux
import JSONTree
import LinuxHost
import SystemCalls

/// The kubelet's end of the daemon's socket. Every call blocks: not for the threads of tasks.
struct ContainerClient: Sendable {
    var runDirectory: String
    var program: String

    /// The daemon or the kernel refused.
    struct Failure: Error, Hashable, CustomStringConvertible {
        var operation: String
        var errno: Errno?
        var description: String

        init(_ error: SystemCallError) {
            operation = error.operation
            errno = error.errno
            description = "\(error)"
        }

        init(_ node: JSONNode) {
            operation = node.member("operation")?.string ?? ""
            errno = node.member("errno")?.int.flatMap { Int32(exactly: $0) }.map { Errno(rawValue: $0) }
            description = node.member("message")?.string ?? "the container daemon refused"
        }
    }

    // MARK: - Calls

    func start(_ spec: ContainerSpec) throws(Failure) -> ContainerState {
        let answer = try call(["op": "start", "spec": spec.value])
        return ContainerState(decoding: answer.member("container") ?? answer)
    }

    func signal(_ id: String, _ number: Int32) throws(Failure) {
        _ = try call(["op": "signal", "id": .string(id), "signal": .int(Int64(number))])
    }

    func remove(_ id: String) throws(Failure) { _ = try call(["op": "remove", "id": .string(id)]) }

    func list() throws(Failure) -> [ContainerState] {
        let answer = try call(["op": "list"])
        return answer.member("containers")?.elements.map(ContainerState.init(decoding:)) ?? []
    }

    /// Everything there is, and then each container that ends, until the daemon goes.
    func watch(_ body: (ContainerState) -> Void) throws(Failure) {
        do throws(SystemCallError) {
            let socket = try UnixSocket.connect(ContainerDaemon.socket(runDirectory))
            try socket.writeAll(Array("{\"op\":\"watch\"}\n".utf8))
            var lines = LineReader(socket)
            while let line = try lines.next() {
                guard let node = try? JSONTree(parsing: line).root else { continue }
                if let one = node.member("container") { body(ContainerState(decoding: one)) }
                for one in node.member("containers")?.elements.map({ $0 }) ?? [] { body(ContainerState(decoding: one)) }
            }
        } catch {
            throw Failure(error)
        }
    }

    /// A connection whose bytes are frames from now on (``DaemonConnection``).
    func attach(_ id: String) throws(Failure) -> FileDescriptor {
        do throws(SystemCallError) {
            let socket = try UnixSocket.connect(ContainerDaemon.socket(runDirectory))
            try socket.writeAll((["op": "attach", "id": .string(id)] as JSONValue).serialized() + [0x0A])
            // Byte by byte: what follows the line is frames already.
            var line: [UInt8] = []
            var byte: [UInt8] = [0]
            let number = socket.rawValue
            while try retrying("read", { read(number, &byte, 1) }) == 1, byte[0] != 0x0A { line.append(byte[0]) }
            if let error = (try? JSONTree(parsing: line))?.root.member("error") {
                throw SystemCallError("attach", .ESRCH, on: error.member("message")?.string ?? id)
            }
            return socket
        } catch {
            throw Failure(error)
        }
    }

    private func call(_ request: JSONValue) throws(Failure) -> JSONNode {
        let line: [UInt8]?
        do throws(SystemCallError) {
            let socket = try UnixSocket.connect(ContainerDaemon.socket(runDirectory))
            try socket.writeAll(request.serialized() + [0x0A])
            var lines = LineReader(socket)
            line = try lines.next()
        } catch {
            throw Failure(error)
        }
        guard let line, let answer = try? JSONTree(parsing: line).root else {
            throw Failure(SystemCallError("read", .ENOTCONN, on: "the container daemon's answer"))
        }
        if let error = answer.member("error") { throw Failure(error) }
        return answer
    }

    // MARK: - The daemon

    /// Starts the daemon unless there is one, and waits until it answers. Answers the child that was started.
    func ensureDaemon(logPath: String) throws(Failure) -> pid_t? {
        if (try? list()) != nil { return nil }
        let child: pid_t
        do throws(SystemCallError) {
            try Directories.make(runDirectory, mode: 0o700)
            let nothing = try FileDescriptor.open("/dev/null", O_RDONLY)
            let log = try FileDescriptor.open(logPath, O_WRONLY | O_CREAT | O_APPEND, mode: 0o640)
            var steps = SpawnSteps()
            // A session of its own: what ends the kubelet's does not reach it.
            steps.call("setsid", SYS_setsid, [])
            steps.place(nothing.rawValue, at: 0)
            steps.place(log.rawValue, at: 1)
            steps.place(log.rawValue, at: 2)
            steps.closeOthers()
            child = try steps.start(
                program, ["poplin", "lab", "containers", "--run-directory", runDirectory],
                environment: Environment.current().entries)
        } catch {
            throw Failure(error)
        }
        let deadline = Clock.monotonic() + 30_000_000_000
        while Clock.monotonic() < deadline {
            if (try? list()) != nil { return child }
            Clock.sleep(nanoseconds: 10_000_000)
        }
        throw Failure(
            SystemCallError("connect", .ETIMEDOUT, on: "the container daemon did not come up; its log is \(logPath)"))
    }
}

/// Lines of a stream, without their breaks.
struct LineReader: ~Copyable {
    private let file: FileDescriptor
    private var buffer: [UInt8] = []

    init(_ file: consuming FileDescriptor) { self.file = file }

    mutating func next() throws(SystemCallError) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = Array(buffer[..<end])
                buffer.removeFirst(end + 1)
                return line
            }
            let number = file.rawValue
            let count = try retrying("read") { chunk.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) } }
            if count == 0 { return nil }
            buffer += chunk[..<count]
        }
    }
}
