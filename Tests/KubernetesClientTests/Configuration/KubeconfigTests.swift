import Findings
import Foundation
import KubernetesClient
import LinuxHost
import SystemCalls
import Testing

@Suite struct KubeconfigTests {
    static let whole = """
        apiVersion: v1
        kind: Config
        current-context: dev
        clusters:
        - name: dev
          cluster:
            server: https://10.0.0.1:6443/k8s/
            certificate-authority: pki/ca.crt
            tls-server-name: kubernetes
            proxy-url: socks5://127.0.0.1:1080
        - name: insecure
          cluster: {server: "https://[fd00::1]", insecure-skip-tls-verify: true}
        users:
        - name: ann
          user:
            client-certificate: /etc/ann.crt
            client-key: ann.key
            as: root
            as-groups: [a, b]
            as-user-extra: {scope: [x, z]}
        - name: bob
          user: {tokenFile: tokens/bob, token: ignored}
        - name: eve
          user: {username: eve, password: "12345"}
        contexts:
        - name: dev
          context: {cluster: dev, user: ann, namespace: web}
        - name: other
          context: {cluster: insecure, user: bob}
        """

    private func kubeconfig(_ text: String, path: String = "/home/ann/.kube/config") throws -> Kubeconfig {
        try Kubeconfig(parsing: Array(text.utf8), path: path)
    }

    private static let nowhere = Environment()

    @Test func aContextWithEverything() throws {
        let connection = try kubeconfig(Self.whole).connection(environment: Self.nowhere)
        #expect(connection.server.description == "https://10.0.0.1:6443/k8s")
        #expect(connection.authority == .file("/home/ann/.kube/pki/ca.crt"))
        #expect(connection.serverName == "kubernetes")
        #expect(connection.proxy == ServerAddress(scheme: .socks5, host: "127.0.0.1", port: 1080))
        #expect(
            connection.clientCertificate
                == ClientCertificate(certificate: .file("/etc/ann.crt"), key: .file("/home/ann/.kube/ann.key")))
        #expect(
            connection.impersonation
                == Impersonation(
                    user: "root", groups: ["a", "b"],
                    extra: [KubernetesField("scope", "x"), KubernetesField("scope", "z")]))
        #expect(connection.namespace == "web")
        #expect(
            connection.origin
                == KubernetesFailure.Origin(
                    file: "/home/ann/.kube/config", context: "dev", cluster: "dev", user: "ann",
                    server: "https://10.0.0.1:6443/k8s"))
    }

    @Test func overridesWin() throws {
        var overrides = ConnectionOverrides()
        overrides.context = "other"
        overrides.namespace = "db"
        let other = try kubeconfig(Self.whole).connection(overrides, environment: Self.nowhere)
        #expect(other.server.host == "fd00::1")
        #expect(other.server.port == 443)
        #expect(other.server.authority == "[fd00::1]")
        #expect(other.isVerificationSkipped)
        #expect(other.credentials == .tokenFile("/home/ann/.kube/tokens/bob"))
        #expect(other.namespace == "db")

        overrides.user = "eve"
        overrides.cluster = "dev"
        overrides.server = "https://10.0.0.2:1"
        overrides.impersonation = Impersonation(user: "zoe")
        let mixed = try kubeconfig(Self.whole).connection(overrides, environment: Self.nowhere)
        #expect(mixed.credentials == .basic(user: "eve", password: "12345"))
        #expect(mixed.server.host == "10.0.0.2")
        #expect(mixed.serverName == "kubernetes")
        #expect(mixed.impersonation?.user == "zoe")
        overrides.token = "t"
        #expect(try kubeconfig(Self.whole).connection(overrides, environment: Self.nowhere).credentials == .token("t"))
    }

    @Test func filesAreMergedAndTheFirstWins() throws {
        let first = try TemporaryFile(
            """
            clusters:
            - {name: dev, cluster: {server: "https://first"}}
            users:
            - {name: ann, user: {}}
            """, named: "a")
        let second = try TemporaryFile(
            """
            current-context: dev
            clusters:
            - {name: dev, cluster: {server: "https://second", tls-server-name: second}}
            users:
            - {name: ann, user: {token: second}}
            - {name: bob, user: {token: bob}}
            contexts:
            - {name: dev, context: {cluster: dev, user: ann}}
            - {name: two, context: {cluster: dev, user: bob}}
            """, named: "b")
        let environment = Environment(["KUBECONFIG": "/nonexistent:\(first.path)::\(second.path):\(first.path)"])
        let config = try #require(try Kubeconfig.load(environment: environment))
        let dev = try config.connection(environment: Self.nowhere)
        #expect(dev.server.host == "first")
        #expect(dev.serverName == nil, "the second file's entry is not mixed in")
        #expect(dev.credentials == .none)
        #expect(dev.origin.file == second.path, "where the context stands")
        var overrides = ConnectionOverrides()
        overrides.context = "two"
        #expect(try config.connection(overrides, environment: Self.nowhere).credentials == .token("bob"))
    }

    @Test func aPluginAsItIsWritten() throws {
        let config = try kubeconfig(
            """
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u}}]
            clusters:
            - name: c
              cluster:
                server: https://10.0.0.1
                tls-server-name: api
                extensions:
                - {name: client.authentication.k8s.io/exec, extension: {audience: x}}
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: ./bin/login
                  args: [--cluster, c]
                  env: [{name: A, value: b}]
                  interactiveMode: Never
                  provideClusterInfo: true
                  installHint: |
                    get it from the store
            """)
        let connection = try config.connection(environment: Self.nowhere)
        #expect(
            connection.credentials
                == .plugin(
                    ExecPlugin(
                        version: .v1, command: "/home/ann/.kube/./bin/login", arguments: ["--cluster", "c"],
                        environment: [KubernetesField("A", "b")], installHint: "get it from the store",
                        interactiveMode: .never,
                        clusterInfo:
                            #"{"server":"https://10.0.0.1","tls-server-name":"api","config":{"audience":"x"}}"#)))
    }

    @Test(arguments: [
        ("10.0.0.1", "", true), ("10.0.0.1", "10.0.0.0/8", false), ("api.example", "example", false),
        ("api.example", ".example", false), ("api.example", "*.example", false), ("apiexample", "example", true),
        ("api.example", "example:444", true), ("api.example", "*", false), ("127.0.0.1", "", false),
    ])
    func theProxyOfTheEnvironment(_ host: String, _ exceptions: String, _ isUsed: Bool) throws {
        let config = try kubeconfig(
            "{current-context: c, contexts: [{name: c, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'https://\(host)'}}]}"
        )
        let environment = Environment(["HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "x,\(exceptions)"])
        let proxy = try config.connection(environment: environment).proxy
        #expect(proxy == (isUsed ? ServerAddress(scheme: .http, host: "proxy", port: 3128) : nil))
    }

    @Test func nothingConfigured() throws {
        var failure: KubeconfigError?
        do {
            _ = try ClusterConnection.resolve(environment: Environment(["HOME": "/nonexistent"]))
        } catch { failure = error }
        #expect(failure?.isAbsence == true)
        #expect(
            failure?.description == """
                error[kubeconfig]: no cluster is configured
                  |  there is no /nonexistent/.kube/config
                  |  this is no pod either: KUBERNETES_SERVICE_HOST is not set
                  next: name a kubeconfig with --kubeconfig or KUBECONFIG, or a server with --server
                """)
        var overrides = ConnectionOverrides()
        overrides.server = "10.0.0.1:8080"
        overrides.token = "t"
        let bare = try ClusterConnection.resolve(overrides, environment: Environment(["HOME": "/nonexistent"]))
        #expect(bare.server == ServerAddress(scheme: .http, host: "10.0.0.1", port: 8080))
        #expect(bare.credentials == .token("t"))
    }

    @Test func inAPod() throws {
        let directory = "/tmp/poplin-client-sa-\(UUID().uuidString)"
        try FileSystem.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let environment = Environment(["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"])
        func resolve() -> Result<ClusterConnection, KubeconfigError> {
            Result { () throws(KubeconfigError) in
                try ClusterConnection.resolve(environment: environment, serviceAccountDirectory: directory)
            }
        }
        guard case .failure(let missing) = resolve() else {
            Issue.record("there is no token yet")
            return
        }
        #expect(
            missing.description == """
                error[kubeconfig]: this is a pod, and it has no service account token: \(directory)/token does not exist
                   --> \(directory)/token
                  |  KUBERNETES_SERVICE_HOST is fd00::1
                  next: set automountServiceAccountToken: true for the pod or its service account
                """)
        try AtomicFile.write("\(directory)/token", Array("t".utf8))
        try AtomicFile.write("\(directory)/namespace", Array("kube-system\n".utf8))
        let connection = try resolve().get()
        #expect(connection.server.description == "https://[fd00::1]:443")
        #expect(connection.authority == .file("\(directory)/ca.crt"))
        #expect(connection.credentials == .tokenFile("\(directory)/token"))
        #expect(connection.namespace == "kube-system")
    }
}
