/// What people say happens at the cluster's edge: load balancers, certificates, meshes, clouds, other clusters.
extension LogRule {
    private static func told(_ parts: LogPattern...) -> LogPattern { .all([sentence] + parts) }

    private static let ofMeshes = LogPattern.words(
        "istio", "linkerd", "envoy", "sidecar", "service mesh", "kuma", "consul connect", "proxy-init", "ambient",
        "ztunnel")
    private static let ofClusters = LogPattern.words(
        "submariner", "clustermesh", "cluster mesh", "cluster-mesh", "multicluster", "multi-cluster", "multi cluster",
        "inter cluster", "inter-cluster", "cross-cluster", "cross cluster", "between clusters", "remote cluster",
        "other cluster", "second cluster", "two clusters", "both clusters", "clusterset", "skupper", "karmada", "liqo",
        "lighthouse", "east-west", "subctl", "derived service", "derived-s", "all clusters", "kvstoremesh", "跨集群", "多集群"
    )
    private static let ofVPC = LogPattern.words(
        " eni ", " enis ", "ipamd", "vpc cni", "vpc-cni", "aws-node", "aws cni", "aws-cni", "amazon-vpc", " eks ")
    private static let needsAnEvent = "the controller's own event on the Service or the Ingress"

    static let symptomsOutside: [LogRule] = [
        // Load balancers.
        LogRule(
            .certain, "ING-08", when: .words("strict_arp", "strict-arp", "strict arp")),
        LogRule(
            .likely, "ING-08", "IPM-06",
            when: told(
                .words(" arp"),
                .words(
                    "each ", "every ", "all nodes", "all of", "several", "multiple", "both", "any node", "all the nodes"
                ),
                .words("repl", "respon", "answer")), needs: "which node announces that address"),
        LogRule(
            .likely, "ING-08", "ING-01", "RTE-04", "SVC-12",
            when: told(
                .words(
                    "metallb", "kube-vip", "l2 mode", "l2 advert", "l2advert", "servicel2", "layer2", "layer 2",
                    "virtual ip", "openelb", "l2 announce"),
                .any([
                    sometimes,
                    .words(
                        "ipvs", "flap", "wrong node", "two nodes", "after failover", "two announc", "both announc",
                        "gratuitous", "another node"),
                ]),
                .not(.words("ping", "bgp", "pool"))), needs: "which node announces that address"),
        LogRule(
            .possible, "ING-08", "ING-01", "SVC-12", when: told(.loadBalancer, sometimes),
            needs: "which node announces that address"),
        LogRule(
            .likely, "ING-03", "ING-01", "AWS-01",
            when: told(
                .words(
                    "forwarding rule", "backend service", "backendservice", "url map", "urlmap", "hostrules",
                    "pathmatchers", "target proxy", "health check", "loadbalancer", "load balancer", "listener",
                    "target group", "elastic ip", "public ip", "static ip", "security group rule", "ssl certificate"),
                .words(
                    "limit", "quota", "ran out", "run out", "too large", "maximum size", "maximum number", "too many",
                    "at most", "no more than"),
                .not(
                    .words(
                        "rate limit", "ratelimit", "body", "client_max", "header", "memory", "cpu", "connection limit",
                        "throttl"))), needs: needsAnEvent),
        LogRule(
            .likely, "ING-02", "ING-01", "AWS-04",
            when: told(
                .words("alb", "nlb", "elb", "load balancer controller", "load-balancer-controller"), .words("subnet"),
                .any([doesNotWork, .words("discover", "tag", "wrong")])), needs: "the tags of the VPC's subnets"),
        LogRule(
            .likely, "ING-01", "ING-03", "ING-02", "AWS-04",
            when: told(
                .words(
                    "ingress", "load balancer", "loadbalancer", "gateway", "external ip", "external-ip", " alb", " nlb",
                    " elb"),
                .words(
                    "pending", "no address", "no external", "not created", "never created", "n\"t created",
                    "not creating", "n\"t creat", "not assign", "n\"t assign", "not provision", "n\"t provision",
                    "no ip", "without address", "without an address", "not get an", "n\"t get an", "n\"t get ip",
                    "not picked up", "n\"t pick", "empty address", "address is empty", "not reconcil", "n\"t reconcil"),
                .not(.words("quota", "limit reached", "certificate", "egress ip"))), needs: needsAnEvent),
        // Certificates.
        LogRule(
            .likely, "ING-05", "ING-06",
            when: told(
                .words(
                    "cert-manager", "letsencrypt", "let\"s encrypt", "acme", "http01", "dns01", "http-01", "dns-01",
                    "clusterissuer", "certificaterequest"),
                .any([
                    doesNotWork,
                    .words(
                        "pending", "not ready", "n\"t ready", "404", "403", "not issue", "n\"t issue", "not renew",
                        "n\"t renew", "self check", "propagat"),
                ]), .not(.words("webhook", "crd", "install", "upgrade", "helm"))),
            needs: "the status of the Order and its Challenges"),
        LogRule(
            .likely, "ING-06", "ING-05", "ING-07",
            when: told(
                .words("certificate", "tls", "https", " ssl"),
                .words(
                    "fake", "self-signed", "self signed", "default cert", "wrong cert", "expired", "not served",
                    "n\"t serv", "old cert", "instead of", "not match", "n\"t match", "browser", "not secure"),
                .not(.any([ofMeshes, .words("webhook", "apiserver", "api server", "kubelet", "etcd", "kubeconfig")]))),
            needs: "the certificate's names and dates"),
        // What is asked and answered at the edge.
        LogRule(
            .likely, "ING-04", "SVC-01", "SVC-02", "MSH-02", "POL-01",
            when: told(
                .words("502", "503", "504", "bad gateway", "gateway time", "no healthy", "backend pool is unhealthy"),
                .not(.all([ofMeshes, .words("tls", "certificate")])),
                .words(
                    "ingress", "gateway", "nginx", "traefik", "haproxy", "alb ", "contour", "kong", "agic", "appgw",
                    "x-envoy",
                    "server: envoy", "istio-envoy", "load balancer", "upstream", "backend")),
            needs: "whether the controller's own pod reaches the pod's address and port"),
        LogRule(
            .likely, "ING-07", "ING-01", "SVC-01", "ING-04",
            when: told(
                .words("404"),
                .words("ingress", "traefik", "nginx", "gateway", "contour", "kong", "haproxy", "httproute"),
                .not(.words("acme", "challenge"))), needs: "which Ingress or route has that host and path"),
        LogRule(
            .likely, "ING-07", "ING-01",
            when: told(
                .words("httproute", "grpcroute", "tlsroute", "tcproute", "parentref", "listener", "sectionname"),
                .words(
                    "not match", "n\"t match", "not accept", "n\"t accept", "not attach", "n\"t attach", "not allow",
                    "n\"t allow", "no match", "rejected")),
            needs: "the listeners' hostnames and allowedRoutes, and the ReferenceGrants"),
        // Azure's gateway of its backends' health.
        LogRule(
            .likely, "ING-04", "POL-01", "RTE-01", when: .words("nsg/udr"),
            needs: "whether the gateway's subnet reaches the pods' addresses"),
        // A record of a name that two want to write.
        LogRule(
            .possible, "ING-07", "ING-01", "AWS-04",
            when: .all([
                .words("rrset", "hostedzone", "hosted zone", "record set", "changebatch", "recordset"),
                .any([.failing, .words("conflict", "not permitted", "already exists")]),
            ]), needs: "who else writes that record"),
        // Meshes.
        LogRule(
            .likely, "MSH-01", "WHK-01", "API-03",
            when: told(
                .words("inject"), .any([ofMeshes, .words("proxy", "automatic", "auto-")]),
                .any([doesNotWork, .words("without", "not ", "n\"t ", "no ")]),
                .not(.words("failed calling", "failed to call", "env inject"))),
            needs: "the labels of namespace and pod against the injector's selectors"),
        LogRule(
            .likely, "CFG-08", "MSH-05", "CFG-06",
            when: told(
                .words(
                    "network-validator", "istio-validation", "linkerd-cni", "istio-cni", "istio cni", "linkerd cni",
                    "chained"),
                .words(
                    "before", "after", "race", "fresh node", "new node", "schedul", "reboot", "autoscal", "scale up",
                    "startup")), needs: "whether the conflist is newer than the pod's sandbox"),
        LogRule(
            .likely, "MSH-06", "SVC-05", "MSH-02",
            when: told(
                ofMeshes,
                .words(
                    "terminat", "shutdown", "shut down", "shutting", "sigterm", "rolling", "rollout", "drain",
                    "job never", "job does not", "job doesn\"t", "completes", "before the app", "startup order",
                    "starts before")), needs: "the order in which the proxy and the application stop and start"),
        LogRule(
            .likely, "MSH-02", "MSH-01", "POL-11",
            when: told(
                ofMeshes, .words("mtls", "mutual tls", "permissive", "strict", " tls", "plaintext", "plain text"),
                doesNotWork), needs: "PeerAuthentication and DestinationRule of both ends"),
        LogRule(
            .likely, "MSH-03", "MSH-02", "ING-07",
            when: told(
                ofMeshes, .words("virtualservice", "virtual service", "destinationrule", "destination rule", "routing"),
                doesNotWork), needs: "istioctl analyze"),
        LogRule(
            .possible, "POL-11", "MSH-02", "MSH-01", "POL-01", "SVC-01", when: told(ofMeshes, doesNotWork),
            needs: "istioctl proxy-status, or linkerd check --proxy"),
        // AWS.
        LogRule(
            .likely, "AWS-06", "AWS-05", "API-02",
            when: .any([
                .words("securitygrouppolicy"),
                told(
                    .any([
                        .words(
                            "security group for pod", "security groups for pod", "sg for pods", "pod-eni", "pod eni"),
                        .all([.words("branch", "trunk"), ofVPC]), .all([.words(" eni "), .words(" pod ")]),
                    ]), .any([doesNotWork, .words("not ", "n\"t ", "invalid")])),
            ]), needs: "the node's vpc.amazonaws.com/pod-eni against the pods that ask for one"),
        LogRule(
            .likely, "AWS-07", "INS-01", "API-03", "AWS-04",
            when: told(
                .any([ofVPC, .words("ipam-d")]),
                .words(
                    " sts", "vpc endpoint", "imds", "metadata", "private cluster", "50051", "startup", "start ",
                    "connectivity", "waiting for ipam", "unreachable", "healthy", "crash", "restart", "liveness",
                    "readiness"),
                .any([doesNotWork, .words("waiting", "stuck")])),
            needs: "ipamd's own log, and whether the node reaches EC2 and STS"),
        LogRule(
            .likely, "AWS-03", "AWS-02", "AWS-08", "AWS-01",
            when: told(
                .words("prefix delegation", "prefix assignment", "prefix mode", "/28", "prefix deleg"), doesNotWork),
            needs: "free aligned /28 blocks of the subnet"),
        LogRule(
            .likely, "AWS-01", "AWS-02", "AWS-03", "AWS-06",
            when: told(
                ofVPC, .words("ip ", "ips", "address"), .any([doesNotWork, .words("leak", "exhaust", "run out")])),
            needs: "addresses assigned against the instance type's limit", "free addresses of the subnet"),
        // What a plugin of Azure does before it asks for anything.
        LogRule(
            .possible, "AZR-03", when: .words("acquiring process lock"),
            needs: "the lock file under /var/run and whether a plugin still runs"),
        // Other clusters.
        LogRule(
            .likely, "MCL-03", "MCL-02",
            when: told(
                .any([
                    .words("global cidr", "globalnet", "global-cidr", "globalcidr", "cluster id", "cluster-id"),
                    .all([ofClusters, .words("overlap", "same cidr", "same pod cidr", "same range", "identical cidr")]),
                ])), needs: "the identities and ranges of both clusters"),
        LogRule(
            .likely, "MCL-04", "MCL-02", "MCL-01",
            when: told(ofClusters, .words("calico"), doesNotWork),
            needs: "an IPPool of Calico for each range of the other cluster"),
        LogRule(
            .likely, "MCL-05", "MCL-02", "SVC-01",
            when: told(
                .any([
                    .words(
                        "serviceimport", "serviceexport", "service export", "service import", "global service",
                        "clusterset", "exported service", "imported service", "mcs-api", "mcs api"),
                    .all([
                        ofClusters,
                        .words(
                            "service discovery", "dns", "resolv", "endpointslice", "服务发现", "derived service",
                            "derived-s"),
                    ]),
                ]), .any([doesNotWork, .words("not change", "n\"t change", "not sync", "n\"t sync")])),
            needs: "the ServiceExport's conditions, and the annotation on both Services"),
        LogRule(
            .likely, "MCL-02", "MCL-03", "MCL-01", "MCL-05",
            when: told(ofClusters, .any([doesNotWork, sometimes, .words("not ready", "connecting", "not connected")])),
            needs: "UDP 4500 and 4490, or TCP 2379 and 32379, from one cluster to the other"),
    ]
}
