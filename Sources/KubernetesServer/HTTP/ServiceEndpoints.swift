import JSONTree
import NIOHTTP1

/// What every server answers whoever asks: version and health. Everything else goes to the next handler.
struct ServiceEndpoints: RequestHandler {
    /// A health check: nil is well, otherwise what is wrong.
    struct Check: Sendable {
        var name: String
        var isForLiveness: Bool
        var run: @Sendable () async -> String?
    }

    var checks: [Check]
    var next: any RequestHandler

    func handle(_ request: ServerRequest) async -> ServerResponse {
        switch request.segments.first {
        case "version" where request.segments.count == 1: readOnly(request) ?? .json(ServerVersion.document)
        case "healthz", "livez", "readyz":
            if let refusal = readOnly(request) { refusal } else { await health(request) }
        default: await next.handle(request)
        }
    }

    private func readOnly(_ request: ServerRequest) -> ServerResponse? {
        if request.method == .get || request.method == .head { return nil }
        var response = ErrorBody.response(
            405, "MethodNotAllowed", "\(request.method.name) is not allowed on \(request.path)")
        response.headers.add(name: "Allow", value: "GET, HEAD")
        return response
    }

    /// `/readyz`, `/readyz?verbose`, `/readyz?exclude=ping`, `/readyz/ping`, as kube-apiserver has them.
    private func health(_ request: ServerRequest) async -> ServerResponse {
        let endpoint = request.segments[0]
        var checks = checks.filter { endpoint == "readyz" || $0.isForLiveness }
        if request.segments.count > 1 {
            checks = checks.filter { $0.name == request.segments[1] }
            guard request.segments.count == 2, !checks.isEmpty else {
                return ErrorBody.response(404, "NotFound", "there is no health check \(request.path)")
            }
        }
        let excluded = Set(request.query.all("exclude"))
        var lines: [String] = []
        var isWell = true
        for check in checks {
            if excluded.contains(check.name) {
                lines.append("[+]\(check.name) excluded: ok")
            } else if let reason = await check.run() {
                lines.append("[-]\(check.name) failed: \(reason)")
                isWell = false
            } else {
                lines.append("[+]\(check.name) ok")
            }
        }
        lines.append("\(endpoint) check \(isWell ? "passed" : "failed")")
        let isVerbose = !isWell || request.query["verbose"] != nil
        var response = ServerResponse.text(
            isVerbose ? lines.joined(separator: "\n") + "\n" : "ok", status: isWell ? 200 : 500)
        response.headers.add(name: "X-Content-Type-Options", value: "nosniff")
        return response
    }
}

/// `/metrics`, behind Access.
struct MetricsEndpoint: RequestHandler {
    var text: @Sendable () -> String
    var next: any RequestHandler

    func handle(_ request: ServerRequest) async -> ServerResponse {
        guard request.segments == ["metrics"] else { return await next.handle(request) }
        guard request.method == .get || request.method == .head else {
            return ErrorBody.response(405, "MethodNotAllowed", "\(request.method.name) is not allowed on /metrics")
        }
        return ServerResponse(
            contentType: "text/plain; version=0.0.4; charset=utf-8", Array(text().utf8))
    }
}

/// What `kubectl version` shows. The Kubernetes version is the one whose API this server follows.
enum ServerVersion {
    static let major = "1"
    static let minor = "33"

    static let document: [UInt8] = {
        let value: JSONValue = [
            "major": .string(major), "minor": .string(minor), "emulationMajor": .string(major),
            "emulationMinor": .string(minor), "gitVersion": "v\(major).\(minor).0+poplin",
            "gitCommit": "", "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z",
            "goVersion": "", "compiler": "swift", "platform": "linux/\(machine)",
        ]
        return Array(value.serialized(indent: 2))
    }()

    #if arch(arm64)
        private static let machine = "arm64"
    #else
        private static let machine = "amd64"
    #endif
}

/// The end of the chain: nothing answers here.
struct NothingHere: RequestHandler {
    func handle(_ request: ServerRequest) async -> ServerResponse {
        ErrorBody.response(404, "NotFound", "the server could not find the requested resource")
    }
}
