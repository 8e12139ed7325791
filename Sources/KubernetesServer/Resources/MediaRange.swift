import JSONTree
import KubernetesModel

/// What a client wants to get: `application/json;as=Table;v=v1;g=meta.k8s.io,application/json`.
struct MediaRange: Equatable {
    var type: String
    var parameters: [String: String]

    /// In the order of the header; quality values do not reorder, as in a kube-apiserver.
    static func list(_ header: String) -> [MediaRange] {
        header.split(separator: ",").map { part in
            let words = part.split(separator: ";").map { $0.filter { $0 != " " } }
            var parameters: [String: String] = [:]
            for word in words.dropFirst() {
                let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
                if pair.count == 2 { parameters[pair[0]] = pair[1] }
            }
            return MediaRange(type: (words.first ?? "").lowercased(), parameters: parameters)
        }
    }
}

/// How objects are shown to a client.
enum Representation: Equatable {
    case object
    case table
    case metadata

    /// What is said when nothing of the list can be served.
    static let available =
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
        + "application/vnd.kubernetes.protobuf, application/json;stream=watch, "
        + "application/vnd.kubernetes.protobuf;stream=watch"

    /// The first range that can be served. We speak JSON; a client that takes nothing else is told so with 406.
    init(accept: String?) throws(Status) {
        let ranges = MediaRange.list(accept ?? "")
        if ranges.isEmpty {
            self = .object
            return
        }
        for range in ranges where ["application/json", "application/*", "*/*"].contains(range.type) {
            switch range.parameters["as"] {
            case nil:
                self = .object
                return
            case "Table" where range.parameters["v"] == "v1" || range.parameters["v"] == nil:
                self = .table
                return
            case "PartialObjectMetadata" where range.parameters["v"] == "v1",
                "PartialObjectMetadataList" where range.parameters["v"] == "v1":
                self = .metadata
                return
            default: continue
            }
        }
        throw Status(code: 406, reason: "NotAcceptable", message: Self.available, details: Status.Details())
    }
}
