import Findings
import JSONTree

/// The `user` part of a context.
enum KubeconfigUser {
    static func add(
        _ user: KubeconfigFile.Entry, of cluster: KubeconfigFile.Entry?, to connection: inout ClusterConnection
    ) throws(KubeconfigError) {
        if let provider = user.node.member("auth-provider"), !provider.isNull {
            let name = provider.member("name")?.string ?? "?"
            throw KubeconfigError(
                "\(user.title) uses the auth-provider \"\(name)\", which Kubernetes removed in 1.26",
                at: user.place(provider), next: advice(for: name))
        }
        connection.clientCertificate = try certificate(of: user)
        connection.impersonation = try impersonation(of: user)

        let token = try user.string("token")
        let tokenFile = try user.string("tokenFile")
        let name = try user.string("username")
        let password = try user.string("password")
        if token != nil || tokenFile != nil, name != nil || password != nil {
            throw KubeconfigError(
                "\(user.title) has a token and a password: only one can be sent",
                at: user.place(user.node.member("username") ?? user.node.member("password")), next: "remove one of them"
            )
        }
        if let tokenFile {
            connection.credentials = .tokenFile(user.resolved(tokenFile))
        } else if let token {
            connection.credentials = .token(token)
        } else if name != nil || password != nil {
            connection.credentials = .basic(user: name ?? "", password: password ?? "")
        }
        if let exec = user.node.member("exec"), !exec.isNull {
            let plugin = try ExecEntry(user: user, exec: exec).plugin(cluster, connection)
            if connection.credentials == .none { connection.credentials = .plugin(plugin) }
        }
    }

    private static func certificate(of user: KubeconfigFile.Entry) throws(KubeconfigError) -> ClientCertificate? {
        let certificate = try user.material("client-certificate")
        let key = try user.material("client-key")
        switch (certificate, key) {
        case (let certificate?, let key?): return ClientCertificate(certificate: certificate, key: key)
        case (nil, nil): return nil
        case (_?, nil):
            throw KubeconfigError(
                "\(user.title) has a client certificate and no key", at: user.place(nil),
                next: "add client-key or client-key-data")
        case (nil, _?):
            throw KubeconfigError(
                "\(user.title) has a client key and no certificate", at: user.place(nil),
                next: "add client-certificate or client-certificate-data")
        }
    }

    private static func impersonation(of user: KubeconfigFile.Entry) throws(KubeconfigError) -> Impersonation? {
        let groups = try user.strings("as-groups")
        let extra = user.node.member("as-user-extra").map { node in
            node.members.flatMap { member in
                member.value.elements.compactMap { $0.string.map { KubernetesField(member.key, $0) } }
            }
        }
        guard let name = try user.string("as") else {
            if !groups.isEmpty {
                throw KubeconfigError(
                    "\(user.title) has as-groups without as", at: user.place(user.node.member("as-groups")),
                    next: "groups can only be taken together with a user: add as:")
            }
            return nil
        }
        return Impersonation(
            user: name, uid: try user.string("as-uid") ?? "", groups: groups, extra: extra ?? [])
    }

    private static func advice(for provider: String) -> String {
        switch provider {
        case "gcp":
            "install gke-gcloud-auth-plugin and write the file anew with `gcloud container clusters get-credentials`"
        case "azure": "convert the file with `kubelogin convert-kubeconfig`"
        case "oidc": "use an exec plugin such as kubelogin (kubectl oidc-login)"
        default: "use an exec plugin (client.authentication.k8s.io/v1) instead"
        }
    }
}

/// The `exec` part of a user.
struct ExecEntry {
    let user: KubeconfigFile.Entry
    let exec: JSONNode

    /// The fields of `exec`, under the user's name.
    private var fields: KubeconfigFile.Entry {
        KubeconfigFile.Entry(title: "exec of \(user.title)", file: user.file, node: exec)
    }

    func plugin(
        _ cluster: KubeconfigFile.Entry?, _ connection: ClusterConnection
    ) throws(KubeconfigError) -> ExecPlugin {
        guard exec.kind == .object else {
            throw KubeconfigError("exec of \(user.title) must be an object", at: user.place(exec))
        }
        let versions = ExecPlugin.Version.allCases.map(\.rawValue).joined(separator: ", ")
        let text = try fields.string("apiVersion") ?? ""
        guard let version = ExecPlugin.Version(rawValue: text) else {
            throw KubeconfigError(
                "\(fields.title) has the apiVersion \"\(text)\"", at: fields.place(exec.member("apiVersion")),
                because: text.hasSuffix("/v1alpha1") ? ["v1alpha1 was removed in Kubernetes 1.24"] : [],
                next: "one of \(versions): update the plugin and let it write the entry anew")
        }
        guard let command = try fields.string("command") else {
            throw KubeconfigError("\(fields.title) has no command", at: fields.place(nil))
        }
        var plugin = ExecPlugin(
            version: version, command: command.contains("/") ? user.resolved(command) : command,
            arguments: try fields.strings("args"), environment: try environment(),
            installHint: try fields.string("installHint")?.trimmed)
        if let mode = try fields.string("interactiveMode") {
            guard let known = ExecPlugin.InteractiveMode(rawValue: mode) else {
                throw KubeconfigError(
                    "\(fields.title) has the interactiveMode \"\(mode)\"",
                    at: fields.place(exec.member("interactiveMode")), next: "one of Never, IfAvailable, Always")
            }
            plugin.interactiveMode = known
        } else if version == .v1 {
            throw KubeconfigError(
                "\(fields.title) has no interactiveMode, which v1 requires", at: fields.place(nil),
                next: "add interactiveMode: IfAvailable")
        }
        if try fields.bool("provideClusterInfo") {
            plugin.clusterInfo = info(of: cluster, connection)
        }
        return plugin
    }

    private func environment() throws(KubeconfigError) -> [KubernetesField] {
        guard let node = exec.member("env"), !node.isNull else { return [] }
        var found: [KubernetesField] = []
        for element in node.elements {
            guard let name = element.member("name")?.string, let value = element.member("value")?.string else {
                throw KubeconfigError(
                    "an element of env in \(fields.title) needs name and value, both texts", at: fields.place(element))
            }
            found.append(KubernetesField(name, value))
        }
        return found
    }

    /// `spec.cluster` of what the plugin is told (client-go, pkg/apis/clientauthentication).
    private func info(of cluster: KubeconfigFile.Entry?, _ connection: ClusterConnection) -> String {
        let server = cluster?.node.member("server")?.string ?? connection.server.description
        var members = [JSONMember("server", .string(server))]
        if let name = connection.serverName { members.append(JSONMember("tls-server-name", .string(name))) }
        if connection.isVerificationSkipped { members.append(JSONMember("insecure-skip-tls-verify", true)) }
        if let bytes = try? connection.authority?.read() {
            members.append(JSONMember("certificate-authority-data", .string(Base64.encode(bytes))))
        }
        if let proxy = cluster?.node.member("proxy-url")?.string {
            members.append(JSONMember("proxy-url", .string(proxy)))
        }
        let extension_ = cluster?.node.member("extensions")?.elements
            .first { $0.member("name")?.string == "client.authentication.k8s.io/exec" }?.member("extension")
        members.append(JSONMember("config", extension_.map { .node($0) } ?? .null))
        return JSONValue.object(members).text
    }
}
