import Addressing
import NIOCore
import NIOPosix
import Synchronization
import SystemCalls

extension HTTPServer {
    /// Where a server takes connections.
    public enum Listener: Hashable, Sendable, CustomStringConvertible {
        /// An address of this machine, or a name of one; port 0 takes a free one.
        case address(host: String, port: Int)
        /// The number of a TCP socket that listens already, in whatever network namespace; it becomes the server's.
        case descriptor(Int32)

        public var description: String {
            switch self {
            case .address(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .descriptor(let number): "file descriptor \(number)"
            }
        }
    }

    /// A listener that could not be opened, and why.
    struct ListenerFailure: Error, CustomStringConvertible {
        var listener: String
        var reason: String

        var description: String { "\(listener): \(reason)" }
    }

    /// A ``Listener`` that was looked at: descriptors are known to be what they should be, and where.
    final class Place: Sendable {
        let listener: Listener
        /// An address or a name; a wildcard means every address of the machine.
        let host: String
        /// 0 while it is not known.
        let port: Int
        /// Until the server has it.
        private let descriptor: Mutex<Int32?>

        init(_ listener: Listener) throws(ListenerFailure) {
            self.listener = listener
            switch listener {
            case .address(let host, let port):
                (self.host, self.port) = (host, port)
                descriptor = Mutex(nil)
            case .descriptor(let number):
                do throws(SystemCallError) {
                    let socket = try Sockets.adoptListener(number)
                    let name = try Sockets.name(of: socket)
                    (host, port) = (IPAddress(bytes: name.address).map { "\($0)" } ?? "", Int(name.port))
                    descriptor = Mutex(socket.release())
                } catch {
                    throw ListenerFailure(listener: "\(listener)", reason: Self.reason(error))
                }
            }
        }

        deinit {
            if let number = descriptor.withLock({ $0 }) { _ = FileDescriptor(owning: number) }
        }

        private static func reason(_ error: SystemCallError) -> String {
            switch error.errno {
            case .EBADF: "it is not open in this process; was it handed over without close-on-exec?"
            case .ENOTSOCK: "it is no socket"
            case .EINVAL: "it is no TCP socket that listens; call listen(2) before handing it over"
            default: "\(error)"
            }
        }

        var isWildcard: Bool { ["0.0.0.0", "::", "[::]", ""].contains(host) }

        func open(_ bootstrap: ServerBootstrap) async throws -> any Channel {
            let number = descriptor.withLock { number in
                defer { number = nil }
                return number
            }
            if let number { return try await bootstrap.withBoundSocket(number).get() }
            return try await bootstrap.bind(host: host, port: port).get()
        }
    }
}
