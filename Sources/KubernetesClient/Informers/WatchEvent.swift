import JSONTree
import KubernetesModel

/// One event of a watch (metav1.WatchEvent), read as far as the reflector needs it.
enum WatchEvent {
    case object(Reflector.EventType, ObjectIdentity, JSONNode)
    case bookmark(ResourceVersion, endsInitialEvents: Bool)
    case error(ServerRefusal)

    init(parsing bytes: [UInt8]) throws(ScanError) {
        let tree: JSONTree
        do throws(JSONSyntaxError) { tree = try JSONTree(parsing: bytes) } catch {
            throw ScanError("an event that is no JSON: \(error.description)")
        }
        guard let type = tree.root.member("type")?.string else { throw ScanError("an event without a type") }
        guard let object = tree.root.member("object"), object.kind == .object else {
            throw ScanError("an event \(type) without an object")
        }
        if let type = Reflector.EventType(rawValue: type) {
            self = .object(type, try ObjectIdentity(reading: object), object)
            return
        }
        switch type {
        case "BOOKMARK":
            let metadata = object.member("metadata")
            let end = metadata?.member("annotations")?.member("k8s.io/initial-events-end")?.string
            self = .bookmark(
                ResourceVersion(metadata?.member("resourceVersion")?.string ?? ""), endsInitialEvents: end == "true")
        case "ERROR": self = .error(ServerRefusal(status: object, code: 500))
        default: throw ScanError("an event of the unknown type \(type)")
        }
    }
}

extension ObjectIdentity {
    /// `metadata` of an object from a server; without a name or a version it is none.
    init(reading object: JSONNode) throws(ScanError) {
        guard let metadata = object.member("metadata") else { throw ScanError("an object without metadata") }
        guard let name = metadata.member("name")?.string, !name.isEmpty else {
            throw ScanError("an object without metadata.name")
        }
        let key = ObjectKey(namespace: metadata.member("namespace")?.string ?? "", name: name)
        guard let version = metadata.member("resourceVersion")?.string, !version.isEmpty else {
            throw ScanError("\(key) has no metadata.resourceVersion")
        }
        self.init(key: key, uid: metadata.member("uid")?.string ?? "", version: ResourceVersion(version))
    }
}

extension ServerRefusal {
    /// A Status object; `code` is used where it has none.
    init(status: JSONNode, code: Int) {
        let details = status.member("details")
        self.init(
            code: status.member("code")?.int.map { Int(clamping: $0) } ?? code,
            reason: status.member("reason")?.string ?? "", message: status.member("message")?.string ?? "",
            causes: details?.member("causes")?.elements.compactMap { $0.member("reason")?.string } ?? [],
            retryAfter: details?.member("retryAfterSeconds")?.int.flatMap { Self.delay(seconds: $0) })
    }

    /// An answer that is no success: its body is a Status, or a proxy's page.
    init(code: Int, body: [UInt8], retryAfter: String?) {
        var refusal = ServerRefusal(code: code)
        if let tree = Self.tree(body), tree.root.member("kind")?.string == "Status" {
            refusal = ServerRefusal(status: tree.root, code: code)
            refusal.code = code
        } else {
            let text = String(decoding: body.prefix(200), as: UTF8.self)
            refusal.message = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        }
        // A date would need a clock that agrees with the server's; only seconds are followed (RFC 9110 10.2.3).
        if let seconds = retryAfter.flatMap({ Int64($0) }), let delay = Self.delay(seconds: seconds) {
            refusal.retryAfter = delay
        }
        self = refusal
    }

    private static func tree(_ body: [UInt8]) -> JSONTree? {
        do throws(JSONSyntaxError) { return try JSONTree(parsing: body) } catch { return nil }
    }

    /// A server that asks for more than ten minutes is asked again after ten.
    private static func delay(seconds: Int64) -> Duration? {
        seconds < 0 ? nil : .seconds(min(seconds, 600))
    }
}
