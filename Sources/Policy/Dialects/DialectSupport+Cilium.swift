extension DialectTable {
    static let cilium = DialectTable(
        title: "CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy", apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        introduction: """
            `spec`, `specs[]` or both. Keys of selectors carry sources (`k8s:`, `any:`, `reserved:`); those of the \
            namespace and of the service account are understood. Egress is written as ingress with `to` for `from`.
            """,
        fields: [
            .init(
                "endpointSelector", .enforced, "in the policy's namespace, unless clusterwide",
                #"{"endpointSelector":{"matchLabels":{"k8s:app":"web"}}}"#),
            .init("nodeSelector", .refused, "policies are not applied to nodes", #"{"nodeSelector":{}}"#),
            .init("labels", .notApplicable, "", #"{"endpointSelector":{},"labels":[{"key":"a"}]}"#),
            .init("description", .notApplicable, "", #"{"endpointSelector":{},"description":"why"}"#),
            .init("log", .notApplicable, "", #"{"endpointSelector":{},"log":{"value":"x"}}"#),
            .init(
                "enableDefaultDeny.ingress", .enforced, "absent: true as soon as there are rules",
                #"{"endpointSelector":{},"enableDefaultDeny":{"ingress":true}}"#),
            .init(
                "enableDefaultDeny.egress", .enforced, "",
                #"{"endpointSelector":{},"enableDefaultDeny":{"egress":false},"egress":[{"toEntities":["all"]}]}"#),
            .init(
                "ingress[]", .enforced, "`[{}]` isolates and allows nothing", #"{"endpointSelector":{},"ingress":[{}]}"#
            ),
            .init(
                "ingressDeny[]", .enforced, "before every allow of the tier",
                #"{"endpointSelector":{},"ingressDeny":[{"fromEntities":["world"]}]}"#),
            .init("egress[]", .enforced, "", #"{"endpointSelector":{},"egress":[{"toEndpoints":[{}]}]}"#),
            .init("egressDeny[]", .enforced, "", #"{"endpointSelector":{},"egressDeny":[{"toCIDR":["10.0.0.0/8"]}]}"#),
            .init(
                "ingress[].fromEndpoints[]", .enforced, "`[]` selects nobody; `[{}]` the whole namespace",
                #"{"endpointSelector":{},"ingress":[{"fromEndpoints":[{"matchLabels":{"k8s:io.kubernetes.pod.namespace":"x"}}]}]}"#
            ),
            .init(
                "ingress[].fromEntities[]", .enforced,
                "all, world, world-ipv4, world-ipv6, cluster, host, remote-node, kube-apiserver, none; health, init, ingress, unmanaged exist nowhere here",
                #"{"endpointSelector":{},"ingress":[{"fromEntities":["cluster","host"]}]}"#),
            .init(
                "ingress[].fromEntities[] cluster-mesh", .refused, "other clusters of a mesh are not known",
                #"{"endpointSelector":{},"ingress":[{"fromEntities":["cluster-mesh"]}]}"#),
            .init(
                "ingress[].fromCIDR[]", .enforced, "only ends outside the cluster",
                #"{"endpointSelector":{},"ingress":[{"fromCIDR":["10.0.0.0/8","192.0.2.1"]}]}"#),
            .init(
                "ingress[].fromCIDRSet[].cidr", .enforced, "",
                #"{"endpointSelector":{},"ingress":[{"fromCIDRSet":[{"cidr":"10.0.0.0/8"}]}]}"#),
            .init(
                "ingress[].fromCIDRSet[].except", .enforced, "",
                #"{"endpointSelector":{},"ingress":[{"fromCIDRSet":[{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}]}]}"#
            ),
            .init(
                "ingress[].fromCIDRSet[].cidrGroupRef", .enforced, "CiliumCIDRGroup objects are read",
                #"{"endpointSelector":{},"ingress":[{"fromCIDRSet":[{"cidrGroupRef":"office"}]}]}"#),
            .init(
                "ingress[].fromCIDRSet[].cidrGroupSelector", .enforced, "",
                #"{"endpointSelector":{},"ingress":[{"fromCIDRSet":[{"cidrGroupSelector":{"matchLabels":{"a":"b"}}}]}]}"#
            ),
            .init(
                "ingress[].fromNodes[]", .enforced, "",
                #"{"endpointSelector":{},"ingress":[{"fromNodes":[{"matchLabels":{"zone":"a"}}]}]}"#),
            .init(
                "ingress[].fromGroups[]", .refused, "groups of cloud providers are not asked for",
                #"{"endpointSelector":{},"ingress":[{"fromGroups":[{"aws":{}}]}]}"#),
            .init(
                "ingress[].fromRequires[]", .refused, "deprecated, without effect in Cilium",
                #"{"endpointSelector":{},"ingress":[{"fromRequires":[{}],"fromEndpoints":[{}]}]}"#),
            .init(
                "ingress[].authentication.mode", .refused, "required; `disabled` has no effect",
                #"{"endpointSelector":{},"ingress":[{"fromEndpoints":[{}],"authentication":{"mode":"required"}}]}"#),
            .init(
                "egress[].toServices[].k8sService", .enforced, "the addresses of the service's endpoints",
                #"{"endpointSelector":{},"egress":[{"toServices":[{"k8sService":{"serviceName":"s","namespace":"n"}}]}]}"#
            ),
            .init(
                "egress[].toServices[].k8sServiceSelector", .refused, "services are not selected by labels",
                #"{"endpointSelector":{},"egress":[{"toServices":[{"k8sServiceSelector":{"selector":{}}}]}]}"#),
            .init(
                "egress[].toFQDNs[]", .refused, "DNS names are not followed",
                #"{"endpointSelector":{},"egress":[{"toFQDNs":[{"matchName":"example.org"}]}]}"#),
            .init(
                "ingress[].toPorts[].ports[].port", .enforced, "number, name, or \"0\" for all",
                #"{"endpointSelector":{},"ingress":[{"toPorts":[{"ports":[{"port":"80"},{"port":"http"},{"port":"0"}]}]}]}"#
            ),
            .init(
                "ingress[].toPorts[].ports[].endPort", .enforced, "",
                #"{"endpointSelector":{},"ingress":[{"toPorts":[{"ports":[{"port":"80","endPort":90}]}]}]}"#),
            .init(
                "ingress[].toPorts[].ports[].protocol", .enforced,
                "TCP, UDP, SCTP, ICMP, ICMPv6, ANY (the first three)",
                #"{"endpointSelector":{},"ingress":[{"toPorts":[{"ports":[{"port":"80","protocol":"ANY"}]}]}]}"#),
            .init(
                "ingress[].toPorts[].rules.http[]", .refused, "requests are not looked at",
                #"{"endpointSelector":{},"ingress":[{"toPorts":[{"ports":[{"port":"80","protocol":"TCP"}],"rules":{"http":[{"path":"/"}]}}]}]}"#
            ),
            .init(
                "ingress[].toPorts[].rules.kafka[]", .refused, "",
                #"{"endpointSelector":{},"ingress":[{"toPorts":[{"ports":[{"port":"80","protocol":"TCP"}],"rules":{"kafka":[{"topic":"t"}]}}]}]}"#
            ),
            .init(
                "ingress[].toPorts[].rules.l7[]", .refused, "and l7proto",
                #"{"endpointSelector":{},"ingress":[{"toPorts":[{"ports":[{"port":"80","protocol":"TCP"}],"rules":{"l7proto":"r2d2","l7":[{"cmd":"x"}]}}]}]}"#
            ),
            .init(
                "egress[].toPorts[].rules.dns[]", .refused, "names in queries are not looked at",
                #"{"endpointSelector":{},"egress":[{"toPorts":[{"ports":[{"port":"53","protocol":"UDP"}],"rules":{"dns":[{"matchName":"example.org"}]}}]}]}"#
            ),
            .init(
                "egress[].toPorts[].rules.dns[].matchPattern \"*\"", .enforced,
                "lets every name through, so the port alone says it all",
                #"{"endpointSelector":{},"egress":[{"toPorts":[{"ports":[{"port":"53","protocol":"UDP"}],"rules":{"dns":[{"matchPattern":"*"}]}}]}]}"#
            ),
            .init(
                "ingress[].toPorts[].terminatingTLS", .refused, "",
                #"{"endpointSelector":{},"ingress":[{"toPorts":[{"ports":[{"port":"80"}],"terminatingTLS":{"secret":{"name":"s"}}}]}]}"#
            ),
            .init(
                "ingress[].toPorts[].originatingTLS", .refused, "",
                #"{"endpointSelector":{},"ingress":[{"toPorts":[{"ports":[{"port":"80"}],"originatingTLS":{"secret":{"name":"s"}}}]}]}"#
            ),
            .init(
                "ingress[].toPorts[].serverNames[]", .refused, "TLS server names are not looked at",
                #"{"endpointSelector":{},"ingress":[{"toPorts":[{"ports":[{"port":"443"}],"serverNames":["a.example"]}]}]}"#
            ),
            .init(
                "ingress[].toPorts[].listener", .refused, "",
                #"{"endpointSelector":{},"egress":[{"toPorts":[{"ports":[{"port":"80"}],"listener":{"name":"l"}}]}]}"#),
            .init(
                "ingress[].icmps[].fields[].type", .enforced, "number or name; excludes toPorts",
                #"{"endpointSelector":{},"ingress":[{"icmps":[{"fields":[{"type":8},{"type":"EchoReply"}]}]}]}"#),
            .init(
                "ingress[].icmps[].fields[].family", .enforced, "absent: IPv4",
                #"{"endpointSelector":{},"ingress":[{"icmps":[{"fields":[{"family":"IPv6","type":128}]}]}]}"#),
        ])
}
