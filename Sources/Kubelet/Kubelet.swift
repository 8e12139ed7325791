import Logging

/// A small kubelet: pods as processes in namespaces of their own, connected by CNI.
///
/// Containers are children of a daemon of their own (``ContainerDaemon``, the part of containerd here), which the
/// kubelet starts when there is none. So a kubelet that is killed and started again finds everything running.
public final class Kubelet: Sendable {
    public let configuration: KubeletConfiguration

    public init(configuration: KubeletConfiguration) { self.configuration = configuration }

    /// Works until the task is cancelled; pods go on without it.
    public func run() async throws(KubeletFailure) {
        throw KubeletFailure("not yet")
    }
}
