import ArgumentParser
import CNI
import Findings
import KubernetesClient
import LinuxHost

/// Which cluster, as whom: the options kubectl has, for every command that talks to an API server.
struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The kubeconfig file (env: KUBECONFIG, a list; else ~/.kube/config, else the pod's service account).",
            valueName: "file"), completion: .file())
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context of the kubeconfig, instead of current-context.", valueName: "name"))
    var context: String?

    @Option(help: ArgumentHelp("The cluster entry, instead of the context's.", valueName: "name"))
    var cluster: String?

    @Option(help: ArgumentHelp("The user entry, instead of the context's.", valueName: "name"))
    var user: String?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("The namespace, instead of the context's.", valueName: "name"))
    var namespace: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("Act as this user (needs the verb impersonate).", valueName: "user"))
    var actingUser: String?

    @Option(
        name: .customLong("as-group"),
        help: ArgumentHelp("Act as a member of this group; may be repeated.", valueName: "group"))
    var actingGroups: [String] = []

    @Option(help: ArgumentHelp("The API server's address, instead of the cluster's.", valueName: "url"))
    var server: String?

    @Option(help: ArgumentHelp("A bearer token, instead of the user's credentials.", valueName: "token"))
    var token: String?

    @Option(help: ArgumentHelp("How long one request may take, such as 5s or 1m30s; 0 is no limit.", valueName: "time"))
    var requestTimeout: String?

    func validate() throws {
        if !actingGroups.isEmpty, actingUser == nil {
            throw ValidationError("--as-group needs --as: a group can only be taken together with a user")
        }
        if let text = requestTimeout, TimeText.duration(text) == nil {
            throw ValidationError("--request-timeout \(text): write a number with s, m or h, such as 30s")
        }
    }

    var overrides: ConnectionOverrides {
        var overrides = ConnectionOverrides()
        overrides.kubeconfig = kubeconfig
        overrides.context = context
        overrides.cluster = cluster
        overrides.user = user
        overrides.namespace = namespace
        overrides.server = server
        overrides.token = token
        overrides.impersonation = actingUser.map { Impersonation(user: $0, groups: actingGroups) }
        overrides.requestTimeout = requestTimeout.flatMap(TimeText.duration)
        return overrides
    }

    /// The connection these options, the environment and the files come down to.
    /// - Parameter component: which part of Poplin asks; stands in the audit log.
    func connection(on console: Console, component: String) throws(CommandFailure) -> ClusterConnection {
        do {
            var connection = try ClusterConnection.resolve(overrides, environment: console.environment)
            connection.userAgent = UserAgent(version: Release.version, component: component)
            return connection
        } catch {
            throw CommandFailure(.undetermined, error.finding)
        }
    }

    /// Whether there is anything that says which cluster; what says it wrongly is an error.
    func isConfigured(on console: Console) throws(CommandFailure) -> Bool {
        do {
            _ = try ClusterConnection.resolve(overrides, environment: console.environment)
            return true
        } catch {
            if error.isAbsence, kubeconfig == nil, server == nil, context == nil { return false }
            throw CommandFailure(.undetermined, error.finding)
        }
    }

    /// Runs `body` against the cluster to its end. Commands are synchronous; requests are not. Warnings of the server go
    /// to standard error.
    func run<Value: Sendable>(
        on console: Console, component: String,
        _ body: @escaping @Sendable (ClusterClient) async throws(KubernetesFailure) -> Value
    ) throws(CommandFailure) -> Value {
        let connection = try connection(on: console, component: component)
        let outcome = Waiting<Result<Value, KubernetesFailure>>()
        Task {
            let transport = HTTPTransport(connection, environment: console.environment)
            let client = ClusterClient(
                transport, namespace: connection.namespace, fieldManager: "poplin-\(component)",
                requestTimeout: connection.requestTimeout
            ) { warning in
                console.printError(Finding(.warning, code: "api", warning).rendered(console.errorPaint))
            }
            let result: Result<Value, KubernetesFailure>
            do throws(KubernetesFailure) {
                result = .success(try await body(client))
            } catch {
                result = .failure(error)
            }
            await transport.close()
            outcome.set(result)
        }
        do {
            return try outcome.wait().get()
        } catch {
            throw CommandFailure(.undetermined, error.finding)
        }
    }
}

/// Durations as Go's flags take them: `300ms`, `30s`, `1m30s`, `2h`; a bare number is seconds, 0 is for ever.
enum TimeText {
    static let forever = Duration.seconds(100 * 365 * 86_400)

    static func duration(_ text: String) -> Duration? {
        if let seconds = Int64(text), seconds >= 0, seconds < 1 << 32 {
            return seconds == 0 ? forever : .seconds(seconds)
        }
        var rest = text[...]
        var total = Duration.zero
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int64(digits), number < 1 << 32 else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            switch unit {
            case "ms": total += .milliseconds(number)
            case "s": total += .seconds(number)
            case "m": total += .seconds(number * 60)
            case "h": total += .seconds(number * 3600)
            default: return nil
            }
        }
        return text.isEmpty || total == .zero ? nil : total
    }
}
