extension Cause {
    static let platform = [
        Cause(
            "NOD-01", "The node is not ready", "Its conditions say why.", shows: "kubectl describe node: conditions",
            fix: "mend the condition that is not as it should be"),
        Cause(
            "NOD-02", "The node is out of inotify instances or open files",
            "Watches of files cannot be made, and agents stop.",
            shows: "fs.inotify.max_user_instances against their use",
            fix: "raise fs.inotify.max_user_instances and max_user_watches"),
        Cause(
            "NOD-03", "The neighbour table is full",
            "More pods and nodes than gc_thresh3 lets the kernel know; packets to the others are dropped.",
            shows: "ip -s neigh count against net.ipv4.neigh.default.gc_thresh3", fix: "raise gc_thresh1, 2 and 3"),
        Cause(
            "NOD-04", "The agent takes the node's memory", "Maps or caches are larger than the node can bear.",
            shows: "the agent's memory and MemoryPressure", fix: "a limit with room, smaller maps"),
        Cause(
            "NOD-05", "Socket buffers are small for the path", "Long, fast paths need larger buffers.",
            shows: "throughput against the product of bandwidth and delay",
            fix: "raise tcp_rmem and tcp_wmem in the pods' namespaces", isDecisive: false),
        Cause(
            "AWS-01", "The instance has no room for another address",
            "Network interfaces times addresses of the instance type are used up.",
            shows: "addresses assigned against the type's limit",
            fix: "prefix delegation, a larger type, or fewer pods on the node"),
        Cause(
            "AWS-02", "The subnet has no free address", "EC2 refuses new interfaces or addresses in that subnet.",
            shows: "AvailableIpAddressCount of the subnet", fix: "another subnet for pods, or a larger one"),
        Cause(
            "AWS-03", "The subnet has no free /28", "Single addresses are free, and no aligned block of sixteen.",
            shows: "InsufficientCidrBlocks in ipamd's log",
            fix: "a subnet CIDR reservation for prefixes, or a new subnet"),
        Cause(
            "AWS-04", "The role may not do it",
            "UnauthorizedOperation: the node's or account's role lacks an EC2 right.",
            shows: "the role's policies against the refused action", fix: "attach the provider's managed policy"),
        Cause(
            "AWS-05", "A security group is in the way", "Nodes or branch interfaces do not accept each other.",
            shows: "the rules of the groups on both interfaces", fix: "allow the traffic between the groups",
            isDecisive: false),
        Cause(
            "AWS-06", "No branch interface is left", "Pods with security groups wait for one.",
            shows: "vpc.amazonaws.com/pod-eni of the node", fix: "a larger type, or fewer such pods"),
        Cause(
            "AWS-07", "The address daemon does not start", "It cannot reach EC2 or STS.",
            shows: "its log; the VPC endpoints' reach", fix: "let the node reach those endpoints", isDecisive: false),
        Cause(
            "AWS-08", "Prefix delegation has no effect",
            "Only new interfaces and nodes use it, Nitro types only, and kubelet's max-pods stays.",
            shows: "age and type of the node, max-pods", fix: "new nodes with a larger max-pods"),
        Cause(
            "AZR-01", "The node's addresses are used up or still held by gone pods",
            "The plugin's state file has no free address.",
            shows: "azure-vnet's state file against the running sandboxes",
            fix: "release the addresses of pods that are gone; fewer pods on the node"),
        Cause(
            "AZR-02", "The address service has none to give", "CNS waits for more addresses from the subnet.",
            shows: "NodeNetworkConfig and the subnet's free addresses", fix: "a larger pod subnet"),
        Cause(
            "AZR-03", "The plugin's store is locked", "A process that died left the lock file.",
            shows: "the lock file and whether its owner lives", fix: "remove the lock file after its owner is gone"),
        Cause(
            "AZR-04", "No address pool for the family", "A dual-stack wish meets a pool of one family.",
            shows: "the pools and the pod's families", fix: "add the pool of the other family"),
        Cause(
            "GCP-01", "The control plane may not reach the pods' port",
            "Private clusters allow 443 and 10250 only; webhooks on other ports time out.",
            shows: "firewall rules from the master's range", fix: "allow the webhook's port from the master's range",
            isDecisive: false),
        Cause(
            "GCP-03", "The pods' range is a corporate range", "Overlap with what a VPN reaches.",
            shows: "the pods' range against the VPN's", fix: "another range, or masquerading towards it"),
        Cause(
            "MCL-01", "The wrong range is announced to the other cluster",
            "Detection took one node's range for the cluster's.", shows: "the announced range against the pools",
            fix: "state the cluster's range"),
        Cause(
            "MCL-02", "Tunnels between clusters do not come up", "UDP 4500, 4490 or 4800 is closed or translated.",
            shows: "a probe of those ports between the gateways", fix: "open them"),
        Cause(
            "MCL-03", "Clusters share ranges", "Addresses of two clusters overlap.", shows: "all clusters' ranges",
            fix: "other ranges, or global addresses"),
        Cause(
            "MCL-04", "The other cluster's addresses are not known as pods'",
            "The packet filter drops a range without a pool.", shows: "pools against the remote range",
            fix: "a disabled pool for the remote range"),
        Cause(
            "MCL-05", "The service is not exported", "No ServiceExport, or names and namespaces differ.",
            shows: "ServiceExport and ServiceImport on both sides", fix: "export it under the same name"),
    ]
}
