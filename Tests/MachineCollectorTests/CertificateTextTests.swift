import Testing

@testable import MachineCollector

@Suite("What is told of files that hold secrets") struct CertificateTextTests {
    @Test func keysStayWhereTheyAre() {
        let file = """
            -----BEGIN CERTIFICATE-----
            MIIB
            -----END CERTIFICATE-----
            -----BEGIN EC PRIVATE KEY-----
            c2VjcmV0
            -----END EC PRIVATE KEY-----
            -----BEGIN CERTIFICATE-----
            MIIC
            -----END CERTIFICATE-----
            """
        let kept = String(decoding: CertificateText.certificates(in: Array(file.utf8)), as: UTF8.self)
        #expect(!kept.contains("c2VjcmV0"))
        #expect(!kept.contains("PRIVATE"))
        #expect(kept.split(separator: "\n").count == 6)
    }

    @Test func ofAManifestOnlyTheNamesOfCertificates() {
        let manifest = """
            spec:
              containers:
              - command:
                - kube-apiserver
                - --tls-cert-file=/etc/kubernetes/pki/apiserver.crt
                - --tls-private-key-file=/etc/kubernetes/pki/apiserver.key
                - --etcd-servers=https://user:secret@127.0.0.1:2379
                args: [--client-ca-file=/etc/kubernetes/pki/ca.crt, --token=secret]
            """
        let kept = String(decoding: CertificateText.options(in: Array(manifest.utf8)), as: UTF8.self)
        #expect(
            kept
                == "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt\n--client-ca-file=/etc/kubernetes/pki/ca.crt\n")
    }

    @Test func aCertificateInAKubeconfigLeavesItsDates() {
        let line = "    client-certificate-data: bm90aGluZw=="
        let kept = String(decoding: KubeconfigRedaction.redacted(Array(line.utf8)), as: UTF8.self)
        #expect(kept == "    client-certificate-data: \"<redacted>\"")
    }

    /// What BIRD sends (reply codes, and a blank for lines of the code before), and what birdc prints of it.
    @Test func birdsRepliesAsBirdcPrintsThem() {
        let lines: [Substring] = [
            "2002-Name       Proto      Table      State  Since         Info",
            "1002-device1    Device     ---        up     02:50:01.100  ", "1006-",
            "1002-uplink     BGP        ---        start  02:51:11.204  Idle          ",
            "1006-  BGP state:          Idle", "     Neighbor address: 192.0.2.12", "0000 ",
        ]
        let printed = BIRDControl.text(of: lines)
        let expected = [
            "Name       Proto      Table      State  Since         Info",
            "device1    Device     ---        up     02:50:01.100  ", "",
            "uplink     BGP        ---        start  02:51:11.204  Idle          ", "  BGP state:          Idle",
            "    Neighbor address: 192.0.2.12",
        ]
        #expect(printed == expected.map { $0 + "\n" }.joined())
    }
}
