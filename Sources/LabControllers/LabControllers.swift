import KubernetesClient
import Logging

/// What kube-controller-manager and kube-scheduler do, in small, for the lab: scheduler, Deployment, ReplicaSet,
/// DaemonSet, StatefulSet, Job, EndpointSlice and Endpoints, ranges and life of nodes, eviction, and what is to go with
/// its owner. Namespaces, their service account and `kube-root-ca.crt`, and addresses of services are the API server's.
///
/// Every controller is a function from a view of the cluster to a list of changes (``Controller/plan(_:_:_:)``); one
/// driver keeps the view and carries the changes out. There is one such process in a lab: it asks for no lease.
public enum LabControllers {
    public struct Configuration: Sendable {
        public var connection: ClusterConnection
        public var settings: ControllerSettings
        public var reflector = ReflectorSettings()
        public var logger: Logger

        public init(connection: ClusterConnection, settings: ControllerSettings, logger: Logger) {
            self.connection = connection
            self.settings = settings
            self.logger = logger
            // The lab's server is near, and comes back soon when it is killed.
            reflector.backoff = Backoff(base: .milliseconds(100), limit: .seconds(2))
        }
    }

    /// Runs until the task is cancelled, through whatever happens to the API server.
    public static func run(configuration: Configuration) async {
        let transport = HTTPTransport(configuration.connection, logger: configuration.logger)
        let client = ClusterClient(transport, fieldManager: "poplin-lab-controllers", requestTimeout: .seconds(20))
        let driver = ControllerDriver(
            client, configuration.settings, configuration.reflector, logger: configuration.logger)
        let collector = GarbageCollector(client, configuration.reflector, logger: configuration.logger)
        await AccessGate(client: client, logger: configuration.logger).wait()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await driver.run() }
            group.addTask { await collector.run() }
        }
        await transport.close()
    }
}
