import KubernetesClient
import Synchronization

/// A way to a real server on which something goes wrong: what, is a function of the request and its number.
final class FaultyTransport: KubernetesTransport {
    enum Fault: Sendable {
        /// Nothing comes back, ever.
        case silence
        /// Another answer than the server's.
        case answer(Int, String)
        /// No connection.
        case unreachable
    }

    private let real: any KubernetesTransport
    private let rule: @Sendable (KubernetesRequest, Int) -> Fault?
    private let count = Mutex(0)

    init(_ real: any KubernetesTransport, _ rule: @escaping @Sendable (KubernetesRequest, Int) -> Fault?) {
        self.real = real
        self.rule = rule
    }

    /// Requests so far.
    var requests: Int { count.withLock { $0 } }

    func send(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesResponse {
        let number = count.withLock {
            $0 += 1
            return $0
        }
        switch rule(request, number) {
        case nil: return try await real.send(request)
        case .silence:
            // Until it is called off.
            do { try await Task.sleep(for: .seconds(3600)) } catch {}
            throw KubernetesFailure(.cancelled)
        case .answer(let status, let text):
            return KubernetesResponse(status: status, body: KubernetesBody(Array(text.utf8)))
        case .unreachable: throw KubernetesFailure(.unreachable("connect: ECONNREFUSED"))
        }
    }
}
