import JSONTree

extension ForeignObjects {
    /// By what only that kind has.
    static func guess(_ node: JSONNode) -> (kind: String, apiVersion: String)? {
        if node.at("status", "nodeInfo") != nil { return ("Node", "v1") }
        if node.at("spec", "containers") != nil { return ("Pod", "v1") }
        if node.at("status", "desiredNumberScheduled") != nil { return ("DaemonSet", "apps/v1") }
        if node.at("spec", "template") != nil, node.at("spec", "replicas") != nil {
            return (node.at("spec", "strategy") != nil || node.at("status", "updatedReplicas") != nil)
                ? ("Deployment", "apps/v1") : ("ReplicaSet", "apps/v1")
        }
        if node.member("involvedObject") != nil { return ("Event", "v1") }
        if node.member("data") != nil, node.member("type") == nil { return ("ConfigMap", "v1") }
        if node.at("spec", "clusterIP") != nil { return ("Service", "v1") }
        return nil
    }
}
