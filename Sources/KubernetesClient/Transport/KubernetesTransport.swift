/// The way to an API server: over HTTP (``HTTPTransport``), or a replay or a misbehaving server in tests.
///
/// `send` answers as soon as the head is there, whatever its status; it fails when there is no answer. Cancelling the
/// task ends the request.
public protocol KubernetesTransport: Sendable {
    func send(_ request: KubernetesRequest) async throws(KubernetesFailure) -> KubernetesResponse
    /// Which server, from which file: for messages.
    var origin: KubernetesFailure.Origin { get }
}

extension KubernetesTransport {
    public var origin: KubernetesFailure.Origin { KubernetesFailure.Origin() }
}
