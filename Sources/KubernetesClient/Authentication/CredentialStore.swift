import KubernetesModel
import LinuxHost

/// What goes along with a request to say who we are.
struct Credentials: Sendable, Hashable {
    /// The value of `Authorization`.
    var authorization: String?
    /// PEM, to be shown in the handshake.
    var certificate: Material?
    var key: Material?
}

/// The credentials of one user, kept fresh: files are read again, plugins are asked again when what they said has
/// expired or the server refuses it.
actor CredentialStore {
    /// How old a file's content may be, in seconds. Pods' tokens are replaced an hour or more before they expire.
    static let filePeriod: Duration = .seconds(10)

    private let source: CredentialSource
    private let clientCertificate: ClientCertificate?
    private let environment: Environment
    private var token: (text: String, readAt: ContinuousClock.Instant)?
    private var answer: ExecPlugin.Answer?
    private var running: Task<Result<ExecPlugin.Answer, KubernetesFailure>, Never>?

    init(
        _ source: CredentialSource, clientCertificate: ClientCertificate?, environment: Environment = .current()
    ) {
        self.source = source
        self.clientCertificate = clientCertificate
        self.environment = environment
    }

    func current() async throws(KubernetesFailure) -> Credentials {
        var credentials = Credentials(
            certificate: clientCertificate?.certificate, key: clientCertificate?.key)
        switch source {
        case .none: break
        case .token(let token): credentials.authorization = "Bearer \(token)"
        case .tokenFile(let path): credentials.authorization = "Bearer \(try token(in: path))"
        case .basic(let user, let password):
            credentials.authorization = "Basic \(Base64.encode(Array("\(user):\(password)".utf8)))"
        case .plugin(let plugin):
            let answer = try await answer(of: plugin)
            credentials.authorization = answer.token.map { "Bearer \($0)" }
            if let certificate = answer.certificate, let key = answer.key {
                let name = "certificate from the plugin \(plugin.command)"
                credentials.certificate = .inline(Array(certificate.utf8), name: name)
                credentials.key = .inline(Array(key.utf8), name: name)
            }
        }
        return credentials
    }

    /// Others, after the server refused these; nil when there are no others to be had.
    func renewed(after refused: Credentials) async throws(KubernetesFailure) -> Credentials? {
        switch source {
        case .tokenFile: token = nil
        case .plugin:
            // Of several requests that were refused together only the first drops the answer.
            if let answer, refused.authorization == answer.token.map({ "Bearer \($0)" }) { self.answer = nil }
        case .none, .token, .basic: return nil
        }
        let now = try await current()
        return now == refused ? nil : now
    }

    private func token(in path: String) throws(KubernetesFailure) -> String {
        if let token, token.readAt.duration(to: .now) < Self.filePeriod { return token.text }
        do throws(KubernetesFailure) {
            let text = String(decoding: try Material.file(path).read(), as: UTF8.self).trimmed
            if text.isEmpty { throw KubernetesFailure(.authentication(.file(path: path, "the file is empty"))) }
            token = (text, .now)
            return text
        } catch {
            // While the kubelet swaps a projected volume the file may be gone: an old token is better than none.
            if let token, token.readAt.duration(to: .now) < .seconds(300) { return token.text }
            throw error
        }
    }

    private func answer(of plugin: ExecPlugin) async throws(KubernetesFailure) -> ExecPlugin.Answer {
        if let answer {
            let now = Int64(Clock.now() / 1_000_000_000)
            if answer.expiry.map({ $0.seconds > now }) ?? true { return answer }
            self.answer = nil
        }
        let task =
            running
            ?? Task.detached { [environment] in
                await withCheckedContinuation { continuation in
                    // A plugin may wait minutes for a person: that must not hold one of the few threads of tasks.
                    BlockingThread.start {
                        continuation.resume(
                            returning: Result { () throws(KubernetesFailure) in
                                try plugin.run(in: environment)
                            })
                    }
                }
            }
        running = task
        let result = await task.value
        running = nil
        let fresh = try result.get()
        answer = fresh
        return fresh
    }
}

extension String {
    /// Without blanks and line ends around it.
    var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        return String(text)
    }
}
