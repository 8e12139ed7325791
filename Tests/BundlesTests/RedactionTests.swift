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

    /// Settings, options, credentials of HTTP, addresses with a password, keys of BGP and of WireGuard: also short ones.
    @Test(arguments: [
        "PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", "PresharedKey=hunter2", "  password: hunter2",
        "[registry.auth]\n  password = \"hunter2\"", "{\"bgp\":{\"password\":\"hunter2\"}}",
        "exec /app --db-password=hunter2 --verbose", "GET https://admin:hunter2@registry.example.com/v2/",
        "Authorization: Bearer sha256~hunter2AAAAAAAAAAAA", "authorization: Basic YWRtaW46aHVudGVyMg==",
        "protocol bgp a {\n  password \"hunter2\";\n}", " neighbor 10.0.0.1 password hunter2\n",
        "{\"data\":{\"frr.conf\":\"router bgp 64512\\n neighbor 10.0.0.1 password hunter2\\n\"}}",
        "{\"annotations\":{\"a/config\":\"{\\\"clientSecret\\\": \\\"hunter2secret\\\"}\"}}",
        "{\"auths\":{\"r.io\":{\"auth\":\"YWRtaW46aHVudGVyMg==\"}}}", "curl -s -u admin:hunter2 https://x",
        "mysql -phunter2 db",
        "https://hooks.slack.com/services/T000/B000/hunter2AAAAAAAAAAAA", "push with ghp_hunter2AAAAAAAAAAAAAAAAAA",
        "cookie: session=hunter2hunter2", ": PSK \"hunter2\"",
        "AccountKey=hunter2NOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6;EndpointSuffix=x",
        "{\"data\":{\"app.yaml\":\"db:\\n  password: hunter2\\n  host: db\\n\"}}",
    ])
    func secretsOfEveryForm(_ text: String) {
        let (left, said) = Self.redacted(text, at: "nodes/n/files/etc/a.conf")
        for secret in ["hunter2", "yAnz5TF", "YWRtaW46"] { #expect(!left.contains(secret), "\(left)") }
        #expect(left.contains("REDACTED") && !said.isEmpty)
        if text.hasPrefix("{") { #expect((try? JSONTree(parsing: left)) != nil, "\(left)") }
    }

    /// Keys of IPsec behind their algorithm (ip-xfrm(8), Cilium's Secret).
    @Test(arguments: ["3 rfc4106(gcm(aes)) %@ 128", "\tenc cbc(aes) 0x%@", "aead rfc4106(gcm(aes)) 0x%@ 128"])
    func keysOfTransforms(_ form: String) {
        let key = "44434241343332312423222114131211f4f3f2f1"
        let (text, said) = Self.redacted(form.replacing("%@", with: key), at: "nodes/n/exec/ip-xfrm-state.txt")
        #expect(!text.contains(key) && text.contains("aes") && said == ["1 private key"], "\(text)")
    }

    @Test func secretsOfObjects() {
        let (text, _) = Self.redacted(
            """
            {"items":[{"kind":"BGPPeer","spec":{"password":"hunter2","peerAddress":"10.0.0.1"}},
            {"kind":"Pod","spec":{"containers":[{"args":["--token","hunter2","--v","2"],"env":[
            {"name":"DB_PASS","value":"hunter2"},{"name":"STRIPE_KEY","value":"hunter2"},
            {"name":"FELIX_WIREGUARDENABLED","value":"true"}]}]}}]}
            """, at: "cluster/resources/bgppeers.metallb.io.json")
        #expect(!text.contains("hunter2"), "\(text)")
        #expect(text.contains("10.0.0.1") && text.contains("\"2\"") && text.contains("\"true\""), "\(text)")
    }

    /// Words of messages are evidence.
    @Test(arguments: [
        "error getting ClusterInformation: connection is unauthorized: Unauthorized", "invalid bearer token: expired",
        "failed to get secret: not found", "time=\"x\" level=info msg=\"password authentication failed\"",
        "secretName: calico-typha-tls-1", "nginx.ingress.kubernetes.io/auth-secret: basic-auth",
        "dial tcp: lookup registry on 10.96.0.10:53: no such host", "password: authentication failed for user",
        "WWW-Authenticate: Basic realm=registry", "Bearer authentication is required", "password is required",
        "client_secret_file=/var/run/token", "kubectl -n mysql patch svc a -p '{\"spec\":{}}'", "auth: default",
        "tc filter add dev eth0 -p 5", "bridge -p shows", "npm_config_cache=/tmp", "http://hooks.slack.com/ is down",
        "GET https://10.96.0.1:443/api?x=a@b", "--token-auth-file=/etc/tokens",
    ])
    func messagesStay(_ line: String) {
        #expect(Self.redacted(line, at: "logs/a.log").text == line)
    }
}
