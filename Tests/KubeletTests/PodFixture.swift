import JSONTree
import KubernetesModel

@testable import Kubelet

enum PodFixture {
    /// A pod from the text of its spec, and of other members of the object.
    static func pod(_ spec: String, status: String = "{}", metadata: String = "") throws -> PodSpec {
        let text = """
            {"metadata":{"name":"web","namespace":"shop","uid":"11-22"\(metadata.isEmpty ? "" : ",\(metadata)")},
             "spec":\(spec),"status":\(status)}
            """
        return try PodSpec(decoding: try JSONTree(parsing: text).root)
    }

    static func running(since: UInt64 = 1, attempt: Int = 0, isStarted: Bool = true) -> ContainerRecord {
        var record = ContainerRecord()
        record.attempt = attempt
        record.id = "c\(attempt)"
        record.state = .running(since: since)
        record.isStarted = isStarted
        return record
    }

    static func ended(_ code: Int, attempt: Int = 0, at time: UInt64 = 2) -> ContainerRecord {
        var record = running(attempt: attempt)
        record.state = .ended(
            .init(
                id: "c\(attempt)", exitCode: code, reason: code == 0 ? "Completed" : "Error", startedAt: 1,
                finishedAt: time))
        return record
    }
}
