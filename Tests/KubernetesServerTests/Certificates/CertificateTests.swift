import Foundation
import JSONTree
import SystemCalls
import Testing
import YAMLTree

@testable import KubernetesServer

@Suite struct CertificateTests {
    private static func der(_ pem: String) -> [UInt8] {
        let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        return [UInt8](Data(base64Encoded: base64) ?? Data())
    }

    @Test func theAdministratorIsBelieved() throws {
        let authority = try ClusterAuthority()
        let pair = try authority.issue("kubernetes-admin", organizations: ["system:masters", "ops"], role: .client)
        let shown = authority.judge(der: Self.der(pair.certificate))
        #expect(shown.isTrusted)
        #expect(shown.reason == nil)
        #expect(shown.commonName == "kubernetes-admin")
        #expect(shown.organizations == ["system:masters", "ops"])
    }

    @Test func othersAreNot() throws {
        let now = Date()
        let authority = try ClusterAuthority()
        let namesake = try ClusterAuthority()
        let foreign = try namesake.issue("kubernetes-admin", organizations: ["system:masters"], role: .client)
        #expect(
            authority.judge(der: Self.der(foreign.certificate)).reason
                == "x509: certificate signed by unknown authority")
        let old = try authority.issue("a", role: .client, now: now - 7200, lifetime: 3600)
        #expect(authority.judge(der: Self.der(old.certificate)).isTrusted == false)
        #expect(authority.judge(der: Self.der(old.certificate), now: now - 5000).isTrusted)
        let early = try authority.issue("a", role: .client, now: now + 86400)
        #expect(authority.judge(der: Self.der(early.certificate)).isTrusted == false)
        #expect(authority.judge(der: [0x30, 0x03, 1, 2, 3]).isTrusted == false)
        #expect(authority.judge(der: []).isTrusted == false)
        var broken = Self.der(foreign.certificate)
        var random = SplitMix(seed: 5)
        for _ in 0..<500 {
            broken[Int(random.next() % UInt64(broken.count))] = UInt8(truncatingIfNeeded: random.next())
            #expect(!authority.judge(der: broken).isTrusted)
        }
    }

    @Test func aRestartKeepsWhatIsGoodAndRenewsTheRest() throws {
        let directory = NSTemporaryDirectory() + "/poplin-pki-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let now = Date()
        let first = try CertificateDirectory(directory, names: ["localhost", "127.0.0.1", "::1"], now: now)
        for name in ["ca", "apiserver", "admin", "front-proxy"] {
            #expect(try FileSystem.status("\(directory)/\(name).key").mode & 0o777 == 0o600)
        }
        let again = try CertificateDirectory(directory, names: ["localhost", "127.0.0.1"], now: now + 86400)
        #expect(again.server == first.server)
        #expect(again.admin == first.admin)
        let moved = try CertificateDirectory(directory, names: ["localhost", "10.0.0.1"], now: now)
        #expect(moved.server != first.server)
        #expect(moved.admin == first.admin)
        let later = try CertificateDirectory(directory, names: ["10.0.0.1"], now: now + 340 * 86400)
        #expect(later.server != moved.server)
        #expect(later.admin != first.admin)
        #expect(later.authority.pair == first.authority.pair)

        // Another authority: what the old one signed is of no use.
        try FileSystem.unlink("\(directory)/ca.crt")
        let new = try CertificateDirectory(directory, names: ["10.0.0.1"], now: now)
        #expect(new.admin != later.admin)
        #expect(new.authority.judge(der: Self.der(new.admin.certificate)).isTrusted)
    }

    @Test func aDamagedAuthorityIsNamed() throws {
        let directory = NSTemporaryDirectory() + "/poplin-pki-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try CertificateDirectory(directory, names: [])
        try FileDescriptor.open("\(directory)/ca.crt", 0o1001).writeAll(Array("garbage".utf8))
        var said = ""
        do { _ = try CertificateDirectory(directory, names: []) } catch { said = "\(error)" }
        #expect(said.contains("\(directory)/ca.crt cannot be used"))
    }

    @Test func aKubeconfigIsForItsOwnerAndReadsBack() throws {
        let path = NSTemporaryDirectory() + "/poplin-kubeconfig-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let written = Kubeconfig(
            server: "https://127.0.0.1:1", authority: "CA\n", user: "admin",
            credential: .certificate(CertificatePair(certificate: "C\n", key: "K\n")), namespace: "team")
        try written.write(to: path)
        #expect(try FileSystem.status(path).mode & 0o777 == 0o600)
        let text = String(decoding: try FileDescriptor.open(path, 0).readAll(), as: UTF8.self)
        #expect(text.contains("server: https://127.0.0.1:1"))
        #expect(text.contains("client-key-data: \(Data("K\n".utf8).base64EncodedString())"))
        #expect(text.contains("namespace: team"))
    }
}
