extension DialectTable {
    /// A spec with one rule that allows.
    private static func rule(_ fields: String, _ list: String = "ingress") -> String {
        "{\"\(list)\":[{\"action\":\"Allow\",\(fields)}]}"
    }

    static let calico = DialectTable(
        title: "Calico NetworkPolicy and StagedNetworkPolicy", apiVersion: "projectcalico.org/v3",
        kind: "NetworkPolicy",
        introduction: """
            Also as `crd.projectcalico.org/v1`, where the name of a policy of the default tier begins with `default.`. Staged \
            kinds (StagedKubernetesNetworkPolicy too) are read and checked and never decide anything.
            """,
        fields: [
            .init("spec.tier", .enforced, "absent: default", #"{"tier":"default"}"#),
            .init("spec.order", .enforced, "absent: last", #"{"order":10.5}"#),
            .init(
                "spec.selector", .enforced, "the whole selector language",
                #"{"selector":"a == 'b' && !has(c) || d in {'e'}"}"#),
            .init("spec.serviceAccountSelector", .enforced, "", #"{"serviceAccountSelector":"a == 'b'"}"#),
            .init("spec.types", .enforced, "absent: by the rules that are there", #"{"types":["Egress"]}"#),
            .init("spec.performanceHints", .notApplicable, "", #"{"performanceHints":["AssumeNeededOnEveryNode"]}"#),
            .init(
                "spec.ingress[].action", .enforced, "Allow, Deny, Pass; Log goes on",
                #"{"ingress":[{"action":"Pass"},{"action":"Log"}]}"#),
            .init("spec.ingress[].ipVersion", .enforced, "", rule(#""ipVersion":4"#)),
            .init(
                "spec.ingress[].protocol", .enforced, "name or number",
                #"{"ingress":[{"action":"Allow","protocol":"UDPLite"},{"action":"Allow","protocol":47}]}"#),
            .init("spec.ingress[].notProtocol", .enforced, "", rule(#""notProtocol":"TCP""#)),
            .init(
                "spec.ingress[].icmp", .enforced, "type and code",
                rule(#""protocol":"ICMP","icmp":{"type":8,"code":0}"#)),
            .init("spec.ingress[].notICMP", .enforced, "", rule(#""protocol":"ICMP","notICMP":{"type":8}"#)),
            .init(
                "spec.ingress[].http", .refused, "methods and paths are not looked at",
                rule(#""http":{"methods":["GET"]}"#)),
            .init("spec.ingress[].metadata", .notApplicable, "", rule(#""metadata":{"annotations":{"a":"b"}}"#)),
            .init(
                "spec.ingress[].source.nets", .enforced, "pods' addresses match too",
                rule(#""source":{"nets":["10.0.0.0/8"]}"#)),
            .init("spec.ingress[].source.notNets", .enforced, "", rule(#""source":{"notNets":["10.0.0.0/8"]}"#)),
            .init(
                "spec.ingress[].source.selector", .enforced, "pods and network sets",
                rule(#""source":{"selector":"a == 'b'"}"#)),
            .init("spec.ingress[].source.notSelector", .enforced, "", rule(#""source":{"notSelector":"a == 'b'"}"#)),
            .init(
                "spec.ingress[].source.namespaceSelector", .enforced, "`global()`: what has no namespace",
                rule(#""source":{"namespaceSelector":"global()"}"#)),
            .init(
                "spec.ingress[].source.serviceAccounts.names", .enforced, "",
                rule(#""source":{"serviceAccounts":{"names":["x"]}}"#)),
            .init(
                "spec.ingress[].source.serviceAccounts.selector", .enforced, "",
                rule(#""source":{"serviceAccounts":{"selector":"a == 'b'"}}"#)),
            .init(
                "spec.ingress[].source.services", .enforced, "by address",
                rule(#""source":{"services":{"name":"s","namespace":"n"}}"#)),
            .init(
                "spec.ingress[].source.ports", .enforced, "numbers and ranges",
                rule(#""protocol":"TCP","source":{"ports":[80,"90:99"]}"#)),
            .init(
                "spec.ingress[].source.ports (names)", .refused, "names of source ports are not looked up",
                rule(#""protocol":"TCP","source":{"ports":["http"]}"#)),
            .init(
                "spec.ingress[].source.notPorts", .enforced, "", rule(#""protocol":"TCP","source":{"notPorts":[80]}"#)),
            .init(
                "spec.egress[].destination.ports", .enforced, "numbers, ranges and names; need a protocol",
                rule(#""protocol":"TCP","destination":{"ports":[80,"90:99","http"]}"#, "egress")),
            .init(
                "spec.egress[].destination.notPorts", .enforced, "",
                rule(#""protocol":"TCP","destination":{"notPorts":[80]}"#, "egress")),
            .init(
                "spec.egress[].destination.services", .refused, "addresses with ports are not supported",
                rule(#""destination":{"services":{"name":"s","namespace":"n"}}"#, "egress")),
        ])

    static let calicoGlobal = DialectTable(
        title: "Calico GlobalNetworkPolicy and StagedGlobalNetworkPolicy", apiVersion: "projectcalico.org/v3",
        kind: "GlobalNetworkPolicy", introduction: "In addition to the fields of NetworkPolicy.",
        fields: [
            .init("spec.namespaceSelector", .enforced, "", #"{"namespaceSelector":"team == 'red'"}"#),
            .init(
                "spec.doNotTrack", .refused, "for nodes' interfaces, which are not policed; no pod is affected",
                #"{"doNotTrack":true}"#),
            .init("spec.preDNAT", .refused, "likewise", #"{"preDNAT":true}"#),
            .init(
                "spec.applyOnForward", .refused, "traffic that nodes forward is not policed; pods are as ever",
                #"{"applyOnForward":true}"#),
        ])

    static let calicoTier = DialectTable(
        title: "Calico Tier", apiVersion: "projectcalico.org/v3", kind: "Tier",
        introduction: "A policy of a tier that no object defines is walked last, and its tier denies at the end.",
        fields: [
            .init("spec.order", .enforced, "absent: last", #"{"order":5}"#),
            .init("spec.defaultAction", .enforced, "Deny, Pass", #"{"defaultAction":"Pass"}"#),
        ])

    static let calicoNetworkSet = DialectTable(
        title: "Calico NetworkSet and GlobalNetworkSet", apiVersion: "projectcalico.org/v3", kind: "GlobalNetworkSet",
        introduction: "",
        fields: [.init("spec.nets", .enforced, "selected by the set's labels", #"{"nets":["10.0.0.0/8","192.0.2.1"]}"#)]
    )

    static let calicoHostEndpoint = DialectTable(
        title: "Calico HostEndpoint", apiVersion: "projectcalico.org/v3", kind: "HostEndpoint",
        introduction: "Policies are not applied to nodes' interfaces; the object is reported.",
        fields: [
            .init(
                "spec.expectedIPs", .enforced, "as a peer of pods' policies, by the endpoint's labels",
                #"{"node":"n","expectedIPs":["192.0.2.1"]}"#),
            .init("spec.node", .refused, "", #"{"node":"n","expectedIPs":["192.0.2.1"]}"#),
            .init("spec.interfaceName", .refused, "", #"{"node":"n","interfaceName":"eth0"}"#),
            .init("spec.profiles", .refused, "", #"{"node":"n","interfaceName":"eth0","profiles":["p"]}"#),
            .init(
                "spec.ports", .refused, "",
                #"{"node":"n","interfaceName":"eth0","ports":[{"name":"p","protocol":"TCP","port":1}]}"#),
        ])
}
