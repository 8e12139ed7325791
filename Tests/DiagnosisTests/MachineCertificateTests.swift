import Testing

@testable import Diagnosis

/// Certificates of a control plane and of kubelet, and BGP as BIRD itself tells it, on a machine that asks no API.
@Suite("Certificates and sessions of a machine") struct MachineCertificateTests {
    /// Good for kubernetes, kubernetes.default.svc and 10.96.0.1 in the year 2024, of the first authority.
    private static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBlDCCATqgAwIBAgIBATAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDAprdWJlcm5l
        dGVzMB4XDTI0MDEwMTAwMDAwMFoXDTI1MDEwMTAwMDAwMFowGTEXMBUGA1UEAwwO
        a3ViZS1hcGlzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ0OovqjDxx
        4vWXOUKh3FauCkHYiX0Mxsc3jg5F/ckgBc5HW4Hj8N5/6N1RahQ0TisKtiMXqe9n
        MS9gyx1L2kQQo3cwdTAdBgNVHQ4EFgQUJeJvBuBRfw81l0yOH4pckHTFu1owHwYD
        VR0jBBgwFoAUyjfEHLLSAVcTM/vFSZcyrewHKDYwMwYDVR0RBCwwKoIKa3ViZXJu
        ZXRlc4IWa3ViZXJuZXRlcy5kZWZhdWx0LnN2Y4cECmAAATAKBggqhkjOPQQDAgNI
        ADBFAiEAxscHCn6MB+xF/0FKegZRXOI2Fy2ICGPTdRGm4R3o+QMCIC+ATfopQ5YK
        H22p/fyWQFLrdnVxe4267RGbXxLk4sui
        -----END CERTIFICATE-----
        """
    /// For old.example.com alone, of the first authority.
    private static let stray = """
        -----BEGIN CERTIFICATE-----
        MIIBejCCASGgAwIBAgIBATAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDAprdWJlcm5l
        dGVzMB4XDTI0MDEwMTAwMDAwMFoXDTI1MDEwMTAwMDAwMFowGTEXMBUGA1UEAwwO
        a3ViZS1hcGlzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATi3yS4rD0B
        vBhsH9thzupArqzByLfwTk2+GT88AA9WI516UB0PLNZ3hXTKs4vvd1c6pS+BQpjS
        5SqJv4xIjg2xo14wXDAdBgNVHQ4EFgQUTkLqGnr7mE/TxjFsn8+hNQvgdlwwHwYD
        VR0jBBgwFoAUyjfEHLLSAVcTM/vFSZcyrewHKDYwGgYDVR0RBBMwEYIPb2xkLmV4
        YW1wbGUuY29tMAoGCCqGSM49BAMCA0cAMEQCIFPsju7qfOVgz1IDBZMLUiVT4A1x
        UWnPIU9RSGvAKFqfAiAeHE5BrAazDUnyp/N/MNzZpoZVyb2K0Ht3r99YjwRisw==
        -----END CERTIFICATE-----
        """
    /// Two authorities of one name, as when kubeadm made another.
    private static let first = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASWgAwIBAgIUAjYcA+syL6DVu9SAR7xSEQE0d2QwCgYIKoZIzj0EAwIw
        FTETMBEGA1UEAwwKa3ViZXJuZXRlczAeFw0yNjExMjIwMjQ5NTFaFw0zNjExMTkw
        MjQ5NTFaMBUxEzARBgNVBAMMCmt1YmVybmV0ZXMwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATsFFT85nQCHGSOQZw9bJ2fGEylCWNnNMlu3ulrwT3yBiZsGttpFYAB
        Z4Nt3cESSmJQ2EsCaRxeHFCy8ErdoQAxo1MwUTAdBgNVHQ4EFgQUyjfEHLLSAVcT
        M/vFSZcyrewHKDYwHwYDVR0jBBgwFoAUyjfEHLLSAVcTM/vFSZcyrewHKDYwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBiI9RAV9EG+pUXHsRA1ob2
        R+cfARAKB+Go0CAMs2flcwIgV2WoDEF9+grkABjTAm7byHfW2b3LAX/gAmNliY3O
        yIc=
        -----END CERTIFICATE-----
        """
    private static let second = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASWgAwIBAgIUOZrY6BczoTK2MNAz400NgP4p2+4wCgYIKoZIzj0EAwIw
        FTETMBEGA1UEAwwKa3ViZXJuZXRlczAeFw0yNjExMjIwMjQ5NTFaFw0zNjExMTkw
        MjQ5NTFaMBUxEzARBgNVBAMMCmt1YmVybmV0ZXMwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQl2oIK5GEpIN3CK8xNRW0PUR9lMYMhfgTZf6dhpnPoEtcFGGMXi5mE
        ajjO0eerlpVbqQK4s2ZmhFEstb/cSg1qo1MwUTAdBgNVHQ4EFgQU1P/nCQnm9Xl4
        ZyP03Q9EShmGhnAwHwYDVR0jBBgwFoAU1P/nCQnm9Xl4ZyP03Q9EShmGhnAwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBfTCD3JMG6lpK50i72kV+P
        yRA+yF+88dPJxdoHOTOU0gIgXiwnr9nq4XdtuhyO476lt3sE5tv8dut9tJGrwPc2
        Mzs=
        -----END CERTIFICATE-----
        """

    private static let summer = "2024-06-01T00:00:00Z"
    private static let manifest =
        "--client-ca-file=/etc/kubernetes/pki/ca.crt\n--tls-cert-file=/etc/kubernetes/pki/apiserver.crt\n"

    private static func plane(
        at time: String, _ certificate: String = server, authority: String? = first, isRunning: Bool = true
    ) -> [Diagnosis] {
        let files =
            ["/etc/kubernetes/pki", "/etc/kubernetes/pki/apiserver.crt"]
            + (authority == nil ? [] : ["/etc/kubernetes/pki/ca.crt"])
        let listing = files.map { "{\"path\":\"\($0)\"}" }.joined(separator: ",")
        return Evidence(at: time) { evidence in
            evidence.node("n", .fileList, "[\(listing)]")
            evidence.node(
                "n", .addresses,
                #"[{"ifname":"eth0","addr_info":[{"family":"inet","local":"192.0.2.7","prefixlen":24}]}]"#)
            evidence.file("n", "/etc/kubernetes/pki/apiserver.crt", certificate)
            if let authority { evidence.file("n", "/etc/kubernetes/pki/ca.crt", authority) }
            if isRunning { evidence.file("n", "/etc/kubernetes/manifests/kube-apiserver.yaml", manifest) }
        }.findings(MachineCertificateCheck())
    }

    @Test func whatFitsIsNoFinding() {
        let inOrder = Self.plane(at: Self.summer)
        #expect(inOrder.isEmpty)
        // Left behind by a machine that is no control plane any more.
        let left = Self.plane(at: "2025-06-01T00:00:00Z", isRunning: false)
        #expect(left.isEmpty)
    }

    @Test(arguments: [
        (Self.plane(at: "2025-06-01T00:00:00Z"), "ended 151 days ago"),
        (Self.plane(at: "2023-06-01T00:00:00Z"), "is good only from 2024-01-01"),
        (Self.plane(at: summer, stray), "is for old.example.com"),
        (Self.plane(at: summer, authority: second), "is not of the authority"),
        (Self.plane(at: summer, authority: nil), "ca.crt, which is not there"),
    ])
    func whatDoesNotFitIsTold(_ findings: [Diagnosis], _ words: String) {
        #expect(findings.map(\.code) == ["API-01"])
        #expect(findings.first?.confidence == .certain)
        #expect(findings.first?.title.contains(words) == true, "\(findings.first?.title ?? "")")
    }

    @Test(arguments: [
        ("2024-06-01T00:00:00Z", true, 0), ("2025-06-01T00:00:00Z", true, 1), ("2025-06-01T00:00:00Z", false, 0),
    ])
    func kubeletsOwn(_ time: String, _ isNamed: Bool, _ count: Int) {
        let path = "/var/lib/kubelet/pki/kubelet-client-current.pem"
        let found = Evidence(at: time) { evidence in
            evidence.file("n", path, Self.server)
            evidence.file("n", "/etc/kubernetes/kubelet.conf", isNamed ? "client-certificate: \(path)\n" : "token: x\n")
        }.findings(MachineCertificateCheck())
        #expect(found.count == count)
    }

    // MARK: What plugins show

    private static func plugin(_ kubeconfig: String) -> [Diagnosis] {
        Evidence(at: summer) { evidence in
            evidence.node("n", .processes, #"{"processes":[{"pid":812,"name":"kubelet"}]}"#)
            evidence.node("n", .fileList, #"[{"path":"/etc/cni/net.d"},{"path":"/etc/cni/net.d/10-calico.conflist"}]"#)
            evidence.file(
                "n", "/etc/cni/net.d/10-calico.conflist",
                #"{"name":"k","cniVersion":"0.3.1","plugins":[{"type":"calico","kubernetes":{"kubeconfig":"/etc/cni/net.d/calico-kubeconfig"}}]}"#
            )
            evidence.file("n", "/etc/cni/net.d/calico-kubeconfig", kubeconfig)
        }.findings(CredentialCheck())
    }

    @Test(arguments: [
        // 1717200000 is the first of June 2024, 0 h.
        (#"token: "<redacted>" # claims {"exp":1717190000,"iat":1717100000}"#, "The token of"),
        (#"client-certificate-data: "<redacted>" # claims {"exp":1717190000,"iat":1700000000}"#, "The certificate of"),
        (#"token: "<redacted>" # claims {"exp":1717400000,"iat":1717300000}"#, "of the future"),
        ("certificate-authority: /etc/cni/net.d/calico-tls/ca.crt", "which is not there"),
        (#"token: "<redacted>" # claims {"exp":1717290000,"iat":1717190000}"#, nil),
        // A folder nobody looked into.
        ("certificate-authority: /opt/ca.crt", nil),
    ])
    func whatAPluginShows(_ line: String, _ words: String?) {
        let found = Self.plugin(line + "\n")
        #expect(found.count == (words == nil ? 0 : 1))
        if let words { #expect(found.first?.title.contains(words) == true, "\(found.first?.title ?? "")") }
    }

    // MARK: BIRD

    /// `birdc -r show protocols all` of BIRD 2.0.12, a session whose AS number the other side does not accept.
    private static let refused = """
        Name       Proto      Table      State  Since         Info
        device1    Device     ---        up     02:50:01.100  
        kernel1    Kernel     master4    up     02:50:01.100  
          Channel ipv4
            State:          UP
        uplink     BGP        ---        start  02:51:11.204  Idle          Received: Bad peer AS
          BGP state:          Idle
            Neighbor address: 192.0.2.12
            Neighbor AS:      64512
            Local AS:         64999
            Error wait:       1.2/2
            Last error:       Received: Bad peer AS
        Mesh_192_0_2_13 BGP        ---        up     02:50:09.000  Established   
          BGP state:          Established
            Neighbor address: 192.0.2.13

        """

    @Test func sessionsOfAMachineAlone() throws {
        let evidence = Evidence(at: Self.summer) { evidence in
            evidence.tree.add(
                Self.refused, at: "nodes/n/exec/birdcl-show-protocols-all.txt", from: FactSource("n: birdcl", age: 0))
        }
        let sessions = BGPSession.all(evidence.facts)
        #expect(sessions.map { "\($0.peer) \($0.state)" } == ["192.0.2.12 Idle", "192.0.2.13 Established"])
        let found = evidence.findings(SessionCheck())
        #expect(found.map(\.code) == ["BGP-03"])
        #expect(found.first?.confidence == .certain)
        // With the cluster's objects the check of the cluster speaks.
        var whole = evidence
        whole.objects("nodes", #"{"kind":"Node","metadata":{"name":"n"}}"#)
        let twice = whole.findings(SessionCheck())
        #expect(twice.isEmpty)
    }

    @Test(arguments: [("bash", 1), ("bird", 0)])
    func aSocketThatNobodyServes(_ program: String, _ count: Int) {
        let found = Evidence(at: Self.summer) { evidence in
            evidence.node("n", .processes, #"{"processes":[{"pid":1,"name":"\#(program)"}]}"#)
            evidence.tree.addMissing(
                "nodes/n/exec/birdcl-show-protocols-all.txt",
                because: "/var/run/calico/bird.ctl: Connection refused (ECONNREFUSED)")
        }.findings(SessionCheck())
        #expect(found.map(\.code) == Array(repeating: "BGP-04", count: count))
    }
}
