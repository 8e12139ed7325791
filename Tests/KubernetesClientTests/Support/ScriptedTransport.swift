import Foundation
import JSONTree
import KubernetesClient
import LinuxHost
import Synchronization

/// Answers by a function of the request, and remembers what was asked.
final class ScriptedTransport: KubernetesTransport {
    private let log = Mutex<[KubernetesRequest]>([])
    private let answer: @Sendable (KubernetesRequest) -> KubernetesResponse

    var requests: [KubernetesRequest] { log.withLock { $0 } }

    init(_ answer: @escaping @Sendable (KubernetesRequest) -> KubernetesResponse) { self.answer = answer }

    func send(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesResponse {
        log.withLock { $0.append(request) }
        return answer(request)
    }

    static func json(_ status: Int, _ text: String) -> KubernetesResponse {
        KubernetesResponse(status: status, body: KubernetesBody(Array(text.utf8)))
    }
}

/// The answer of a recorded exchange (Fixtures/kubernetes-transcripts).
struct RecordedAnswer: Sendable {
    let request: String
    let response: KubernetesResponse

    init(_ name: String) throws {
        let tests = #filePath.components(separatedBy: "/KubernetesClientTests/")[0]
        let bytes =
            try AtomicFile.read("\(tests)/Fixtures/kubernetes-transcripts/client/v1.36.2-etcd3.5.30/\(name).http") ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        let halves = text.components(separatedBy: "----- response -----\n")
        request = halves[0].components(separatedBy: "\n")[0]
        let parts = (halves.count > 1 ? halves[1] : "").components(separatedBy: "\n\n")
        let lines = parts[0].components(separatedBy: "\n")
        let status = lines[0].split(separator: " ")
        var headers = KubernetesHeaders()
        for line in lines.dropFirst() {
            let field = line.components(separatedBy: ": ")
            if field.count >= 2 { headers.add(field[0], field.dropFirst().joined(separator: ": ")) }
        }
        response = KubernetesResponse(
            status: status.count > 1 ? Int(status[1]) ?? 0 : 0, headers: headers,
            body: KubernetesBody(Array(parts.dropFirst().joined(separator: "\n\n").utf8)))
    }
}
