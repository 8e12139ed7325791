import CLinux
import Foundation
import Synchronization
import SystemCalls
import Testing

@testable import AgentProtocol

/// The client against a listener of the test's, on a thread of its own because the client blocks.
@Suite struct AgentClientTests {
    private static let status = AgentRequest(.status, network: "poplin", deadlineMilliseconds: 60_000)

    private static func failure(_ client: AgentClient, _ request: AgentRequest = status) -> AgentClient.Failure? {
        do throws(AgentClient.Failure) {
            _ = try client.ask(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func anAnswerComesBack() throws {
        let listener = try Listener { line in
            let request = try? AgentRequest(line: line)
            return AgentReply.failure(AgentFailure(.notAvailable, "heard \(request?.operation.rawValue ?? "noise")"))
                .line
        }
        let reply = try AgentClient(path: listener.path).ask(Self.status)
        #expect(reply == .failure(AgentFailure(.notAvailable, "heard status")))
    }

    /// More than a socket's buffer holds, in both directions, and in pieces.
    @Test func longLinesPass() throws {
        let details = String(repeating: "x", count: 700_000)
        let listener = try Listener { line in
            let request = try? AgentRequest(line: line)
            let count = request?.attachments.count ?? 0
            return AgentReply.failure(AgentFailure(.notAvailable, "\(count)", details: details)).line
        }
        var request = AgentRequest(.collectGarbage, network: "poplin", deadlineMilliseconds: 60_000)
        request.attachments = (0..<10_000).map {
            AgentAttachment(containerID: "container-\($0)", interfaceName: "eth0")
        }
        let reply = try AgentClient(path: listener.path).ask(request)
        #expect(reply == .failure(AgentFailure(.notAvailable, "10000", details: details)))
    }

    @Test func withoutASocketTheAgentIsAbsent() {
        let path = "/tmp/poplin-no-such-\(getpid())/agent.sock"
        #expect(
            Self.failure(AgentClient(path: path)) == .absent(path: path, SystemCallError("connect", .ENOENT, on: path)))
    }

    /// What a killed agent leaves: the name, and nobody behind it.
    @Test func withASocketNobodyListensAtTheAgentIsAbsent() throws {
        let listener = try Listener { _ in [] }
        listener.close()
        let path = listener.path
        #expect(
            Self.failure(AgentClient(path: path))
                == .absent(path: path, SystemCallError("connect", .ECONNREFUSED, on: path)))
    }

    @Test func anAgentThatDoesNotAnswerIsSilent() throws {
        let listener = try Listener { _ in nil }
        let request = AgentRequest(.status, network: "poplin", deadlineMilliseconds: 30)
        #expect(
            Self.failure(AgentClient(path: listener.path), request) == .silent(path: listener.path, milliseconds: 30))
    }

    @Test(arguments: [
        ("", "it hung up without one"), (#"{"v":1}"#, "it hung up in between"), ("noise\n", "line 1"),
        (#"{"v":9}"# + "\n", "version 9 is spoken"),
    ])
    func anAnswerThatIsNoneIsUnreadable(_ answer: String, _ expected: String) throws {
        let listener = try Listener { _ in Array(answer.utf8) }
        let failure = Self.failure(AgentClient(path: listener.path))
        guard case .unreadable(_, let reason) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(reason.contains(expected))
    }

    @Test func aPathThatDoesNotFitIsSaidSo() {
        let path = "/" + String(repeating: "a", count: 200)
        #expect(
            Self.failure(AgentClient(path: path)) == .refused(SystemCallError("connect", .ENAMETOOLONG, on: path)))
    }
}

/// Listens at a path of its own and answers every line it is sent.
final class Listener: Sendable {
    let path: String
    private let door: Door

    /// The listening socket. Only who accepts closes it: a number that is closed elsewhere may already be the socket of
    /// another test when it is accepted from.
    private final class Door: Sendable {
        private let number: Mutex<Int32?>

        init(_ number: Int32) { self.number = Mutex(number) }

        func shut() {
            number.withLock { if let number = $0 { _ = shutdown(number, Int32(SHUT_RDWR)) } }
        }

        func remove() {
            number.withLock {
                if let number = $0 { _ = CLinux.close(number) }
                $0 = nil
            }
        }
    }

    /// - Parameter answer: what is sent for a line before hanging up; nil answers nothing and holds the connection.
    init(answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) throws {
        let path = "/tmp/poplin-agent-\(getpid())-\(UUID().uuidString.prefix(8)).sock"
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = clinux_bind(number, &address, socklen_t(MemoryLayout<sockaddr_un>.size))
        try #require(bound == 0)
        try #require(listen(number, 16) == 0)
        self.path = path
        let door = Door(number)
        self.door = door
        Thread.detachNewThread {
            while true {
                let connection = accept(number, nil, nil)
                if connection < 0 {
                    if errno == EINTR { continue }
                    return door.remove()
                }
                Thread.detachNewThread { Self.serve(connection, answer) }
            }
        }
    }

    private static func serve(_ connection: Int32, _ answer: ([UInt8]) -> [UInt8]?) {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while line.last != UInt8(ascii: "\n") {
            let count = read(connection, &buffer, buffer.count)
            if count <= 0 { break }
            line += buffer[..<count]
        }
        guard let bytes = answer(line) else { return }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { break }
            sent += count
        }
        _ = CLinux.close(connection)
    }

    /// Stops listening; the name stays.
    func close() { door.shut() }

    deinit {
        close()
        _ = unlink(path)
    }
}
