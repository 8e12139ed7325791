import Foundation
import Glibc

/// Real packets between namespaces, sent with plain sockets: a socket belongs to the namespace it was made in, so
/// one thread can hold both ends.
enum Traffic {
    enum Transport: String, Sendable { case tcp, udp }

    /// What became of one attempt.
    enum Outcome: Sendable, Equatable, CustomStringConvertible {
        /// The server saw a client at this address (port left out) and the client got the echo.
        case reached(from: String)
        /// The server saw the client, the answer was lost.
        case unanswered(from: String)
        case refused
        case unreachable
        case silent

        var description: String {
            switch self {
            case .reached(let source): "reached, source \(source)"
            case .unanswered(let source): "unanswered, source \(source)"
            case .refused: "refused"
            case .unreachable: "unreachable"
            case .silent: "silent"
            }
        }
    }

    /// Sends from `client` to `address`:`port` while a server waits at `serverPort` of every address of `server`.
    /// - Parameter wait: milliseconds until silence counts as silence.
    static func send(
        _ transport: Transport, from client: TestNamespace, to address: String, port: UInt16,
        server: TestNamespace, serverPort: UInt16? = nil, source: String? = nil, wait: Int32 = 1300
    ) throws -> Outcome {
        let family = address.contains(":") ? AF_INET6 : AF_INET
        let type = transport == .tcp ? Int32(SOCK_STREAM.rawValue) : Int32(SOCK_DGRAM.rawValue)
        let listener = try server.inside { () throws -> Int32 in
            let number = socket(family, type | Int32(SOCK_CLOEXEC.rawValue), 0)
            var one: Int32 = 1
            setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, 4)
            if family == AF_INET6 { setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, 4) }
            let any = try SocketAddress(family == AF_INET6 ? "::" : "0.0.0.0", serverPort ?? port)
            guard bound(number, to: any) else {
                throw HarnessError("cannot listen on port \(serverPort ?? port) in \(server.name): \(text(errno))")
            }
            if transport == .tcp { listen(number, 4) }
            return number
        }
        defer { stop(listener) }

        let caller = try client.inside { () throws -> Int32 in
            let number = socket(family, type | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            if let source {
                guard try SocketAddress(source, 0).withPointer({ bind(number, $0, $1) }) == 0 else {
                    throw HarnessError("cannot bind to \(source) in \(client.name): \(text(errno))")
                }
            }
            return number
        }
        defer { _ = Glibc.close(caller) }

        let destination = try SocketAddress(address, port)
        if destination.withPointer({ connect(caller, $0, $1) }) != 0 && errno != EINPROGRESS { return outcome(errno) }
        return transport == .tcp
            ? try exchangeStream(caller, listener, wait) : try exchangeDatagram(caller, listener, wait)
    }

    private static func exchangeStream(_ caller: Int32, _ listener: Int32, _ wait: Int32) throws -> Outcome {
        guard ready(caller, POLLOUT, wait) else { return .silent }
        var failure: Int32 = 0
        var length = socklen_t(4)
        getsockopt(caller, SOL_SOCKET, SO_ERROR, &failure, &length)
        if failure != 0 { return outcome(failure) }
        // Connected, but maybe to somebody else's server.
        guard ready(listener, POLLIN, wait) else { return .silent }
        var peer = SocketAddress()
        let accepted = peer.fill { Glibc.accept(listener, $0, $1) }
        defer { _ = Glibc.close(accepted) }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        _ = Glibc.send(accepted, "ok", 2, Int32(MSG_NOSIGNAL))
        return ready(caller, POLLIN, wait) ? .reached(from: peer.host) : .unanswered(from: peer.host)
    }

    private static func exchangeDatagram(_ caller: Int32, _ listener: Int32, _ wait: Int32) throws -> Outcome {
        if Glibc.send(caller, "hi", 2, Int32(MSG_NOSIGNAL)) < 0 { return outcome(errno) }
        // TCP tries again after a second; so does this, once.
        // A refusal of the first is told by the second, which then is not sent.
        if !ready(listener, POLLIN, wait / 2), Glibc.send(caller, "hi", 2, Int32(MSG_NOSIGNAL)) < 0 {
            return outcome(errno)
        }
        guard ready(listener, POLLIN, wait / 2) else {
            var failure: Int32 = 0
            var length = socklen_t(4)
            getsockopt(caller, SOL_SOCKET, SO_ERROR, &failure, &length)
            return failure == 0 ? .silent : outcome(failure)
        }
        var peer = SocketAddress()
        var buffer = [UInt8](repeating: 0, count: 16)
        _ = peer.fill { recvfrom(listener, &buffer, buffer.count, 0, $0, $1) }
        _ = peer.withPointer { sendto(listener, "ok", 2, Int32(MSG_NOSIGNAL), $0, $1) }
        return ready(caller, POLLIN, wait) ? .reached(from: peer.host) : .unanswered(from: peer.host)
    }

    /// Binds, and waits up to two seconds for a port in use: a child that another test has just forked holds a copy of
    /// every socket until it executes its program, and so keeps a port that was closed here.
    private static func bound(_ number: Int32, to address: SocketAddress) -> Bool {
        for _ in 0..<200 {
            if address.withPointer({ bind(number, $0, $1) }) == 0 { return true }
            guard errno == EADDRINUSE else { return false }
            usleep(10_000)
        }
        return false
    }

    /// Ends a server for good: closing alone would leave it listening in such a child.
    private static func stop(_ listener: Int32) {
        _ = shutdown(listener, Int32(SHUT_RDWR))
        _ = Glibc.close(listener)
    }

    private static func ready(_ number: Int32, _ events: Int32, _ wait: Int32) -> Bool {
        var entry = pollfd(fd: number, events: Int16(events), revents: 0)
        return poll(&entry, 1, wait) == 1
    }

    private static func outcome(_ number: Int32) -> Outcome {
        switch number {
        case ECONNREFUSED: .refused
        case EINPROGRESS, ETIMEDOUT: .silent
        default: .unreachable
        }
    }

    private static func text(_ number: Int32) -> String { String(cString: strerror(number)) }

    /// Milliseconds that `bytes` take over one TCP connection from `client` to `server`.
    static func transferTime(
        bytes: Int, from client: TestNamespace, to address: String, port: UInt16, server: TestNamespace
    ) throws -> Double {
        let family = address.contains(":") ? AF_INET6 : AF_INET
        let listener = try server.inside { () throws -> Int32 in
            let number = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            let any = try SocketAddress(family == AF_INET6 ? "::" : "0.0.0.0", port)
            guard bound(number, to: any), listen(number, 1) == 0 else {
                throw HarnessError("cannot listen on port \(port): \(text(errno))")
            }
            return number
        }
        defer { stop(listener) }
        let caller = try client.inside { socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) }
        defer { _ = Glibc.close(caller) }
        guard try SocketAddress(address, port).withPointer({ connect(caller, $0, $1) }) == 0 else {
            throw HarnessError("cannot connect to \(address): \(text(errno))")
        }
        let accepted = Glibc.accept(listener, nil, nil)
        defer { _ = Glibc.close(accepted) }
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        _ = fcntl(caller, F_SETFL, O_NONBLOCK)
        _ = fcntl(accepted, F_SETFL, O_NONBLOCK)

        var sent = 0
        var received = 0
        var buffer = [UInt8](repeating: 0, count: 65536)
        let start = DispatchTime.now().uptimeNanoseconds
        while received < bytes {
            var entries = [
                pollfd(fd: caller, events: sent < bytes ? Int16(POLLOUT) : 0, revents: 0),
                pollfd(fd: accepted, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, 20_000) > 0 else { throw HarnessError("the transfer stopped at \(received) bytes") }
            if sent < bytes, entries[0].revents != 0 {
                sent += max(0, Glibc.send(caller, buffer, min(buffer.count, bytes - sent), Int32(MSG_NOSIGNAL)))
            }
            if entries[1].revents != 0 { received += max(0, Glibc.read(accepted, &buffer, buffer.count)) }
        }
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
    }
}

/// A `sockaddr_in` or `sockaddr_in6` in one place.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    init() {}

    init(_ host: String, _ port: UInt16) throws {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { target in
                withUnsafeBytes(of: v4) { target.copyMemory(from: $0) }
            }
        } else if inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { target in
                withUnsafeBytes(of: v6) { target.copyMemory(from: $0) }
            }
        } else {
            throw HarnessError("not an address: \(host)")
        }
    }

    func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    mutating func fill<R>(_ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> R) -> R {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    /// The address without its port.
    var host: String {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let failure = withPointer { getnameinfo($0, $1, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) }
        return failure == 0 ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) : "?"
    }
}
