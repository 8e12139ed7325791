import Addressing
import CLinux
import LinuxHost
import SystemCalls

extension Probe {
    /// Asks, and waits no longer than `patience`.
    public func run(patience: Duration) -> ProbeResult {
        let start = Clock.monotonic()
        let (seconds, attoseconds) = patience.components
        let deadline = start + UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds / 1_000_000_000))
        var result: ProbeResult
        do throws(ProbeSocket.Failure) {
            switch kind {
            case .tcp: result = try stream(size: 32, deadline)
            case .tcpBulk: result = try stream(size: 256 << 10, deadline)
            case .udp, .udpMTU, .udpOver: result = try datagram(deadline)
            case .icmp, .icmpMTU: result = try echo(deadline)
            case .connect:
                _ = try ProbeSocket.connected(
                    to: address, port: port, type: Int32(SOCK_STREAM.rawValue), deadline: deadline)
                result = ProbeResult(.reached)
            case .dns: result = try query(deadline)
            }
        } catch {
            switch error {
            case .call(let stage, let errno): result = ProbeResult(.failed(stage, errno: errno.name))
            case .timedOut(let stage): result = ProbeResult(.timedOut(stage))
            }
        }
        result.microseconds = Int((Clock.monotonic() - start) / 1000)
        return result
    }

    /// Bytes that tell when one of them is missing or in the wrong place.
    static func pattern(_ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    private func stream(size: Int, _ deadline: UInt64) throws(ProbeSocket.Failure) -> ProbeResult {
        let socket = try ProbeSocket.connected(
            to: address, port: port, type: Int32(SOCK_STREAM.rawValue), deadline: deadline)
        let mtu = socket.mtu
        let payload = Self.pattern(size)
        try socket.send(Array("\(EchoProtocol.greeting) \(size)\n".utf8))
        // In pieces, with the echo taken in between: neither side's buffers have to hold everything.
        var head: [UInt8] = []
        var echo: [UInt8] = []
        var line: String?
        var sent = 0
        while echo.count < size {
            if sent < size, sent - echo.count < 64 << 10 {
                let end = min(sent + 16 << 10, size)
                try socket.send(Array(payload[sent..<end]))
                sent = end
                continue
            }
            let piece = try socket.receive(64 << 10)
            if piece.isEmpty {
                return ProbeResult(.wrongAnswer("the stream ended after \(echo.count) of \(size) bytes"))
            }
            if line == nil {
                head += piece
                guard let newline = head.firstIndex(of: UInt8(ascii: "\n")) else { continue }
                line = String(decoding: head[..<newline], as: UTF8.self)
                echo = Array(head[(newline + 1)...])
            } else {
                echo += piece
            }
        }
        var result = ProbeResult(echo == payload ? .reached : .wrongAnswer("the echo is not what was sent"))
        result.read(line ?? "")
        (result.mtuBefore, result.mtuAfter) = (mtu, socket.mtu)
        return result
    }

    private func datagram(_ deadline: UInt64) throws(ProbeSocket.Failure) -> ProbeResult {
        let socket = try ProbeSocket.connected(
            to: address, port: port, type: Int32(SOCK_DGRAM.rawValue), deadline: deadline)
        let mtu = socket.mtu
        // IP and UDP headers (RFC 791, RFC 8200, RFC 768).
        let largest = min(max(64, mtu - (address.family == .v4 ? 28 : 48)), 65_507)
        let size = kind == .udp ? 64 : kind == .udpMTU ? largest : largest + 1
        try socket.allowFragments(kind == .udp)
        if kind == .udpOver {
            var isRefused = false
            do { try socket.send(Self.pattern(size)) } catch {
                guard case .call(.send, let errno) = error, errno.name == "EMSGSIZE" else { throw error }
                isRefused = true
            }
            if !isRefused {
                return ProbeResult(.wrongAnswer("\(size) bytes went out undivided through an MTU of \(mtu)"))
            }
            try socket.allowFragments(true)
        }
        try socket.send(Self.pattern(size))
        let answer: [UInt8]
        do {
            answer = try socket.receive(65_536)
        } catch {
            var result: ProbeResult
            switch error {
            case .call(let stage, let errno): result = ProbeResult(.failed(stage, errno: errno.name))
            case .timedOut(let stage): result = ProbeResult(.timedOut(stage))
            }
            // A router that said "too big" has left its number with the route.
            (result.mtuBefore, result.mtuAfter) = (mtu, socket.mtu)
            return result
        }
        var result = ProbeResult(
            answer.count == size ? .reached : .wrongAnswer("\(answer.count) bytes came back of \(size)"))
        let line = answer.prefix { $0 != UInt8(ascii: "\n") }
        result.read(String(decoding: line, as: UTF8.self))
        (result.mtuBefore, result.mtuAfter) = (mtu, socket.mtu)
        return result
    }

    /// Asks for a name that every cluster has. An answer that says no is an answer.
    private func query(_ deadline: UInt64) throws(ProbeSocket.Failure) -> ProbeResult {
        let socket = try ProbeSocket.connected(
            to: address, port: port, type: Int32(SOCK_DGRAM.rawValue), deadline: deadline)
        let identifier = UInt16.random(in: 1...UInt16.max)
        // Header (RFC 1035 4.1.1): recursion desired, one question. Then the name, type A, class IN.
        var question: [UInt8] = [UInt8(identifier >> 8), UInt8(identifier & 0xFF), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in ["kubernetes", "default", "svc", "cluster", "local"] {
            question.append(UInt8(label.utf8.count))
            question += Array(label.utf8)
        }
        try socket.send(question + [0, 0, 1, 0, 1])
        while true {
            let answer = try socket.receive(4096)
            // The same identifier, and the bit that says it is a response.
            if answer.count >= 12, answer[0] == question[0], answer[1] == question[1], answer[2] & 0x80 != 0 {
                return ProbeResult(.reached)
            }
        }
    }

    /// ICMP echo (RFC 792, RFC 4443): by an unprivileged socket where the kernel lets us, by a raw one otherwise.
    private func echo(_ deadline: UInt64) throws(ProbeSocket.Failure) -> ProbeResult {
        let number = address.family == .v4 ? Int32(IPPROTO_ICMP) : 58
        let identifier = UInt16.random(in: 1...UInt16.max)
        let isV6 = address.family == .v6
        var request = EchoMessage(isV6: isV6, identifier: identifier).bytes
        // IP and ICMP headers (RFC 791, RFC 8200, RFC 792).
        func fill(_ mtu: Int) {
            request += [UInt8](repeating: 0x70, count: max(0, mtu - (isV6 ? 40 : 20) - request.count))
        }
        // The kernel writes the checksum of ICMPv6 and of unprivileged sockets; for raw IPv4 it is ours.
        do throws(ProbeSocket.Failure) {
            let socket = try ProbeSocket.connected(
                to: address, port: 0, type: Int32(SOCK_DGRAM.rawValue), protocol: number, deadline: deadline)
            if kind == .icmpMTU {
                fill(min(socket.mtu, 65_000))
                try socket.allowFragments(false)
            }
            try socket.send(request)
            return try answer(socket, isRaw: false, identifier)
        } catch {
            guard case .call(.open, let errno) = error, errno == .EACCES || errno == .EPERM else { throw error }
        }
        let socket = try ProbeSocket.connected(
            to: address, port: 0, type: Int32(SOCK_RAW.rawValue), protocol: number, deadline: deadline)
        if kind == .icmpMTU {
            if request.count < 100 { fill(min(socket.mtu, 65_000)) }
            try socket.allowFragments(false)
        }
        if address.family == .v4 { request = EchoMessage.withChecksum(request) }
        try socket.send(request)
        return try answer(socket, isRaw: true, identifier)
    }

    private func answer(
        _ socket: borrowing ProbeSocket, isRaw: Bool, _ identifier: UInt16
    ) throws(ProbeSocket.Failure) -> ProbeResult {
        while true {
            var bytes = try socket.receive(65_536)
            // A raw IPv4 socket gives the IP header too.
            if isRaw, address.family == .v4, let first = bytes.first {
                bytes = Array(bytes.dropFirst(Int(first & 15) * 4))
            }
            guard bytes.count >= 8, bytes[0] == (address.family == .v4 ? 0 : 129) else { continue }
            if isRaw, UInt16(bytes[4]) << 8 | UInt16(bytes[5]) != identifier { continue }
            return ProbeResult(.reached)
        }
    }
}

extension ProbeResult {
    /// The line that an echo server begins its answer with.
    mutating func read(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 3, words[0] == EchoProtocol.greeting else { return }
        answerer = words[1]
        seenAs = words[2]
    }
}

/// What client and server of the test say to each other: a greeting with a number of bytes, answered with a line that
/// says who answers and whom he sees, and the bytes.
enum EchoProtocol {
    static let greeting = "poplin-conntest"
}

/// An ICMP echo request with a few bytes of data.
struct EchoMessage {
    let bytes: [UInt8]

    init(isV6: Bool, identifier: UInt16) {
        bytes =
            [isV6 ? 128 : 8, 0, 0, 0, UInt8(identifier >> 8), UInt8(identifier & 0xFF), 0, 1]
            + Array("poplin conntest!".utf8)
    }

    /// The one's complement sum (RFC 1071) in its place.
    static func withChecksum(_ bytes: [UInt8]) -> [UInt8] {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            let low = index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0
            sum += UInt32(bytes[index]) << 8 | low
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        let checksum = ~UInt16(sum)
        var result = bytes
        result[2] = UInt8(checksum >> 8)
        result[3] = UInt8(checksum & 0xFF)
        return result
    }
}
