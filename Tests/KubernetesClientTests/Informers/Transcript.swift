import Foundation

@testable import KubernetesClient

/// One recorded exchange with a real kube-apiserver.
struct Transcript {
    /// Path and query as they were asked for.
    let target: String
    let status: Int
    let headers: KubernetesHeaders
    let body: [UInt8]

    init?(_ server: String, _ name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appending(path: "Fixtures/kubernetes-transcripts/client/\(server)/\(name).http")
        guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else { return nil }
        let text = try String(contentsOf: file, encoding: .utf8)
        let halves = text.components(separatedBy: "----- response -----\n")
        guard halves.count == 2, let end = halves[1].range(of: "\n\n") else { return nil }
        target = halves[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
        let head = halves[1][..<end.lowerBound].split(separator: "\n")
        status = head.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        headers = KubernetesHeaders(
            head.dropFirst().compactMap { line in
                line.range(of: ": ").map {
                    KubernetesField(String(line[..<$0.lowerBound]), String(line[$0.upperBound...]))
                }
            })
        body = Array(halves[1][end.upperBound...].utf8)
    }

    func query(_ name: String) -> String? {
        URLComponents(string: target)?.queryItems?.first { $0.name == name }?.value
    }

    static let servers = ["v1.20.2-etcd3.4.23", "v1.36.2-etcd3.4.23-nokcm", "v1.36.2-etcd3.5.30"]
}
