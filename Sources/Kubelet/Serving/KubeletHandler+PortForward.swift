import CLinux
import KubernetesServer
import LinuxHost
import NIOCore
import NIOPosix
import SystemCalls

// Ports of a pod: connections opened inside its network namespace.

extension KubeletHandler {
    private static let tunnel = "SPDY/3.1+portforward.k8s.io"
    private static let channels = "v4.channel.k8s.io"

    func portForward(_ request: ServerRequest) async -> ServerResponse {
        guard request.segments.count == 3,
            let worker = await manager.worker(namespace: request.segments[1], name: request.segments[2]),
            let sandbox = await worker.sandbox
        else { return .text("pod does not exist", status: 404) }
        let ports = request.query.all("port").flatMap { $0.split(separator: ",") }.compactMap { UInt16($0) }
        let dialler = PortDialler(context: context, namespacePath: sandbox.namespacePath)
        return KubeletSocket.upgraded(request, [Self.tunnel, Self.channels]) { socket, chosen in
            if chosen == Self.tunnel {
                await PortForwardTunnel.run(socket, dialler)
            } else {
                await PortForwardChannels.run(socket, dialler, ports)
            }
        }
    }
}

/// Opens connections to a pod's loopback, IPv4 first.
struct PortDialler: Sendable {
    var context: KubeletContext
    /// Empty for the node's own namespace.
    var namespacePath: String

    struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    func connect(_ port: UInt16) async throws -> PulledConnection {
        let path = namespacePath
        let number = try await context.blocking { () throws(Refused) -> Int32 in
            do {
                if path.isEmpty { return try Self.open(port) }
                return try NetworkNamespace.open(path).run { () throws(Refused) in try Self.open(port) }
            } catch let refused as Refused {
                throw refused
            } catch {
                throw Refused(description: "\(error)")
            }
        }
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .withConnectedSocket(number) { channel in
                channel.eventLoop.makeCompletedFuture { try PulledConnection(on: channel) }
            }
    }

    private static func open(_ port: UInt16) throws(Refused) -> Int32 {
        var reason = ""
        for isIPv6 in [false, true] {
            do throws(SystemCallError) {
                let socket = try Sockets.make(
                    domain: isIPv6 ? AF_INET6 : AF_INET, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
                try InternetAddress(loopback: isIPv6, port: port).connect(socket)
                return socket.release()
            } catch {
                let target = isIPv6 ? "[::1]" : "127.0.0.1"
                if reason.isEmpty { reason = "failed to connect to \(target):\(port) inside namespace: \(error.errno)" }
            }
        }
        throw Refused(description: reason)
    }
}

/// SPDY frames in WebSocket messages, an error and a data stream for each connection (KEP-4006).
enum PortForwardTunnel {
    static func run(_ socket: KubeletSocket, _ dialler: PortDialler) async {
        var codec = SPDYHeaderCodec()
        var buffer = ByteBuffer()
        var targets: [UInt32: PulledConnection] = [:]
        /// The error stream of each connection, by the client's number for it.
        var errors: [String: UInt32] = [:]
        await withTaskGroup(of: Void.self) { group in
            reading: while let message = await socket.next() {
                buffer.discardReadBytes()
                buffer.writeBytes(message)
                while true {
                    let frame: SPDYFrame?
                    do { frame = try SPDYFrame(readingFrom: &buffer) } catch { break reading }
                    guard let frame else { break }
                    switch frame {
                    case .synStream(let stream, _, let block):
                        guard let headers = try? codec.read(block) else { break reading }
                        await socket.send(
                            .synReply(stream: stream, isLast: false, block: codec.write(SPDYHeaders())))
                        let request = headers["requestid"] ?? ""
                        guard headers["streamtype"] == "data" else {
                            errors[request] = stream
                            continue
                        }
                        let error = errors[request]
                        do {
                            guard let port = headers["port"].flatMap({ UInt16($0) }) else {
                                throw PortDialler.Refused(description: "there is no such port")
                            }
                            let target = try await dialler.connect(port)
                            targets[stream] = target
                            group.addTask { await pass(target, stream, error, socket) }
                        } catch {
                            await refuse(stream, errors[request], "error forwarding port: \(error)", socket)
                        }
                    case .data(let stream, let isLast, let bytes):
                        if !bytes.isEmpty { try? await targets[stream]?.write(ByteBuffer(bytes: bytes)) }
                        if isLast { await targets[stream]?.finish() }
                    case .rstStream(let stream, _): targets.removeValue(forKey: stream)?.close()
                    case .ping: await socket.send(frame)
                    case .synReply, .goAway, .other: continue
                    }
                }
            }
            for target in targets.values { target.close() }
        }
    }

    private static func pass(
        _ target: PulledConnection, _ stream: UInt32, _ error: UInt32?, _ socket: KubeletSocket
    ) async {
        while let bytes = try? await target.next() {
            await socket.send(.data(stream: stream, isLast: false, bytes: Array(bytes.readableBytesView)))
        }
        await socket.send(.data(stream: stream, isLast: true, bytes: []))
        if let error { await socket.send(.data(stream: error, isLast: true, bytes: [])) }
    }

    private static func refuse(
        _ stream: UInt32, _ error: UInt32?, _ message: String, _ socket: KubeletSocket
    ) async {
        if let error { await socket.send(.data(stream: error, isLast: true, bytes: Array(message.utf8))) }
        await socket.send(.data(stream: stream, isLast: true, bytes: []))
    }
}

extension KubeletSocket {
    fileprivate func send(_ frame: SPDYFrame) async { await send(Array(frame.bytes.readableBytesView)) }
}

/// The older form: for each port of the query a data and an error channel, each beginning with the port in two bytes.
enum PortForwardChannels {
    static func run(_ socket: KubeletSocket, _ dialler: PortDialler, _ ports: [UInt16]) async {
        var targets: [UInt8: PulledConnection] = [:]
        await withTaskGroup(of: Void.self) { group in
            for (index, port) in ports.prefix(100).enumerated() {
                let data = UInt8(index * 2)
                let head = [UInt8(truncatingIfNeeded: port), UInt8(port >> 8)]
                await socket.send([data] + head)
                await socket.send([data + 1] + head)
                do {
                    let target = try await dialler.connect(port)
                    targets[data] = target
                    group.addTask {
                        while let bytes = try? await target.next() {
                            await socket.send([data] + Array(bytes.readableBytesView))
                        }
                        // One connection is all this form has.
                        await socket.close()
                    }
                } catch {
                    await socket.send([data + 1] + Array("error forwarding port: \(error)".utf8))
                }
            }
            while let message = await socket.next() {
                guard let channel = message.first, message.count > 1 else { continue }
                try? await targets[channel]?.write(ByteBuffer(bytes: message.dropFirst()))
            }
            for target in targets.values { target.close() }
        }
    }
}
