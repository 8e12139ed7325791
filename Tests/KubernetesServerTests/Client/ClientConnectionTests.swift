import Foundation
import KubernetesClient
import KubernetesServer
import LinuxHost
import Testing

/// Our client against our server, over TLS, through the kubeconfig that the server writes.
@Suite struct ClientConnectionTests {
    @Test func throughTheKubeconfigTheServerWrote() async throws {
        let directory = NSTemporaryDirectory() + "/poplin-client-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(APIServer.Configuration(directory: directory, port: 0))
        let file = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: file)

        var overrides = ConnectionOverrides()
        overrides.kubeconfig = file
        let connection = try ClusterConnection.resolve(overrides, environment: Environment())
        let transport = HTTPTransport(connection)
        let version = try await ClusterClient(transport).serverVersion()
        #expect(version.major == "1")
        await transport.close()
        await server.shutdown()
    }
}
