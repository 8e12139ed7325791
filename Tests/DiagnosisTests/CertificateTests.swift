import Testing

@testable import Diagnosis

@Suite("Certificates") struct CertificateTests {
    /// For `shop.example` and `*.shop.example`, from 2026-11-21T13:11:50Z to 2081-08-24T13:11:50Z, as `openssl x509
    /// -noout -subject -dates -ext subjectAltName` reads it.
    static let pem =
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJyekNDQVZTZ0F3SUJBZ0lVWnNGMGxrcVUwSjRMUW1UdDh6TmkweE83WDU0"
        + "d0NnWUlLb1pJemowRUF3SXcKRnpFVk1CTUdBMVVFQXd3TWMyaHZjQzVsZUdGdGNHeGxNQ0FYRFRJMk1URXlNVEV6TVRFMU1Gb1lE"
        + "ekl3T0RFdwpPREkwTVRNeE1UVXdXakFYTVJVd0V3WURWUVFEREF4emFHOXdMbVY0WVcxd2JHVXdXVEFUQmdjcWhrak9QUUlCCkJn"
        + "Z3Foa2pPUFFNQkJ3TkNBQVNObzZwdTg5RjJpYXpqU1l6M3ZvYktiU1VpdG03T3VmSWlXbTFyNXUxZjM4NEUKWDdnU2RpZVRtME5B"
        + "Tlhpaks4UFpxajArQS9nSnNlTlQ4Z2Q0Skc3WW8zd3dlakFkQmdOVkhRNEVGZ1FVQU42UAo0YWNpcmRGRnU0T2NGZ1Raak9WZ2Jw"
        + "RXdId1lEVlIwakJCZ3dGb0FVQU42UDRhY2lyZEZGdTRPY0ZnVFpqT1ZnCmJwRXdEd1lEVlIwVEFRSC9CQVV3QXdFQi96QW5CZ05W"
        + "SFJFRUlEQWVnZ3h6YUc5d0xtVjRZVzF3YkdXQ0Rpb3UKYzJodmNDNWxlR0Z0Y0d4bE1Bb0dDQ3FHU000OUJBTUNBMGtBTUVZQ0lR"
        + "Q0RvTHgyMEtSaEZYc1hPSGdEMmliYgpVaGdHTTJXU1JZUXZsV2lMdFVtdDJ3SWhBTlFVbVI1Vjk5djJKM0Rud05VNWpvNkFaUHp2"
        + "SC9HU3Z4SkdjVm1NCmQ3VjEKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="

    @Test func theFieldsAreThoseThatOpensslReads() throws {
        let fields = try #require(X509Fields(pemInBase64: Self.pem))
        #expect(fields.subject == "CN=shop.example")
        #expect(fields.names == ["shop.example", "*.shop.example"])
        #expect(fields.notBefore == APIObject.seconds("2026-11-21T13:11:50Z"))
        #expect(fields.notAfter == APIObject.seconds("2081-08-24T13:11:50Z"))
    }

    @Test func aCertificateThatIsCutOffOrChangedIsNoneOrAnother() throws {
        let pem = try #require(X509Fields.base64(Array(Self.pem.utf8)))
        let text = String(decoding: pem, as: UTF8.self)
        let body = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        let der = try #require(X509Fields.base64(Array(body.utf8)))
        #expect(X509Fields(der: der) != nil)
        // The outer length says how much there must be.
        for count in 0..<der.count {
            let fields = X509Fields(der: Array(der.prefix(count)))
            #expect(fields == nil)
        }
        // Any byte may be anything: it must be read without a trap, whatever comes of it.
        for place in der.indices {
            for value: UInt8 in [0, 0x7F, 0x80, 0x84, 0xFF] {
                var changed = der
                changed[place] = value
                _ = X509Fields(der: changed)
            }
        }
    }

    @Test(arguments: [
        ("shop.example", "shop.example", true), ("*.shop.example", "www.shop.example", true),
        ("*.shop.example", "shop.example", false), ("*.shop.example", "a.b.shop.example", false),
        ("*.shop.example", "*.shop.example", true), ("Shop.Example", "shop.example", true),
        ("shop.example", "www.shop.example", false),
    ])
    func oneStarStandsForOneWholeLabel(name: String, host: String, isCovered: Bool) {
        #expect(CertificateCheck.covers(name, host) == isCovered)
    }

    private static func evidence(host: String, secrets: [String], at time: String) -> Evidence {
        Evidence(at: time) { evidence in
            evidence.objects(
                "ingresses.networking.k8s.io",
                #"{"metadata":{"namespace":"shop","name":"web","creationTimestamp":"2026-11-20T00:00:00Z"},"#
                    + #""spec":{"tls":[{"secretName":"shop-tls","hosts":["\#(host)"]}]}}"#)
            if secrets.isEmpty {
                evidence.objects("secrets")
            } else {
                for secret in secrets { evidence.objects("secrets", secret) }
            }
        }
    }

    private static let secret =
        #"{"metadata":{"namespace":"shop","name":"shop-tls"},"type":"kubernetes.io/tls","data":{"tls.crt":"\#(pem)"}}"#

    @Test func anIngressWithAFittingCertificateIsWell() {
        let evidence = Self.evidence(host: "www.shop.example", secrets: [Self.secret], at: "2027-01-01T00:00:00Z")
        #expect(evidence.findings(CertificateCheck()).isEmpty)
    }

    @Test(arguments: [
        ("www.shop.example", "2081-09-01T00:00:00Z", "expired"),
        ("www.shop.example", "2026-11-21T00:00:00Z", "valid only from"),
        ("pay.example", "2027-01-01T00:00:00Z", "pay.example"),
    ])
    func whatDoesNotFitIsSaid(host: String, time: String, words: String) {
        let findings = Self.evidence(host: host, secrets: [Self.secret], at: time).findings(CertificateCheck())
        #expect(findings.map(\.code) == ["ING-06"])
        #expect(findings.first?.confidence == .certain)
        #expect(findings.first?.because.first?.contains(words) == true)
    }

    @Test func aSecretThatIsNotThereIsCertainOnlyWhenAllSecretsWereRead() {
        let all = Self.evidence(host: "shop.example", secrets: [], at: "2027-01-01T00:00:00Z").findings(
            CertificateCheck())
        #expect(all.map(\.confidence) == [.certain])
        let few = Evidence(at: "2027-01-01T00:00:00Z") { evidence in
            evidence.objects(
                "ingresses.networking.k8s.io",
                #"{"metadata":{"namespace":"shop","name":"web"},"spec":{"tls":[{"secretName":"shop-tls"}]}}"#)
            evidence.document(EvidencePath.certificates, "[]")
        }.findings(CertificateCheck())
        #expect(few.map(\.confidence) == [.likely])
    }
}
