extension Cause {
    static let configuration = [
        Cause(
            "CFG-01", "There is no CNI configuration on the node",
            "The runtime finds no .conf, .conflist or .json file and reports the network as not ready. The agent that writes it has not run, or the file was removed.",
            shows: "ls -la of the runtime's conf_dir, and the log of the node's agent",
            fix: "get the agent to run (its log says why it does not): it writes the file",
            not: "writing a bridge configuration by hand: pods get addresses no other node knows"),
        Cause(
            "CFG-02", "The CNI configuration cannot be parsed",
            "The first file is empty, cut off or no JSON: a full disk, a writer that was killed half-way, an edit by hand. Line ends of Windows do no harm.",
            shows: "poplin cni validate FILE shows line and column",
            fix: "restart the agent that writes the file, after making room on the disk"),
        Cause(
            "CFG-03", "The runtime may not read the CNI configuration",
            "Mode, owner or SELinux label keep the runtime from a file that is there.",
            shows: "ls -lZ of the file, and audit lines of the runtime",
            fix: "restorecon FILE, chmod 0600 and owner root"),
        Cause(
            "CFG-04", "Another network's configuration comes first",
            "The runtime takes the file whose name sorts first. One that a former network left behind wins, and new pods join a network that nobody runs.",
            shows: "ls of conf_dir in order, and the addresses of new pods against the pool",
            fix: "move the stale file out of the directory, then make the pods of that node anew"),
        Cause(
            "CFG-05", "Pods started on the runtime's own default bridge",
            "CRI-O, Podman and containerd bring a bridge configuration. Pods that start before the cluster's network is there get addresses of it (10.85 or 10.88) and are cut off.",
            shows: "pod addresses inside the range of the default bridge's file",
            fix: "move the packaged file away and make those pods anew"),
        Cause(
            "CFG-06", "One CNI renamed the others' configuration",
            "Cilium with cni.exclusive turns every other file into *.cilium_bak, so that chained or wrapping plugins (Multus, Istio, Linkerd) are not called any more.",
            shows: "files ending in .cilium_bak in conf_dir, and cni-exclusive in the ConfigMap cilium-config",
            fix: "set cni.exclusive=false, give the files their names back, make the pods anew"),
        Cause(
            "CFG-07", "Configuration and plugin speak different CNI versions",
            "cniVersion of the configuration is newer than any the plugin answers to VERSION.",
            shows: "poplin cni list shows what each plugin answers",
            fix: "install plugins that know the version, or lower cniVersion"),
        Cause(
            "CFG-08", "Pods started before a chained plugin was in the configuration",
            "On a new node the pod was set up before the mesh's plugin had added itself, so its redirection is missing for the pod's whole life.",
            shows: "the pod's sandbox is older than the last change of the conflist",
            fix: "delete that pod; the next one goes through the whole chain"),
        Cause(
            "CFG-09", "A plugin is missing in the chain",
            "hostPort needs portmap, bandwidth annotations need bandwidth. Without it in the list the wish is ignored in silence.",
            shows: "plugins[] of the conflist against hostPort and the pods' annotations",
            fix: "add the plugin to the list with its capability"),
        Cause(
            "CFG-10", "A network attachment cannot be found",
            "The pod's annotation names a NetworkAttachmentDefinition that is not there under that name and namespace, or its plugin fails.",
            shows: "k8s.v1.cni.cncf.io/networks against kubectl get net-attach-def -A, and the pod's network-status",
            fix: "name the definition with its namespace, or create it"),
    ]
}
