import Findings

extension KubernetesFailure: CustomStringConvertible {
    /// One line: request, server, what happened.
    public var description: String {
        let place = [request, origin.server.map { "at \($0)" } ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
        return place.isEmpty ? sentence : "\(place): \(sentence)"
    }

    /// What happened, without where.
    public var sentence: String {
        switch kind {
        case .unreachable(let text): "cannot reach the server: \(text)"
        case .tls(let fault): fault.sentence
        case .authentication(let fault): fault.sentence
        case .status(let status):
            status.message.isEmpty
                ? "the server answered \(status.code)\(status.reason.isEmpty ? "" : " (\(status.reason))")"
                : "\(status.message) (\(status.code)\(status.reason.isEmpty ? "" : " \(status.reason)"))"
        case .malformed(let text): text
        case .tooLarge(let limit): "the answer is longer than \(limit) bytes"
        case .cutOff(let text): text
        case .timedOut(let limit): "no complete answer within \(limit)"
        case .cancelled: "cancelled"
        }
    }

    /// For a person: what happened, where the connection came from, what to check.
    public var finding: Finding {
        var reasons: [String] = []
        if !request.isEmpty { reasons.append("request: \(request)") }
        if let server = origin.server { reasons.append("server: \(server)") }
        if let context = origin.context { reasons.append("context: \(context)") }
        if let file = origin.file, !file.isEmpty { reasons.append("from: \(file)") }
        if case .status(let status) = kind {
            reasons += status.causes.filter { !$0.field.isEmpty }.map { "\($0.field): \($0.message)" }
        }
        return Finding(.error, code: code, sentence, because: reasons, next: advice)
    }

    private var code: String {
        switch kind {
        case .tls: "tls"
        case .authentication: "credentials"
        case .status: "api"
        default: "connection"
        }
    }

    private var advice: String? {
        switch kind {
        case .unreachable(let text):
            if text.contains("ECONNREFUSED") {
                "check that the API server runs and that the port of the cluster's server: is right"
            } else if text.contains("resolved") {
                "check the host name of the cluster's server:, and this machine's DNS"
            } else if text.contains("proxy") {
                "check proxy-url of the cluster, or HTTPS_PROXY"
            } else {
                "check the address of the cluster's server:, routes, firewalls and VPN"
            }
        case .tls(let fault): fault.advice
        case .authentication(let fault): fault.advice
        case .status(let status): Self.advice(for: status, user: origin.user)
        case .timedOut, .cutOff: "try again; if it stays so, look at the API server's log and at what lies in between"
        case .malformed: "check that the address is that of a Kubernetes API server"
        case .tooLarge, .cancelled: nil
        }
    }

    private static func advice(for status: ServerStatus, user: String?) -> String? {
        switch status.code {
        case 401:
            "the server does not know \(user.map { "the user \"\($0)\"" } ?? "who we are"): its token or certificate may "
                + "have expired; log in again"
        case 403:
            "ask for a role with this verb and resource; `kubectl auth can-i --list` shows what is allowed"
        case 400 where status.message.contains("HTTPS"):
            "the server speaks TLS: write https:// in the cluster's server:"
        case 429, 503: "the server is busy: try again later"
        default: nil
        }
    }
}

extension KubernetesFailure.TLSFault {
    var sentence: String {
        switch self {
        case .unknownAuthority(let text): "the server's certificate is not trusted: \(text)"
        case .expired(let text): "the server's certificate has expired: \(text)"
        case .notYetValid(let text): "the server's certificate is not valid yet: \(text)"
        case .wrongName(let text): "the server's certificate has another name: \(text)"
        case .clientCertificateRefused(let text): "the server broke off the handshake: \(text)"
        case .notTLS(let text): text
        case .unreadableAuthority(let name, let text): "cannot use the certificate authority \(name): \(text)"
        case .other(let text): "TLS failed: \(text)"
        }
    }

    var advice: String? {
        switch self {
        case .unknownAuthority:
            "check certificate-authority(-data) of the cluster: it must be the authority of this very cluster"
        case .expired: "renew the server's certificate, and check this machine's clock"
        case .notYetValid: "check the clocks of this machine and of the server"
        case .wrongName: "use one of these names in the cluster's server:, or set tls-server-name to one of them"
        case .clientCertificateRefused: "check client-certificate(-data) and client-key(-data) of the user"
        case .notTLS: "write http:// in the cluster's server:, or check the port"
        case .unreadableAuthority: "check certificate-authority(-data) of the cluster"
        case .other: nil
        }
    }
}

extension KubernetesFailure.AuthenticationFault {
    var sentence: String {
        switch self {
        case .file(let path, let text): "cannot use \(path): \(text)"
        case .certificateExpired(let path, let text): "the client certificate in \(path) has expired: \(text)"
        case .plugin(let command, let text, _): "the credential plugin \(command) failed: \(text)"
        }
    }

    var advice: String? {
        switch self {
        case .file: "check the paths and data of the user entry"
        case .certificateExpired: "get a new certificate (kubeadm: `kubeadm certs renew admin.conf`), or log in again"
        case .plugin(_, _, let hint?): hint
        case .plugin: "run the plugin by hand to see what it wants"
        }
    }
}
