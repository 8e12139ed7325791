import Addressing
import AgentProtocol
import Foundation
import Glibc
import Synchronization

/// An agent that only hands out addresses: listens in a node's directory, counts up from .2, and remembers what it was
/// asked. It validates: a second holder of an address, or a release of what nobody has, is noted as a complaint.
final class FakeAgent: Sendable {
    /// What becomes of a DEL that the plugin hands over unread.
    enum Manner: Hashable, Sendable {
        /// It is the plugin's to do, as for an agent that cannot.
        case leaves
        /// It is done.
        case takes
        /// These bytes.
        case answers(String)
        /// Nothing, until the plugin hangs up.
        case isSilent
    }

    struct State {
        var requests: [AgentRequest] = []
        var calls: [AgentCall] = []
        var manner = Manner.leaves
        var held: [AgentAttachment: [InterfaceAddress]] = [:]
        var next: UInt32 = 2
        /// Answers every request when it is set.
        var failure: AgentFailure?
        var mtu = 1450
        var isStopped = false
    }

    let path: String
    private let listener: Int32
    private let state: Mutex<State>
    private let hasIPv6: Bool

    init(_ node: TestNode, hasIPv6: Bool = true) throws {
        path = "\(node.directory)/agent.sock"
        state = Mutex(State())
        self.hasIPv6 = hasIPv6
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw HarnessError("\(path) is too long for a socket: set TMPDIR to something shorter")
        }
        let name = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let number = listener
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(number, 64) == 0 else {
            throw HarnessError("cannot listen at \(path): \(String(cString: strerror(errno)))")
        }
        // The thread holds the object no longer than an exchange, so that it can go.
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(number, nil, nil)
                guard connection >= 0, let agent = self else {
                    // Nobody else closes it: a number that is closed twice is by then another test's.
                    if connection >= 0 { _ = Glibc.close(connection) }
                    _ = Glibc.close(number)
                    return
                }
                agent.serve(connection)
            }
        }
    }

    private func serve(_ connection: Int32) {
        defer { _ = Glibc.close(connection) }
        var pieces = AgentMessageBuffer()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(connection, &buffer, buffer.count)
            if count <= 0 { return }
            let bytes: [UInt8]
            do throws(AgentMessageError) {
                switch try pieces.take(buffer[..<count]) {
                case nil: continue
                case .line(let line): bytes = answer(try AgentRequest(line: line)).line
                case .call(let call):
                    guard let answer = answer(call) else {
                        _ = read(connection, &buffer, buffer.count)
                        return
                    }
                    bytes = answer
                }
            } catch {
                bytes = AgentReply.failure(AgentFailure(.malformedRequest, "\(error)")).line
            }
            _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            return
        }
    }

    private func answer(_ call: AgentCall) -> [UInt8]? {
        state.withLock { state in
            state.calls.append(call)
            switch state.manner {
            case .leaves: return AgentReply.failure(AgentFailure(.malformedRequest, "not here")).line
            case .takes:
                let attachment = AgentAttachment(
                    containerID: call.environment["CNI_CONTAINERID"] ?? "",
                    interfaceName: call.environment["CNI_IFNAME"] ?? "")
                state.held[attachment] = nil
                return AgentReply.taken.line
            case .answers(let text): return Array(text.utf8)
            case .isSilent: return nil
            }
        }
    }

    private func answer(_ request: AgentRequest) -> AgentReply {
        state.withLock { state in
            state.requests.append(request)
            if let failure = state.failure { return .failure(failure) }
            let attachment = request.attachment ?? AgentAttachment(containerID: "", interfaceName: "")
            switch request.operation {
            case .add:
                let addresses = state.held[attachment] ?? Self.addresses(state.next, hasIPv6)
                if state.held[attachment] == nil { state.next += 1 }
                state.held[attachment] = addresses
                return .endpoint(
                    AgentEndpoint(
                        addresses: addresses, gateways: addresses.map { AgentEndpoint.gateway($0.family) },
                        hostMAC: AgentEndpoint.hostMAC, mtu: state.mtu))
            case .delete:
                state.held[attachment] = nil
                return .done
            case .check:
                if state.held[attachment] == request.addresses { return .done }
                return .failure(AgentFailure(.checkFailed, "\(attachment) has \(state.held[attachment] ?? [])"))
            case .collectGarbage:
                state.held = state.held.filter { request.attachments.contains($0.key) }
                return .done
            case .status: return .done
            }
        }
    }

    private static func addresses(_ number: UInt32, _ hasIPv6: Bool) -> [InterfaceAddress] {
        ["10.64.1.\(number)/32"].compactMap { InterfaceAddress($0) }
            + (hasIPv6 ? ["fd64:1::\(number)/128"].compactMap { InterfaceAddress($0) } : [])
    }

    var requests: [AgentRequest] { state.withLock { $0.requests } }
    var held: [AgentAttachment: [InterfaceAddress]] { state.withLock { $0.held } }
    /// Those that were handed over unread.
    var calls: [AgentCall] { state.withLock { $0.calls } }

    func meetCalls(_ manner: Manner) { state.withLock { $0.manner = manner } }

    /// What every request is answered with from now on; nil: what was asked for.
    func answer(with failure: AgentFailure?) { state.withLock { $0.failure = failure } }

    /// As a kill leaves it: the name, and nobody behind it.
    func stop() {
        state.withLock { state in
            // From here on connections are refused, and the thread wakes up and closes the socket.
            if !state.isStopped { _ = shutdown(listener, Int32(SHUT_RDWR)) }
            state.isStopped = true
        }
    }

    deinit { stop() }
}
