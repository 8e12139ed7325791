import Addressing
import CLinux
import KubernetesClient
import KubernetesModel
import LinuxHost
import Logging
import NIOPosix
import Synchronization
import SystemCalls

/// What every pod's worker uses: the API, the daemon, the network, and threads for what blocks.
final class KubeletContext: Sendable {
    let configuration: KubeletConfiguration
    let client: ClusterClient
    let events: EventRecorder
    let containers: ContainerClient
    let network: PodNetwork
    let content: VolumeContent
    let services: Informer<Service>
    let catalogue: ImageCatalogue
    /// For calls that wait for the kernel, for plugins, for the daemon.
    let threads: NIOThreadPool
    let logger: Logger
    /// Why the network cannot take pods; nil when it can.
    let networkObjection = Mutex<String?>(PodNetwork.notInitialized)

    init(_ configuration: KubeletConfiguration, client: ClusterClient, services: Informer<Service>) {
        self.configuration = configuration
        self.client = client
        self.services = services
        events = EventRecorder(client, controller: "kubelet", instance: configuration.nodeName, api: .core)
        containers = ContainerClient(runDirectory: configuration.runDirectory, program: configuration.program)
        network = PodNetwork(configuration)
        content = VolumeContent(client)
        catalogue = ImageCatalogue(program: configuration.program) { command, path in
            for directory in path.split(separator: ":") {
                let candidate = "\(directory)/\(command)"
                if let status = try? FileSystem.status(candidate), status.isExecutable, !status.isDirectory {
                    return candidate
                }
            }
            return nil
        }
        threads = NIOThreadPool(numberOfThreads: 16)
        threads.start()
        logger = configuration.logger
    }

    var hostIPs: [String] { configuration.nodeAddresses.map { "\($0)" } }

    func directory(ofPod uid: String) -> String { "\(configuration.stateDirectory)/pods/\(uid)" }

    /// `/var/log/pods/NAMESPACE_NAME_UID/CONTAINER/ATTEMPT.log`, as kubelets lay them out.
    func logDirectory(of pod: ObjectMeta) -> String {
        "\(configuration.logDirectory)/\(pod.namespace)_\(pod.name)_\(pod.uid)"
    }

    /// Runs what blocks on a thread of its own.
    func blocking<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            threads.submit { _ in continuation.resume(returning: body()) }
        }
    }

    /// The same for what may fail.
    func blocking<Success: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let result: Result<Success, Failure> = await withCheckedContinuation { continuation in
            threads.submit { _ in
                do throws(Failure) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    func report(
        _ pod: PodSpec, _ severity: EventNote.Severity = .normal, _ reason: String, _ note: String
    ) {
        events.record(
            EventNote(
                severity,
                regarding: ObjectReference(
                    apiVersion: "v1", kind: "Pod", namespace: pod.metadata.namespace, name: pod.metadata.name,
                    uid: pod.uid),
                reason: reason, action: reason, note: note))
    }

    /// Of the pod's namespace, and the API server's for every pod.
    func serviceVariables(for pod: PodSpec) -> [String: String] {
        var values: [String: String] = [:]
        services.read { store in
            store.forEach { key, service in
                let isAPI = key.namespace == "default" && key.name == "kubernetes"
                guard isAPI || (pod.hasServiceLinks && key.namespace == pod.metadata.namespace) else { return }
                values.merge(ContainerEnvironment.variables(of: service)) { old, _ in old }
            }
        }
        return values
    }

    static func identifier() -> String {
        let bytes = (try? Entropy.bytes(32)) ?? (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        return bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
