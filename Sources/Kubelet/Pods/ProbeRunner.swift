import KubernetesModel
import KubernetesServer
import LinuxHost
import NIOCore
import NIOPosix
import NIOSSL
import SystemCalls

/// Asks a container once. As kubelets do, HTTP and TCP are asked from the node, at the pod's address: what fails
/// between the two is found too.
struct ProbeRunner: Sendable {
    enum Answer: Hashable, Sendable {
        case good
        case bad(String)
        /// It cannot be asked, and so says nothing.
        case unknown(String)
    }

    var context: KubeletContext
    var part: ContainerPart
    /// Where it answers: the pod's address, or the node's for pods on its network.
    var address: String
    var process: Int32

    func run(_ action: ProbeSpec.Action, timeout: Int) async -> Answer {
        let limit = UInt64(timeout) * 1_000_000_000
        switch action {
        case .execute(let command):
            let exec = ContainerExec(process: process, command: command)
            do throws(SystemCallError) {
                let (code, output) = try await context.blocking { () throws(SystemCallError) in
                    try exec.run(limit: limit)
                }
                guard let code else {
                    return .bad("command timed out: \"\(command.joined(separator: " "))\" timed out after \(timeout)s")
                }
                return code == 0 ? .good : .bad(String(decoding: output, as: UTF8.self))
            } catch {
                return .unknown("\(error)")
            }
        case .http(let scheme, let host, let port, let path, let headers):
            guard let number = number(of: port) else { return .unknown("there is no port \(port)") }
            return await http(
                scheme.lowercased(), host.isEmpty ? address : host, number, path, headers, limit)
        case .tcp(let host, let port):
            guard let number = number(of: port) else { return .unknown("there is no port \(port)") }
            let target = host.isEmpty ? address : host
            do {
                try await connect(target, number, limit, tls: nil).close()
                return .good
            } catch {
                return .bad("dial tcp \(Self.authority(target, number)): \(Self.reason(error))")
            }
        case .grpc: return .unknown("grpc probes are not supported by this kubelet")
        }
    }

    private func number(of port: IntOrString) -> Int? {
        switch port {
        case .int(let number): (1...65535).contains(number) ? Int(number) : nil
        case .string(let name): part.ports.first { $0.name == name }.map { Int($0.container) }
        }
    }

    private func connect(
        _ host: String, _ port: Int, _ limit: UInt64, tls: NIOSSLContext?
    ) async throws -> PulledConnection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.nanoseconds(Int64(limit)))
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: nil))
                    }
                    return try PulledConnection(on: channel)
                }
            }
    }

    private func http(
        _ scheme: String, _ host: String, _ port: Int, _ path: String, _ headers: [String], _ limit: UInt64
    ) async -> Answer {
        let url = "\(scheme)://\(Self.authority(host, port))\(path.hasPrefix("/") ? path : "/\(path)")"
        do {
            var tls: NIOSSLContext?
            if scheme == "https" {
                var settings = TLSConfiguration.makeClientConfiguration()
                // As kubelets: who serves health is not asked for a name.
                settings.certificateVerification = .none
                tls = try NIOSSLContext(configuration: settings)
            }
            let connection = try await connect(host, port, limit, tls: tls)
            let expiry = connection.channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(limit))) {
                connection.close()
            }
            defer {
                expiry.cancel()
                connection.close()
            }
            var lines = ["GET \(path.hasPrefix("/") ? path : "/\(path)") HTTP/1.1"]
            if !headers.contains(where: { $0.lowercased().hasPrefix("host:") }) {
                lines.append("Host: \(Self.authority(host, port))")
            }
            lines += ["User-Agent: kube-probe/1.34", "Accept: */*", "Connection: close"] + headers
            try await connection.write(ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n"))
            var head = ByteBuffer()
            while var bytes = try await connection.next() {
                head.writeBuffer(&bytes)
                let text = String(buffer: head)
                guard let end = text.firstIndex(where: \.isNewline) else { continue }
                let words = text[..<end].split(separator: " ")
                guard words.count >= 2, let code = Int(words[1]) else { break }
                return (200..<400).contains(code) ? .good : .bad("HTTP probe failed with statuscode: \(code)")
            }
            return .bad("Get \"\(url)\": the connection ended without an answer, or none came in time")
        } catch {
            return .bad("Get \"\(url)\": dial tcp \(Self.authority(host, port)): \(Self.reason(error))")
        }
    }

    static func authority(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func reason(_ error: any Error) -> String {
        guard let failure = error as? NIOConnectionError, let first = failure.connectionErrors.first else {
            return "\(error)"
        }
        // As Go says it: `connect: connection refused`.
        guard let refusal = first.error as? IOError else { return "connect: \(first.error)" }
        return "connect: \(Errno(rawValue: refusal.errnoCode).message.lowercased())"
    }
}
