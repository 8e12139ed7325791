extension Cause {
    static let installation = [
        Cause(
            "INS-01", "The CNI agent does not run on the node",
            "Without its agent a node gets no configuration, no addresses and no routes for new pods. Why the agent stopped (out of memory, evicted, image, a crash of its own) stands in its last lines: that is the cause, this is the consequence.",
            shows:
                "the agent pod of that node is absent or not ready: kubectl get pods -A -o wide --field-selector spec.nodeName=NODE",
            fix: "mend what the agent's last fatal line names; kubectl logs --previous shows it",
            not: "restarting every agent at once: a node that works is taken down with those that do not"),
        Cause(
            "INS-02", "A plugin named in the configuration is not in the runtime's directory",
            "The runtime looks for an executable of exactly the type's name in its bin_dir. It is missing, not executable, empty, or built for another processor, most often after a node update replaced the directory.",
            shows:
                "ls -l of each directory in bin_dir, against plugins[].type and ipam.type of the first file in /etc/cni/net.d",
            fix: "restart the agent pod of that node: its init container copies the plugins in again"),
        Cause(
            "INS-03", "A reference plugin is not installed",
            "Network providers rely on loopback, bridge, portmap, host-local and their like and do not all ship them. They come with the package containernetworking-plugins (or kubernetes-cni), and are gone when somebody emptied the directory.",
            shows: "ls /opt/cni/bin on the node",
            fix:
                "install the distribution's containernetworking-plugins package, or poplin-cni with links of these names",
            not: "deleting everything under the CNI directory to start afresh: that is how these files get lost"),
        Cause(
            "INS-04", "The installer cannot replace a plugin that is being executed",
            "Writing to a file that runs is refused (ETXTBSY). A plugin that waits for its own agent keeps the file busy, and the agent waits for the file.",
            shows: "the init container's line names the file and \"Text file busy\"",
            fix: "end the plugin process that hangs (fuser -v FILE), or upgrade to an installer that renames into place"
        ),
        Cause(
            "INS-05", "Runtime and provider do not agree on the CNI directories",
            "The provider installs into one pair of directories and the runtime reads another, as with k3s, RKE or a changed containerd configuration.",
            shows:
                "bin_dir and conf_dir of the runtime's configuration against the hostPath volumes of the agent's DaemonSet",
            fix: "point the provider's install directories at those the runtime reads"),
        Cause(
            "INS-06", "The agent has never finished starting on this node",
            "Calico's plugin reads /var/lib/calico/nodename, which calico-node writes when it has started. Without the file every ADD fails.",
            shows: "the log of the node's calico-node pod: why it did not get that far",
            fix: "mend what calico-node's log names; the file then appears by itself",
            not: "writing the file by hand: the plugin then talks to an agent that is not there", isDecisive: false),
        Cause(
            "INS-07", "The kernel lacks something the provider needs",
            "A module or an option is missing or may not be loaded: vxlan, br_netfilter, openvswitch, ip_set, wireguard. It shows as \"operation not supported\" or as a missing file under /proc/sys/net.",
            shows: "modinfo NAME, /proc/modules and /boot/config-$(uname -r) on the node",
            fix: "modprobe NAME and put it into /etc/modules-load.d, or install the kernel's extra-modules package",
            not: "deleting pods: the new ones meet the same kernel"),
        Cause(
            "INS-08", "Flannel has not written its subnet file",
            "flanneld writes /run/flannel/subnet.env when it has a lease; the plugin cannot delegate without it. The file is a consequence: no podCIDR, no way to the API, or no kernel module.",
            shows: "the log of flanneld on that node",
            fix: "mend what flanneld's log names; it writes the file by itself",
            not: "writing the file by hand: it hides the missing lease until two nodes share a range", isDecisive: false
        ),
        Cause(
            "INS-09", "Versions do not go together",
            "Agent, its custom resources, Kubernetes, the runtime or the cloud's instance type are from releases that do not know each other: unknown fields, unknown kinds, unknown instance types.",
            shows: "the agent's image tag and its CRDs' versions against the provider's table of supported releases",
            fix: "upgrade in the provider's order: custom resources, then operator, then agents", isDecisive: false),
        Cause(
            "INS-10", "The node's CNI files were wiped",
            "Configuration and plugins were deleted by hand or by a script, often together with rules of the packet filter.",
            shows: "/etc/cni/net.d and /opt/cni/bin are both empty on the node",
            fix: "reinstall the plugins package and restart the node's agent pod",
            not: "running the script again on the other nodes"),
        Cause(
            "INS-11", "A mount is not shared with the host",
            "The agent's pod asks for a bidirectional mount below a directory whose mount is private, and the runtime refuses to make the container.",
            shows: "/proc/self/mountinfo of the host: the mount has no shared: tag",
            fix: "mount --make-rshared / on the node, and in the unit that mounts it, so that it stays"),
        Cause(
            "INS-12", "Manifest and image are of different releases",
            "The manifest names a program or a file that the image does not have, because one was upgraded without the other.",
            shows: "the image tag of the DaemonSet against the release the manifest came from",
            fix: "apply the manifest of the image's release"),
    ]

    static let access = [
        Cause(
            "API-01", "The plugin's token is not accepted any more",
            "Plugins use a kubeconfig on the node whose token expires after hours; an agent must write it anew. It stopped doing so, the keys were rotated, or the clock is wrong, and the API server answers 401.",
            shows: "exp in the token of the kubeconfig under /etc/cni/net.d, against date -u",
            fix: "restart the node's agent pod (it writes a new token), and turn its token refresh on",
            not: "recreating roles and bindings: 401 is about who you are, not about what you may do"),
        Cause(
            "API-02", "The agent's account may not do what it needs",
            "The API server knows the account and refuses the verb: a role is missing or older than the agent.",
            shows: "kubectl auth can-i VERB RESOURCE --as system:serviceaccount:NAMESPACE:NAME",
            fix: "apply the roles of the agent's release",
            not: "binding cluster-admin: it hides the missing rule and stays for ever"),
        Cause(
            "API-03", "The agent cannot reach the API server",
            "Connections to the kubernetes Service or to the server itself time out: kube-proxy is not there yet, a firewall or a route is in the way, an address or a proxy variable is wrong, or large packets are lost.",
            shows:
                "TCP from the node to each API server address, and to the ClusterIP of default/kubernetes: only the second fails when it is kube-proxy",
            fix:
                "where only the ClusterIP fails, look at kube-proxy on that node; where both do, at the node's way to the server: its route, a firewall, the agent's proxy variables"
        ),
        Cause(
            "WHK-01", "The API server does not reach a webhook",
            "The control plane calls a Service in the cluster and gets no answer in time: it is outside the pod network, a firewall is in between, or the webhook's pods are not ready.",
            shows:
                "the webhook's EndpointSlice has ready endpoints, and a pod reaches them while the control plane does not",
            fix: "let the control plane reach the webhook's pods at their port",
            not: "deleting the webhook configuration: what it guarded goes unguarded", isDecisive: false),
    ]
}
