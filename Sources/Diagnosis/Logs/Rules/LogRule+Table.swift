extension LogRule {
    /// Of equally sure answers the earlier rule's comes first, so what is special stands before what is general.
    static let all = mechanisms + symptoms + symptomsOutside + general

    /// Without what only people say.
    static let ofPrograms = mechanisms + general

    /// What people tell of the mechanism itself.
    static let allTold = toldInstalls + toldChoices + toldAddresses + toldServices + told

    private static let mechanisms: [LogRule] = [
        heldAddresses, pasted, transcripts, printed, own, said,
        cloud, install, agents, access, configuration, addresses, pools, routes, overlay, sessions, dataplane, machine,
        starts,
        verdictsOnNames, names, proxies, certificates, hostNetworking, edge, services, answering, policies, clusters,
        observed, objects, chosen, reports, reportedRoutes, reportedDevices,
    ].flatMap { $0 }

    /// ipamd's own count: as many addresses given as there are.
    @Sendable private static func usesAllItHas(_ text: LogText) -> Bool {
        func number(_ names: [String]) -> Int? {
            names.lazy.compactMap { name in
                text.texts(after: name, until: [",", " ", "\"", "}"]).first.flatMap { Int($0) }
            }.first
        }
        let total = number(["total = ", "total: ", "total ips: ", "total "])
        let used = number(["used = ", "assigned: ", "used: ", "assigned ips: ", "assigned "])
        return total.map { $0 > 0 && $0 == used } ?? false
    }

    static let cloud = [
        LogRule(
            .certain, "AWS-03",
            when: .any([
                .words("insufficientcidr"),
                .all([
                    .words("subnet"), .words("free cidr", "cidr blocks", "contiguous", "/28 block", "/28 prefix"),
                    .words("enough", "insufficient", "no free", "none free", "fragment"), .not(.azure),
                ]),
            ])),
        // The controller of a cloud's load balancers, whatever its cloud answered.
        LogRule(
            .likely, "ING-01", "ING-03", "ING-02", "AWS-04",
            when: .words(
                "failed to ensure load balancer", "error syncing load balancer", "error creating load balancer ("),
            needs: "the controller's own event on the Service"),
        // A record of a VPC's flow log.
        LogRule(
            .likely, "AWS-05", "POL-01", when: .words(" reject ok"),
            needs: "the security groups and network ACLs of both ends"),
        LogRule(
            .likely, "RTE-01", "GCP-01", "POL-01",
            when: .all([.words("disposition"), .words("denied", "deny"), .words("firewall", "rule_details", "vpc")]),
            needs: "the firewall rule that is named"),
        // Azure's own words.
        LogRule(
            .likely, "AZR-03", "AZR-01",
            when: .all([
                .words("azure-vnet", "azure-ipam", "ipam plugin", "cni-net", "cni-ipam"), .words("lock"),
                .any([.timeout, .words("unavailable", "fail", "held by", "busy", "stale", "exists")]),
            ]), needs: "the lock file under /var/run and whether a plugin still runs"),
        LogRule(
            .likely, "AZR-02", "AZR-01", "AWS-02",
            when: .words(
                "subnetisfull", "subnetfull", "does not have enough capacity", "is already full"),
            needs: "free addresses of the subnet"),
        LogRule(
            .likely, "INS-01", "AZR-02",
            when: .all([.port(10090), .any([.nobodyListens, .timeout, .unreachable])]),
            needs: "whether azure-cns runs on that node"),
        LogRule(
            .certain, "AWS-06",
            when: .all([
                .words("trunk", "security group for pods", "security groups for pods", "branch network"),
                .words("not supported", "unsupported", "limit", "insufficient", "failed to", "exceed"),
                .any([.aws, .words("instance", "interface")]), .not(.words("ovs", "vlan trunk")),
            ])),
        LogRule(
            .likely, "IPM-07", "GCP-03", "MCL-03",
            when: .all([
                .words("overlap", "conflict"), .words("vpn", "corporate", "on-prem", "on prem", "datacenter", "peered"),
                .words("cidr", "range", "network", "subnet", "/"), .words("pod", "cluster", "service"),
            ]), needs: "the ranges outside the cluster that are routed"),
        LogRule(
            .certain, "AWS-02",
            when: .any([
                .words("insufficientfreeaddressesinsubnet"),
                .all([.words("sufficient free"), .words("address", "prefix"), .not(.words("addresses or prefixes"))]),
                .all([.aws, .words("subnet"), .words("no free", "not enough free", "out of free", "has no available")]),
                .all([
                    .words("subnet"),
                    .words(
                        "not enough ip", "insufficient free", "enough free ip", "free ip addresses in each",
                        "free ips: 0", "ips in each subnet"),
                    .not(.azure), .not(.words("googleapi", "ip_space_exhausted", "secondary range")),
                ]),
            ])),
        LogRule(
            .certain, "AWS-04",
            when: .all([
                .words("unauthorizedoperation", "not authorized to perform", "accessdenied", "authfailure"),
                .words(
                    "ec2:", "ec2.", "eni", "elasticloadbalancing", "sts:", "sts.", " sts ", "assumerole", "aws", "iam",
                    "unauthorizedoperation", "arn:",
                    "route53", "encoded authorization"),
                // An application's own right is none of the network's.
                .not(
                    .words(
                        "s3:", "sqs:", "sns:", "dynamodb:", "secretsmanager:", "kms:", "ssm:", "ecr:", "logs:", "rds:",
                        "bedrock:", "s3.")),
            ])),
        LogRule(
            .likely, "AWS-04", "AWS-07",
            when: .any([
                .all([
                    .words(
                        "iam", "credential", "role", "sts:", "sts.", " sts ", "assumerole", "ec2metadata", "imds",
                        "169.254.169.254",
                        "instance metadata"),
                    .words(
                        "does not have necessary", "not have permission", "no valid provider", "nocredentialproviders",
                        "failed to get", "unable to", "missing permission", "not authorized", "no ec2 imds role",
                        "failed to refresh",
                        "expired"),
                    .any([
                        .aws,
                        .words(
                            "sts:", "sts.", " sts ", "assumerole", "ec2metadata", "imds", "instance metadata", "iam"),
                    ]),
                ]),
                .words(
                    "unable to initialize aws cloud", "failed to introspect region", "webidentityerr", "expiredtoken"),
            ]),
            needs: "the role of the node or of the service account, and whether the pod reaches the metadata address"),
        LogRule(
            .certain, "AWS-08",
            when: .all([
                .words("prefix delegation", "enable_prefix_delegation", "prefix-delegation"),
                .words(
                    "not nitro", "nitro", "not supported", "falling back", "no effect", "max-pods", "maxpods",
                    "unsupported"),
            ])),
        LogRule(
            .likely, "AWS-01", "AWS-02", "AWS-03",
            when: .all([.words("ip pool stats", "ip stats", "address pool stats"), .check(usesAllItHas)]),
            needs: "addresses assigned against the instance type's limit", "free addresses of the subnet"),
        LogRule(
            .likely, "AWS-01", "AWS-02",
            when: .all([
                .words("max eni", "maximum eni", "maximum number of eni", "eni limit", "ip limit", "max ips"),
                .words("reached", "exceed", "already"), .not(.words("instance type")),
            ])),
        LogRule(
            .likely, "AWS-07", "API-03", "INS-01",
            when: .all([
                .words("amazonaws.com"), .any([.timeout, .unreachable, .words("connection refused", "no such host")]),
            ]),
            needs: "whether the node reaches that endpoint: a VPC endpoint, a NAT gateway, a proxy"),
        LogRule(
            .certain, "AWS-01",
            when: .words(
                "attachmentlimitexceeded", "maximum number of network interfaces", "ipaddresslimitexceeded",
                "networkinterfacelimitexceeded")),
        LogRule(
            .certain, "AWS-06",
            when: .all([
                .words("branch eni", "pod-eni", "trunk eni", "branch interface", "trunk capacity", "branchallocation"),
                .words(
                    "insufficient", "fail", "exceed", "limit", "exhaust", "unable", "cannot", "error", "capacity",
                    "maximum", "not enough", "not available", "unavailable", "no ", "none", "without", "pending",
                    "too few", "complain", "runs out", "ran out", "short of", "not supported", "does not",
                    "unschedulable", "full", "timed out"),
                // Which group it is, not how many there are.
                .not(.all([.words("security group"), .words("allow", "rule", "port ", "block", "udp", "tcp")])),
            ])),
        LogRule(
            .possible, "AWS-05", "RTE-01",
            when: .all([.words("security group"), .any([.timeout, .words("block", "drop", "deny", "not allow")])])),
        LogRule(
            .likely, "AWS-03", "AWS-02", "AWS-01",
            when: .all([
                .words("prefix", "ip/prefixes", "warm"), .words("short of", "less than the maximum", "free 0"), .aws,
            ]), needs: "the error code of the last EC2 call in ipamd's log"),
        LogRule(
            .possible, "AWS-01", "AWS-02", "AWS-03", "AWS-06", "AWS-04",
            when: .all([.aws, .any([.outOfAddresses, .words("failed to assign")]), .not(.azure)]),
            needs: "addresses assigned against the instance type's limit", "free addresses of the subnet"),
        LogRule(
            .likely, "AWS-07", "INS-01", "API-03",
            when: .any([
                .all([
                    .words("ipam-d", "127.0.0.1:50051", "ipam daemon"),
                    .any([.timeout, .refused, .words("waiting", "retrying")]),
                ]),
                .all([.words("ipamd"), .any([.timeout, .refused]), .not(.words("insufficient"))]),
            ])),
        LogRule(
            .likely, "API-03", "AWS-05", "AWS-07",
            when: .words("testing communication with server", "failed to communicate with k8s server")),
        LogRule(.certain, "AZR-03", when: .words("store is locked", "locking store", "failed to lock store")),
        LogRule(.certain, "AZR-04", when: .words("no available address pools")),
        LogRule(
            .certain, "AZR-02",
            when: .all([
                .words("cns"),
                .any([.outOfAddresses, .words("allocateipconfig failed", "waiting on")]),
            ])),
        LogRule(
            .certain, "AZR-01",
            when: .all([
                .words("azure-vnet-ipam", "cni-ipam", "azure-vnet"),
                .words("no available addresses", "address pool is full"),
            ])),
        LogRule(
            .likely, "AZR-01", "AZR-02",
            when: .all([
                .words("no available addresses"),
                .words("failed to delegate", "failed to allocate pool", "failed to allocate address"),
            ])),
        LogRule(
            .certain, "ING-02",
            when: .all([
                .words("subnet"), .not(.words("subnetmanager", "subnet manager", "asn1")),
                .words(
                    "auto-discover", "autodiscover", "qualified subnets", "suitable subnet", "eligible subnet", " tag",
                    "tagged", "resolve 2",
                    "no matching subnet",
                    "unable to resolve", "unable to discover", "at least one subnet", "at least two subnets",
                    "different availability zones", "two availability zones"),
            ])),
        LogRule(
            .certain, "ING-03",
            when: .all([
                .words("quota"),
                .words(
                    "forwarding", "address", "backend", "loadbalancer", "load balancer", "quota \"", "quotaexceeded",
                    "floatingip", "health_checks", "firewall"),
                .not(
                    .words(
                        "exceeded quota", "resourcequota", "disk quota", "storage quota", "insufficient permission",
                        "insufficientpermission")),
            ])),
        LogRule(
            .certain, "ING-03",
            when: .all([
                .words(
                    "publicip", "public ip", "forwarding rule", "loadbalancer", "load balancer", "static address",
                    "elastic ip"),
                .words(
                    "limitreached", "limit reached", "limitexceeded", "limit exceeded", "cannot create more", "toomany",
                    "too many"),
            ])),
        LogRule(
            .likely, "ING-03", "AWS-01", "ING-01",
            when: .all([
                .words(
                    "limitexceeded", "limit exceeded", "quotaexceeded", "limitreached", "has been reached",
                    "exceeds the limit", "toomany"),
                .words(
                    "address", "interface", "forwarding", "loadbalancer", "load balancer", "target", "listener", "rule"),
                .not(.words("rate limit", "requestlimit", "throttl", "ipaddresslimitexceeded", "attachmentlimit")),
            ])),
    ]

    /// What many causes look like: asked last, never sure.
    static let general = [
        // The machine itself has no way there: nothing was sent.
        LogRule(
            .possible, "RTE-04", "RTE-17", "RTE-14", "RTE-06", "RTE-10",
            when: .words("network is unreachable", "enetunreach", "network unreachable", "no route in the pod"),
            needs: "the routes of the pod and of the node (ip route get)"),
        LogRule(
            .possible, "RTE-07", "RTE-06", "RTE-04", "RTE-01",
            when: .all([.unreachable, .not(.words("webhook", "macaddresspolicy", "need to frag", "frag needed"))]),
            needs: "whether pods of one node reach each other, and of two"),
        LogRule(
            .possible, "RTE-14", "RTE-06", "RTE-01", "RTE-04",
            when: .all([
                .words("packet loss", "packets lost", "100% loss", "0 received"), .not(.words(" 0% packet loss")),
            ]),
            needs: "whether pods of one node reach each other, of two, and the Internet"),
        // The kubelet asks a pod of its own machine.
        LogRule(
            .possible, "RTE-04", "POL-01", "RTE-06", "RTE-17", "RTE-01", "PRF-01",
            when: .all([
                .words("probe failed", "probe errored"), .any([.timeout, .unreachable]),
                .words("http://", "https://", "dial tcp", "connect"), .not(.words("localhost", "127.0.0.1", "[::1]")),
            ]), needs: "whether the node reaches the pod's address at all"),
        LogRule(
            .likely, "RTE-01", "RTE-03", "RTE-04", "POL-01",
            when: .all([
                .any([.port(4240), .words("endpoint connectivity to", "node connectivity", "health endpoint")]),
                .any([.timeout, .unreachable, .nobodyListens]),
            ]), needs: "a packet that leaves one node and whether the other sees it"),
        LogRule(
            .possible, "MSH-02", "MSH-06", "POL-01", "SVC-05",
            when: .all([
                .words(
                    "reset by peer", "econnreset", "connection aborted", "remote end closed",
                    "server selection timeout",
                    "broken pipe", "socket hang up", "(os error 104)", "errno 104", "forcibly closed"),
                .not(.words("upstream", "webhook", "bgp", ":179", "mtls", "mutual tls")),
            ]), needs: "which of the two ends, or what between them, closes"),
        LogRule(
            .possible, "RTE-01", "RTE-04", "RTE-06", "RTE-05", "MTU-01",
            when: .all([
                .words(
                    "different nodes", "different node", "other nodes", "another node", "across nodes", "cross-node",
                    "cross node", "between nodes", "inter-node", "different hosts", "remote node"),
                .any([.timeout, .unreachable, .words("fail", "cannot", "can\"t", "unable", "drop", "lost", "not work")]
                ),
                .not(.words("node selector", "affinity", "traffic policy", "trafficpolicy", "schedul")),
            ]), needs: "a packet that leaves one node and whether the other sees it"),
        LogRule(
            .possible, "CFG-10", "RTE-17", "INS-07",
            when: .all([.words("rtnetlink answers"), .words("input/output error", "device or resource busy")]),
            needs: "the kernel's own line about that device (dmesg)"),
        LogRule(
            .possible, "API-03",
            when: .words("rate limiter wait", "client-side throttling", "too many requests", "client rate limiter")),
        LogRule(
            .possible, "SVC-02", "SVC-06", "SVC-03", "SVC-01", "POL-01", "MSH-02",
            when: .all([
                .nobodyListens,
                .not(
                    .words(
                        "unix", ".sock", ":443", ":6443", ":53", ":179", "failed to get pod annotation", "failed (add)")
                ),
            ])),
        LogRule(
            .possible, "RTE-01", "POL-01", "SVC-03", "MTU-01", "SVC-01", "RTE-14",
            when: .all([
                .timeout,
                .words(
                    "dial tcp", "connect to", "connection to", "curl", "timeoutexception", "connecttimeout",
                    "sockettimeout", "etimedout", "connection timed out", "read timed out", "connect timed out",
                    "could not connect", "operation timed out", "waiting for a node assignment"),
                .not(.words(":443", ":6443", ":53", "webhook", "tls handshake")),
            ])),
        LogRule(
            .likely, "NOD-01", "INS-01",
            when: .words(
                "stopped posting node status", "nodestatusunknown", "pleg is not healthy", "kubelet never posted")),
        LogRule(
            .possible, "NOD-01", "INS-01", "CFG-01",
            when: .all([
                .words("notready", "not ready", "nodenotready"), .not(.words("addrconf", "link is not ready")),
            ])),
        LogRule(
            .possible, "PRF-02", "PRF-01",
            when: .all([.words("bandwidth", "throughput"), .words("capped", "limit", "annotation", "shaped", "slow")])),
        LogRule(
            .possible, "IPM-13",
            when: .all([.words("new ip", "ip changed", "address changed"), .words("pod", "restart")])),
        LogRule(
            .possible, "INS-01", "RTE-04", "RTE-06",
            when: .words("networking is broken", "networking broken", "network is broken", "no network")),
    ]
}
