import Addressing
import Findings
import JSONTree
import LinuxHost

/// The `cluster` part of a context.
enum KubeconfigCluster {
    static func connection(
        of cluster: KubeconfigFile.Entry?, _ overrides: ConnectionOverrides, origin: KubernetesFailure.Origin,
        in environment: Environment
    ) throws(KubeconfigError) -> ClusterConnection {
        let server = try address(of: cluster, overrides)
        var connection = ClusterConnection(server: server, origin: origin)
        guard let cluster else {
            connection.proxy = try EnvironmentProxy.proxy(for: server, in: environment)
            return connection
        }
        connection.authority = try cluster.material("certificate-authority")
        connection.isVerificationSkipped = try cluster.bool("insecure-skip-tls-verify")
        connection.serverName = try cluster.string("tls-server-name")
        if connection.isVerificationSkipped, connection.authority != nil {
            throw KubeconfigError(
                "\(cluster.title) has a certificate authority and insecure-skip-tls-verify: they contradict each other",
                at: cluster.place(cluster.node.member("insecure-skip-tls-verify")),
                next: "remove insecure-skip-tls-verify: the authority is enough")
        }
        if let text = try cluster.string("proxy-url") {
            do {
                connection.proxy = try ServerAddress(text, schemes: [.http, .socks5])
            } catch {
                throw KubeconfigError(
                    "proxy-url of \(cluster.title): \(error)", at: cluster.place(cluster.node.member("proxy-url")),
                    next: "proxies are reached as http://HOST:PORT or socks5://HOST:PORT")
            }
        } else {
            connection.proxy = try EnvironmentProxy.proxy(for: server, in: environment)
        }
        return connection
    }

    private static func address(
        of cluster: KubeconfigFile.Entry?, _ overrides: ConnectionOverrides
    ) throws(KubeconfigError) -> ServerAddress {
        if let text = overrides.server {
            do {
                return try ServerAddress(text)
            } catch {
                throw KubeconfigError("--server \(text): \(error)", next: "servers are named as https://HOST:PORT")
            }
        }
        guard let cluster, let text = try cluster.string("server") else {
            throw KubeconfigError(
                "\(cluster?.title ?? "the context") has no server",
                at: cluster?.place(nil), next: "add server: https://HOST:PORT")
        }
        do {
            return try ServerAddress(text)
        } catch {
            throw KubeconfigError(
                "the server of \(cluster.title) is \"\(text)\": \(error)",
                at: cluster.place(cluster.node.member("server")), next: "servers are named as https://HOST:PORT")
        }
    }
}

/// HTTPS_PROXY and its relatives, as curl and kubectl read them.
enum EnvironmentProxy {
    static func proxy(
        for server: ServerAddress, in environment: Environment
    ) throws(KubeconfigError) -> ServerAddress? {
        let names = server.scheme == .https ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"]
        guard let name = names.first(where: { !(environment[$0] ?? "").isEmpty }), let text = environment[name],
            !isExempt(server, environment["NO_PROXY"] ?? environment["no_proxy"] ?? "")
        else { return nil }
        do {
            return try ServerAddress(text, schemes: [.http, .socks5])
        } catch {
            throw KubeconfigError(
                "\(name)=\(text): \(error)", next: "proxies are reached as http://HOST:PORT or socks5://HOST:PORT")
        }
    }

    /// Loopback never goes through a proxy; else what `NO_PROXY` lists: hosts with everything below them, addresses,
    /// prefixes, each with a port or without, or `*`.
    static func isExempt(_ server: ServerAddress, _ list: String) -> Bool {
        let host = server.host.lowercased()
        if host == "localhost" || host.hasPrefix("127.") || host == "::1" { return true }
        return list.split(separator: ",").contains { part in
            var rule = String(part).trimmed.lowercased()
            if rule == "*" { return true }
            if let prefix = IPPrefix(rule), let address = IPAddress(host), prefix.contains(address) { return true }
            if let colon = rule.lastIndex(of: ":"), let port = Int(rule[rule.index(after: colon)...]),
                !rule[..<colon].contains(":")
            {
                if port != server.port { return false }
                rule = String(rule[..<colon])
            }
            while rule.hasPrefix("*") || rule.hasPrefix(".") { rule.removeFirst() }
            return !rule.isEmpty && (host == rule || host.hasSuffix(".\(rule)"))
        }
    }
}
