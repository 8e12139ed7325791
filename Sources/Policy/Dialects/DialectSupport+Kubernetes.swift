extension DialectTable {
    static let networkPolicy = DialectTable(
        title: "NetworkPolicy", apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy",
        introduction: "The API server's defaults are applied to manifests as they are written.",
        fields: [
            .init(
                "spec.podSelector", .enforced, "absent: every pod of the namespace",
                #"{"podSelector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"c","operator":"NotIn","values":["d"]}]}}"#
            ),
            .init(
                "spec.policyTypes", .enforced, "absent or empty: Ingress, and Egress when there are egress rules",
                #"{"podSelector":{},"policyTypes":["Egress"]}"#),
            .init("spec.ingress[]", .enforced, "absent or empty allows nothing", #"{"podSelector":{},"ingress":[{}]}"#),
            .init(
                "spec.ingress[].from[]", .enforced, "absent or empty: everybody",
                #"{"podSelector":{},"ingress":[{"from":[]}]}"#),
            .init(
                "spec.ingress[].from[].podSelector", .enforced, "alone: in the policy's namespace",
                #"{"podSelector":{},"ingress":[{"from":[{"podSelector":{}}]}]}"#),
            .init(
                "spec.ingress[].from[].namespaceSelector", .enforced, "with podSelector: both",
                #"{"podSelector":{},"ingress":[{"from":[{"namespaceSelector":{}}]}]}"#),
            .init(
                "spec.ingress[].from[].ipBlock.cidr", .enforced, "pods' addresses match too",
                #"{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8"}}]}]}"#),
            .init(
                "spec.ingress[].from[].ipBlock.except", .enforced, "a hole in this block only",
                #"{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}]}]}"#
            ),
            .init(
                "spec.ingress[].ports[].protocol", .enforced, "TCP, UDP, SCTP; absent: TCP",
                #"{"podSelector":{},"ingress":[{"ports":[{"protocol":"SCTP"}]}]}"#),
            .init(
                "spec.ingress[].ports[].port", .enforced, "number or container port's name",
                #"{"podSelector":{},"ingress":[{"ports":[{"port":"http"},{"port":80}]}]}"#),
            .init(
                "spec.ingress[].ports[].endPort", .enforced, "",
                #"{"podSelector":{},"ingress":[{"ports":[{"port":80,"endPort":90}]}]}"#),
            .init(
                "spec.egress[].to[]", .enforced, "as ingress[].from[]",
                #"{"podSelector":{},"egress":[{"to":[{"podSelector":{}}]}]}"#),
            .init(
                "spec.egress[].ports[]", .enforced, "as ingress[].ports[]",
                #"{"podSelector":{},"egress":[{"ports":[{"port":53,"protocol":"UDP"}]}]}"#),
        ])

    static let adminNetworkPolicy = DialectTable(
        title: "AdminNetworkPolicy, BaselineAdminNetworkPolicy", apiVersion: "policy.networking.k8s.io/v1alpha1",
        kind: "AdminNetworkPolicy", introduction: "Equal priorities are walked by name, and reported.",
        fields: [
            .init(
                "spec.priority", .enforced, "0 to 1000, lower first; not of the baseline kind",
                #"{"priority":5,"subject":{"namespaces":{}}}"#),
            .init(
                "spec.subject.namespaces", .enforced, "",
                #"{"priority":5,"subject":{"namespaces":{"matchLabels":{"a":"b"}}}}"#),
            .init(
                "spec.subject.pods", .enforced, "",
                #"{"priority":5,"subject":{"pods":{"namespaceSelector":{},"podSelector":{}}}}"#),
            .init(
                "spec.ingress[].action", .enforced, "Allow, Deny, Pass",
                #"{"priority":5,"subject":{"namespaces":{}},"ingress":[{"action":"Pass","from":[{"namespaces":{}}]}]}"#),
            .init(
                "spec.ingress[].name", .notApplicable, "shown with the rule",
                #"{"priority":5,"subject":{"namespaces":{}},"ingress":[{"name":"n","action":"Deny","from":[{"namespaces":{}}]}]}"#
            ),
            .init(
                "spec.ingress[].from[].namespaces", .enforced, "",
                #"{"priority":5,"subject":{"namespaces":{}},"ingress":[{"action":"Allow","from":[{"namespaces":{}}]}]}"#
            ),
            .init(
                "spec.ingress[].from[].pods", .enforced, "",
                #"{"priority":5,"subject":{"namespaces":{}},"ingress":[{"action":"Allow","from":[{"pods":{"namespaceSelector":{},"podSelector":{}}}]}]}"#
            ),
            .init(
                "spec.ingress[].ports[].portNumber", .enforced, "",
                #"{"priority":5,"subject":{"namespaces":{}},"ingress":[{"action":"Allow","from":[{"namespaces":{}}],"ports":[{"portNumber":{"protocol":"TCP","port":80}}]}]}"#
            ),
            .init(
                "spec.ingress[].ports[].portRange", .enforced, "",
                #"{"priority":5,"subject":{"namespaces":{}},"ingress":[{"action":"Allow","from":[{"namespaces":{}}],"ports":[{"portRange":{"protocol":"TCP","start":80,"end":90}}]}]}"#
            ),
            .init(
                "spec.ingress[].ports[].namedPort", .enforced, "",
                #"{"priority":5,"subject":{"namespaces":{}},"ingress":[{"action":"Allow","from":[{"namespaces":{}}],"ports":[{"namedPort":"http"}]}]}"#
            ),
            .init(
                "spec.egress[].to[].networks", .enforced, "pods' addresses match too",
                #"{"priority":5,"subject":{"namespaces":{}},"egress":[{"action":"Allow","to":[{"networks":["10.0.0.0/8"]}]}]}"#
            ),
            .init(
                "spec.egress[].to[].nodes", .enforced, "",
                #"{"priority":5,"subject":{"namespaces":{}},"egress":[{"action":"Allow","to":[{"nodes":{}}]}]}"#),
            .init(
                "spec.egress[].to[].domainNames", .refused, "DNS names are not followed",
                #"{"priority":5,"subject":{"namespaces":{}},"egress":[{"action":"Allow","to":[{"domainNames":["example.org"]}]}]}"#
            ),
        ])

    static let clusterNetworkPolicy = DialectTable(
        title: "ClusterNetworkPolicy", apiVersion: "policy.networking.k8s.io/v1alpha2", kind: "ClusterNetworkPolicy",
        introduction: "Subjects and peers as in AdminNetworkPolicy.",
        fields: [
            .init(
                "spec.tier", .enforced, "Admin, Baseline", #"{"tier":"Admin","priority":5,"subject":{"namespaces":{}}}"#
            ),
            .init("spec.priority", .enforced, "", #"{"tier":"Baseline","priority":5,"subject":{"namespaces":{}}}"#),
            .init(
                "spec.ingress[].action", .enforced, "Accept, Deny, Pass",
                #"{"tier":"Admin","priority":5,"subject":{"namespaces":{}},"ingress":[{"action":"Accept","from":[{"namespaces":{}}]}]}"#
            ),
            .init(
                "spec.ingress[].protocols[].tcp", .enforced, "destinationPort.number or .range; udp and sctp likewise",
                #"{"tier":"Admin","priority":5,"subject":{"namespaces":{}},"ingress":[{"action":"Accept","from":[{"namespaces":{}}],"protocols":[{"tcp":{"destinationPort":{"number":80}}}]}]}"#
            ),
            .init(
                "spec.ingress[].protocols[].destinationNamedPort", .enforced, "",
                #"{"tier":"Admin","priority":5,"subject":{"namespaces":{}},"ingress":[{"action":"Accept","from":[{"namespaces":{}}],"protocols":[{"destinationNamedPort":"http"}]}]}"#
            ),
            .init(
                "spec.egress[].to[].domainNames", .refused, "DNS names are not followed",
                #"{"tier":"Admin","priority":5,"subject":{"namespaces":{}},"egress":[{"action":"Accept","to":[{"domainNames":["example.org"]}]}]}"#
            ),
        ])
}
