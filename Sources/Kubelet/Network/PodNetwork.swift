import Addressing
import CNI
import CNIRuntime
import JSONTree
import KubernetesModel
import LinuxHost
import Netlink
import SystemCalls

/// A pod's place on the network: a namespace under /run/netns, held there by its name, and whether it is attached.
struct Sandbox: Sendable, Equatable {
    /// 64 hexadecimal digits; the plugins' container id.
    var id: String
    var podNamespace: String
    var podName: String
    var podUID: String
    /// Empty for a pod on its node's network.
    var namespacePath: String
    /// Of the network it is attached to; empty before and for pods on the node's.
    var network = ""
    var addresses: [String] = []
    /// Nanoseconds since the Epoch: when the pod was first seen here.
    var startedAt: UInt64
    var capabilities: [JSONMember] = []

    var namespaceName: String { namespacePath.split(separator: "/").last.map(String.init) ?? "" }

    var value: JSONValue {
        [
            "v": 1, "id": .string(id), "podNamespace": .string(podNamespace), "podName": .string(podName),
            "podUID": .string(podUID), "namespacePath": .string(namespacePath), "network": .string(network),
            "addresses": .array(addresses.map { .string($0) }), "startedAt": .uint(startedAt),
            "capabilities": .object(capabilities),
        ]
    }

    init?(decoding node: JSONNode) {
        guard node.member("v")?.int == 1, let id = node.member("id")?.string else { return nil }
        func text(_ key: String) -> String { node.member(key)?.string ?? "" }
        self.id = id
        podNamespace = text("podNamespace")
        podName = text("podName")
        podUID = text("podUID")
        namespacePath = text("namespacePath")
        network = text("network")
        addresses = node.member("addresses")?.elements.compactMap(\.string) ?? []
        startedAt = node.member("startedAt")?.uint ?? 0
        capabilities = node.member("capabilities").map { JSONValue($0).members } ?? []
    }

    init(id: String, for pod: PodSpec, startedAt: UInt64) {
        self.id = id
        podNamespace = pod.metadata.namespace
        podName = pod.metadata.name
        podUID = pod.uid
        self.startedAt = startedAt
        namespacePath = pod.hostNetwork ? "" : NetworkNamespace.path(ofName: "cni-\(id.prefix(32))")
        capabilities = PodNetwork.capabilities(of: pod)
    }

    var attachment: RuntimeAttachment {
        RuntimeAttachment(
            containerID: id, networkNamespace: namespacePath, interfaceName: "eth0",
            arguments: [
                .init("IgnoreUnknown", "1"), .init("K8S_POD_NAMESPACE", podNamespace),
                .init("K8S_POD_NAME", podName), .init("K8S_POD_INFRA_CONTAINER_ID", id), .init("K8S_POD_UID", podUID),
            ], capabilityArguments: capabilities)
    }
}

/// What a container runtime does for a pod's network. Every call blocks.
struct PodNetwork: Sendable {
    let configurations: ConfigurationDirectory
    let runtime: NetworkRuntime

    /// In the words of containerd, which people search for.
    struct Failure: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    static let notInitialized = "cni plugin not initialized"

    init(_ configuration: KubeletConfiguration) {
        configurations = ConfigurationDirectory(configuration.cniConfigurationDirectory)
        runtime = NetworkRuntime(
            executor: PluginExecutor(
                directories: configuration.cniBinaryDirectories, limit: .seconds(120),
                environment: Environment.current(), relaysErrors: false),
            cache: ResultCache(configuration.cniCacheDirectory))
    }

    /// What stands in the node's Ready condition while the network is not ready; nil when it is.
    func objection() -> String? {
        let list: NetworkConfigurationList
        do throws(CNIError) {
            guard let first = try configurations.load().files.first else { return Self.notInitialized }
            guard case .success(let found) = first.network else {
                if case .failure(let problem) = first.network { return "cni config load failed: \(problem.headline)" }
                return Self.notInitialized
            }
            list = found
        } catch {
            return "cni config load failed: \(error.message)"
        }
        let report = runtime.status(list)
        guard let error = report.error else { return nil }
        return "\(Self.plugin(report, list)) failed (status): \(Self.text(error))"
    }

    /// Makes the namespace and attaches it; answers the sandbox with its addresses. After a failure nothing is left.
    func add(_ sandbox: Sandbox) throws(Failure) -> Sandbox {
        let prefix = "failed to setup network for sandbox \"\(sandbox.id)\": "
        do throws(NetworkNamespace.Failure) {
            let namespace = try NetworkNamespace.create(named: sandbox.namespaceName)
            raiseLoopback(namespace)
        } catch {
            throw Failure(description: "failed to create network namespace for sandbox \"\(sandbox.id)\": \(error)")
        }
        do throws(Failure) {
            guard let list = try? configurations.defaultNetwork() else {
                throw Failure(description: prefix + Self.notInitialized)
            }
            let report = runtime.add(list, sandbox.attachment)
            if let error = report.error {
                throw Failure(
                    description: "\(prefix)\(Self.plugin(report, list)) failed (add): \(Self.text(error))")
            }
            var attached = sandbox
            attached.network = list.name
            attached.addresses = report.result?.ips.map { "\($0.address.address)" } ?? []
            guard !attached.addresses.isEmpty else {
                _ = runtime.delete(list, sandbox.attachment)
                throw Failure(
                    description: prefix + "network \"\(list.name)\" gave no address: its plugins have no ipam")
            }
            return attached
        } catch {
            try? NetworkNamespace.remove(named: sandbox.namespaceName)
            throw error
        }
    }

    private func raiseLoopback(_ namespace: borrowing NetworkNamespace) {
        guard var socket = try? RouteSocket(in: namespace.descriptor) else { return }
        var batch = RequestBatch()
        _ = batch.change(.name("lo"), LinkChange(isUp: true))
        _ = try? socket.commit(&batch)
    }

    /// Detaches and removes the namespace; what is gone already is fine.
    func delete(_ sandbox: Sandbox) throws(Failure) {
        if sandbox.namespacePath.isEmpty { return }
        if !sandbox.network.isEmpty {
            let list = try? configurations.network(named: sandbox.network)
            let report = runtime.delete(network: sandbox.network, configured: list, sandbox.attachment)
            if let error = report.error {
                throw Failure(
                    description: "failed to destroy network for sandbox \"\(sandbox.id)\": "
                        + "\(list.map { Self.plugin(report, $0) } ?? "plugin") failed (delete): \(Self.text(error))")
            }
        }
        do throws(NetworkNamespace.Failure) {
            try NetworkNamespace.remove(named: sandbox.namespaceName)
        } catch {
            throw Failure(description: "failed to remove network namespace for sandbox \"\(sandbox.id)\": \(error)")
        }
    }

    /// Everything that belongs to no sandbox goes: what a kubelet leaves that is killed between two steps.
    func collectGarbage(keeping sandboxes: [Sandbox]) -> OperationReport? {
        guard let list = try? configurations.defaultNetwork() else { return nil }
        return runtime.collectGarbage(list, valid: sandboxes.map(\.attachment.attachment))
    }

    /// As libcni names a plugin in its errors: `plugin type="bridge" name="mynet"`.
    private static func plugin(_ report: OperationReport, _ list: NetworkConfigurationList) -> String {
        let type = report.steps.last { !$0.succeeded && $0.command == report.command }?.plugin
        return "plugin type=\"\(type ?? list.plugins.first?.type ?? "")\" name=\"\(list.name)\""
    }

    /// As libcni prints an error object.
    private static func text(_ error: CNIError) -> String {
        error.details.isEmpty ? error.message : "\(error.message); \(error.details)"
    }

    // MARK: - What the pod asks for

    static func capabilities(of pod: PodSpec) -> [JSONMember] {
        var members: [JSONMember] = []
        var mappings: [JSONValue] = []
        for part in pod.containers + pod.initContainers.filter(\.isSidecar) {
            for port in part.ports where port.host != 0 {
                mappings.append([
                    "hostPort": .int(Int64(port.host)), "containerPort": .int(Int64(port.container)),
                    "protocol": .string(port.transport.rawValue.lowercased()), "hostIP": .string(port.hostIP),
                ])
            }
        }
        if !mappings.isEmpty { members.append(JSONMember("portMappings", .array(mappings))) }
        var bandwidth: [JSONMember] = []
        for direction in ["ingress", "egress"] {
            // Bits in a second; the burst is the most there is, as containerd asks for.
            guard let text = pod.metadata.annotations["kubernetes.io/\(direction)-bandwidth"],
                let rate = Quantity(text)?.milli
            else { continue }
            bandwidth.append(JSONMember("\(direction)Rate", .int(Int64(rate / 1000))))
            bandwidth.append(JSONMember("\(direction)Burst", .int(Int64(UInt32.max))))
        }
        if !bandwidth.isEmpty { members.append(JSONMember("bandwidth", .object(bandwidth))) }
        return members
    }
}
