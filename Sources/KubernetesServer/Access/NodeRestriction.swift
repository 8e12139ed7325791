import JSONTree
import KubernetesModel

/// What a kubelet may write: its own node and lease, the status of pods on it (kubernetes/plugin/pkg/admission/
/// noderestriction). Pure.
enum NodeRestriction {
    static func refusal(
        by user: UserInfo, _ resource: GroupResource, namespace: String, name: String, before: JSONValue?,
        after: JSONValue?
    ) -> Status? {
        guard let node = NodeAuthorizer.node(of: user) else { return nil }
        func refused(_ text: String) -> Status { .forbidden(resource, name, text) }
        switch (resource.group, resource.resource) {
        case ("", "nodes"):
            return name == node ? nil : refused("node \"\(node)\" is not allowed to modify node \"\(name)\"")
        case ("", "pods"):
            if let before {
                let bound = before.at("spec", "nodeName")?.stringValue ?? ""
                return bound == node
                    ? nil : refused("node \"\(node)\" can only change pods with spec.nodeName set to itself")
            }
            guard after?.at("metadata", "annotations", "kubernetes.io/config.mirror") != nil else {
                return refused(
                    "pod does not have \"kubernetes.io/config.mirror\" annotation, node \"\(node)\" can only create "
                        + "mirror pods")
            }
            let bound = after?.at("spec", "nodeName")?.stringValue ?? ""
            return bound == node
                ? nil : refused("node \"\(node)\" can only create pods with spec.nodeName set to itself")
        case ("coordination.k8s.io", "leases"):
            return namespace == NodeAuthorizer.leases && name == node
                ? nil : refused("node \"\(node)\" can only write its own lease")
        default: return nil
        }
    }
}
