import Addressing
import JSONTree

/// One question to the network, asked from inside a pod: `tcp,10.244.1.5,8087`.
public struct Probe: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case tcp
        /// 256 KiB there and back: full segments in both directions.
        case tcpBulk = "tcp-bulk"
        case udp
        /// One datagram that fills a packet of the route's MTU, not to be fragmented, and as much back.
        case udpMTU = "udp-mtu"
        /// One byte more: refused where it must not be fragmented, and fragmented it has to arrive.
        case udpOver = "udp-over"
        case icmp
        /// An echo that fills a packet of the route's MTU, not to be fragmented.
        case icmpMTU = "icmp-mtu"
        /// A TCP connection, closed as soon as it is open.
        case connect
        /// A DNS query over UDP; any answer counts.
        case dns
    }

    public var kind: Kind
    public var address: IPAddress
    /// 0 for ICMP.
    public var port: UInt16

    public init(_ kind: Kind, to address: IPAddress, port: UInt16 = 0) {
        self.kind = kind
        self.address = address
        self.port = port
    }

    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let kind = Kind(rawValue: parts[0]), let address = IPAddress(parts[1]),
            let port = UInt16(parts[2])
        else { return nil }
        self.init(kind, to: address, port: port)
    }

    public var description: String { "\(kind.rawValue),\(address),\(port)" }
}

/// What came of a probe.
public struct ProbeResult: Hashable, Sendable {
    public enum Stage: String, Hashable, Sendable, CaseIterable { case open, connect, send, receive }

    public enum Outcome: Hashable, Sendable {
        case reached
        /// A system call failed: the error's name, such as `ECONNREFUSED`.
        case failed(Stage, errno: String)
        case timedOut(Stage)
        /// Something came that was not what was sent.
        case wrongAnswer(String)
    }

    public var outcome: Outcome
    /// Thousandths of a millisecond from the first packet to the answer.
    public var microseconds: Int
    /// What the other side calls itself.
    public var answerer = ""
    /// As whom the other side saw us.
    public var seenAs = ""
    /// The route's MTU, as the kernel knew it before the first packet and after the last; 0 for unknown.
    public var mtuBefore = 0
    public var mtuAfter = 0

    public init(_ outcome: Outcome, microseconds: Int = 0) {
        self.outcome = outcome
        self.microseconds = microseconds
    }

    public var isReached: Bool { outcome == .reached }
}

// MARK: - As JSON, one line each

extension ProbeResult {
    public var value: JSONValue {
        var members = [JSONMember("v", 1)]
        switch outcome {
        case .reached: members.append(JSONMember("outcome", "reached"))
        case .failed(let stage, let errno):
            members += [
                JSONMember("outcome", "failed"), JSONMember("stage", .string(stage.rawValue)),
                JSONMember("errno", .string(errno)),
            ]
        case .timedOut(let stage):
            members += [JSONMember("outcome", "timedOut"), JSONMember("stage", .string(stage.rawValue))]
        case .wrongAnswer(let text):
            members += [JSONMember("outcome", "wrongAnswer"), JSONMember("text", .string(text))]
        }
        members.append(JSONMember("microseconds", .int(Int64(microseconds))))
        if !answerer.isEmpty { members.append(JSONMember("answerer", .string(answerer))) }
        if !seenAs.isEmpty { members.append(JSONMember("seenAs", .string(seenAs))) }
        if mtuBefore > 0 { members.append(JSONMember("mtu", .int(Int64(mtuBefore)))) }
        if mtuAfter > 0, mtuAfter != mtuBefore { members.append(JSONMember("mtuAfter", .int(Int64(mtuAfter)))) }
        return .object(members)
    }

    public init?(_ node: JSONNode) {
        func number(_ key: String) -> Int? { node.member(key)?.int.flatMap { Int(exactly: $0) } }
        let stage = node.member("stage")?.string.flatMap(Stage.init(rawValue:)) ?? .open
        switch node.member("outcome")?.string {
        case "reached": outcome = .reached
        case "failed": outcome = .failed(stage, errno: node.member("errno")?.string ?? "")
        case "timedOut": outcome = .timedOut(stage)
        case "wrongAnswer": outcome = .wrongAnswer(node.member("text")?.string ?? "")
        default: return nil
        }
        microseconds = number("microseconds") ?? 0
        answerer = node.member("answerer")?.string ?? ""
        seenAs = node.member("seenAs")?.string ?? ""
        mtuBefore = number("mtu") ?? 0
        mtuAfter = number("mtuAfter") ?? mtuBefore
    }
}
