/// What policy engines say of a packet, and what policies themselves look like.
extension LogRule {
    private static let verdictFields: Set<Substring> = [
        "verdict", "policyverdict", "policy_verdict", "policy-verdict", "action", "policyaction", "policy_action",
        "disposition",
    ]
    private static let refusals: Set<Substring> = [
        "deny", "denied", "drop", "dropped", "reject", "rejected", "block", "blocked",
    ]

    /// A field called verdict or action that holds a refusal, in whatever way fields are written.
    @Sendable private static func holdsARefusal(_ text: LogText) -> Bool {
        let words = text.tokens.map { $0.drop { $0 == ":" } }.filter { !$0.isEmpty }
        return zip(words, words.dropFirst()).contains { field, value in
            let name = field.hasSuffix(":") ? field.dropLast() : field
            return verdictFields.contains(name) && refusals.contains(value)
        }
    }

    /// A packet or a request that a policy refused, in the words of those who log such things.
    static let refusedByPolicy = LogPattern.any([
        .words(
            "policy denied", "denied by policy", "policy-denied", "no policy match", "drop (policy", "deniedby",
            "policy-verdict:none", "policy_denied", "verdict: dropped", "verdict=dropped", "calico-packet",
            "policy rejection", "rbac: access denied", "default-deny", "default deny", "verdict deny", "verdict drop",
            "action=drop", "rbac_access_denied", "rbac rejected", "rbac: rejected", "drop_reason\":133",
            "drop_reason\":181", "policy_deny",
            "pods are isolated for", "unauthorized connection on server", "unauthorized connection on route",
            "unauthorized request on route", "blocked by network", "blocked by polic", "dropped by polic",
            "denied by network", "not allowed by polic", "policy drop", "egress denied", "ingress denied",
            "drop by polic", "blocked by weave", "drop if no policies", "drop if no profiles",
            "did not match any profile", "isolated for", "egressfirewall", "implicit deny", "no allow rule"),
        .all([
            .words("networkpolic", "network polic", "policy-verdict", "policyrule", "netpol", " acl", "defaultrule"),
            .words(" drop", "deny", "denied", "reject", "blocked"), .not(.words("forbidden", "admission")),
        ]),
        // A mesh's own policy.
        .all([.words("::policy", "authorizationpolic"), .words("denied", "unauthorized", "deny")]),
        .all([
            .words("polic", "deny"),
            .words(
                " blocks ", "denied packet", "packet denied", "denied traffic", "denied connection", "denied flow",
                "dropped packet",
                "dropped flow", "blocked connection", "blocked traffic", "traffic denied", "flow denied",
                "connection denied", "denied by rule", "no matching rule"), .not(.words("bpf program", "bgp")),
        ]),
        .all([
            .words("verdict", "action", "disposition"), .words("den", "drop", "reject", "block"),
            .not(.words("relabel", "source_labels", "regex", "admission")),
            .words(
                "src", "dst", "dest", "sip", "policy", "tcp", "udp", "endpoint", "ingress", "egress", "identity", "flow"
            ),
            .check(holdsARefusal),
        ]),
    ])

    /// What is asked for is a name: servers of names by port or by what they are called.
    private static let ofNames = LogPattern.any([
        .port(53),
        .words(
            "coredns", "kube-dns", "dns-default", "node-local-dns", "nodelocal", " dns server", " dns traffic", " dns ",
            " dns quer", " dns request", " dns lookup"),
    ])

    /// Asked before what clients of names say.
    static let verdictsOnNames = [
        LogRule(
            .likely, "POL-14", "DNS-05", "POL-01", when: .all([refusedByPolicy, .port(5353, 8053, 1053, 10053)]),
            needs: "which port CoreDNS's pods listen on"),
        LogRule(
            .likely, "DNS-10", "DNS-05", "POL-01",
            when: .all([refusedByPolicy, .port(53), .words("169.254.", "(host)", "nodelocal", "node-local-dns")]),
            needs: "the nameserver in the pod's resolv.conf"),
        LogRule(
            .likely, "POL-08", "DNS-05", "POL-01",
            when: .all([
                .words("dns query", "dns-request", "dns request", "dnsname"),
                .words("due to policy", "rejecting", "proxy dropped", "dropped (dns", "denied by policy"),
            ]), needs: "the names the policy's rules allow"),
        LogRule(
            .likely, "DNS-05", "POL-01", "DNS-10", when: .all([refusedByPolicy, ofNames]),
            needs: "the policies that select the pod, for UDP and TCP 53 to CoreDNS's pods"),
    ]

    static let policies: [LogRule] = [
        LogRule(
            .certain, "POL-04",
            when: .all([.words("- podselector"), .words("- namespaceselector")])),
        LogRule(
            .certain, "POL-05",
            when: .all([
                .words("namespaceselector"), .words("name: kube-system", "name: default", "\"name\": \"kube-system\""),
                .not(.words("kubernetes.io/metadata.name", "- podselector")),
            ])),
        // A label that somebody has to have set.
        LogRule(
            .possible, "POL-05", "POL-02",
            when: .all([
                .words("namespaceselector"), .words(" name: ", "\"name\":", "name="), .words("matchlabels", "match"),
                .not(.words("kubernetes.io/metadata.name", "- podselector")),
            ]), needs: "the labels of the namespaces"),
        LogRule(
            .likely, "POL-05", "POL-02",
            when: .all([
                .words("namespaceselector", "namespace selector"),
                .words(
                    " but ", "carries only", "has no label", "no such label", "without the label", "not labelled",
                    "not labeled", "lacks"),
                .not(.words("- podselector")),
            ]), needs: "the labels of the namespaces"),
        LogRule(.certain, "POL-06", when: .words("policytypes: []", "\"policytypes\":[]", "\"policytypes\": []")),
        LogRule(
            .certain, "POL-07",
            when: .all([
                .words("networkpolic", "network polic"),
                .words(
                    "nothing is blocked", "not enforced", "not implement", "does not support", "doesn\"t support",
                    "not supported", "unenforced", "ignored by", "no policy engine"),
            ])),
        LogRule(
            .likely, "POL-07",
            when: .all([
                .words("networkpolic", "network polic"), .not(.words("selects no", "podselector", "matches no")),
                .words(
                    "not be enforced", "won\"t be enforced", "not be applied", "enforcement is disabled",
                    "policy support is disabled", "no effect", "not enforce", "doesn\"t enforce", "not enforcing",
                    "no controller", "still succeed", "still works", "still reach", "is not blocked", "still allowed",
                    "still connect", "nobody enforces", "nothing enforces", "policy is disabled", "polic is disabled",
                    "policies are ignored", "policy feature is", "not been enabled"),
            ]), needs: "whether the agent that enforces policies runs on that node"),
        LogRule(
            .likely, "POL-09", "SVC-10", "INS-07", "POL-10", "INS-09",
            when: .all([
                .words("ipset", "ip sets", "ip set"),
                .words("restore", "out-of-sync", "out of sync", "resync", "rewrite"),
                .words("fail", "syntax error", "exit status", "unable"), .not(.words("service vip", "set type not")),
            ]), needs: "what ipset itself says of that line, and its version against the kernel's"),
        LogRule(
            .likely, "POL-09", "BPF-06",
            when: .all([
                .words(
                    "policy revision", "policyrevision", "policy-revision", "realized revision", "realised revision"),
                .any([
                    .timeout,
                    .words(
                        "wait", "behind", "not reach", "stuck", "older", "lag", "below", "realized", "realised",
                        "desired"),
                ]),
                .not(.words("level=info")),
            ]), needs: "the revision the endpoint has against the one that is known"),
        LogRule(
            .possible, "POL-09", "API-03", "INS-01",
            when: .all([
                .words(
                    "networkpolicy_controller", "networkpolicycontroller", "network_policy_controller",
                    "policy-controller", "policycontroller", "policyendpoint", "appliedtogroup", "addressgroup"), fails,
            ]), needs: "the revision the endpoint has against the one that is known"),
        // Policies that are known and not yet in the kernel.
        LogRule(
            .likely, "POL-09", "POL-10", "SVC-10", "INS-07",
            when: .all([
                .words("networkpolic", "network polic", "policy chains", "policy rules", "policy map", "policy update"),
                .words("sync", "apply", "program", "install", "reconcil", "realiz", "realis", "propagat"),
                .words("fail", "abort", "unable", "error", "slow", "not yet", "delay"),
                .not(
                    .words(
                        "forbidden", "unauthorized", "webhook", "admission", "reflector", "list *", "failed to list",
                        "validation", "api server", "not support", "mtu", "could not find the requested resource")),
            ]), needs: "the revision the endpoint has against the one that is known"),
        LogRule(
            .likely, "POL-10", "POL-09", "SVC-10",
            when: .all([
                .words("networkpolic", "network polic", "policy sync", "policies", "policy rules"),
                .words("took", "takes", "too many", "limit", "slow", "exceed"),
                .words("rules", "policies", "ipset", "entries", "sync"),
                .not(.words("admission", "webhook", "forbidden", "rate limit")),
            ]), needs: "how many rules and sets the node holds"),
        LogRule(
            .certain, "POL-14", "DNS-05", when: .all([.words("5353"), .words("dns"), .words("policy", "egress")])),
        LogRule(
            .likely, "POL-08", "DNS-05",
            when: .all([
                .words("fqdn", "qname", "dnsproxy", "dns proxy", "tofqdns", "matchpattern"),
                .words("denied", "refused", "drop", "not allowed", "reject"),
            ])),
        LogRule(
            .likely, "POL-12", "POL-01",
            when: .all([.words("ipblock"), .words("service", "clusterip", "cluster ip", "never match")])),
        LogRule(
            .likely, "POL-13", "POL-01",
            when: .all([.words("fromentities", "toentities"), .words("rules:", "http:", "layer 7", " l7")]),
            needs: "whether the two stand in one rule or in two"),
        LogRule(
            .likely, "POL-15", "POL-01",
            when: .all([
                .words("polic", "ipblock"), .words("ipblock", "addresses", " ips", "ip list", "cidr"),
                .words("scaled", "scale-out", "scale up", "scaling", "hpa", "autoscal", "replicas", "new pods"),
            ]), needs: "the pods of the workload that no peer of the policy covers"),
        LogRule(
            .likely, "POL-16", "POL-01",
            when: .all([
                .words("networkpolic", "network polic"), .words("helm", "chart"),
                .not(.words("upgrade failed", "render", "template")),
            ]), needs: "which chart the policy came with"),
        LogRule(
            .likely, "POL-02", "POL-07",
            when: .all([
                .words("policy", "networkpolic"),
                .words(
                    "selects no pod", "matches no pod", "matched 0", "matches 0", "selects nothing", "matches nothing",
                    "not match any pod",
                    "no effect", "does nothing", "0 pods", "no pods match",
                    "no matching pods", "not select any", "doesn\"t select any", "matched no endpoints"),
            ])),
        LogRule(.likely, "POL-01", "POL-02", "POL-09", when: refusedByPolicy),
        // The kernel's line about a packet (xt_LOG, nft log), behind a prefix of whoever put the rule there.
        LogRule(
            .likely, "POL-01", "RTE-06", "RTE-07",
            when: .all([
                .words("src="), .words("dst="), .words("drop", "deny", "denied", "reject", "block"),
                .words("in=cali", "calico", "antrea", "netpol", "kube-router", "polic", "nwplcy", "in=lxc"),
            ]), needs: "the policies that select the pod"),
        LogRule(
            .possible, "RTE-06", "RTE-07", "POL-01",
            when: .all([
                .words("src="), .words("dst="), .words("proto="), .words("drop", "deny", "denied", "reject", "block"),
            ]), needs: "which rule carries that prefix"),
        // A proxy that takes nobody who does not say who he is.
        LogRule(
            .likely, "MSH-02", "MSH-01", "POL-01",
            when: .words("must be mutually authenticated", "tls identity is required", "client identity is required")),
    ]
}
