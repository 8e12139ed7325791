import Diagnosis
import LinuxHost
import SystemCalls

extension MachineReading {
    /// Which network namespace a pod has.
    private struct Attachment {
        var namespace: String
        var pod: String
        var path: String
    }

    /// The network namespaces of this machine's pods.
    mutating func readPods() {
        let pods = attachments()
        for attachment in pods.prefix(Self.mostPods) {
            let base = EvidencePath.pod(options.node, attachment.namespace, attachment.pod)
            do throws(NetworkNamespace.Failure) {
                let namespace = try NetworkNamespace.open(seen(attachment.path))
                let problem = Self.run(in: namespace) {
                    readNetwork(base, namespace: attachment.path)
                    readPacketFilters(base, namespace: attachment.path)
                }
                if let problem { miss("", at: base, because: problem) }
            } catch {
                // A pod that ended keeps its entry until the runtime deletes it.
                if !error.meansGone { miss("", at: base, because: "\(error)") }
            }
        }
        if pods.count > Self.mostPods {
            miss("pods/", because: "\(pods.count) pods: only the first \(Self.mostPods) were looked into")
        }
    }

    /// Nil when `body` ran.
    private static func run(in namespace: borrowing NetworkNamespace, _ body: () -> Void) -> String? {
        do throws(NetworkNamespace.RunFailure<Never>) {
            try namespace.run(body)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static var mostPods: Int { 250 }

    /// By the sandboxes that the runtime has now, and by what it keeps of each attachment.
    private func attachments() -> [Attachment] {
        var found: [Attachment] = []
        var seen: Set<String> = []
        func add(_ namespace: String, _ pod: String, _ path: String) {
            guard path.hasPrefix("/"), !namespace.isEmpty, !pod.isEmpty, !namespace.contains("/"), !pod.contains("/"),
                seen.insert("\(namespace)/\(pod)").inserted
            else { return }
            found.append(Attachment(namespace: namespace, pod: pod, path: path))
        }
        let sandboxes = FactBase(reading: tree).machines.first { $0.name == options.node }?.runtimeSandboxes ?? []
        for sandbox in sandboxes where sandbox.isReady && !sandbox.isOnHostNetwork {
            let path = sandbox.networkNamespace ?? sandbox.process.map { "/proc/\($0)/ns/net" }
            if let path { add(sandbox.namespace, sandbox.pod, path) }
        }
        for (name, document) in tree.documents(under: folder + "files/var/lib/cni/results/") where !name.contains("/") {
            guard let kept = KeptResult(document, at: name), kept.interface == "eth0" else { continue }
            add(kept.namespace, kept.pod, kept.networkNamespace)
        }
        return found
    }
}
