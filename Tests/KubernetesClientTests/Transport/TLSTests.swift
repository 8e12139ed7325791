import Foundation
import KubernetesClient
import NIOSSL
import Testing

@Suite struct TLSTests {
    private func fault(_ connection: ClusterConnection) async -> KubernetesFailure.Kind? {
        let transport = HTTPTransport(connection)
        var kind: KubernetesFailure.Kind?
        do { _ = try await transport.answer(KubernetesRequest(.get, path: "/version")) } catch { kind = error.kind }
        await transport.close()
        return kind
    }

    private func connection(
        _ server: LoopbackServer, authority: TestAuthority, serverName: String? = nil
    ) throws -> ClusterConnection {
        var connection = server.connection(scheme: .https)
        connection.authority = .inline(
            Array(try authority.pem.utf8), name: #"certificate-authority-data of cluster "dev""#)
        connection.serverName = serverName
        return connection
    }

    private static let loopback: [UInt8] = [127, 0, 0, 1]

    @Test func aGoodCertificateForAnAddressAndForAName() async throws {
        let authority = try TestAuthority()
        let pair = try authority.issue("api", dns: ["api.example"], addresses: [Self.loopback])
        let server = try await LoopbackServer.start(tls: try TestAuthority.server(pair)) { _ in .json(200, "{}") }
        let byAddress = await fault(try connection(server, authority: authority))
        #expect(byAddress == nil)
        let byName = await fault(try connection(server, authority: authority, serverName: "api.example"))
        #expect(byName == nil)
    }

    @Test func signedByAnotherAuthority() async throws {
        let authority = try TestAuthority("kubernetes")
        let pair = try TestAuthority("stranger").issue("api", addresses: [Self.loopback])
        let server = try await LoopbackServer.start(tls: try TestAuthority.server(pair)) { _ in .json(200, "{}") }
        let fault = await fault(try connection(server, authority: authority))
        #expect(
            fault
                == .tls(
                    .unknownAuthority(
                        #"the certificate of "CN=api" is signed by "CN=stranger"; certificate-authority-data of cluster "dev" has only "CN=kubernetes""#
                    )))
    }

    @Test func anotherAuthorityOfTheSameName() async throws {
        let pair = try TestAuthority("kubernetes").issue("api", addresses: [Self.loopback])
        let server = try await LoopbackServer.start(tls: try TestAuthority.server(pair)) { _ in .json(200, "{}") }
        let fault = await fault(try connection(server, authority: try TestAuthority("kubernetes")))
        guard case .tls(.unknownAuthority)? = fault else {
            Issue.record("names are not enough: \(String(describing: fault))")
            return
        }
    }

    @Test func outOfItsTime() async throws {
        let authority = try TestAuthority()
        let past = Date(timeIntervalSince1970: 1_600_000_000)
        let old = try authority.issue(
            "api", addresses: [Self.loopback], from: Date(timeIntervalSince1970: 1_500_000_000), until: past)
        let server = try await LoopbackServer.start(tls: try TestAuthority.server(old)) { _ in .json(200, "{}") }
        let expired = await fault(try connection(server, authority: authority))
        guard case .tls(.expired(let text))? = expired else {
            Issue.record("\(String(describing: expired))")
            return
        }
        #expect(text.hasPrefix(#"the certificate of "CN=api" was valid until 2020-09-13T12:26:40Z; it is now 2"#))

        let new = try authority.issue(
            "api", addresses: [Self.loopback], from: Date(timeIntervalSince1970: 4_000_000_000),
            until: Date(timeIntervalSince1970: 4_100_000_000))
        let early = try await LoopbackServer.start(tls: try TestAuthority.server(new)) { _ in .json(200, "{}") }
        let notYet = await fault(try connection(early, authority: authority))
        guard case .tls(.notYetValid(let text))? = notYet else {
            Issue.record("\(String(describing: notYet))")
            return
        }
        #expect(text.hasPrefix(#"the certificate of "CN=api" is valid from 2096-10-02T07:06:40Z; it is now 2"#))
    }

    @Test func forAnotherName() async throws {
        let authority = try TestAuthority()
        let pair = try authority.issue("api", dns: ["*.svc", "kubernetes"], addresses: [[10, 96, 0, 1]])
        let server = try await LoopbackServer.start(tls: try TestAuthority.server(pair)) { _ in .json(200, "{}") }
        let byAddress = await fault(try connection(server, authority: authority))
        #expect(
            byAddress == .tls(.wrongName("the certificate is for *.svc, kubernetes, 10.96.0.1, not for 127.0.0.1")))
        let byName = await fault(try connection(server, authority: authority, serverName: "api.example"))
        #expect(
            byName == .tls(.wrongName("the certificate is for *.svc, kubernetes, 10.96.0.1, not for api.example")))
    }

    @Test func notCheckedWhenTheConfigurationSaysSo() async throws {
        let pair = try TestAuthority("stranger").issue("api", dns: ["elsewhere"])
        let server = try await LoopbackServer.start(tls: try TestAuthority.server(pair)) { _ in .json(200, "{}") }
        var connection = server.connection(scheme: .https)
        connection.isVerificationSkipped = true
        let fault = await fault(connection)
        #expect(fault == nil)
    }

    @Test func aClientCertificateAndNoneAndAStrangers() async throws {
        let authority = try TestAuthority()
        let pair = try authority.issue("api", addresses: [Self.loopback])
        let server = try await LoopbackServer.start(
            tls: try TestAuthority.server(pair, clientsOf: authority)
        ) { _ in .json(200, "{}") }
        func client(_ issuer: TestAuthority, until: Date? = nil) throws -> ClusterConnection {
            var connection = try connection(server, authority: authority)
            let mine = try issuer.issue("ann", from: Date(timeIntervalSince1970: 1_500_000_000), until: until)
            connection.clientCertificate = ClientCertificate(
                certificate: .inline(Array(mine.certificate.utf8), name: "client.crt"),
                key: .inline(Array(mine.key.utf8), name: "client.key"))
            return connection
        }
        let good = await fault(try client(authority))
        #expect(good == nil)

        let none = await fault(try connection(server, authority: authority))
        #expect(
            none == .tls(.clientCertificateRefused("it wants a client certificate and we have none")),
            "\(String(describing: none))")

        let stranger = await fault(try client(try TestAuthority("stranger")))
        guard case .tls(.clientCertificateRefused)? = stranger else {
            Issue.record("\(String(describing: stranger))")
            return
        }

        let expired = await fault(try client(authority, until: Date(timeIntervalSince1970: 1_600_000_000)))
        #expect(
            expired
                == .authentication(
                    .certificateExpired(path: "client.crt", #""CN=ann" was valid until 2020-09-13T12:26:40Z"#)))

        var mixed = try client(authority)
        mixed.clientCertificate?.key = .inline(Array(try authority.issue("bob").key.utf8), name: "bob.key")
        let mismatch = await fault(mixed)
        #expect(
            mismatch
                == .authentication(
                    .file(path: "bob.key", "the key and the certificate in client.crt do not belong together")))
    }

    @Test func aServerThatSpeaksNoTLS() async throws {
        let server = try await LoopbackServer.start { _ in .json(200, "{}") }
        let fault = await fault(try connection(server, authority: try TestAuthority()))
        #expect(
            fault == .tls(.notTLS("127.0.0.1:\(server.port) answers, but not in TLS")), "\(String(describing: fault))")
    }

    @Test func anAuthorityThatIsNone() async throws {
        let server = try await LoopbackServer.start { _ in .json(200, "{}") }
        var connection = server.connection(scheme: .https)
        connection.authority = .file("/nonexistent/ca.crt")
        let missing = await fault(connection)
        #expect(
            missing == .tls(.unreadableAuthority(name: "/nonexistent/ca.crt", "there is no such file")))
        connection.authority = .inline(Array("hello".utf8), name: "ca.crt")
        let text = await fault(connection)
        #expect(text == .tls(.unreadableAuthority(name: "ca.crt", "it holds no PEM certificate")))
    }
}
