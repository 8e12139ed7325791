extension Cause {
    static let addresses = [
        Cause(
            "IPM-01", "The node has no podCIDR",
            "Providers that use the node's range wait for it. The controller manager does not hand ranges out, or has none left.",
            shows:
                "kubectl get node NODE -o jsonpath={.spec.podCIDRs}, and --allocate-node-cidrs and --cluster-cidr of the controller manager",
            fix: "turn range allocation on with the provider's network as --cluster-cidr",
            not: "patching podCIDR by hand: it cannot be changed later, and two nodes may get one range"),
        Cause(
            "IPM-02", "The node's addresses are used up by live pods",
            "Every address of the range belongs to a pod that runs: the range is too small for the node's pods.",
            shows: "reservations against live sandboxes: as many of one as of the other",
            fix: "fewer pods on the node, another node, or a larger range for new nodes"),
        Cause(
            "IPM-03", "Addresses are reserved for pods that are gone",
            "After a crash, a reboot or a failed ADD the reservation stays, and the range fills up although few pods run.",
            shows:
                "files under /var/lib/cni/networks whose container no sandbox has: crictl pods -q against their contents",
            fix: "remove only those files, under the store's lock, after looking again",
            not: "emptying the directory: addresses of running pods are then handed out twice"),
        Cause(
            "IPM-04", "Calico's blocks are used up or left with dead nodes",
            "Pools look full while blocks belong to nodes that are gone, or the limit of blocks for a host is reached.",
            shows: "calicoctl ipam check, and block affinities against the nodes there are",
            fix: "calicoctl ipam release --from-report after ipam check, or a larger pool",
            not: "changing blockSize of a pool in use: it cannot be changed"),
        Cause(
            "IPM-05", "The bridge has an address of another range",
            "The node's range changed and the bridge kept its address, so the plugin refuses to work with it.",
            shows: "ip addr show of the bridge against the range of the configuration",
            fix: "drain the node, delete the bridge, let the next pod make it anew"),
        Cause(
            "IPM-06", "One address is two pods'",
            "An address was given out twice, or the route and interface of a former pod stayed behind; the host cannot have two routes for it.",
            shows: "kubectl get pods -A -o wide with the same IP twice, or a host route whose interface no sandbox has",
            fix: "delete the pod that came second; if its interface is nobody's, delete that interface"),
        Cause(
            "IPM-07", "Ranges overlap",
            "Pods, services, nodes, a VPN or Docker's bridge share addresses, and packets go to whoever is nearer.",
            shows: "all ranges side by side: pools, service range, node addresses, host routes",
            fix: "give the newer of them another range"),
        Cause(
            "IPM-08", "Two nodes have overlapping podCIDRs",
            "A restored or patched Node has a range that another node has too.",
            shows: "kubectl get nodes with spec.podCIDRs, sorted",
            fix: "drain one of the nodes, delete its Node object, let it join again"),
        Cause(
            "IPM-09", "The agent leaves out a range that the host routes elsewhere",
            "Cilium does not hand out addresses for which the host has another route; a docker or VPN route over the podCIDR makes the range full from the start.",
            shows: "ip route of the node: a route that overlaps the podCIDR and is not the agent's",
            fix: "take the other route away, or use another podCIDR"),
        Cause(
            "IPM-10", "The secondary network's pool keeps dead reservations",
            "Whereabouts' reconciler does not recognise pods that came back under the same name, so entries stay or are given out twice.",
            shows: "allocations of the IPPool against the pods' network-status",
            fix: "delete the single stale allocations from the IPPool; upgrade whereabouts"),
        Cause(
            "IPM-11", "There is no range left for another node",
            "The cluster's range divided by the size for a node gives fewer ranges than there are nodes.",
            shows: "2^(node mask - cluster mask) against the number of nodes; events CIDRNotAvailable",
            fix: "add a second cluster range where the provider can, or remove Node objects that are gone"),
        Cause(
            "IPM-12", "No address pool applies here",
            "All pools are disabled, or their selectors match neither this node nor this namespace.",
            shows: "the pools' disabled and selectors against the node's labels",
            fix: "enable a pool or widen its selector"),
        Cause(
            "IPM-13", "Addresses come back too soon",
            "Pods restart often, or a freed address is used again while others still hold connections and caches to it.",
            shows: "restarts of the pods, and the time between two uses of one address",
            fix: "mend the restarts, or give the pool a cool-down", isDecisive: false),
    ]
}
