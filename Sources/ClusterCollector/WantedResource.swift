import KubernetesModel

/// A resource that is read when the cluster serves it, and is an empty list when it does not.
struct WantedResource: Sendable, Hashable {
    let resource: String
    let group: String
    /// Asked for when the server could not be asked what it serves; nil for what most clusters do not have.
    let version: String?

    init(_ resource: String, _ group: String = "", version: String? = nil) {
        self.resource = resource
        self.group = group
        self.version = version
    }

    /// `pods`, `ippools.crd.projectcalico.org`.
    var name: String { group.isEmpty ? resource : "\(resource).\(group)" }

    /// What the diagnosis stands on comes first, so that it is there when time runs out.
    static let all: [WantedResource] = builtin + ofGroups

    /// Groups of which everything is read that can be listed, whatever a release calls it.
    static let wholeGroups: Set<String> = [
        "crd.projectcalico.org", "operator.tigera.io", "cilium.io", "crd.antrea.io", "crd.k8s.amazonaws.com",
        "vpcresources.k8s.aws", "networking.k8s.aws", "elbv2.k8s.aws", "acn.azure.com", "k8s.cni.cncf.io",
        "whereabouts.cni.cncf.io", "poplin.dev", "gateway.networking.k8s.io", "policy.networking.k8s.io",
        "cert-manager.io", "acme.cert-manager.io", "networking.istio.io", "security.istio.io", "policy.linkerd.io",
        "linkerd.io", "submariner.io", "multicluster.x-k8s.io", "metallb.io", "kubeovn.io", "k8s.ovn.org",
    ]

    private static let builtin: [WantedResource] = [
        WantedResource("nodes", version: "v1"), WantedResource("pods", version: "v1"),
        WantedResource("daemonsets", "apps", version: "v1"), WantedResource("events", version: "v1"),
        WantedResource("services", version: "v1"),
        WantedResource("endpointslices", "discovery.k8s.io", version: "v1"),
        WantedResource("namespaces", version: "v1"), WantedResource("deployments", "apps", version: "v1"),
        WantedResource("statefulsets", "apps", version: "v1"), WantedResource("jobs", "batch", version: "v1"),
        WantedResource("cronjobs", "batch", version: "v1"),
        WantedResource("networkpolicies", "networking.k8s.io", version: "v1"),
        WantedResource("ingresses", "networking.k8s.io", version: "v1"),
        WantedResource("ingressclasses", "networking.k8s.io", version: "v1"),
        WantedResource("servicecidrs", "networking.k8s.io"),
        WantedResource("leases", "coordination.k8s.io", version: "v1"),
        WantedResource("validatingwebhookconfigurations", "admissionregistration.k8s.io", version: "v1"),
        WantedResource("mutatingwebhookconfigurations", "admissionregistration.k8s.io", version: "v1"),
        WantedResource("customresourcedefinitions", "apiextensions.k8s.io", version: "v1"),
        WantedResource("apiservices", "apiregistration.k8s.io", version: "v1"),
        WantedResource("clusterroles", "rbac.authorization.k8s.io", version: "v1"),
        WantedResource("clusterrolebindings", "rbac.authorization.k8s.io", version: "v1"),
        WantedResource("roles", "rbac.authorization.k8s.io", version: "v1"),
        WantedResource("rolebindings", "rbac.authorization.k8s.io", version: "v1"),
        WantedResource("serviceaccounts", version: "v1"), WantedResource("resourcequotas", version: "v1"),
        WantedResource("prometheusrules", "monitoring.coreos.com"),
        WantedResource("networks", "operator.openshift.io"),
    ]

    private static let ofGroups: [WantedResource] = [
        (
            "crd.projectcalico.org",
            [
                "ippools", "ipamblocks", "blockaffinities", "ipamhandles", "ipamconfigs", "ipreservations",
                "bgpconfigurations", "bgppeers", "bgpfilters", "felixconfigurations", "networkpolicies",
                "globalnetworkpolicies", "networksets", "globalnetworksets", "hostendpoints", "tiers",
                "caliconodestatuses", "clusterinformations", "kubecontrollersconfigurations",
            ]
        ),
        ("operator.tigera.io", ["installations", "tigerastatuses"]),
        (
            "cilium.io",
            [
                "ciliumnodes", "ciliumendpoints", "ciliumendpointslices", "ciliumnetworkpolicies",
                "ciliumclusterwidenetworkpolicies", "ciliumidentities", "ciliumpodippools",
                "ciliumloadbalancerippools", "ciliuml2announcementpolicies", "ciliumegressgatewaypolicies",
                "ciliumbgpclusterconfigs", "ciliumbgppeerconfigs", "ciliumbgpadvertisements",
            ]
        ),
        (
            "crd.antrea.io",
            [
                "antreaagentinfos", "antreacontrollerinfos", "networkpolicies", "clusternetworkpolicies",
                "clustergroups", "groups", "tiers", "egresses", "externalippools", "ippools",
            ]
        ),
        ("crd.k8s.amazonaws.com", ["eniconfigs"]),
        ("vpcresources.k8s.aws", ["cninodes", "securitygrouppolicies"]),
        ("networking.k8s.aws", ["policyendpoints"]),
        ("elbv2.k8s.aws", ["targetgroupbindings", "ingressclassparams"]),
        (
            "acn.azure.com",
            [
                "nodenetworkconfigs", "clustersubnetstates", "podnetworks", "podnetworkinstances",
                "overlayextensionconfigs",
            ]
        ),
        ("k8s.cni.cncf.io", ["network-attachment-definitions"]),
        ("whereabouts.cni.cncf.io", ["ippools", "overlappingrangeipreservations", "nodeslicepools"]),
        ("poplin.dev", ["ippools", "ipamblocks"]),
        (
            "gateway.networking.k8s.io",
            ["gatewayclasses", "gateways", "httproutes", "grpcroutes", "tlsroutes", "referencegrants"]
        ),
        (
            "policy.networking.k8s.io",
            ["adminnetworkpolicies", "baselineadminnetworkpolicies", "clusternetworkpolicies"]
        ),
        ("cert-manager.io", ["certificates", "certificaterequests", "issuers", "clusterissuers"]),
        ("acme.cert-manager.io", ["orders", "challenges"]),
        (
            "networking.istio.io",
            ["virtualservices", "destinationrules", "gateways", "serviceentries", "sidecars"]
        ),
        ("security.istio.io", ["peerauthentications", "authorizationpolicies"]),
        ("policy.linkerd.io", ["servers", "authorizationpolicies", "meshtlsauthentications"]),
        ("linkerd.io", ["serviceprofiles"]),
        ("submariner.io", ["clusters", "endpoints", "gateways", "clusterglobalegressips"]),
        ("multicluster.x-k8s.io", ["serviceexports", "serviceimports"]),
        ("metallb.io", ["ipaddresspools", "l2advertisements", "bgpadvertisements", "bgppeers"]),
    ].flatMap { group, names in names.map { WantedResource($0, group) } }

    /// Of these nobody asks who wrote which field, and there are very many.
    static let withoutManagers: Set<String> = [
        "pods", "events", "endpointslices.discovery.k8s.io", "leases.coordination.k8s.io",
        "ciliumendpoints.cilium.io", "ciliumidentities.cilium.io", "ipamhandles.crd.projectcalico.org",
        "ipamblocks.crd.projectcalico.org", "customresourcedefinitions.apiextensions.k8s.io",
    ]
}
