import Addressing
import CLinux
import Foundation
import SystemCalls

/// Answers probes: TCP and UDP on one port, IPv4 and IPv6. Threads, because there are few connections and they are
/// short.
public final class EchoServer: Sendable {
    public let port: UInt16
    private let name: String

    /// Listens on every address. When this returns, it answers.
    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - name: what the server calls itself; no blanks.
    public init(port: UInt16, name: String) throws(SystemCallError) {
        self.name = name.split(separator: " ").joined(separator: "-")
        var chosen = port
        var opened = 0
        var failure: SystemCallError?
        var sockets: [(Int32, isStream: Bool)] = []
        for family in IPFamily.allCases {
            for isStream in [true, false] {
                do throws(SystemCallError) {
                    let socket = try Self.listen(family, chosen, isStream: isStream)
                    if chosen == 0 { chosen = try Sockets.name(of: socket).port }
                    sockets.append((socket.release(), isStream))
                    opened += 1
                } catch {
                    // A kernel without IPv6 serves the other one.
                    if family == .v4 { failure = error }
                }
            }
        }
        self.port = chosen
        if let failure {
            for (number, _) in sockets { _ = FileDescriptor(owning: number) }
            throw failure
        }
        for (number, isStream) in sockets {
            Thread.detachNewThread { [self] in isStream ? accept(on: number) : answer(on: number) }
        }
    }

    private static func listen(
        _ family: IPFamily, _ port: UInt16, isStream: Bool
    ) throws(SystemCallError) -> FileDescriptor {
        let type = isStream ? Int32(SOCK_STREAM.rawValue) : Int32(SOCK_DGRAM.rawValue)
        let socket = try Sockets.make(domain: family == .v4 ? AF_INET : AF_INET6, type: type, protocol: 0)
        if family == .v6 { try Sockets.setOption(socket, level: Int32(IPPROTO_IPV6), name: IPV6_V6ONLY, value: 1) }
        try Sockets.setOption(socket, level: SOL_SOCKET, name: SO_REUSEADDR, value: 1)
        let any = IPAddress(number: 0, family: family)
        let number = socket.rawValue
        try SocketName(any, port).withPointer { (pointer, length) throws(SystemCallError) in
            _ = try retrying("bind", on: "port \(port)") { clinux_bind(number, pointer, length) }
        }
        if isStream { try retrying("listen") { CLinux.listen(number, 128) } }
        return socket
    }

    // MARK: TCP

    private func accept(on number: Int32) {
        while true {
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let accepted = withUnsafeMutablePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { CLinux.accept(number, $0, &length) }
            }
            if accepted < 0 { continue }
            let seen = SocketName(peer)
            Thread.detachNewThread { [self] in serve(FileDescriptor(owning: accepted), seen) }
        }
    }

    /// A greeting that is none ends the connection: somebody else is at the port.
    private func serve(_ socket: consuming FileDescriptor, _ peer: SocketName?) {
        let number = socket.rawValue
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        func receive() -> [UInt8] {
            let count = recv(number, &buffer, buffer.count, 0)
            return count > 0 ? Array(buffer[..<count]) : []
        }
        func send(_ bytes: [UInt8]) -> Bool {
            var start = 0
            while start < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    CLinux.send(
                        number, buffer.baseAddress.map { $0 + start }, buffer.count - start, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return false }
                start += count
            }
            return true
        }
        var head: [UInt8] = []
        while !head.contains(UInt8(ascii: "\n")) {
            let piece = receive()
            head += piece
            if piece.isEmpty || head.count > 4096 + (64 << 10) { return }
        }
        let line = head.prefix { $0 != UInt8(ascii: "\n") }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard words.count == 2, words[0] == EchoProtocol.greeting, let size = Int(words[1]), send(greeting(peer)) else {
            return
        }
        var echo = Array(head[(line.count + 1)...])
        var left = size
        while left > 0 {
            if echo.isEmpty { echo = receive() }
            if echo.isEmpty || !send(echo) { return }
            left -= echo.count
            echo = []
        }
        // The other side ends the connection, and keeps the waiting state with it.
        _ = receive()
    }

    private func greeting(_ peer: SocketName?) -> [UInt8] {
        Array("\(EchoProtocol.greeting) \(name) \(peer.map { "\($0.address)" } ?? "?")\n".utf8)
    }

    // MARK: UDP

    /// Each datagram goes back in its size, with who answers at its beginning.
    private func answer(on number: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(number, &buffer, buffer.count, 0, $0, &length)
                }
            }
            if count <= 0 { continue }
            let line = greeting(SocketName(peer))
            let reply = Array(line.prefix(count)) + buffer[min(line.count, count)..<count]
            _ = withUnsafePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(number, reply, reply.count, Int32(MSG_NOSIGNAL), $0, length)
                }
            }
        }
    }
}
