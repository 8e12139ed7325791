import Addressing

/// The way to the API, and who may use it.
extension LogRule {
    /// An address of the Internet that is not asked for objects of the API.
    @Sendable private static func asksTheInternet(_ text: LogText) -> Bool {
        let targets = text.normal.split { " ,;\"()[]/<>=\n".contains($0) }.compactMap { word -> IPAddress? in
            let place = word.hasSuffix(":") ? word.dropLast() : word
            return place.hasSuffix(":443") ? IPAddress(String(place.dropLast(4))) : nil
        }
        let isOutside = !targets.isEmpty && !targets.contains { $0.family != .v4 || MasqueradeCheck.isPrivate($0) }
        return isOutside && !text.has("/api") && !text.has("apiserver")
            && !text.has("kubernetes")
    }

    /// Who else refuses: registries of images, applications' own users.
    private static let elsewhere = LogPattern.words(
        "failed to pull", "pull image", "pulling image", "registry", "docker.io", "authentication required", "manifest",
        "password", "smtp", "login", "imagepull", "failed to authorize", "http/1.1\" 401", "oauth token")

    static let access = [
        LogRule(
            .possible, "RTE-14", "POL-01", "AWS-05",
            when: .all([.any([.timeout, .unreachable]), .check(asksTheInternet)]),
            needs: "whether the node itself reaches that address; whether pods' addresses are translated"),
        LogRule(
            .certain, "API-01",
            when: .all([
                .words(
                    "unauthorized", "the server has asked for the client to provide credentials", "token has expired",
                    "invalid bearer token", "token is expired"),
                // Who is refused by name is known: that is the other code.
                .not(.words("unauthorizedoperation", "is forbidden", "acme", "urn:ietf")),
                .not(elsewhere),
                .any([
                    .agent,
                    .words(
                        "the server has asked for", "bearer token", "serviceaccount", "service account", "kube", "cni",
                        "failed (add)", "failed (delete)", "clusterinformation", "reflector", "list *", "watch *",
                        "to list", "to watch", "getting pod", "apiserver", "/apis/", "/api/v1", ":6443", "k8s",
                        "multus", "sandbox", "cilium", "calico", "connection is unauthorized"),
                ]),
            ])),
        // The same of those who say it by a code, a claim or a date.
        LogRule(
            .likely, "API-01", "API-03",
            when: .any([
                .words(
                    "token has been invalidated", "token used before issued", "jwt is expired", "jwt expired",
                    "token is not valid yet", "not valid yet (nbf)", "failed to refresh token",
                    "service account issuer",
                    "kubelet-client-current.pem is expired", "client certificate has expired",
                    "client certificate in /etc/kubernetes"),
                .all([
                    .words("unauthenticated", "invalid token", "token review", "tokenreview"),
                    .words("serviceaccount", "service account", "kube", "apiserver", "cni", "bearer", "token has"),
                    .not(elsewhere), .not(.words("webhook", "cluster-unauthenticated", "all-unauthenticated")),
                ]),
            ]), needs: "the token's exp and iat against the clock, and who should have renewed it"),
        // Somebody is refused by somebody.
        LogRule(
            .possible, "API-01",
            when: .all([
                .words("unauthorized", "token has expired", "token is expired"),
                .not(elsewhere), .not(.words("unauthorizedoperation", "is forbidden", "acme", "urn:ietf")),
            ]), needs: "who answered: the API server, or an application"),
        LogRule(
            .certain, "API-02",
            when: .any([
                .all([
                    .words("is forbidden", "forbidden: user", "rbac: ", "rbac deny"),
                    .words("cannot ", "rbac", "serviceaccount"),
                    // Envoy's own words: a rule of the mesh, not of the API server.
                    .not(
                        .words(
                            "rbac: access denied", "exceeded quota", "podsecurity", "looking up service account",
                            "unable to validate against")),
                ]),
                .words("the server does not allow access to the requested resource"),
                // The same without the sentence around it.
                .all([
                    .words(
                        " cannot get resource", " cannot list resource", " cannot watch resource",
                        " cannot create resource", " cannot update resource", " cannot patch resource",
                        " cannot delete resource", " cannot get path", "is not allowed to modify node",
                        "no rbac policy matched",
                        "attempting to grant rbac permissions"), .words("system:", "user", "rbac", "serviceaccount"),
                ]),
            ])),
        // A refusal that names nobody does not come from the API server's own rules: a proxy stands between.
        LogRule(
            .likely, "API-03", "API-02",
            when: .all([
                .words("https://"),
                .words(
                    "\": forbidden", "\": service unavailable", "\": bad gateway", "\": gateway timeout",
                    "\": proxy auth", "proxyconnect", "\": internal server error"),
                .not(.words("user \"", "is forbidden", "webhook")),
            ]),
            needs: "HTTPS_PROXY and NO_PROXY of the agent and of the runtime"),
        LogRule(
            .certain, "DNS-11", "API-03",
            when: .all([
                .coredns,
                .words(
                    "failed to list", "failed to watch", "kubernetes api connection"),
            ])),
        // Said at every start as well.
        LogRule(
            .likely, "DNS-11", "API-03", when: .words("still waiting on: \"kubernetes\""),
            needs: "whether it is said again a minute later"),
        LogRule(
            .likely, "MTU-03", "MTU-01", "API-03", "MTU-02", when: .words("tls handshake timeout"),
            needs: "ping -M do with the pod's MTU less 28 bytes"),
        LogRule(
            .likely, "API-01", "API-03",
            when: .all([
                .words("x509", "certificate signed by unknown authority", "certificate has expired"),
                .words("apiserver", "kubernetes", ":443", ":6443", "/api/", "kubelet", "kubeconfig", ":10250"),
                .not(.webhook),
            ])),
        // An API that another program serves is reached the way a webhook is.
        LogRule(
            .likely, "WHK-01", "SVC-01", "API-03",
            when: .all([
                .words(
                    "failing or missing response", "apiservice", "failed discovery", "aggregat", "faileddiscoverycheck",
                    "v1beta1.metrics.k8s.io", "missingendpoints", "endpointsnotfound", "serviceaccesserror"),
                .any([
                    .timeout, .unreachable, .refused, .noEndpoints,
                    .words(
                        "missing response", "503", "faileddiscoverycheck", "missingendpoints", "endpointsnotfound",
                        "false", "serviceaccesserror"),
                ]), .not(.words("aggregatedresources", "alertmanager", "aggregate_")),
            ]), needs: "whether the API server itself reaches the pod's port"),
        LogRule(
            .likely, "GCP-01", "WHK-01",
            when: .all([.webhook, .words("gke", "private cluster", "master cidr"), .not(.words("eks"))])),
        LogRule(
            .likely, "WHK-01", "SVC-01", "SVC-05", when: .all([.webhook, .noEndpoints]),
            needs: "the EndpointSlices of the webhook's Service"),
        LogRule(
            .likely, "WHK-01", "GCP-01", "SVC-03",
            when: .all([
                .webhook,
                .any([
                    .timeout, .unreachable,
                    .words("failed calling", "connection refused", "x509", "eof", "no endpoints"),
                ]),
            ])),
        // A pod that was not told where the API is, or got no token for it.
        LogRule(
            .likely, "API-03", "API-01",
            when: .all([
                .words(
                    "unable to load in-cluster configuration", "kubernetes_service_host", "in-cluster config",
                    "incluster config", "inclusterconfig", "invalid configuration: no configuration has been"),
                .words("unable", "fail", "error", "must be", "panic", "cannot", "not set", "invalid", "missing"),
            ]), needs: "the agent's environment, and whether its ServiceAccount's token is mounted"),
        LogRule(
            .likely, "API-03", "SVC-03",
            when: .any([
                .words(
                    "did you specify the right host or port", "failed to reach apiserver", "unable to access datastore",
                    "couldn\"t get current server api group list", "error retrieving resource lock",
                    "http2: client connection lost", "kubernetes api is unreachable", "etcdserver: request timed out",
                    "error contacting apiserver", "etcdserver: leader changed", "etcdserver: no leader",
                    "timed out waiting for the kubernetes api"),
                .all([
                    .words("apiserver", "api server", "kubernetes api", "datastore", "kube-apiserver", "etcd"),
                    .words(
                        "failed to reach", "unable to reach", "cannot reach", "could not reach", "unable to access",
                        "unable to connect", "failed to connect", "failed to initialize", "lost connection",
                        "not reachable", "failed to contact", "cannot connect", "could not connect", "unhealthy"),
                    .not(.words("remote", "clustermesh", "kvstoremesh", "webhook")),
                ]),
            ]), needs: "TCP to the API server's own address and to its ClusterIP"),
        LogRule(
            .likely, "API-03", "WHK-01", "SVC-01",
            when: .words(
                "did not complete within requested timeout", "did not complete within the allotted",
                "the server is currently unable to handle the request", "the server was unable to return a response"),
            needs: "which webhooks and aggregated APIs the request passes"),
        LogRule(
            .possible, "API-03", "RTE-07", "RTE-01",
            when: .all([.port(6443), .any([.timeout, .unreachable]), .not(.webhook)]),
            needs: "TCP 6443 from that machine to the API server's"),
        LogRule(
            .likely, "API-03", "SVC-03",
            when: .all([
                .any([.timeout, .unreachable, .nobodyListens, .words("eof")]),
                .words(
                    ":443", ":6443", "/api/v1", "apiserver", "api server", "kubernetes api", "kubernetes.default",
                    "10.96.0.1:", "10.43.0.1:", "10.96.0.1 ", "10.43.0.1 ", "subnetmanager", "datastore"),
                .not(
                    .any([
                        .words(
                            "tls handshake timeout", "amazonaws.com", "googleapis.com", "azure.com",
                            "missing response", ": lookup ", "remote cluster", "skupper", "inter-router", "claims-",
                            "redeem claim"), .coredns, .webhook,
                        .check(asksTheInternet),
                    ])),
            ]), needs: "TCP to the API server's own address and to its ClusterIP"),
    ]
}
