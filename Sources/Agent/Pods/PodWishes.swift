import Addressing
import AgentProtocol
import IPAMKubernetes
import KubernetesClient
import KubernetesModel

/// What pods say about their addresses in annotations.
protocol PodWishes: Sendable {
    func wish(of pod: AgentPod) async throws(AgentFailure) -> PodWish
}

struct PodWish: Hashable, Sendable {
    /// `poplin.dev/ip-addresses`: at most one of a family.
    var addresses: [IPAddress] = []
    /// `poplin.dev/ip-pools`, by name.
    var pools: [String] = []

    init() {}

    /// - Throws: the reason with the annotation's name.
    init(_ annotations: [String: String]) throws(AgentFailure) {
        func words(_ key: String) -> [String] {
            (annotations[key] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        }
        for word in words(AddressRequest.staticAddressesAnnotation) {
            guard let address = IPAddress(word) else {
                throw AgentFailure(
                    .invalidRequest,
                    "annotation \(AddressRequest.staticAddressesAnnotation): \"\(word)\" is not an IP address")
            }
            if addresses.contains(where: { $0.family == address.family }) {
                throw AgentFailure(
                    .invalidRequest,
                    "annotation \(AddressRequest.staticAddressesAnnotation) has two \(address.family) addresses; a pod"
                        + " has one of each family")
            }
            addresses.append(address)
        }
        pools = words(AddressRequest.poolsAnnotation)
    }
}

/// The pods of this node as the agent watches them.
struct WatchedPods: PodWishes {
    /// What is kept of a pod.
    struct Summary: Hashable, Sendable {
        var uid: String
        var annotations: [String: String]
    }

    let informer: Informer<Summary>

    /// Of the pods that are bound to a node only the two annotations are kept.
    init(node: String, over transport: any KubernetesTransport) {
        informer = Informer(
            InformerScope(
                GroupVersionResource(version: "v1", resource: "pods"), fieldSelector: "spec.nodeName=\(node)"),
            projection: Projection { (node) throws(FieldError) in
                let metadata = try ObjectMeta(of: node)
                let keys = [AddressRequest.staticAddressesAnnotation, AddressRequest.poolsAnnotation]
                return Summary(uid: metadata.uid, annotations: metadata.annotations.filter { keys.contains($0.key) })
            }, over: transport)
    }

    /// The kubelet may have heard of the pod a moment before us: then it is waited for. With the API server away there
    /// is nothing to wait for, and a pod that was never seen wishes nothing.
    func wish(of pod: AgentPod) async throws(AgentFailure) -> PodWish {
        let key = ObjectKey(namespace: pod.namespace, name: pod.name)
        for _ in 0..<50 {
            if let summary = informer[key], pod.uid.isEmpty || summary.uid == pod.uid {
                return try PodWish(summary.annotations)
            }
            guard informer.hasSynced, informer.freshness.isWatching else { break }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return PodWish()
    }
}
