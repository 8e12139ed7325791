extension Cause {
    static let services = [
        Cause(
            "SVC-01", "The Service selects no pod", "Its labels are no pod's, so it has no endpoints.",
            shows: "the selector against the pods' labels", fix: "make the selector the pods' labels"),
        Cause(
            "SVC-02", "The Service sends to a port nobody listens on", "targetPort is not the container's.",
            shows: "targetPort against the listening sockets of the pod", fix: "correct targetPort"),
        Cause(
            "SVC-03", "Services are not programmed on the node",
            "Pods answer directly and not through the ClusterIP: kube-proxy (or what replaces it) is down or behind.",
            shows: "rules for that address on that node; kube-proxy's health and last sync",
            fix: "restart the node's kube-proxy and read why it stopped"),
        Cause(
            "SVC-04", "Nodes serve services in different ways", "Modes differ, or rules of a former mode are left.",
            shows: "the mode of every kube-proxy; KUBE- chains beside IPVS",
            fix: "one mode, and kube-proxy --cleanup on the node"),
        Cause(
            "SVC-05", "Traffic goes to endpoints that are gone",
            "Programmed backends are not those of the EndpointSlices.",
            shows: "backends on the node against the EndpointSlices", fix: "restart the component that lags"),
        Cause(
            "SVC-06", "The application listens on loopback only",
            "It is bound to 127.0.0.1: reachable in the pod, refused from outside.", shows: "ss -ltn in the pod",
            fix: "bind to 0.0.0.0 or ::"),
        Cause(
            "SVC-07", "Bridged traffic does not pass the packet filter",
            "br_netfilter is off, and answers of a pod on the same bridge skip the translation back.",
            shows: "sysctl net.bridge.bridge-nf-call-iptables", fix: "load br_netfilter and set it to 1"),
        Cause(
            "SVC-08", "A pod does not reach itself through its Service",
            "Hairpin is off or the source is not translated.", shows: "hairpin of the bridge port",
            fix: "turn hairpin on"),
        Cause(
            "SVC-09", "The connection table is full",
            "The kernel drops new connections because nf_conntrack has no room.",
            shows: "nf_conntrack_count against nf_conntrack_max; drop and early_drop",
            fix: "raise nf_conntrack_max, and find who opens so many"),
        Cause(
            "SVC-10", "kube-proxy cannot write its rules", "iptables-restore fails or waits for the lock.",
            shows: "kube-proxy's log", fix: "end what holds the lock; correct the rule it names"),
        Cause(
            "SVC-11", "kube-proxy may not set the connection limit",
            "In a container's node the sysctl is read-only and kube-proxy stops.",
            shows: "its log: nf_conntrack_max, permission denied", fix: "set conntrack.maxPerCore to 0"),
        Cause(
            "SVC-12", "Local traffic policy and no local endpoint",
            "externalTrafficPolicy: Local answers only on nodes with a pod.", shows: "endpoints of that node",
            fix: "none is needed; the load balancer's health check leaves such nodes out"),
        Cause(
            "SVC-13", "The application's own pool hides the failure",
            "Endpoints are right; a client's pool or circuit breaker is not.",
            shows: "the proxy's or client's statistics", fix: "look into the client", isDecisive: false),
    ]

    static let edge = [
        Cause(
            "ING-01", "Nothing serves the Ingress",
            "Its class has no controller, or the controller may not make a load balancer.",
            shows: "ingressClassName, the classes there are, the controller's events",
            fix: "name a class that has a controller"),
        Cause(
            "ING-02", "The load balancer's subnets cannot be found",
            "The controller looks for subnets by their tags and finds too few.",
            shows: "the tags kubernetes.io/role/elb or internal-elb and the cluster's name on the subnets",
            fix: "tag the subnets, or name them in the annotation"),
        Cause(
            "ING-03", "The cloud's quota is used up", "Another address or forwarding rule is not granted.",
            shows: "the event names the quota", fix: "free or raise it"),
        Cause(
            "ING-04", "The controller does not reach the application",
            "A policy, another protocol or a readiness gap between controller and pod gives 502.",
            shows: "poplin policy explain CONTROLLER -> POD:PORT, and the backend protocol",
            fix: "mend the step that fails"),
        Cause(
            "ING-05", "The certificate's challenge is not answered",
            "HTTP-01 gets 404 or nothing, DNS-01 is not there yet.", shows: "the Challenge's status.reason",
            fix: "let the solver's path through"),
        Cause(
            "ING-06", "The wrong or an expired certificate",
            "Names or dates of the secret do not fit, or the default is served.",
            shows: "names and dates of the certificate that is served", fix: "renew it, or reference the right secret"),
        Cause(
            "ING-07", "Two rules for one host and path", "The older one wins.", shows: "all Ingresses of that host",
            fix: "remove one"),
        Cause(
            "ING-08", "Every node answers for the virtual address",
            "kube-proxy in IPVS mode puts it on all nodes, and all answer ARP.",
            shows: "kube-ipvs0 has the address; strictARP is false", fix: "set ipvs.strictARP to true"),
        Cause(
            "ING-09", "A virtual address that does not ping", "That is expected: it answers for its ports only.",
            shows: "arping and the port answer", fix: "none is needed"),
        Cause(
            "MSH-01", "The pod has no sidecar", "Its namespace, revision or webhook does not inject.",
            shows: "labels of namespace and pod, and the webhook", fix: "set the label and make the pod anew"),
        Cause(
            "MSH-02", "Only one side speaks TLS",
            "One proxy wants mutual TLS and the other end sends plain text, or the reverse.",
            shows: "PeerAuthentication, DestinationRule and who has a sidecar",
            fix: "PERMISSIVE while both exist, or a sidecar on both"),
        Cause(
            "MSH-03", "Routing rules of the mesh overlap", "Two objects define the same host.",
            shows: "all VirtualServices and DestinationRules of that host", fix: "merge them"),
        Cause(
            "MSH-04", "The proxy lacks memory or CPU", "Its limit is too low.", shows: "kubectl top pod --containers",
            fix: "raise the proxy's limit"),
        Cause(
            "MSH-05", "The pod's traffic is not redirected to the proxy",
            "The validator finds no redirection in the pod: the mesh's plugin was not called.",
            shows: "rules in the pod's network namespace; the conflist's plugins",
            fix: "get the plugin back into the chain (CFG-06, CFG-08) and make the pod anew"),
        Cause(
            "MSH-06", "Connections are reset while pods are replaced",
            "The proxy ends before the application has drained.", shows: "resets at roll-outs only",
            fix: "a preStop delay and a longer drain", isDecisive: false),
    ]
}
