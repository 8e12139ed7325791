import Diagnosis
import JSONTree
import LinuxHost
import SystemCalls

extension MachineReading {
    /// A pod's attachment as the runtime's result cache keeps it.
    private struct Attachment {
        var namespace: String
        var pod: String
        var path: String
    }

    /// The network namespaces of this machine's pods. Which pod has which, the result cache says.
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

    private func attachments() -> [Attachment] {
        var found: [Attachment] = []
        for (name, document) in tree.documents(under: folder + "files/var/lib/cni/results/") {
            guard let root = try? JSONTree(parsing: document.bytes).root, root.member("ifName")?.string == "eth0",
                let path = root.member("netns")?.string, path.hasPrefix("/"), !name.contains("/")
            else { continue }
            var values: [String: String] = [:]
            for pair in root.member("cniArgs").map({ Array($0.elements) }) ?? [] {
                if let key = pair[0]?.string, let value = pair[1]?.string { values[key] = value }
            }
            guard let namespace = values["K8S_POD_NAMESPACE"], let pod = values["K8S_POD_NAME"],
                !namespace.contains("/"), !pod.contains("/"), !namespace.isEmpty, !pod.isEmpty
            else { continue }
            if !found.contains(where: { $0.namespace == namespace && $0.pod == pod }) {
                found.append(Attachment(namespace: namespace, pod: pod, path: path))
            }
        }
        return found
    }
}
