import Foundation
import KubernetesClient
import LinuxHost
import SystemCalls
import Testing

@testable import KubernetesServer

/// One server at several addresses and on a socket that somebody else opened.
@Suite struct ListenerTests {
    /// A TCP socket on 127.0.0.1, any port, that listens if asked to.
    private static func socket(isListening: Bool = true) throws -> Int32 {
        let descriptor = try Sockets.make(domain: AF_INET, type: Int32(SOCK_STREAM.rawValue), protocol: 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        try Sockets.bind(descriptor, to: address)
        if isListening { #expect(listen(descriptor.rawValue, 5) == 0) }
        return descriptor.release()
    }

    @Test func everyListenerAnswersAndIsInTheCertificate() async throws {
        try await TemporaryDirectory.with { directory in
            let handed = try Self.socket()
            var configuration = APIServer.Configuration(
                directory: directory,
                listeners: [
                    .address(host: "127.0.0.1", port: 0), .address(host: "127.0.0.2", port: 0), .descriptor(handed),
                ])
            configuration.names = ["api.example.org", "10.9.8.7"]
            configuration.advertised = "https://api.test:7443/"
            let server = try await APIServer.start(configuration)
            #expect(server.endpoint == "https://api.test:7443")
            #expect(server.addresses.count == 3)
            let validity = try CertificateValidity(pem: server.certificates.server.certificate)
            #expect(
                validity.covers(["127.0.0.1", "127.0.0.2", "api.example.org", "10.9.8.7", "api.test", "localhost"]))
            #expect(try server.kubeconfig.text().contains("server: https://api.test:7443\n"))
            for address in server.addresses {
                var kubeconfig = server.kubeconfig
                kubeconfig.server = "https://\(address)"
                try kubeconfig.write(to: "\(directory)/kubeconfig")
                var overrides = ConnectionOverrides()
                overrides.kubeconfig = "\(directory)/kubeconfig"
                let transport = HTTPTransport(
                    try ClusterConnection.resolve(overrides, environment: Environment()))
                #expect(try await ClusterClient(transport).serverVersion().major == "1", "\(address)")
                await transport.close()
            }
            await server.shutdown()
        }
    }

    @Test func whatIsNoListeningSocketIsRefusedAndSaidSo() async throws {
        let deaf = try Self.socket(isListening: false)
        let file = try FileDescriptor.open("/dev/null", O_RDONLY).release()
        defer { for number in [deaf, file] { _ = FileDescriptor(owning: number) } }
        for (number, reason) in [(Int32(3_000), "not open"), (file, "no socket"), (deaf, "no TCP socket that listens")]
        {
            do throws(HTTPServer.ListenerFailure) {
                _ = try HTTPServer.Place(.descriptor(number))
                Issue.record("\(number) was taken")
            } catch {
                #expect(error.description.hasPrefix("file descriptor \(number): it is \(reason)"), "\(error)")
            }
        }
    }

    @Test func oneListenerThatFailsFailsAll() async throws {
        try await TemporaryDirectory.with { directory in
            let taken = FileDescriptor(owning: try Self.socket())
            let port = Int(try Sockets.name(of: taken).port)
            let listeners = [
                HTTPServer.Listener.address(host: "127.0.0.1", port: 0), .address(host: "127.0.0.1", port: port),
            ]
            do throws(APIServerFailure) {
                let server = try await APIServer.start(.init(directory: directory, listeners: listeners))
                await server.shutdown()
                Issue.record("it started")
            } catch {
                #expect(error.description.hasPrefix("cannot listen on 127.0.0.1:\(port): "), "\(error)")
                #expect(error.description.contains("EADDRINUSE") || error.description.contains("in use"), "\(error)")
            }
        }
    }

    @Test(arguments: [
        ("https://10.0.0.1:6443", "10.0.0.1", 6443), ("https://[fd00::1]:1", "fd00::1", 1),
        ("https://a.b/", "a.b", 443),
    ])
    func advertisedURLs(text: String, host: String, port: Int) throws {
        let url = try AdvertisedURL(text)
        #expect((url.host, url.port) == (host, port))
    }

    @Test(arguments: ["http://a", "https://", "https://a:0", "https://a:b", "https://a/b", "https://u@a", "10.0.0.1:1"])
    func noAdvertisedURL(text: String) throws {
        #expect(throws: APIServerFailure.self) { try AdvertisedURL(text) }
    }
}
