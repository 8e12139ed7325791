import Foundation
import KubernetesClient
import LinuxHost
import Testing

/// Broken files, each with the whole finding that a person sees.
@Suite struct BrokenKubeconfigTests {
    struct Broken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        var context: String?

        init(_ name: String, _ text: String, context: String? = nil) {
            testDescription = name
            self.text = text
            self.context = context
        }
    }

    /// A file whose cluster and user have these fields.
    private static func file(cluster: String = "server: https://a", user: String = "token: t") -> String {
        """
        current-context: c
        contexts:
        - {name: c, context: {cluster: c, user: u}}
        clusters:
        - name: c
          cluster:
            \(cluster)
        users:
        - name: u
          user:
            \(user)
        """
    }

    static let table: [Broken] = [
        Broken("not YAML", "clusters: [\n"),
        Broken("not an object", "- a\n"),
        Broken("another kind", "kind: Pod\n"),
        Broken("clusters is no list", "clusters: {a: b}\n"),
        Broken("no name", "users:\n- user: {}\n"),
        Broken("one name twice", "users:\n- {name: a, user: {}}\n- {name: a, user: {}}\n"),
        Broken("fields on the wrong level", "clusters:\n- name: a\n  server: https://a\n"),
        Broken("no context chosen", "contexts: [{name: dev, context: {cluster: a}}]\n"),
        Broken("empty", ""),
        Broken("context misspelt", "current-context: prud\ncontexts:\n- {name: prod, context: {}}\n"),
        Broken(
            "context misspelt on the command line", file(), context: "d"),
        Broken(
            "cluster misspelt",
            "current-context: c\ncontexts:\n- {name: c, context: {cluster: kubernets}}\nclusters:\n- {name: kubernetes, cluster: {}}\n"
        ),
        Broken(
            "no user of that name",
            "current-context: c\ncontexts:\n- {name: c, context: {cluster: c, user: u}}\nclusters:\n- {name: c, cluster: {server: 'https://a'}}\n"
        ),
        Broken("no server", file(cluster: "{}")),
        Broken("server is a number", file(cluster: "server: 6443")),
        Broken("scheme of the server", file(cluster: "server: ftp://a")),
        Broken("port of the server", file(cluster: "server: https://a:66666")),
        Broken("IPv6 without brackets", file(cluster: "server: https://fd00::1:6443")),
        Broken(
            "authority is no base64", file(cluster: "{server: 'https://a', certificate-authority-data: '%%%'}")),
        Broken(
            "authority is no PEM", file(cluster: "{server: 'https://a', certificate-authority-data: aGVsbG8=}")),
        Broken(
            "authority and insecure",
            file(cluster: "{server: 'https://a', certificate-authority: ca, insecure-skip-tls-verify: true}")),
        Broken(
            "insecure is a text", file(cluster: "{server: 'https://a', insecure-skip-tls-verify: 'yes'}")),
        Broken("proxy", file(cluster: "{server: 'https://a', proxy-url: 'ssh://x'}")),
        Broken("certificate without key", file(user: "client-certificate: a.crt")),
        Broken("key without certificate", file(user: "client-key: a.key")),
        Broken("token and password", file(user: "{token: t, username: a, password: b}")),
        Broken("groups without a user", file(user: "as-groups: [a]")),
        Broken("auth-provider gcp", file(user: "auth-provider: {name: gcp}")),
        Broken("auth-provider unknown", file(user: "auth-provider: {name: own}")),
        Broken(
            "exec v1alpha1", file(user: "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: a}")),
        Broken("exec without command", file(user: "exec: {apiVersion: client.authentication.k8s.io/v1}")),
        Broken(
            "exec v1 without interactiveMode",
            file(user: "exec: {apiVersion: client.authentication.k8s.io/v1, command: a}")),
        Broken(
            "exec with a wrong interactiveMode",
            file(user: "exec: {apiVersion: client.authentication.k8s.io/v1, command: a, interactiveMode: Maybe}")),
        Broken(
            "exec with a wrong env",
            file(user: "exec: {apiVersion: client.authentication.k8s.io/v1, command: a, env: [{name: A}]}")),
    ]

    private static func finding(_ broken: Broken) -> String {
        var overrides = ConnectionOverrides()
        overrides.context = broken.context
        do {
            _ = try Kubeconfig(parsing: Array(broken.text.utf8), path: "/k/config")
                .connection(overrides, environment: Environment())
            return "no failure"
        } catch { return error.description }
    }

    /// Kept in Fixtures/kubeconfig-findings.txt; POPLIN_WRITE_DOCS=1 writes it anew, to be read before it is committed.
    private static let snapshots: String = {
        let tests = #filePath.components(separatedBy: "/KubernetesClientTests/")[0]
        return "\(tests)/Fixtures/kubeconfig-findings.txt"
    }()

    @Test func everyFindingAsItIsPrinted() throws {
        let text = Self.table.map { "=== \($0.testDescription)\n\(Self.finding($0))\n" }.joined(separator: "\n")
        if Environment.value(of: "POPLIN_WRITE_DOCS") != nil {
            try AtomicFile.write(Self.snapshots, Array(text.utf8))
        }
        let kept = try AtomicFile.read(Self.snapshots).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let expected = kept.components(separatedBy: "=== ")
        let found = text.components(separatedBy: "=== ")
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) { #expect(found == expected) }
    }

    @Test func aFileThatIsNotThereOrCannotBeRead() throws {
        func finding(_ path: String) -> String {
            do {
                _ = try Kubeconfig.load(explicit: path, environment: Environment())
                return "no failure"
            } catch { return error.description }
        }
        #expect(
            finding("/nonexistent/config") == """
                error[kubeconfig]: there is no file /nonexistent/config
                   --> /nonexistent/config
                  |  it was named with --kubeconfig
                  next: check the path
                """)
        #expect(
            finding("/") == """
                error[kubeconfig]: cannot read the kubeconfig /: Is a directory (EISDIR)
                   --> /
                  next: name a file with --kubeconfig or KUBECONFIG
                """)
    }
}
