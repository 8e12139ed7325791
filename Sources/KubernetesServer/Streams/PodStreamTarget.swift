import KubernetesModel

/// Where a pod's stream goes: which kubelet, which path. Pure, with the refusals of a real server
/// (kubernetes/pkg/registry/core/pod/strategy.go).
struct PodStreamTarget: Hashable, Sendable {
    /// The subresources that are handed to a kubelet.
    enum Kind: String, Hashable, Sendable {
        case exec, attach, portforward, log
    }

    var node: String
    /// Percent-encoded, with its query.
    var target: String

    /// Nil for the log of a pod that no node has yet: it is empty, and that is no error.
    ///
    /// - Parameter ephemeral: names of the containers that were added while the pod ran.
    init?(_ kind: Kind, pod: Pod, ephemeral: [String] = [], query: QueryParameters) throws(Status) {
        let name = pod.metadata.name
        var segments: [String]
        switch kind {
        case .portforward: segments = ["portForward", pod.metadata.namespace, name]
        case .exec, .attach, .log:
            let container = try Self.container(of: pod, ephemeral, wanted: query["container"] ?? "")
            let first = kind == .log ? "containerLogs" : kind.rawValue
            segments = [first, pod.metadata.namespace, name, container]
        }
        node = pod.spec.nodeName
        if node.isEmpty {
            if kind == .log { return nil }
            throw .badRequest("pod \(name) does not have a host assigned")
        }
        let path = segments.map { "/" + PercentText.encoded($0) }.joined()
        let text = Self.parameters(kind, query)
            .map { "\(PercentText.encoded($0.name))=\(PercentText.encoded($0.value))" }.joined(separator: "&")
        target = text.isEmpty ? path : "\(path)?\(text)"
    }

    private static func container(
        of pod: Pod, _ ephemeral: [String], wanted: String
    ) throws(Status) -> String {
        let names = pod.spec.containers.map(\.name)
        let initNames = pod.spec.initContainers.map(\.name)
        if !wanted.isEmpty {
            guard (names + initNames + ephemeral).contains(wanted) else {
                throw .badRequest("container \(wanted) is not valid for pod \(pod.metadata.name)")
            }
            return wanted
        }
        if names.count == 1, let only = names.first { return only }
        var text = "a container name must be specified for pod \(pod.metadata.name)"
        if !names.isEmpty {
            text += ", choose one of: [\(names.joined(separator: " "))]"
            if !initNames.isEmpty { text += " or one of the init containers: [\(initNames.joined(separator: " "))]" }
            if !ephemeral.isEmpty {
                text += " or one of the ephemeral containers: [\(ephemeral.joined(separator: " "))]"
            }
        }
        throw .badRequest(text)
    }

    /// The API's words for the kubelet's.
    private static func parameters(_ kind: Kind, _ query: QueryParameters) -> [QueryParameters.Parameter] {
        switch kind {
        case .exec, .attach:
            let flags = [("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("tty", "tty")]
            return flags.filter { query.flag($0.0) }.map { QueryParameters.Parameter($0.1, "1") }
                + (kind == .exec ? query.all("command").map { QueryParameters.Parameter("command", $0) } : [])
        case .portforward:
            return query.all("ports").map { QueryParameters.Parameter("port", $0) }
        case .log:
            let known = [
                "follow", "previous", "timestamps", "sinceSeconds", "sinceTime", "tailLines", "limitBytes", "stream",
            ]
            return query.parameters.filter { known.contains($0.name) }
        }
    }
}

enum PercentText {
    /// Everything but the unreserved characters of RFC 3986 escaped.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
