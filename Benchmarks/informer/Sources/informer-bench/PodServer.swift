import KubernetesClient

/// The other side of an informer, without a network: lists in pages, then a watch that sends as many events as asked.
/// Pages are made when they are asked for, so that the informer's memory is all there is; or beforehand, so that its
/// time is all that is measured.
final class PodServer: KubernetesTransport {
    static let pageSize = 500
    let pods: PodSource
    let prepared: [[UInt8]]
    let events: [UInt8]

    init(_ pods: PodSource, prepares: Bool, events: Int) {
        self.pods = pods
        prepared = prepares ? stride(from: 0, to: pods.count, by: Self.pageSize).map { Self.page(pods, from: $0) } : []
        let changes = (0..<events).map { number in
            let pod = pods.pod(number % pods.count, generation: 1 + number / pods.count).dropFirst()
            return "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\(pod)}\n"
        }
        self.events = Array(changes.joined().utf8)
    }

    private static func page(_ pods: PodSource, from first: Int) -> [UInt8] {
        let last = min(first + pageSize, pods.count)
        let next = last < pods.count ? ",\"continue\":\"\(last)\"" : ""
        var bytes = Array(
            "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"900\"\(next)},\"items\":["
                .utf8)
        for number in first..<last {
            if number > first { bytes.append(UInt8(ascii: ",")) }
            bytes += Array(pods.pod(number).utf8)
        }
        bytes += Array("]}".utf8)
        return bytes
    }

    func send(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesResponse {
        if request.query.contains(where: { $0.name == "watch" }) {
            return KubernetesResponse(status: 200, body: KubernetesBody { Chunks(bytes: self.events, holds: true) })
        }
        let first = request.query.first { $0.name == "continue" }.flatMap { Int($0.value) } ?? 0
        let page = prepared.isEmpty ? Self.page(pods, from: first) : prepared[first / Self.pageSize]
        return KubernetesResponse(status: 200, body: KubernetesBody { Chunks(bytes: page, holds: false) })
    }

    private struct Chunks: KubernetesBodyReader {
        let bytes: [UInt8]
        /// Does not end when it has sent everything, as a watch does not.
        let holds: Bool
        var position = 0

        init(bytes: [UInt8], holds: Bool) {
            self.bytes = bytes
            self.holds = holds
        }

        /// As NIO reads: up to 64 KiB at a time.
        mutating func next(isolation actor: isolated (any Actor)?) async throws(KubernetesFailure) -> [UInt8]? {
            if position == bytes.count {
                if holds {
                    do { try await Task.sleep(for: .seconds(3600)) } catch { throw KubernetesFailure(.cancelled) }
                }
                return nil
            }
            let end = min(position + 65_536, bytes.count)
            defer { position = end }
            return Array(bytes[position..<end])
        }
    }
}
