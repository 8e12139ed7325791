import CLinux
import Foundation
import JSONTree
import KubernetesServer
import LinuxHost
import SystemCalls

// exec and attach: streams of one process over a WebSocket, a channel in the first byte of each message
// (kubernetes/pkg/kubelet/server, remotecommand; v5 can close the input).

extension KubeletHandler {
    private static let protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"]

    func command(_ request: ServerRequest) async -> ServerResponse {
        guard let (worker, name) = await target(request), let record = await worker.records[name] else {
            return .text("pod does not exist", status: 404)
        }
        guard record.isRunning, record.process != 0 else {
            return .text("container \"\(name)\" is not running", status: 400)
        }
        let hasInput = request.query.flag("input")
        let isTerminal = request.query.flag("tty")
        let context = context
        if request.segments[0] == "attach" {
            return KubeletSocket.upgraded(request, Self.protocols) { socket, _ in
                await Self.attach(socket, context, record.id, hasInput: hasInput)
            }
        }
        let exec = ContainerExec(process: record.process, command: request.query.all("command"))
        return KubeletSocket.upgraded(request, Self.protocols) { socket, _ in
            await Self.run(exec, on: socket, context, hasInput: hasInput, isTerminal: isTerminal)
        }
    }

    // MARK: - Exec

    private static func run(
        _ exec: ContainerExec, on socket: KubeletSocket, _ context: KubeletContext, hasInput: Bool, isTerminal: Bool
    ) async {
        let session: ExecSession
        do throws(SystemCallError) {
            session = try await context.blocking { () throws(SystemCallError) in
                try ExecSession(exec, hasInput: hasInput, isTerminal: isTerminal)
            }
        } catch {
            let name = exec.command.first ?? ""
            let why = error.errno == .ENOENT ? "executable file not found in $PATH" : "\(error)"
            await socket.send(
                [2]
                    + Array(
                        "OCI runtime exec failed: exec failed: unable to start container process: exec: \"\(name)\": \(why)\n"
                            .utf8))
            await socket.send([3] + ended(error.errno == .ENOENT ? 127 : 126))
            await socket.close()
            return
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while let message = await socket.next() {
                    guard let channel = message.first else { continue }
                    switch channel {
                    case 0: await context.blocking { session.feed(Array(message.dropFirst())) }
                    case 4: session.resize(TerminalSize.bytes(Array(message.dropFirst())))
                    case 255 where message.dropFirst().first == 0: session.endInput()
                    default: continue
                    }
                }
                // The client has gone: what it started goes too.
                session.hangUp()
            }
            for await message in session.messages { await socket.send(message) }
            await socket.send([3] + ended(session.exitCode))
            await socket.close()
            group.cancelAll()
        }
    }

    /// What stands on the error channel at the end: a Status.
    static func ended(_ code: Int) -> [UInt8] {
        if code == 0 { return Array(#"{"metadata":{},"status":"Success"}"#.utf8) }
        let status: JSONValue = [
            "metadata": [:], "status": "Failure",
            "message": .string(
                "command terminated with non-zero exit code: command terminated with exit code \(code)"),
            "reason": "NonZeroExitCode",
            "details": ["causes": [["reason": "ExitCode", "message": .string("\(code)")]]],
        ]
        return status.serialized()
    }

    // MARK: - Attach

    private static func attach(
        _ socket: KubeletSocket, _ context: KubeletContext, _ id: String, hasInput: Bool
    ) async {
        let containers = context.containers
        let number: Int32? = await context.blocking { (try? containers.attach(id))?.release() }
        guard let number else {
            await socket.send([3] + ended(1))
            await socket.close()
            return
        }
        let (messages, continuation) = AsyncStream<[UInt8]>.makeStream()
        Thread.detachNewThread {
            var incoming: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 32 << 10)
            while true {
                let count = read(number, &chunk, chunk.count)
                if count < 0, clinux_errno() == EINTR { continue }
                guard count > 0 else { break }
                incoming += chunk[..<count]
                while let (channel, bytes) = DaemonConnection.nextFrame(&incoming) {
                    continuation.yield([channel] + bytes)
                }
            }
            continuation.finish()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while let message = await socket.next() {
                    guard let channel = message.first else { continue }
                    let rest = Array(message.dropFirst())
                    let frame: [UInt8]
                    switch channel {
                    case 0 where hasInput: frame = DaemonConnection.frame(DaemonConnection.inputChannel, rest)
                    case 4:
                        frame = DaemonConnection.frame(DaemonConnection.resizeChannel, TerminalSize.bytes(rest))
                    case 255 where rest.first == 0 && hasInput:
                        frame = DaemonConnection.frame(DaemonConnection.inputEndChannel, [])
                    default: continue
                    }
                    _ = await context.blocking { send(number, frame, frame.count, Int32(MSG_NOSIGNAL)) }
                }
                shutdown(number, Int32(SHUT_RDWR))
            }
            for await message in messages { await socket.send(message) }
            await socket.send([3] + ended(0))
            await socket.close()
            group.cancelAll()
        }
        close(number)
    }
}

/// `{"Width":80,"Height":24}` as columns and rows in two bytes each.
enum TerminalSize {
    static func bytes(_ message: [UInt8]) -> [UInt8] {
        guard let node = try? JSONTree(parsing: message).root else { return [] }
        func number(_ key: String) -> UInt16 { node.member(key)?.int.flatMap { UInt16(exactly: $0) } ?? 0 }
        return [number("Width"), number("Height")].flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }
}
