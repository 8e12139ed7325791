import JSONTree
import KubernetesModel
import KubernetesServer
import LinuxHost
import Logging
import NIOSSL
import SystemCalls

extension Kubelet {
    /// Serves what the API server asks of a kubelet; nil when it was not configured to.
    func startServer(_ context: KubeletContext, _ manager: PodManager) async throws(KubeletFailure) -> HTTPServer? {
        guard let serving = configuration.serving else { return nil }
        do {
            let authority = try AtomicFile.read(serving.clientAuthority) ?? []
            let judge = try CertificateJudge(pem: String(decoding: authority, as: UTF8.self))
            let chain = try NIOSSLCertificate.fromPEMFile(serving.certificate)
            let key = try NIOSSLPrivateKey(file: serving.key, format: .pem)
            var settings = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            settings.minimumTLSVersion = .tlsv12
            settings.certificateVerification = .optionalVerification
            settings.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority))
            settings.applicationProtocols = ["http/1.1"]
            let security = HTTPServer.Security(context: try NIOSSLContext(configuration: settings)) { shown in
                guard let bytes = try? shown.toDERBytes() else {
                    return ClientCertificate(
                        commonName: "", organizations: [], isTrusted: false, reason: "it cannot be read")
                }
                return judge.judge(der: bytes)
            }
            // Dual stack where the kernel has it.
            let hosts = ["::", "0.0.0.0"]
            var problem: (any Error)?
            for host in hosts {
                do {
                    return try await HTTPServer.start(
                        KubeletHandler(context: context, manager: manager), host: host, port: configuration.listenPort,
                        security: security)
                } catch {
                    problem = error
                }
            }
            throw KubeletFailure(
                "cannot listen on port \(configuration.listenPort): \(problem.map { "\($0)" } ?? "")")
        } catch let error as KubeletFailure {
            throw error
        } catch {
            throw KubeletFailure("the kubelet's certificates cannot be used: \(error)")
        }
    }
}

/// A kubelet's paths. Whoever asks must show a certificate of the cluster's administrators, as the API server does.
struct KubeletHandler: RequestHandler {
    let context: KubeletContext
    let manager: PodManager

    func handle(_ request: ServerRequest) async -> ServerResponse {
        if request.segments == ["healthz"] { return .text("ok") }
        guard let shown = request.peer.certificate, shown.isTrusted else {
            return .text("Unauthorized", status: 401)
        }
        guard shown.organizations.contains("system:masters") else {
            return .text("Forbidden (user=\(shown.commonName), verb=proxy, resource=nodes)", status: 403)
        }
        switch request.segments.first {
        case "pods": return await pods()
        case "metrics": return await metrics()
        case "containerLogs": return await logs(request)
        case "exec", "attach": return await command(request)
        case "portForward": return await portForward(request)
        default: return .text("404 page not found\n", status: 404)
        }
    }

    private func pods() async -> ServerResponse {
        let items = await manager.pods.map { pod -> JSONValue in
            [
                "metadata": [
                    "name": .string(pod.metadata.name), "namespace": .string(pod.metadata.namespace),
                    "uid": .string(pod.uid),
                ],
                "spec": [
                    "nodeName": .string(context.configuration.nodeName),
                    "containers": .array(
                        pod.containers.map { ["name": .string($0.name), "image": .string($0.image)] }),
                ],
            ]
        }
        let list: JSONValue = ["kind": "PodList", "apiVersion": "v1", "metadata": [:], "items": .array(items)]
        return .json(list.serialized())
    }

    private func metrics() async -> ServerResponse {
        let count = await manager.pods.count
        let containers = context.containers
        let running = await context.blocking { ((try? containers.list()) ?? []).filter { $0.end == nil }.count }
        return .text(
            """
            # HELP kubelet_running_pods Number of pods that have a running pod sandbox
            # TYPE kubelet_running_pods gauge
            kubelet_running_pods \(count)
            # HELP kubelet_running_containers Number of containers currently running
            # TYPE kubelet_running_containers gauge
            kubelet_running_containers{container_state="running"} \(running)

            """)
    }

    /// The pod and the record of the container that a path names.
    func target(_ request: ServerRequest) async -> (worker: PodWorker, container: String)? {
        guard request.segments.count == 4,
            let worker = await manager.worker(namespace: request.segments[1], name: request.segments[2])
        else { return nil }
        return (worker, request.segments[3])
    }
}
