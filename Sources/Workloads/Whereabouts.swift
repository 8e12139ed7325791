import CLinux
import JSONTree
import LinuxHost

/// Who and where a workload is, as its environment and interfaces say.
struct Whereabouts: Sendable {
    var pod: String
    var namespace: String
    var node: String
    var addresses: [String]

    init(_ environment: Environment = .current()) {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        pod = environment["POD_NAME"] ?? host
        namespace = environment["POD_NAMESPACE"] ?? Self.ownNamespace
        node = environment["NODE_NAME"] ?? environment["POPLIN_LAB_NODE"] ?? ""
        addresses = InternetAddress.ofInterfaces()
    }

    private static var ownNamespace: String {
        let path = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
        let bytes = ((try? AtomicFile.read(path)) ?? nil) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// One answer of the HTTP workload. Pure.
struct HTTPReply: Hashable, Sendable {
    var status = 200
    var type = "text/plain; charset=utf-8"
    var body = ""
    /// The process ends after it (netexec's /exit and /shutdown).
    var exitCode: Int32?
    /// Waits before it, seconds (netexec's /echo... and /wait).
    var server: String

    /// - Parameters:
    ///   - target: as in the request line.
    ///   - accepts: the Accept field.
    init(
        _ settings: Workload.HTTPSettings, _ here: Whereabouts, method: String, target: String, host: String,
        peer: String, accepts: String
    ) {
        server = settings.server.isEmpty ? "poplin-workload" : settings.server
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? "/"
        let query = parts.count > 1 ? Self.query(String(parts[1])) : [:]
        if settings.isHostNameOnly {
            body = here.pod
            return
        }
        switch path {
        case "/hostname", "/hostName": body = here.pod
        case "/clientip": body = peer
        case "/healthz", "/readyz", "/livez": body = "ok"
        case "/echo": body = query["msg"] ?? ""
        case "/exit":
            exitCode = query["code"].flatMap { Int32($0) } ?? 0
        case "/shutdown": exitCode = 0
        case "/":
            if accepts.contains("application/json") || query["format"] == "json" {
                describe(here, method, target, host, peer, isJSON: true)
            } else if let page = Self.page(settings.server) {
                type = "text/html"
                body = page
            } else {
                describe(here, method, target, host, peer, isJSON: false)
            }
        case "/json", "/whoami": describe(here, method, target, host, peer, isJSON: path == "/json")
        default:
            if settings.server.isEmpty {
                describe(here, method, target, host, peer, isJSON: accepts.contains("application/json"))
            } else {
                status = 404
                type = "text/html"
                body = "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>\n"
            }
        }
    }

    private mutating func describe(
        _ here: Whereabouts, _ method: String, _ target: String, _ host: String, _ peer: String, isJSON: Bool
    ) {
        guard isJSON else {
            body = """
                pod: \(here.pod)
                namespace: \(here.namespace)
                node: \(here.node)
                addresses: \(here.addresses.joined(separator: " "))
                peer: \(peer)
                request: \(method) \(target)
                host: \(host)

                """
            return
        }
        type = "application/json"
        let value: JSONValue = [
            "pod": .string(here.pod), "namespace": .string(here.namespace), "node": .string(here.node),
            "addresses": .array(here.addresses.map { .string($0) }), "peer": .string(peer),
            "request": ["method": .string(method), "target": .string(target), "host": .string(host)],
        ]
        body = value.text + "\n"
    }

    /// Pages of our own that say what those of the real servers say.
    private static func page(_ server: String) -> String? {
        switch server {
        case "nginx":
            """
            <!DOCTYPE html>
            <html><head><title>Welcome to nginx!</title></head>
            <body><h1>Welcome to nginx!</h1>
            <p>A stand-in of the lab answers here as that server would; ask for /whoami to hear which pod it is.</p>
            </body></html>

            """
        case "httpd": "<html><body><h1>It works!</h1></body></html>\n"
        default: nil
        }
    }

    private static func query(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { decoded(String($0)) }
            if let name = parts.first { values[name] = parts.count > 1 ? parts[1] : "" }
        }
        return values
    }

    /// Percent-decoding with `+` for a space.
    static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(0x20)
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
