import Diagnosis
import JSONTree
import Testing

@testable import Bundles

/// What leaves the machine and what does not.
@Suite struct RedactionTests {
    private static func redacted(_ text: String, at path: String) -> (text: String, leftOut: [String]) {
        var tree = EvidenceTree()
        tree.add(text, at: path, from: EvidencePath.source(of: path))
        let redaction = Redaction(tree)
        return (redaction.evidence[path]?.text ?? "", redaction.leftOut)
    }

    private static let signature = "c2lnbmF0dXJlLW9mLWEtdG9rZW4"
    private static let token = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.\(signature)"

    @Test func secretsKeepOnlyWhatIsPublic() throws {
        let (text, leftOut) = Self.redacted(
            """
            {"kind":"List","items":[{"metadata":{"name":"tls","annotations":{
            "kubectl.kubernetes.io/last-applied-configuration":"{\\"data\\":{\\"password\\":\\"aHVudGVyMg==\\"}}"}},
            "type":"kubernetes.io/tls","data":{"tls.crt":"Q0VSVA==","tls.key":"S0VZ","password":"aHVudGVyMg=="}}]}
            """, at: "cluster/resources/secrets.json")
        let data = try #require(try JSONTree(parsing: text).root.member("items")?[0]?.member("data"))
        #expect(data.member("tls.crt")?.string == "Q0VSVA==")
        #expect(data.member("tls.key")?.string == "REDACTED")
        #expect(!text.contains("aHVudGVyMg"))
        #expect(leftOut.contains("2 values of Secrets (certificates were kept)"), "\(leftOut)")
    }

    @Test func environmentVariables() throws {
        let (text, _) = Self.redacted(
            """
            {"items":[{"spec":{"containers":[{"env":[{"name":"DB_PASSWORD","value":"hunter2"},
            {"name":"TOKEN_FILE","value":"/var/run/token"},{"name":"CLUSTER_NAME","value":"prod"}]}]}}]}
            """, at: "cluster/resources/pods.json")
        #expect(!text.contains("hunter2"))
        #expect(text.contains("/var/run/token") && text.contains("prod"))
    }

    /// An expired token is a cause: its dates stay readable.
    @Test(arguments: ["token: %@", "Authorization: Bearer %@ was sent", "\"token\": \"%@\""])
    func tokensKeepTheirDates(_ form: String) {
        let (text, leftOut) = Self.redacted(
            form.replacing("%@", with: Self.token), at: "nodes/n/files/etc/cni/net.d/calico-kubeconfig")
        #expect(!text.contains(Self.signature))
        #expect(text.contains("eyJleHAiOjE3MDAwMDAwMDB9.REDACTED"), "\(text)")
        #expect(leftOut == ["1 token's signature"])
    }

    @Test func keysAndPasswordsInFiles() {
        let (text, _) = Self.redacted(
            """
            users:
            - user:
                client-certificate-data: Q0VSVA==
                client-key-data: S0VZ
                password: "s3cret-pass-word-1"
            tls: |
              -----BEGIN EC PRIVATE KEY-----
              MHcCAQEEIB
              -----END EC PRIVATE KEY-----
              -----BEGIN CERTIFICATE-----
              MIIB
              -----END CERTIFICATE-----
            """, at: "nodes/n/files/etc/kubernetes/kubelet.conf")
        for secret in ["S0VZ", "s3cret-pass-word-1", "MHcCAQEEIB"] { #expect(!text.contains(secret), "\(text)") }
        for kept in ["Q0VSVA==", "MIIB", "-----END EC PRIVATE KEY-----"] { #expect(text.contains(kept), "\(text)") }
    }

    /// Words of messages are evidence.
    @Test(arguments: [
        "error getting ClusterInformation: connection is unauthorized: Unauthorized", "invalid bearer token: expired",
        "failed to get secret: not found", "time=\"x\" level=info msg=\"password authentication failed\"",
        "secretName: calico-typha-tls-1",
    ])
    func messagesStay(_ line: String) {
        #expect(Self.redacted(line, at: "logs/a.log").text == line)
    }
}
