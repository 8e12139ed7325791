import Addressing
import Findings

extension FabricPlan.Builder {
    /// Why a node is not taken into the fabric, nil when it is.
    func refusal(of remote: FabricNode, _ backend: BackendAnnouncement, _ family: IPFamily) -> Finding? {
        mismatch(of: remote, backend) ?? displacement(of: remote, backend, family) ?? overlap(of: remote)
    }

    /// The node speaks another language than we do.
    private func mismatch(of remote: FabricNode, _ backend: BackendAnnouncement) -> Finding? {
        func differs(_ what: String, _ annotation: String, _ theirs: String, _ ours: String) -> Finding {
            Finding(
                code: "FAB-02",
                "Node \(remote.name): \(what) is \(theirs), here on node \(local.name) it is \(ours)",
                because: [
                    "annotation \(annotation) of the node says so",
                    "pods on the two nodes cannot reach each other; no route to \(remote.name) is made",
                ],
                next: "restart the agent on \(remote.name) so that it reads the same ConfigMap poplin-config")
        }
        if backend.type != configuration.backend.name {
            return differs(
                "the backend", FabricNode.Annotation.backendType, backend.type, configuration.backend.name)
        }
        guard let vxlan = configuration.backend.vxlan else { return nil }
        if let theirs = backend.vxlanIdentifier, theirs != vxlan.identifier {
            return differs("VNI", FabricNode.Annotation.backendData, "\(theirs)", "\(vxlan.identifier)")
        }
        if let theirs = backend.vxlanPort, theirs != vxlan.port {
            return differs("the VXLAN port", FabricNode.Annotation.backendData, "\(theirs)", "\(vxlan.port)")
        }
        guard let mac = backend.tunnelMAC, !mac.isMulticast, !mac.isZero else {
            return Finding(
                code: "FAB-03",
                "Node \(remote.name): annotation \(FabricNode.Annotation.backendData) has no usable \"mac\"",
                next: "restart the agent on \(remote.name)")
        }
        if let other = macs[mac] {
            return Finding(
                code: "FAB-03",
                "Node \(remote.name): the tunnel's hardware address \(mac) is that of node \(other) too",
                because: ["this happens when a machine is cloned with its Node object or its tunnel interface"],
                next: "remove annotation \(FabricNode.Annotation.backendData) from node \(remote.name), "
                    + "delete interface \(vxlan.interfaceName) there, and restart its agent")
        }
        return nil
    }

    /// The node is nowhere, or where we cannot get.
    private func displacement(
        of remote: FabricNode, _ backend: BackendAnnouncement, _ family: IPFamily
    ) -> Finding? {
        guard let place = remote.address(family) else {
            return Finding(
                code: "FAB-01",
                "Node \(remote.name): status.addresses has no InternalIP of family \(family), which the nodes use",
                next: "start its kubelet with --node-ip, or set \"underlay\" in poplin.json")
        }
        if let other = places[place] {
            return Finding(
                code: "FAB-04", "Node \(remote.name): its address \(place) is that of node \(other) too",
                next: "compare status.addresses of the two nodes")
        }
        if configuration.backend == .hostGateway {
            for family in families(of: remote) {
                guard let gateway = remote.address(family) else {
                    return Finding(
                        code: "FAB-01",
                        "Node \(remote.name): it has \(family) pods and status.addresses has no \(family) InternalIP",
                        because: ["host-gw sends to the node's own address of the same family"],
                        next: "start its kubelet with --node-ip for both families, or use backend vxlan")
                }
                if !underlay.isOnSegment(gateway) {
                    return Finding(
                        code: "FAB-05",
                        "Node \(remote.name): its address \(gateway) is not on a network of "
                            + "\(underlay.interface) on node \(local.name), and host-gw crosses no router",
                        because: ["networks there: " + underlay.addresses.map(\.description).joined(separator: ", ")],
                        next: "use backend vxlan with \"DirectRouting\": true in net-conf.json")
                }
            }
        }
        return nil
    }

    /// The node's pods have addresses that are somebody else's.
    private func overlap(of remote: FabricNode) -> Finding? {
        for prefix in remote.podCIDRs where configuration.families.contains(prefix.family) {
            // Of pools a single address may lie in another node's block: the longer prefix wins, as it should.
            let other =
                configuration.ipam.mode == .clusterPool
                ? owners.owner(of: prefix).map { (prefix: prefix, owner: $0) } : owners.overlapping(prefix)
            if let other {
                return Finding(
                    code: "FAB-06",
                    "Node \(remote.name): its pod range \(prefix) overlaps \(other.prefix) of node \(other.owner)",
                    next: "compare spec.podCIDRs and annotation \(FabricNode.Annotation.podCIDRs) of the two nodes")
            }
            // Pools may lie anywhere; what the controller manager assigns must be of its own range.
            if configuration.ipam.mode == .kubernetes, let network = configuration.network(prefix.family),
                !network.contains(prefix)
            {
                return Finding(
                    code: "FAB-07",
                    "Node \(remote.name): its pod range \(prefix) is not inside the cluster's network \(network)",
                    next: "make net-conf.json and the controller manager's --cluster-cidr agree")
            }
        }
        return nil
    }
}
