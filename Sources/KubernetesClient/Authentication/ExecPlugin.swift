import JSONTree
import KubernetesModel
import LinuxHost
import SystemCalls

/// A program that makes credentials, as a kubeconfig's `exec` names it (client.authentication.k8s.io).
public struct ExecPlugin: Sendable, Hashable {
    public enum Version: String, Sendable, CaseIterable {
        case v1 = "client.authentication.k8s.io/v1"
        case v1beta1 = "client.authentication.k8s.io/v1beta1"
    }

    public enum InteractiveMode: String, Sendable, CaseIterable {
        case never = "Never"
        case ifAvailable = "IfAvailable"
        case always = "Always"
    }

    public var version: Version
    /// As it stands in the file; with a slash in it relative to the file's directory, without one searched in PATH.
    public var command: String
    public var arguments: [String]
    /// Added to our own environment.
    public var environment: [KubernetesField]
    public var installHint: String?
    public var interactiveMode: InteractiveMode
    /// What KUBERNETES_EXEC_INFO says about the cluster, when the plugin asked for it; as JSON.
    public var clusterInfo: String?

    public init(
        version: Version, command: String, arguments: [String] = [], environment: [KubernetesField] = [],
        installHint: String? = nil, interactiveMode: InteractiveMode = .ifAvailable, clusterInfo: String? = nil
    ) {
        self.version = version
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.installHint = installHint
        self.interactiveMode = interactiveMode
        self.clusterInfo = clusterInfo
    }

    /// What a plugin answered.
    struct Answer: Sendable, Hashable {
        var token: String?
        /// Certificate and key, PEM.
        var certificate: String?
        var key: String?
        /// When the answer is to be asked for again; nil holds until the server refuses it.
        var expiry: Timestamp?
    }

    /// How long a plugin may take; some open a browser and wait for a person.
    static let limit = Duration.seconds(120)

    /// Runs the plugin to its end. Blocks.
    func run(in environment: Environment) throws(KubernetesFailure) -> Answer {
        guard interactiveMode != .always else {
            throw failure(
                "it wants to talk to a person (interactiveMode: Always), and Poplin gives plugins no terminal")
        }
        guard let path = Self.path(of: command, in: environment) else {
            throw failure("there is no such program\(command.contains("/") ? "" : " in PATH")")
        }
        var surroundings = environment
        for variable in self.environment { surroundings[variable.name] = variable.value }
        surroundings["KUBERNETES_EXEC_INFO"] = String(decoding: info.serialized(), as: UTF8.self)
        let outcome: ChildProcess.Outcome
        do throws(SystemCallError) {
            outcome = try ChildProcess.run(
                ChildProcess.Command(
                    path, arguments, environment: surroundings, limit: Self.limit, outputLimit: 1 << 20))
        } catch {
            throw failure("\(error.errno)")
        }
        let errors = Self.lastLines(outcome.errors)
        if outcome.ranOutOfTime { throw failure("it did not end within \(Self.limit)\(errors)") }
        guard outcome.termination.isSuccess else { throw failure("\(outcome.termination)\(errors)") }
        do throws(Mistake) {
            return try answer(in: outcome.output)
        } catch {
            throw failure("\(error.reason)\(errors)")
        }
    }

    /// The ExecCredential that the plugin finds in KUBERNETES_EXEC_INFO.
    private var info: JSONValue {
        var spec: [JSONMember] = []
        if let clusterInfo, let cluster = try? JSONTree(parsing: clusterInfo).root {
            spec.append(JSONMember("cluster", .node(cluster)))
        }
        spec.append(JSONMember("interactive", false))
        return ["kind": "ExecCredential", "apiVersion": .string(version.rawValue), "spec": .object(spec)]
    }

    struct Mistake: Error { let reason: String }

    /// Reads what the plugin printed.
    func answer(in output: [UInt8]) throws(Mistake) -> Answer {
        let root: JSONNode
        do {
            root = try JSONTree(parsing: output).root
        } catch {
            throw Mistake(reason: "it printed no JSON (\(error))")
        }
        guard root.member("kind")?.string == "ExecCredential" else {
            throw Mistake(reason: "it printed no ExecCredential")
        }
        let written = root.member("apiVersion")?.string ?? ""
        guard written == version.rawValue else {
            throw Mistake(reason: "it answered in \"\(written)\" where \(version.rawValue) was asked for")
        }
        guard let status = root.member("status"), status.kind == .object else {
            throw Mistake(reason: "its ExecCredential has no status")
        }
        var answer = Answer()
        answer.token = status.member("token")?.string.flatMap { $0.isEmpty ? nil : $0 }
        answer.certificate = status.member("clientCertificateData")?.string.flatMap { $0.isEmpty ? nil : $0 }
        answer.key = status.member("clientKeyData")?.string.flatMap { $0.isEmpty ? nil : $0 }
        if (answer.certificate == nil) != (answer.key == nil) {
            throw Mistake(reason: "it answered with only one of certificate and key")
        }
        if answer.token == nil, answer.certificate == nil {
            throw Mistake(reason: "its status has neither a token nor a certificate")
        }
        if let text = status.member("expirationTimestamp")?.string {
            guard let expiry = Timestamp(text) else {
                throw Mistake(reason: "its expirationTimestamp \"\(text)\" is no RFC 3339 time")
            }
            answer.expiry = expiry
        }
        return answer
    }

    private func failure(_ text: String) -> KubernetesFailure {
        KubernetesFailure(.authentication(.plugin(command: command, text, hint: installHint)))
    }

    /// The end of what the plugin said on standard error, for a person.
    private static func lastLines(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.suffix(2000), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).suffix(5).map { $0.filter { !$0.isASCII || $0 >= " " } }
        return lines.isEmpty ? "" : ": \(lines.joined(separator: " | "))"
    }

    private static func path(of command: String, in environment: Environment) -> String? {
        func isProgram(_ path: String) -> Bool { (try? FileSystem.exists(path)) == true }
        if command.contains("/") { return isProgram(command) ? command : nil }
        return (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/\(command)" }
            .first(where: isProgram)
    }
}
