import Addressing

/// What stands in front of Services: load balancers, ingresses, gateways, meshes.
extension LogRule {
    static let edge = [
        LogRule(
            .certain, "ING-08",
            when: .any([
                .words("strictarp"),
                .all([.words("ipvs"), .words("metallb", "arp ", "arping", "arp request", "arp repl", "loadbalancer")]),
            ])),
        LogRule(
            .likely, "ING-08", "IPM-06",
            when: .all([
                .words("unicast reply", "arping", "arp reply", "is-at"),
                .check { text in
                    let ends = text.texts(after: "[", until: ["]"]) + text.texts(after: "is-at ", until: [" ", ","])
                    return Set(ends.compactMap { MACAddress($0) }).count > 1
                },
            ]), needs: "which node announces that address"),
        LogRule(
            .possible, "ING-08", "IPM-06",
            when: .all([.words("arp"), .words("moved from", "is using my ip", "duplicate address", "flip flop")]),
            needs: "whose the two MAC addresses are"),
        // Announcers that do not understand each other each think they are alone.
        LogRule(
            .possible, "ING-08", "ING-01",
            when: .all([.words("memberlist", "metallb"), .words("decrypt", "encrypt", "secret key", "installed keys")]),
            needs: "whether every speaker has the memberlist secret of the others"),
        LogRule(
            .likely, "ING-09",
            when: .all([
                .words("ping"), .not(.words("arping", "unicast reply")),
                .words("metallb", "vip", "loadbalancer", "load balancer", "assigned ip", "external ip"),
                .not(.words("ipvs")),
            ])),
        LogRule(
            .certain, "MSH-02",
            when: .words("wrong_version_number", "wrong version number", "tls: first record does not look like")),
        LogRule(
            .certain, "MSH-02", "MSH-01",
            when: .all([
                .words("peerauthentication", "mtls", "mutual tls", "strict mode", "mode strict"),
                .words(
                    "reset", "plaintext", "plain text", "no sidecar", "not in the mesh", "refused", "fail", "tls error",
                    "alert", "503"),
                .not(.words("permissive", "please consider")),
            ])),
        // A proxy that sends no more than it was told to.
        LogRule(
            .certain, "SVC-13",
            when: .any([
                .words(
                    "pending_overflow", "circuit breaker", "circuit_breaker", "reset reason: overflow",
                    "rq_retry_overflow", "upstream_overflow", "cx_overflow", "pool_overflow",
                    "connectionpooltimeout", "queuepool limit", "waitqueuetimeout", "pool is probably full",
                    "timed out while checking out a connection", "timeout acquiring a connection",
                    "unable to acquire jdbc connection"),
                .all([
                    .words("connection pool", "hikaripool", "pool of connections", "connections in pool"),
                    .words("exhausted", "timeout waiting for", "too many connections", "request timed out", "is full"),
                    .not(.words("ip pool", "ippool", "address", "ipam", "cidr", "cns")),
                ]),
            ])),
        LogRule(
            .likely, "SVC-13", "PRF-01",
            when: .any([
                .words(
                    "too many connections", "connection limit exceeded", "remaining connection slots",
                    "too many clients already", "connection is not available, request timed out"),
                .all([
                    .words(" pool", "pool "), .words("exhausted", "timeout waiting for"),
                    .not(.words("ip pool", "ippool", "address", "ipam", "cidr", "cns", "thread pool")),
                ]),
            ])),
        // Ports of a mesh's own control plane and tunnels.
        LogRule(
            .likely, "POL-11", "MSH-01", "API-03", "MSH-02",
            when: .all([
                .any([
                    .port(15012, 15008, 15017, 15010),
                    .words("xds-grpc", "istiod", "hbone", "linkerd-destination", "linkerd-identity"),
                ]),
                .any([.timeout, .refused, .unreachable, .words("closed since", "networkpolicy", "blocked")]),
                .not(.words("webhook", "wrong_version", "policy rejection")),
            ]), needs: "whether a NetworkPolicy closes the mesh's own ports"),
        // An end of the mesh's tunnel that speaks something else.
        LogRule(
            .likely, "MSH-02", "MSH-01", "POL-11",
            when: .all([
                .words("hbone", "proxy::h2", "h2 failed", "http2 error", "unexpected http/1"),
                .words("handshake", "frame", "goaway", "protocol error", "preface"), .not(.words("ping error")),
            ]), needs: "whether both ends are in the mesh, and which port is named in the Service"),
        LogRule(
            .certain, "MSH-04",
            when: .all([
                .any([.sidecar, .words("(envoy)", "(pilot-agent)", "(linkerd2-proxy)", "(linkerd-proxy)")]),
                .words("oomkilled", "out of memory", "exit code 137", "memory limit", "throttl", "exitcode: 137"),
            ])),
        LogRule(
            .likely, "MSH-06", "SVC-05",
            when: .all([
                .words(
                    "rollout", "drain", "prestop", "rolling update", "during deploy", "each deploy", "terminationdrain"),
                .words("503", "reset", "connection", "502", "eof"),
                .not(.words("not making progress", "cordon", "evict")),
            ])),
        LogRule(
            .likely, "MSH-02", "MSH-06", "ING-04", "SVC-02", "SVC-01", "POL-01",
            when: .words("upstream connect error")),
        LogRule(
            .certain, "MSH-01",
            when: .all([
                .words(
                    "sidecar", "istio-proxy", "linkerd-proxy", "istio.io/rev", "istio-injection", "linkerd.io/inject",
                    "istio proxy", "istio injection", "proxy injection"),
                .words(
                    "not injected", "no sidecar", "missing sidecar", "has no istio-proxy", "no linkerd-proxy",
                    "matches no installed", "no injector", "without a sidecar", "missing the istio proxy",
                    "not enabled for", "is not in the mesh", "no proxy container", "injection is disabled",
                    "injection disabled", "skipped pod", "inject=false", "inject: false", "inject: \"false\"",
                    "has no istio-injection", "injection skipped",
                    "no label istio", "not labeled", "not labelled", "label missing", "1/1 containers"),
                .not(.words("peerauthentication", "mtls")),
            ])),
        LogRule(
            .certain, "ING-05",
            when: .all([
                .words(
                    "challenge", "acme:", "acme-", "acme/", "acme order", "acme client", "acme server", "acme account",
                    "acme certificate", "acme http", "http-01", "dns-01", "self check", "propagation check",
                    "presented key"),
                .not(.words("plugin type=\"acme", "failed (add)")),
                .words("fail", "404", "timeout", "not yet", "wrong status", "propagat", "waiting"),
                // Somebody's webhook, whose company is called so.
                .not(.words("failed calling webhook", "failed to call webhook")),
            ])),
        LogRule(
            .certain, "ING-06",
            when: .any([
                .all([
                    .words("certificate has expired", "certificate is valid for", "err_cert"),
                    .not(
                        .words(
                            "webhook", "apiserver", "kubelet", "kubeconfig", "etcd", "/apis/", "/api/v1", ":6443",
                            ":10250", ":2379", "kubernetes.default")),
                ]),
                // That it was made is said at every start.
                .all([
                    .words("fake certificate"), .words("ingress", "kubernetes"),
                    .not(.words("fake certificate created")),
                ]),
            ])),
        LogRule(
            .certain, "ING-01",
            when: .all([
                .words("ingressclass", "ingress class", "ingress.class"),
                .any([
                    .absent,
                    .words(
                        "no ingressclass", "no ingress class", "no default ingress", "unmatched", "not handled",
                        "does not contain", "no controller", "ignor", "not valid",
                        "no object matching", "invalid"),
                ]),
            ])),
        LogRule(
            .likely, "ING-01",
            when: .all([
                .words("ingress"), .words("class"),
                .words(
                    "not ours", "unknown class", "mismatch", "is not ", "doesn\"t match", "does not match", "skipping"),
                .not(.words("traffic class", "storageclass", "priorityclass")),
            ]), needs: "spec.ingressClassName against the classes that exist and their controllers"),
        // What a cloud asks of the Service behind an Ingress.
        LogRule(
            .likely, "ING-01", "SVC-01",
            when: .words(
                "must be either \"nodeport\"", "service must be of type", "service type must be",
                "expected \"nodeport\"", "unable to find nodeport", "anotheroperationinprogress",
                "referencedresourcenotprovisioned", "publicipaddressinuse"),
            needs: "the controller's own event on the Ingress or the Service"),
        LogRule(
            .possible, "ING-01", "AWS-04", "ING-03", "ING-02", "SVC-01",
            when: .words("failed deploy model", "failed build model", "faileddeploymodel", "failedbuildmodel"),
            needs: "the controller's own event on the Ingress or the Service"),
        LogRule(
            .likely, "ING-04", "GCP-01", "ING-01", when: .words("firewall change required"),
            needs: "whether the load balancer's ranges may reach the nodes"),
        LogRule(
            .likely, "ING-01", "BPF-04", "SVC-04",
            when: .all([
                .words("nginx", "haproxy", "traefik", "envoy", "entrypoint", "listener"), .words("bind", "listen"),
                .words("address already in use", "permission denied", "address in use"), .not(.port(53)),
            ]), needs: "who else holds that port on the node"),
        // Conditions of the Gateway API.
        LogRule(
            .likely, "ING-07", "ING-01", "ING-06",
            when: .words(
                "nomatchingparent", "nomatchinglistener", "notallowedbylisteners", "no listener matches",
                "refnotpermitted", "no matching listener", "not permitted by any referencegrant"),
            needs: "the listeners' hostnames and allowedRoutes, and the ReferenceGrants"),
        LogRule(
            .likely, "ING-01", "ING-03",
            when: .words(
                "addressnotassigned", "addressnotusable", "no addresses have been assigned", "waiting for controller"),
            needs: "the controller's own event on the Gateway"),
        LogRule(.likely, "ING-06", "ING-05", when: .words("invalidcertificateref", "invalid certificate ref")),
        LogRule(
            .likely, "ING-07", "ING-01",
            when: .any([
                .words(
                    "duplicatevhost", "hostalreadyclaimed", "conflicting server name", "no route matched",
                    "contains invalid paths",
                    "reason conflicted", "already owned by",
                    "hosts are taken", "host is taken", "already exposes",
                    "used in multiple httpprox", "defined multiple times with different", "hostnameconflict",
                    "protocolconflict", "host collision", "routeconflict", "conflicting listener",
                    "listenersnotvalid"),
                .all([
                    .words(
                        "ingress", "virtualserver", "httpproxy", "httproute", "router", "vhost", "mapping", "listener"),
                    .words("host", "path", "rule", "fqdn", "router"),
                    .words(
                        "taken by", "claimed by", "defined twice", "multiple times", "collid", "collision",
                        "is already used", "already in use", "shadowed", "conflicts with"),
                    .not(.words("bind", "address already in use", "nodeport", "sharing key", "pod cidr")),
                ]),
            ]), needs: "every object that names that host and path"),
        LogRule(
            .certain, "ING-07",
            when: .all([
                .words("host"), .words("path"),
                .words("already defined", "duplicate", "conflict", "already exists", "already claimed", "already used"),
                .words("ingress", "httproute", "virtualserver", "route"),
            ])),
        // What MetalLB and its like say of an address that is asked for.
        LogRule(
            .likely, "ING-01", "ING-03", "ING-07",
            when: .any([
                .words(
                    "failed to allocate ip for \"", "sharing key", "op\":\"allocateips", "is not allowed in config",
                    "unknown pool", "not compatible with requested", "loadbalancerip", "loadbalancerclass",
                    "syncloadbalancerfailed", "unable to create load balancer"),
                .all([
                    .words("service/", "service_controller", "service.go", "\"service\""),
                    .words("allocationfailed", "ip allocation failed", "can\"t change sharing"),
                ]),
            ]), needs: "the controller's own event on the Service"),
        // A cloud that does not let the controller, or does not take what it asks for.
        LogRule(
            .likely, "ING-01", "ING-03", "AWS-04",
            when: .all([
                .words(
                    "application gateway", "applicationgateway", "appgw", "octavia", "googleapi",
                    "network.loadbalancer",
                    "loadbalancersclient", "elasticloadbalancing", "cloud controller", "cloud-controller"),
                .words("403", "forbidden", "permission", "unauthorized", "not authorized", "authorizationfailed"),
                .not(.words("quota exceeded", "quotaexceeded", "quota \"", "is forbidden: user", "arn:")),
            ]), needs: "the role of the controller's identity"),
        LogRule(
            .likely, "ING-04", "ING-01", "SVC-02",
            when: .all([
                .words("applicationgateway", "application gateway", "backend http setting", "backend service"),
                .words(
                    "does not match", "mismatch", "invalid", "must match", "statuscode=400", "error 400", "unhealthy"),
                .not(.words("quota", "webhook")),
            ]), needs: "the probe's protocol and path against what the pods answer"),
        // Nobody gives the Service its address.
        LogRule(
            .likely, "ING-01", "ING-03", "ING-02", "AWS-04",
            when: .all([
                .loadBalancer,
                .any([
                    .outOfAddresses,
                    .words(
                        "pending", "no cloud provider", "not configured", "allocationfailed", "failed to ensure",
                        "no available ip", "no controller", "not supported", "failed to allocate"),
                ]), .not(.words("quota", "limitreached", "limit reached")),
            ]), needs: "the controller's own event on the Service"),
        LogRule(
            .likely, "ING-01", "ING-03", "ING-02", "AWS-05",
            when: .any([
                .all([
                    .words("load balancer", "loadbalancer", "target group", "floatingip", "floating ip"),
                    .words(
                        "error creating", "failed to create", "failed to ensure", "error syncing",
                        "creatingloadbalancerfailed",
                        "does not support", "error getting", "failed to get", "not found", "neither", "failed deploy",
                        "failed build", "not authorized", "unable to create"),
                    .not(.words("quota", "limitreached", "limit reached", "webhook", "unauthorizedoperation")),
                ]),
                .words(
                    "listenernotfound", "targetgroupnotfound", "loadbalancernotfound",
                    "expect exactly one securitygroup",
                    "linkedauthorizationfailed", "authorization_failed", "does not have authorization to perform",
                    "does not have permission to perform action", "authorizationfailed"),
            ]), needs: "the controller's own event on the Service"),
        LogRule(
            .possible, "ING-01", "ING-02", "ING-03", "AWS-04",
            when: .all([
                .words("reconciler error", "failed to reconcile", "failed deploy model", "failed build model"),
                .words("ingress", "targetgroup", "elbv2", "alb", "loadbalancer", "listener", "load balancer"),
            ]), needs: "the controller's own event on the Service or the Ingress"),
        LogRule(
            .likely, "ING-04", "SVC-02", "SVC-01",
            when: .all([
                .words("upstream", "backend"),
                .words(
                    "while connecting to", "while reading response header", "prematurely closed", "no live upstreams",
                    "connect() failed", "bad gateway", "upstream timed out"),
            ])),
        LogRule(
            .likely, "ING-04",
            when: .all([.words("502", "bad gateway", "connect() failed"), .words("upstream", "backend", "ingress")])),
        LogRule(
            .likely, "SVC-01", "ING-04", "SVC-05", "SVC-13",
            when: .words(
                "no healthy upstream", "no healthy host", "no live upstream", "no server available",
                "no available server",
                "no backend available", "no active backend", "backends are down", "0 active and 0 backup")),
        LogRule(
            .likely, "ING-04", "SVC-02",
            when: .words("layer4 connection problem", "layer4 timeout", "layer7 wrong status", "is down, reason")),
    ]
}
