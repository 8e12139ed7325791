import JSONTree

/// The protocols of exec over a WebSocket: each binary message begins with the number of a channel (kubelet,
/// `remotecommand`). Version 5 adds a message that closes one of our channels, without which a command that reads its
/// input to the end never ends.
public enum RemoteCommandVersion: String, Sendable, CaseIterable {
    case v5 = "v5.channel.k8s.io"
    case v4 = "v4.channel.k8s.io"

    var canCloseInput: Bool { self == .v5 }
}

/// One message of an exec session, either way.
public enum RemoteCommandMessage: Sendable, Hashable {
    case input([UInt8])
    case output([UInt8])
    case errorOutput([UInt8])
    /// How it ended: a Status.
    case status([UInt8])
    case resize(width: UInt16, height: UInt16)
    /// Version 5: no more messages on this channel.
    case closed(UInt8)

    /// What the server sent; nil for channels that mean nothing here, which are passed over.
    public init?(received message: [UInt8]) {
        guard let channel = message.first else { return nil }
        let rest = Array(message.dropFirst())
        switch channel {
        case 1: self = .output(rest)
        case 2: self = .errorOutput(rest)
        case 3: self = .status(rest)
        case 255:
            guard let closed = rest.first else { return nil }
            self = .closed(closed)
        default: return nil
        }
    }

    /// As it is sent.
    public var bytes: [UInt8] {
        switch self {
        case .input(let bytes): [0] + bytes
        case .output(let bytes): [1] + bytes
        case .errorOutput(let bytes): [2] + bytes
        case .status(let bytes): [3] + bytes
        case .resize(let width, let height): [4] + Array(#"{"Width":\#(width),"Height":\#(height)}"#.utf8)
        case .closed(let channel): [255, channel]
        }
    }
}

/// How a command in a container ended.
public enum CommandEnd: Sendable, Hashable {
    case exited(code: Int)
    /// It could not be started, or was lost: what the runtime says.
    case failed(ServerStatus)

    public init(status bytes: [UInt8]) throws(KubernetesFailure) {
        let node: JSONNode
        do {
            node = try JSONTree(parsing: bytes).root
        } catch {
            throw KubernetesFailure(
                .malformed("the end of the command is no Status: \(String(decoding: bytes.prefix(100), as: UTF8.self))")
            )
        }
        if node.member("status")?.string == "Success" {
            self = .exited(code: 0)
            return
        }
        let status = ServerStatus(decoding: node, httpStatus: 500)
        if status.reason == "NonZeroExitCode",
            let code = status.causes.first(where: { $0.reason == "ExitCode" }).flatMap({ Int($0.message) })
        {
            self = .exited(code: code)
        } else {
            self = .failed(status)
        }
    }
}

/// The server's side of a port-forward over `v4.channel.k8s.io`: a channel of data and one of errors for each port, and
/// the first message on each of them is the port in two bytes, low byte first.
public struct PortForwardDecoder: Sendable {
    public enum Event: Sendable, Hashable {
        case data([UInt8])
        /// A text of the kubelet: the port refused, the pod is gone.
        case error(String)
    }

    private let port: UInt16
    private var hasBegun = [false, false]

    public init(port: UInt16) { self.port = port }

    public mutating func decode(_ message: [UInt8]) throws(KubernetesFailure) -> Event? {
        guard let channel = message.first, channel < 2 else {
            throw KubernetesFailure(
                .malformed("a port-forward of one port has channels 0 and 1, here is \(message.first ?? 0)"))
        }
        var rest = message.dropFirst()
        if !hasBegun[Int(channel)] {
            guard rest.count >= 2, let low = rest.popFirst(), let high = rest.popFirst() else {
                throw KubernetesFailure(.malformed("a channel of a port-forward must begin with its port"))
            }
            let named = UInt16(low) | UInt16(high) << 8
            guard named == port else {
                throw KubernetesFailure(.malformed("port \(port) was asked for and \(named) is forwarded"))
            }
            hasBegun[Int(channel)] = true
        }
        if rest.isEmpty { return nil }
        return channel == 0 ? .data(Array(rest)) : .error(String(decoding: rest, as: UTF8.self).trimmed)
    }
}
