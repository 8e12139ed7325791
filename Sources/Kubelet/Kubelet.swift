import CLinux
import JSONTree
import KubernetesClient
import KubernetesModel
import KubernetesServer
import LinuxHost
import Logging
import SystemCalls

/// A small kubelet: pods as processes in namespaces of their own, connected by CNI.
///
/// Containers are children of a daemon of their own (``ContainerDaemon``, the part of containerd here), which the
/// kubelet starts when there is none. So a kubelet that is killed and started again finds everything running. What is
/// not there: images, resource limits, eviction, static pods, volumes of storage drivers, gRPC probes.
public final class Kubelet: Sendable {
    public let configuration: KubeletConfiguration

    public init(configuration: KubeletConfiguration) { self.configuration = configuration }

    /// Works until the task is cancelled; pods go on without it.
    public func run() async throws(KubeletFailure) {
        guard !configuration.nodeAddresses.isEmpty else {
            throw KubeletFailure("node \(configuration.nodeName) has no address: a kubelet needs at least one")
        }
        let transport = try connect()
        let client = ClusterClient(transport, fieldManager: "kubelet")
        let services = Informer(InformerScope(Service.resource), projection: Projection(Service.self), over: transport)
        let context = KubeletContext(configuration, client: client, services: services)
        let logPath = "\(configuration.stateDirectory)/containers.log"
        let containers = context.containers
        let child: pid_t?
        let states: [ContainerState]
        do {
            try Directories.make("\(configuration.stateDirectory)/pods")
            try Directories.make(configuration.runDirectory, mode: 0o700)
            child = try containers.ensureDaemon(logPath: logPath)
            states = try containers.list()
        } catch {
            throw KubeletFailure("the container daemon cannot be used: \(error)")
        }
        let manager = PodManager(
            context, sandboxes: PodManager.sandboxes(in: configuration.stateDirectory), states: states)
        let name = configuration.nodeName
        let logger = configuration.logger
        let pods = Informer(
            InformerScope(Pod.resource, fieldSelector: "spec.nodeName=\(name)"),
            projection: Projection<PodSpec> { node throws(FieldError) in try PodSpec(decoding: node) },
            over: transport
        ) { logger.debug("watching pods: \($0)") }
        let server = try await startServer(context, manager)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await pods.run() }
            group.addTask { await services.run() }
            group.addTask { await context.events.run() }
            group.addTask { await NodeKeeper(context: context) { await manager.networkIsReady() }.run() }
            group.addTask { await Self.followDaemon(context, manager, child, logPath) }
            group.addTask {
                // Variables of services are part of what a container starts with.
                try? await services.waitUntilSynced()
                for await event in pods.subscribe() { await manager.take(event) }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(30))
                    await manager.refreshVolumes()
                }
            }
        }
        await server?.shutdown()
    }

    private func connect() throws(KubeletFailure) -> HTTPTransport {
        let loaded: ClusterConnection?
        do throws(KubeconfigError) {
            loaded = try KubernetesClient.Kubeconfig.load(explicit: configuration.kubeconfig)?.connection()
        } catch {
            throw KubeletFailure("\(error)")
        }
        guard var connection = loaded else {
            throw KubeletFailure("there is no kubeconfig \(configuration.kubeconfig)")
        }
        connection.userAgent = UserAgent(program: "poplin", version: configuration.version, component: "kubelet")
        return HTTPTransport(connection)
    }

    /// Tells workers of containers that end; starts the daemon again when it goes, with whose end its containers end.
    private static func followDaemon(
        _ context: KubeletContext, _ manager: PodManager, _ first: pid_t?, _ logPath: String
    ) async {
        let containers = context.containers
        let (ends, input) = AsyncStream<ContainerState>.makeStream()
        let telling = Task { for await state in ends { await manager.ended(state) } }
        defer { telling.cancel() }
        var child = first
        while !Task.isCancelled {
            await context.blocking { try? containers.watch { if $0.end != nil { input.yield($0) } } }
            if Task.isCancelled { return }
            context.logger.warning("the container daemon has gone; starting it again")
            let last = child
            child = await context.blocking {
                var status: Int32 = 0
                if let last { waitpid(last, &status, WNOHANG) }
                return (try? containers.ensureDaemon(logPath: logPath)) ?? nil
            }
            let states = await context.blocking { try? containers.list() }
            if let states { await manager.reconcile(with: states) } else { try? await Task.sleep(for: .seconds(1)) }
        }
    }
}
